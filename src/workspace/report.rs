//! What `check` says: a row for each runbook that is not just as the tool would write it, as data,
//! as JSON, and as annotations for GitHub.

use std::path::Path;

use serde::Serialize;

use super::action::{Action, ActionKind, Conflict, Counts, KeepReason, Plan, ReplaceReason};
use super::merge::{Hunk, WordMerge};
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

/// What is the case with a runbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowState {
    /// There is no file for the type yet.
    New,
    /// Upstream differs from what the tool last wrote.
    ChangedUpstream,
    /// Somebody edited it.
    Edited,
    /// Edits and upstream's changes meet.
    InConflict,
    /// AWS retired the type since.
    Retired,
    /// The source has the type no more.
    Gone,
    /// Somebody gave the file another name.
    Renamed,
    /// Somebody deleted it.
    DeletedByHand,
    /// A file with that name is not the tool's.
    Untracked,
    /// The Python tool's file is taken over.
    Adopted,
    /// The source lists the type and its page could not be read.
    NotRead,
    /// What the tool remembers does not fit, or the file cannot be written.
    Broken,
}

impl RowState {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::ChangedUpstream => "changed upstream",
            Self::Edited => "edited",
            Self::InConflict => "in conflict",
            Self::Retired => "retired",
            Self::Gone => "gone",
            Self::Renamed => "renamed",
            Self::DeletedByHand => "deleted by hand",
            Self::Untracked => "untracked",
            Self::Adopted => "adopted",
            Self::NotRead => "not read",
            Self::Broken => "broken",
        }
    }
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
    let (state, lines, message, hint) = case(action)?;
    Some(Row {
        file: action.slug.file_name(),
        finding_type: Some(action.finding_type.to_string()),
        state,
        is_to_do: action.kind.is_to_do(),
        lines,
        message,
        hint: hint.map(str::to_owned),
    })
}

type Case = (RowState, Vec<usize>, String, Option<&'static str>);

fn case(action: &Action) -> Option<Case> {
    use RowState as S;
    let update = Some("run `guardduty-runbooks update`");
    let plain = |state, message: &str, hint| Some((state, Vec::new(), message.to_owned(), hint));
    match &action.kind {
        ActionKind::Unchanged | ActionKind::Claim => None,
        ActionKind::Create => plain(S::New, "there is no runbook for this type yet", update),
        ActionKind::Replace(reason) => plain(S::ChangedUpstream, replaced(*reason), update),
        ActionKind::CatchUp => {
            plain(S::ChangedUpstream, "upstream has changed, and the file says so already", update)
        }
        ActionKind::Overwrite { .. } => plain(S::ChangedUpstream, "it is overwritten", None),
        ActionKind::Merge { word_merges } => Some(merged(word_merges)),
        ActionKind::Conflict(conflict) => Some(in_conflict(conflict)),
        ActionKind::Keep(reason) => {
            let (state, message, hint) = kept(*reason)?;
            plain(state, message, hint)
        }
        ActionKind::LeaveUntracked => plain(
            S::Untracked,
            "a file that this program did not write has the name of this runbook",
            Some("`adopt` takes over the Python tool's files, --overwrite replaces it"),
        ),
        ActionKind::DeletedByHand { renamed_to: Some(name) } => {
            let message = format!("somebody renamed it to {name}, which is left alone");
            Some((S::Renamed, Vec::new(), message, None))
        }
        ActionKind::DeletedByHand { renamed_to: None } => plain(
            S::DeletedByHand,
            "somebody deleted it, and it stays deleted",
            Some("`update --restore` brings it back"),
        ),
        ActionKind::Restore => plain(S::DeletedByHand, "it is written again", None),
        ActionKind::Adopt { .. } => plain(S::Adopted, "it is taken over", None),
        ActionKind::Retire => plain(S::Retired, "AWS has retired this finding type", update),
        ActionKind::Gone => plain(
            S::Gone,
            "the source has this finding type no more, and AWS does not list it as retired",
            None,
        ),
        ActionKind::NotRead => plain(S::NotRead, "its page could not be read", Some("run again")),
        ActionKind::Blocked(blocked) => plain(S::Broken, &blocked.message(), Some(blocked.hint())),
    }
}

fn replaced(reason: ReplaceReason) -> &'static str {
    match reason {
        ReplaceReason::Upstream => "upstream has changed; nobody edited the file",
        ReplaceReason::AwsTextArrived => "AWS's text is there now; nobody edited the file",
        ReplaceReason::Template => "the template is another one; nobody edited the file",
    }
}

fn kept(reason: KeepReason) -> Option<(RowState, &'static str, Option<&'static str>)> {
    Some(match reason {
        KeepReason::Edited => (RowState::Edited, "somebody edited it; upstream is the same", None),
        KeepReason::PlainRun => (
            RowState::ChangedUpstream,
            "upstream has changed; a plain run leaves existing files alone",
            Some("run `guardduty-runbooks update`"),
        ),
        // Without AWS's text, nobody knows whether it has changed.
        KeepReason::AwsTextStays => return None,
        KeepReason::OldTemplate => (
            RowState::Edited,
            "somebody edited it, and it stays with its template",
            Some("`update --template … --port-edits` carries the edits over"),
        ),
    })
}

fn merged(word_merges: &[WordMerge]) -> Case {
    let lines: Vec<usize> = word_merges.iter().map(|words| words.line).collect();
    let message = match lines.len() {
        0 => {
            "edited, and upstream has changed other places; `update` puts both together".to_owned()
        }
        number => format!(
            "edited, and upstream has changed; `update` puts both together, {} word by word: \
             have a look at line {}",
            if number == 1 { "one paragraph".to_owned() } else { format!("{number} paragraphs") },
            list(&lines),
        ),
    };
    (RowState::ChangedUpstream, lines, message, Some("run `guardduty-runbooks update`"))
}

fn in_conflict(conflict: &Conflict) -> Case {
    let first_lines = |hunks: &[Hunk]| hunks.iter().map(|hunk| hunk.first_line).collect::<Vec<_>>();
    let (lines, message, hint) = match conflict {
        Conflict::Kept(hunks) => (
            first_lines(hunks),
            "edits and upstream's changes meet; the file stays as it is",
            "put upstream's changes in by hand (`diff --upstream` shows them), or run \
             `update --conflict inline` and settle what is between the markers",
        ),
        Conflict::Marked { hunks, .. } => (
            first_lines(hunks),
            "edits and upstream's changes meet; both are in the file, between markers",
            "settle what is between the markers",
        ),
        Conflict::MarkersLeft(line) => (
            vec![*line],
            "conflict markers are left in the file",
            "settle what is between the markers; until then it is not merged again",
        ),
    };
    let message = format!("{message} (line {})", list(&lines));
    (RowState::InConflict, lines, message, Some(hint))
}

fn list(lines: &[usize]) -> String {
    lines.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
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
