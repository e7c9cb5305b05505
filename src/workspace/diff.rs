//! Differences between two versions of a runbook, as data that can be coloured, and as a unified
//! diff.

use std::fmt;

use similar::{ChangeTag, DiffOp, InlineChange, TextDiff};

use super::Workspace;
use super::action::Plan;

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// What is different between two versions of a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// What the older version is called: `pristine/backdoor-ec2-c-cactivity-b.md`.
    pub from: String,
    /// What the newer version is called.
    pub to: String,
    /// The places, at least one.
    pub hunks: Vec<DiffHunk>,
}

/// A place with its unchanged lines around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffHunk {
    /// The first line in the older version, counted from 1, and how many lines there are.
    pub old: (usize, usize),
    /// The same for the newer version.
    pub new: (usize, usize),
    /// The lines.
    pub lines: Vec<DiffLine>,
}

/// A line of a diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// Which version it is in.
    pub change: LineChange,
    /// Its text without newline, cut where emphasis begins or ends; the words that changed within
    /// the line have it.
    pub parts: Vec<Part>,
}

/// Which version a line is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineChange {
    /// In both.
    Same,
    /// In the older one.
    Removed,
    /// In the newer one.
    Added,
}

impl LineChange {
    /// The sign in front of the line.
    pub fn sign(self) -> char {
        match self {
            Self::Same => ' ',
            Self::Removed => '-',
            Self::Added => '+',
        }
    }
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Whether it is what changed within the line.
    pub is_emphasised: bool,
}

/// What is different between two texts; none where they are the same.
pub fn diff(from: &str, to: &str, old: &str, new: &str) -> Option<FileDiff> {
    let diff = TextDiff::from_lines(old, new);
    let hunks: Vec<DiffHunk> = (diff.grouped_ops(CONTEXT).iter())
        .filter_map(|ops| {
            let (first, last) = (ops.first()?, ops.last()?);
            let old = position(first.old_range().start, last.old_range().end);
            let new = position(first.new_range().start, last.new_range().end);
            let lines = |op: &DiffOp| {
                diff.iter_inline_changes(op).map(|change| line(&change)).collect::<Vec<_>>()
            };
            Some(DiffHunk { old, new, lines: ops.iter().flat_map(lines).collect() })
        })
        .collect();
    (!hunks.is_empty()).then(|| FileDiff { from: from.to_owned(), to: to.to_owned(), hunks })
}

impl Workspace {
    /// What people edited: each runbook that they did, against its pristine copy, sorted by name.
    /// Line endings and the like do not count.
    pub fn edits(&self) -> Vec<FileDiff> {
        let edit = |(slug, tracked): (&String, &super::state::Tracked)| {
            let name = format!("{slug}.md");
            let file = self.state.files.get(&name)?.text()?;
            diff(&format!("pristine/{name}"), &name, tracked.pristine.as_ref()?, &file.text)
        };
        self.state.tracked.iter().filter_map(edit).collect()
    }
}

impl Plan {
    /// What changed upstream: each runbook that did, against its pristine copy, sorted by name.
    pub fn upstream_changes(&self) -> Vec<FileDiff> {
        let changed = self.actions.iter().filter(|action| action.upstream_changed);
        changed
            .filter_map(|action| {
                let name = action.slug.file_name();
                let (old, new) = (action.pristine.as_ref()?, action.upstream.as_ref()?);
                diff(&format!("pristine/{name}"), &format!("upstream/{name}"), old, new)
            })
            .collect()
    }
}

/// As `diff -u`, without colours.
impl fmt::Display for FileDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "--- {}\n+++ {}", self.from, self.to)?;
        self.hunks.iter().try_for_each(|hunk| write!(f, "{hunk}"))
    }
}

impl DiffHunk {
    /// The line above a hunk: `@@ -1,3 +1,4 @@`.
    pub fn header(&self) -> String {
        let range = |(first, lines): (usize, usize)| match lines {
            1 => first.to_string(),
            _ => format!("{first},{lines}"),
        };
        format!("@@ -{} +{} @@", range(self.old), range(self.new))
    }
}

impl fmt::Display for DiffHunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.header())?;
        self.lines.iter().try_for_each(|line| {
            write!(f, "{}", line.change.sign())?;
            line.parts.iter().try_for_each(|part| f.write_str(&part.text))?;
            writeln!(f)
        })
    }
}

/// As in a unified diff: of no lines, the one in front of which they would be less one.
fn position(start: usize, end: usize) -> (usize, usize) {
    (start + usize::from(end > start), end - start)
}

fn line(change: &InlineChange<'_, str>) -> DiffLine {
    let kind = match change.tag() {
        ChangeTag::Equal => LineChange::Same,
        ChangeTag::Delete => LineChange::Removed,
        ChangeTag::Insert => LineChange::Added,
    };
    let parts = change.iter_strings_lossy().map(|(is_emphasised, text)| Part {
        text: text.trim_end_matches('\n').to_owned(),
        is_emphasised,
    });
    DiffLine { change: kind, parts: parts.filter(|part| !part.text.is_empty()).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;

    #[test]
    fn a_unified_diff_is_as_people_know_it() {
        let old = "1\n2\n3\n4\nfive is here\n6\n7\n8\n9\n";
        let new = "1\n2\n3\n4\nfive was here\n6\n7\n8\n9\n10\n";
        let diff = diff("a.md", "b.md", old, new).unwrap();
        assert_eq!(
            diff.to_string(),
            "--- a.md\n+++ b.md\n@@ -2,8 +2,9 @@\n 2\n 3\n 4\n-five is here\n+five was here\n 6\n 7\n 8\n 9\n+10\n"
        );
        let emphasised = |line: &DiffLine| -> Vec<String> {
            line.parts.iter().filter(|p| p.is_emphasised).map(|p| p.text.clone()).collect()
        };
        let lines = &diff.hunks[0].lines;
        assert_eq!(
            (emphasised(&lines[3]), emphasised(&lines[4])),
            (vec!["is".into()], vec!["was".into()])
        );
        assert_eq!(super::diff("a", "b", old, old), None);
    }

    #[test]
    fn lines_that_were_not_there_have_the_position_that_patch_expects() {
        let added = diff("a", "b", "", "x\n").unwrap();
        assert_eq!(added.hunks[0].header(), "@@ -0,0 +1 @@");
        let removed = diff("a", "b", "x\n", "").unwrap();
        assert_eq!(removed.hunks[0].header(), "@@ -1 +0,0 @@");
    }

    #[test]
    fn edits_and_upstream_changes_are_told_apart() {
        let (x, y) = ("Backdoor:EC2/X.B", "Trojan:EC2/Y");
        let folder = Folder::new();
        folder.run(&upstream(&[aws(x, "text"), aws(y, "text")]), PLAIN);
        folder.write("trojan-ec2-y.md", folder.read("trojan-ec2-y.md").replace("text", "ours"));
        folder
            .write("backdoor-ec2-x-b.md", folder.read("backdoor-ec2-x-b.md").replace('\n', "\r\n"));
        let edits = folder.load().edits();
        assert_eq!(edits.len(), 1);
        assert_eq!(
            (edits[0].from.as_str(), edits[0].to.as_str()),
            ("pristine/trojan-ec2-y.md", "trojan-ec2-y.md")
        );
        let plan = folder.plan(&upstream(&[aws(x, "new"), aws(y, "text")]), PLAIN);
        let changes = plan.upstream_changes();
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].to, "upstream/backdoor-ec2-x-b.md");
    }
}
