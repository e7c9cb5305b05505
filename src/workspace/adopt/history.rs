//! The first version of a file in git, where there is git.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::text::shape::Shaped;

/// The first version of each file that is in the history of the repository around the folder.
pub(super) fn first_versions<'n>(
    folder: &Path,
    names: impl Iterator<Item = &'n str>,
) -> BTreeMap<String, String> {
    let mut names = names.peekable();
    if names.peek().is_none() || git(folder, &["rev-parse", "--is-inside-work-tree"]).is_none() {
        return BTreeMap::new();
    }
    names.filter_map(|name| Some((name.to_owned(), first_version(folder, name)?))).collect()
}

/// Follows renames back to the commit that added the file, and reads it there under the name that
/// it had.
fn first_version(folder: &Path, name: &str) -> Option<String> {
    let path = format!("./{name}");
    let log = ["log", "--follow", "--diff-filter=A", "--format=%x00%H", "--name-only", "--", &path];
    let added = String::from_utf8(git(folder, &log)?).ok()?;
    let mut lines = added.rsplit('\0').next()?.lines().filter(|line| !line.is_empty());
    let (commit, old_path) = (lines.next()?, lines.next()?);
    let text = git(folder, &["cat-file", "blob", &format!("{commit}:{old_path}")])?;
    Some(Shaped::read(&text)?.text)
}

/// What git prints; none where it fails or is not there. Nothing of the repository's configuration
/// that names programs is used.
fn git(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["--no-pager", "--no-optional-locks", "-c", "core.quotePath=false"])
        .args(["-c", "core.fsmonitor=false", "-c", "log.showSignature=false"])
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs;

    #[test]
    fn the_first_version_is_found_through_renames() {
        let folder = tempfile::tempdir().unwrap();
        let runbooks = folder.path().join("docs/runbooks");
        let commit = |message: &str| {
            let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
            let add = git(folder.path(), &["add", "-A"]);
            let commit = ["commit", "-qm", message];
            add.and(git(folder.path(), &[&identity[..], &commit[..]].concat())).unwrap();
        };
        fs::make_folders(&runbooks).unwrap();
        if git(folder.path(), &["init", "-q"]).is_none() {
            return;
        }
        let first = "one\ntwo\nthree\nfour\nfive\n";
        fs::write(&runbooks.join("a-.md"), first.as_bytes()).unwrap();
        commit("first");
        fs::write(&runbooks.join("a-.md"), first.replace("two", "2").as_bytes()).unwrap();
        commit("edit");
        fs::rename(&runbooks.join("a-.md"), &runbooks.join("a.md")).unwrap();
        commit("rename");
        fs::write(&runbooks.join("b.md"), b"not committed\n").unwrap();
        let found = first_versions(&runbooks, ["a.md", "b.md"].into_iter());
        assert_eq!(found, BTreeMap::from([("a.md".to_owned(), first.to_owned())]));
    }

    #[test]
    fn without_a_repository_there_is_no_history() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(first_versions(folder.path(), ["a.md"].into_iter()), BTreeMap::new());
    }
}
