//! Which configuration file is obeyed without being named, and whose it may be.

use std::path::{Component, Path, PathBuf};

use super::error::CliError;
use crate::fs::{self, Kind};

/// The name of the configuration file.
pub(super) const FILE_NAME: &str = "guardduty-runbooks.toml";

/// The nearest configuration file, in the folder of the runbooks or above it. The search ends with
/// the folder that holds `.git`, with the user's home folder, and where the folder above belongs to
/// somebody else: what lies beyond is another project's, or another person's.
pub(super) fn nearest(outdir: &Path) -> Option<PathBuf> {
    let outdir = std::path::absolute(outdir).unwrap_or_else(|_| outdir.to_owned());
    let home = etcetera::home_dir().ok();
    nearest_to(&by_name(&outdir), home.as_deref(), owner)
}

fn nearest_to(
    outdir: &Path,
    home: Option<&Path>,
    owner: impl Fn(&Path) -> Option<u32>,
) -> Option<PathBuf> {
    let mut owner_below = None;
    for folder in outdir.ancestors() {
        let owner = owner(folder);
        if owner.is_some() && owner_below.is_some() && owner != owner_below {
            return None;
        }
        owner_below = owner.or(owner_below);
        let file = folder.join(FILE_NAME);
        if !matches!(fs::kind(&file), Ok(Kind::Missing | Kind::Folder) | Err(_)) {
            return Some(file);
        }
        if folder.join(".git").exists() || home == Some(folder) {
            return None;
        }
    }
    None
}

/// An absolute path without `..`: each takes its parent away by name, as people read paths.
pub(super) fn by_name(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            component => plain.push(component),
        }
    }
    plain
}

/// Refuses what was found and not named, where it or its folder is somebody else's: whoever has put
/// it there would decide what this user's run does.
pub(super) fn check_owner(found: &Path) -> Result<(), CliError> {
    let folder = found.parent().unwrap_or(Path::new("/"));
    let foreign = [folder, found].into_iter().find(|path| is_foreign(path));
    foreign.map_or(Ok(()), |foreign| {
        let whose = if foreign == found { "it" } else { "its folder" };
        let message = format!("{} is not obeyed: {whose} belongs to another user", found.display());
        Err(CliError::usage(&message).hint(format!(
            "if you trust it, name a configuration file in that folder: --config {}",
            folder.join(FILE_NAME).display()
        )))
    })
}

/// Who owns what a path leads to.
#[cfg(unix)]
fn owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    path.metadata().ok().map(|metadata| metadata.uid())
}

/// Windows keeps no such number.
#[cfg(not(unix))]
fn owner(_path: &Path) -> Option<u32> {
    None
}

/// Whether a path, or a link that it is, belongs to somebody else. As git has it, a run under sudo is
/// also that of the user who began it.
#[cfg(unix)]
fn is_foreign(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    let began = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
    let link = path.symlink_metadata().ok().map(|metadata| metadata.uid());
    let is_own = |owner: u32| owner == user || user == 0 && began == Some(owner);
    [link, owner(path)].into_iter().flatten().any(|owner| !is_own(owner))
}

#[cfg(not(unix))]
fn is_foreign(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches from `a/b/c/runbooks` in a new folder that has these files.
    fn search(files: &[&str], home: Option<&str>, owner: impl Fn(&str) -> u32) -> Option<String> {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for file in files {
            fs::write(&root.join(file), b"").unwrap();
        }
        let below = |path: &Path| path.strip_prefix(root).ok()?.to_str().map(str::to_owned);
        // Above the folder of the test nothing is looked at.
        let owner = |path: &Path| Some(below(path).map_or(u32::MAX, |path| owner(&path)));
        let home = home.map(|home| root.join(home));
        let found = nearest_to(&root.join("a/b/c/runbooks"), home.as_deref(), owner);
        found.and_then(|found| below(found.parent().unwrap()))
    }

    const TOP: &str = "guardduty-runbooks.toml";
    const A: &str = "a/guardduty-runbooks.toml";
    const B: &str = "a/b/guardduty-runbooks.toml";

    #[test]
    fn the_nearest_file_is_found() {
        let anybody = |_: &str| 1;
        assert_eq!(search(&[TOP, A, B], None, anybody).as_deref(), Some("a/b"));
        assert_eq!(search(&[TOP], None, anybody).as_deref(), Some(""));
        assert_eq!(search(&[], None, anybody), None);
    }

    #[test]
    fn the_search_ends_with_the_repository() {
        let anybody = |_: &str| 1;
        assert_eq!(search(&[A, "a/b/.git/HEAD"], None, anybody), None);
        assert_eq!(search(&[A, B, "a/b/.git/HEAD"], None, anybody).as_deref(), Some("a/b"));
        // A worktree and a submodule have a file of that name.
        assert_eq!(search(&[A, "a/b/.git"], None, anybody), None);
    }

    #[test]
    fn the_search_ends_with_the_home_folder() {
        let anybody = |_: &str| 1;
        assert_eq!(search(&[TOP], Some("a/b"), anybody), None);
        assert_eq!(search(&[TOP, B], Some("a/b"), anybody).as_deref(), Some("a/b"));
    }

    #[test]
    fn the_search_ends_where_the_folder_above_is_somebody_elses() {
        let alice = |path: &str| if path.starts_with("a/b") { 1 } else { 2 };
        assert_eq!(search(&[TOP, A], None, alice), None);
        assert_eq!(search(&[TOP, B], None, alice).as_deref(), Some("a/b"));
    }

    #[test]
    fn a_parent_is_taken_by_name() {
        assert_eq!(by_name(Path::new("/a/b/../c/./d")), Path::new("/a/c/d"));
        assert_eq!(by_name(Path::new("/../a")), Path::new("/a"));
    }
}
