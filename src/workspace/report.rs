//! What `check` says: a row for each runbook that is not just as the tool would write it, as data,
//! as JSON, and as annotations for GitHub.

use std::path::Path;

use super::action::{Action, ActionKind, Counts, KeepReason, Plan};
use super::remark::Remark;
pub use super::remark::RowState;
use super::{STATE_FOLDER, WorkspaceError};

/// What is to be said about a folder of runbooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The rows, in the order of the plan.
    pub rows: Vec<Row>,
    /// How many runbooks would go which way.
    pub counts: Counts,
}

/// What is to be said about one runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name of the file in the folder.
    pub file: String,
    /// The finding type; none where the state folder itself is concerned.
    pub finding_type: Option<String>,
    /// In one word.
    pub state: RowState,
    /// Whether this is a reason for `check` to fail.
    pub is_to_do: bool,
    /// The lines of the file that are concerned, counted from 1.
    pub lines: Vec<usize>,
    /// What is the case.
    pub message: String,
    /// What to do about it, where something is to be done.
    pub hint: Option<String>,
}

impl Report {
    /// The report of a plan; runbooks of which nothing is to be said are left out.
    pub fn of(plan: &Plan) -> Self {
        let rows = plan.actions.iter().filter_map(row).collect();
        Self { rows, counts: plan.counts() }
    }

    /// The report of a workspace that cannot be read.
    pub fn of_error(error: &WorkspaceError) -> Self {
        let row = Row {
            file: format!("{STATE_FOLDER}/manifest.json"),
            finding_type: None,
            state: RowState::Broken,
            is_to_do: true,
            lines: Vec::new(),
            message: error.to_string(),
            hint: error.hint().map(str::to_owned),
        };
        Self { rows: vec![row], counts: Counts { failed: 1, ..Counts::default() } }
    }

    /// Whether an `update`, or a person, has something to do.
    pub fn is_to_do(&self) -> bool {
        self.rows.iter().any(|row| row.is_to_do)
    }

    /// The report as JSON with a final newline: `format` (1), `to_do`, `counts`, `runbooks` with
    /// `file`, `finding_type`, `state`, `to_do`, `lines`, `message`, `hint`.
    pub fn to_json(&self) -> String {
        let document = json::Document {
            format: 1,
            to_do: self.is_to_do(),
            counts: json::Counts::from(self.counts),
            runbooks: self.rows.iter().map(json::Runbook::from).collect(),
        };
        json::to_text(&document)
    }

    /// The rows that need somebody as workflow commands of GitHub Actions, one a line
    /// (<https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>).
    /// `folder` is the folder of the runbooks as seen from the root of the repository.
    pub fn to_github(&self, folder: &Path) -> String {
        let rows = self.rows.iter().filter(|row| row.is_to_do || row.state == RowState::NotRead);
        rows.map(|row| annotation(row, folder)).collect()
    }
}

/// The foreign shape of the report.
mod json {
    use serde::Serialize;

    use super::{Row, RowState};

    pub(super) fn to_text(document: &Document<'_>) -> String {
        let json = serde_json::to_string_pretty(document);
        json.expect("texts and numbers always become JSON") + "\n"
    }

    #[derive(Serialize)]
    pub(super) struct Document<'r> {
        pub(super) format: u32,
        pub(super) to_do: bool,
        pub(super) counts: Counts,
        pub(super) runbooks: Vec<Runbook<'r>>,
    }

    #[derive(Serialize)]
    pub(super) struct Counts {
        new: usize,
        updated: usize,
        merged: usize,
        kept: usize,
        in_conflict: usize,
        retired: usize,
        failed: usize,
    }

    impl From<super::Counts> for Counts {
        fn from(counts: super::Counts) -> Self {
            let super::Counts { new, updated, merged, kept, in_conflict, retired, failed, .. } =
                counts;
            Self { new, updated, merged, kept, in_conflict, retired, failed }
        }
    }

    #[derive(Serialize)]
    pub(super) struct Runbook<'r> {
        file: &'r str,
        finding_type: Option<&'r str>,
        state: RowState,
        to_do: bool,
        lines: &'r [usize],
        message: &'r str,
        hint: Option<&'r str>,
    }

    impl<'r> From<&'r Row> for Runbook<'r> {
        fn from(row: &'r Row) -> Self {
            Self {
                file: &row.file,
                finding_type: row.finding_type.as_deref(),
                state: row.state,
                to_do: row.is_to_do,
                lines: &row.lines,
                message: &row.message,
                hint: row.hint.as_deref(),
            }
        }
    }
}

fn row(action: &Action) -> Option<Row> {
    // Without AWS's text, nobody knows whether it has changed.
    let is_unknown = action.kind == ActionKind::Keep(KeepReason::AwsTextStays);
    let Remark { state, message, hint, lines } = action.remark().filter(|_| !is_unknown)?;
    Some(Row {
        file: action.slug.file_name(),
        finding_type: Some(action.finding_type.to_string()),
        state,
        is_to_do: action.kind.is_to_do(),
        lines,
        message: message.into_owned(),
        hint: hint.map(str::to_owned),
    })
}

fn annotation(row: &Row, folder: &Path) -> String {
    let level = match row.state {
        RowState::InConflict | RowState::Broken | RowState::NotRead => "error",
        _ => "warning",
    };
    let folder = folder.to_string_lossy().replace('\\', "/");
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let file = match folder {
        "" | "." => row.file.clone(),
        folder => format!("{folder}/{}", row.file),
    };
    let line = row.lines.first().map(|line| format!(",line={line}")).unwrap_or_default();
    let title = row.finding_type.as_deref().unwrap_or("GuardDuty runbooks");
    let title = format!("{title}: {}", row.state.words());
    let hint = row.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    let message = format!("{}{hint}", row.message);
    format!(
        "::{level} file={}{line},title={}::{}\n",
        property(&file),
        property(&title),
        data(&message)
    )
}

/// A message with the characters escaped that end a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, in which `:` and `,` are escaped too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::{Mode, Update, Workspace};
    use super::*;

    const X: &str = "Backdoor:EC2/X.B";
    const Y: &str = "Trojan:EC2/Y";

    fn report() -> Report {
        let folder = Folder::new();
        folder.run(&upstream(&[aws(X, "the text\n\nof it"), aws(Y, "text")]), PLAIN);
        folder.write("backdoor-ec2-x-b.md", aws(X, "our words\n\nof it").text.as_bytes());
        folder.remove("trojan-ec2-y.md");
        let new = aws("Recon:EC2/Z", "text");
        let source = upstream(&[aws(X, "new words\n\nof it"), aws(Y, "text"), new]);
        Report::of(&folder.plan(&source, Mode::Update(Update::default())))
    }

    #[test]
    fn rows_say_what_is_the_case_and_what_to_do() {
        let report = report();
        let rows: Vec<_> =
            report.rows.iter().map(|r| (r.file.as_str(), r.state, r.is_to_do)).collect();
        assert_eq!(
            rows,
            [
                ("backdoor-ec2-x-b.md", RowState::InConflict, true),
                ("recon-ec2-z.md", RowState::New, true),
                ("trojan-ec2-y.md", RowState::DeletedByHand, false),
            ]
        );
        assert_eq!(report.rows[0].lines, [8]);
        assert!(report.rows.iter().all(|row| row.hint.is_some()));
    }

    #[test]
    fn json_holds_every_row() {
        let json: serde_json::Value = serde_json::from_str(&report().to_json()).unwrap();
        assert_eq!(json["to_do"], true);
        assert_eq!(json["counts"]["in_conflict"], 1);
        assert_eq!(json["runbooks"][0]["state"], "in-conflict");
        assert_eq!(json["runbooks"][0]["lines"][0], 8);
        assert_eq!(json["runbooks"][2]["finding_type"], Y);
    }

    #[test]
    fn annotations_escape_what_would_end_them() {
        let text = report().to_github(Path::new("./docs/run,books/"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with(
            "::error file=docs/run%2Cbooks/backdoor-ec2-x-b.md,line=8,\
             title=Backdoor%3AEC2/X.B%3A in conflict::"
        ));
        assert!(lines[0].contains("%0Ahint: "));
        assert!(lines[1].starts_with("::warning file=docs/run%2Cbooks/recon-ec2-z.md,title="));
        assert!(report().to_github(Path::new(".")).contains("file=recon-ec2-z.md,"));
    }

    #[test]
    fn a_broken_manifest_is_a_row_too() {
        let folder = Folder::new();
        folder.write(".guardduty-runbooks/manifest.json", "{");
        let error = Workspace::load(&folder.path()).unwrap_err();
        let report = Report::of_error(&error);
        assert!(report.is_to_do());
        assert_eq!(report.rows[0].state, RowState::Broken);
        assert!(report.to_json().contains("manifest.json"));
    }

    #[test]
    fn nothing_is_said_of_what_is_in_order() {
        let folder = Folder::new();
        let source = upstream(&[aws(X, "text")]);
        folder.run(&source, PLAIN);
        let report = Report::of(&folder.plan(&source, Mode::Update(Update::default())));
        assert_eq!((report.rows.len(), report.is_to_do()), (0, false));
        assert_eq!(report.to_github(Path::new(".")), "");
    }
}
