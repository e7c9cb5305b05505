//! The site's folder: its own files are written and removed, anybody else's stay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::build::Site;
use crate::fs::{self, FsError, Kind};

/// The list of the site's files, in its folder.
const MANIFEST: &str = ".guardduty-runbooks-site.json";

/// What was done to a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or have another content.
    pub written: usize,
    /// Files that were as they should be.
    pub unchanged: usize,
    /// Files of an earlier site that this one does not have.
    pub removed: usize,
}

/// Why a site could not be written. Nothing was, where a file is somebody else's.
#[derive(Debug, thiserror::Error)]
pub enum SiteWriteError {
    /// A file has the name of one of the site, and no earlier run wrote it.
    #[error("{} is somebody's own file, not one of the site", .0.display())]
    NotOwn(PathBuf),
    /// The list of the site's files cannot be understood.
    #[error("{} cannot be understood: {reason}", .path.display())]
    Manifest {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] FsError),
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    /// What it is, for people who find it.
    about: String,
    files: BTreeSet<String>,
}

/// Writes a site into a folder, which is made if it is missing. Files that an earlier site had and
/// this one does not are removed. The list of files is written first with the old and the new
/// ones, so that a run that is killed leaves no file that the next one would not know.
pub fn write(site: &Site, folder: &Path) -> Result<Written, SiteWriteError> {
    let earlier = earlier_files(folder)?;
    for path in site.files.keys() {
        check_is_own(site, folder, path, &earlier)?;
    }
    let names: BTreeSet<String> = site.files.keys().cloned().collect();
    write_manifest(folder, names.union(&earlier).cloned().collect())?;
    let mut done = Written::default();
    for (path, bytes) in &site.files {
        let path = folder.join(path);
        if fs::read_if_present(&path)?.is_some_and(|old| old == *bytes) {
            done.unchanged += 1;
        } else {
            fs::write(&path, bytes)?;
            done.written += 1;
        }
    }
    for path in earlier.difference(&names) {
        fs::remove(&folder.join(path))?;
        done.removed += 1;
    }
    write_manifest(folder, names)?;
    Ok(done)
}

fn check_is_own(
    site: &Site,
    folder: &Path,
    path: &str,
    earlier: &BTreeSet<String>,
) -> Result<(), SiteWriteError> {
    let full = folder.join(path);
    for ancestor in Path::new(path).ancestors().skip(1).filter(|a| *a != Path::new("")) {
        let ancestor = folder.join(ancestor);
        if !matches!(fs::kind(&ancestor)?, Kind::Missing | Kind::Folder) {
            return Err(SiteWriteError::NotOwn(ancestor));
        }
    }
    match fs::kind(&full)? {
        Kind::Missing => Ok(()),
        Kind::File { .. } if earlier.contains(path) => Ok(()),
        Kind::File { .. } if fs::read(&full)? == site.files[path] => Ok(()),
        _ => Err(SiteWriteError::NotOwn(full)),
    }
}

fn earlier_files(folder: &Path) -> Result<BTreeSet<String>, SiteWriteError> {
    let path = folder.join(MANIFEST);
    let unreadable =
        |reason: &str| SiteWriteError::Manifest { path: path.clone(), reason: reason.to_owned() };
    let Some(bytes) = fs::read_if_present(&path)? else { return Ok(BTreeSet::new()) };
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| unreadable(&error.to_string()))?;
    // Whatever stands in the list, nothing outside the folder is removed or written for it.
    let is_safe = |path: &String| {
        let part = |part: &str| !part.is_empty() && part != "." && part != "..";
        let plain = |c: char| c.is_ascii_alphanumeric() || "./-_".contains(c);
        path.chars().all(plain) && path.split('/').all(part)
    };
    match manifest.files.iter().find(|path| !is_safe(path)) {
        Some(path) => Err(unreadable(&format!("{path:?} is no file of a site"))),
        None => Ok(manifest.files),
    }
}

fn write_manifest(folder: &Path, files: BTreeSet<String>) -> Result<(), SiteWriteError> {
    let about = "The files that `guardduty-runbooks site` wrote here: it replaces and removes these, \
                 and no others.";
    let manifest = Manifest { about: about.to_owned(), files };
    let text = serde_json::to_string_pretty(&manifest).expect("it holds nothing but texts");
    let (path, bytes) = (folder.join(MANIFEST), format!("{text}\n").into_bytes());
    if fs::read_if_present(&path)?.is_none_or(|old| old != bytes) {
        fs::write(&path, &bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Site {
        let file = |&(path, text): &(&str, &str)| (path.to_owned(), text.as_bytes().to_vec());
        Site { files: files.iter().map(file).collect() }
    }

    #[test]
    fn files_of_an_earlier_site_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(&folder.join("mine.html"), b"mine").unwrap();
        let first = write(&site(&[("a.html", "1"), ("x/b.js", "2")]), folder).unwrap();
        assert_eq!(first, Written { written: 2, unchanged: 0, removed: 0 });
        let second = write(&site(&[("a.html", "1"), ("c.html", "3")]), folder).unwrap();
        assert_eq!(second, Written { written: 1, unchanged: 1, removed: 1 });
        assert_eq!(fs::read(&folder.join("mine.html")).unwrap(), b"mine");
        assert_eq!(fs::read_if_present(&folder.join("x/b.js")).unwrap(), None);
    }

    #[test]
    fn somebodys_own_file_is_never_replaced_and_nothing_is_written_then() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(&folder.join("b.html"), b"mine").unwrap();
        let error = write(&site(&[("a.html", "1"), ("b.html", "2")]), folder).unwrap_err();
        assert!(
            matches!(&error, SiteWriteError::NotOwn(path) if path.ends_with("b.html")),
            "{error}"
        );
        assert_eq!(fs::names_in(folder).unwrap().unwrap(), ["b.html"]);
    }

    #[test]
    fn a_list_that_leads_outside_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("site");
        for path in ["../mine", "/etc/mine", "a//b", "x/../../mine"] {
            let text = format!("{{\"about\": \"\", \"files\": [{path:?}]}}");
            fs::write(&inner.join(MANIFEST), text.as_bytes()).unwrap();
            let error = write(&site(&[]), &inner).unwrap_err();
            assert!(error.to_string().contains("is no file of a site"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("site"), folder.path().join("outside"));
        fs::make_folders(&inside).unwrap();
        fs::make_folders(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("assets")).unwrap();
        assert!(write(&site(&[("assets/a.js", "1")]), &inside).is_err());
        assert!(fs::names_in(&outside).unwrap().unwrap().is_empty());
    }
}
