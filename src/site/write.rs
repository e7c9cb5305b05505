//! The site's folder: its own files are written and removed, anybody else's stay.
//!
//! What is a site's own is what the list in the folder has the checksum of.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::build::Site;
use crate::export::record::{Place, Record, put};
use crate::fs::{self, FsError, Replacement, Rescued};

/// The list of the site's files, in its folder.
const MANIFEST: &str = ".guardduty-runbooks-site.json";

/// What was done to a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or have another content.
    pub written: usize,
    /// Files that were as they should be.
    pub unchanged: usize,
    /// Files of an earlier site that this one does not have.
    pub removed: usize,
    /// Files of an earlier site that this one does not have, and that are not as they were written.
    /// They stay, and are the site's no longer.
    pub left: Vec<PathBuf>,
    /// What somebody saved while a file was replaced, now under names of its own.
    pub rescued: Vec<Rescued>,
}

/// Why a site could not be written. Nothing was, where a file is somebody else's.
#[derive(Debug, thiserror::Error)]
pub enum SiteWriteError {
    /// A file has the name of one of the site, and no earlier run wrote it.
    #[error("{} is somebody's own file, not one of the site", .0.display())]
    NotOwn(PathBuf),
    /// A file of the site holds something else than an earlier run wrote.
    #[error("{} was edited since the site was written", .0.display())]
    Edited(PathBuf),
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

/// Writes a site into a folder, which is made if it is missing. Files that an earlier site had and
/// this one does not are removed. Before the first file, the list gets what is there and what is
/// about to be, so that a run that is killed leaves no file that the next one would not know.
pub fn write(site: &Site, folder: &Path) -> Result<Written, SiteWriteError> {
    let earlier = Manifest::read(folder)?;
    let mut rescued = fs::recover(folder, folder)?;
    let plan = Plan::new(site, folder, &earlier)?;
    let (mut files, mut before) = (Record::default(), plan.own);
    for (path, bytes) in &site.files {
        files.note(path, bytes);
        before.plan(path, bytes);
    }
    if !plan.write.is_empty() || !plan.remove.is_empty() {
        Manifest::new(before).write(folder)?;
    }
    for Write { path, bytes, before } in &plan.write {
        let path = folder.join(path);
        if !put(&path, bytes, before.as_deref(), folder)? {
            return Err(SiteWriteError::Edited(path));
        }
    }
    for (path, before) in &plan.remove {
        let path = folder.join(path);
        if fs::remove_unchanged(&path, before, folder)? == Replacement::Changed {
            return Err(SiteWriteError::Edited(path));
        }
    }
    Manifest::new(files).write(folder)?;
    rescued.extend(fs::recover(folder, folder)?);
    Ok(Written {
        written: plan.write.len(),
        unchanged: site.files.len() - plan.write.len(),
        removed: plan.remove.len(),
        left: plan.left,
        rescued,
    })
}

/// What is to be done to a folder.
#[derive(Default)]
struct Plan<'s> {
    write: Vec<Write<'s>>,
    /// Files, with what they hold.
    remove: Vec<(&'s str, Vec<u8>)>,
    left: Vec<PathBuf>,
    /// The files that are to be replaced or removed, as they are.
    own: Record,
}

/// A file that is to be written.
struct Write<'s> {
    path: &'s str,
    bytes: &'s [u8],
    /// What it holds; none where there is no such file yet.
    before: Option<Vec<u8>>,
}

impl<'s> Plan<'s> {
    fn new(site: &'s Site, folder: &Path, earlier: &'s Manifest) -> Result<Self, SiteWriteError> {
        let mut plan = Self::default();
        for (path, bytes) in &site.files {
            plan.add(path, bytes, folder, earlier)?;
        }
        for path in earlier.files.paths().filter(|path| !site.files.contains_key(*path)) {
            plan.add_stale(path, folder, earlier)?;
        }
        Ok(plan)
    }

    /// Plans a file of the site.
    fn add(
        &mut self,
        path: &'s str,
        bytes: &'s [u8],
        folder: &Path,
        earlier: &Manifest,
    ) -> Result<(), SiteWriteError> {
        let before = match Place::of(folder, path)? {
            Place::Free => None,
            Place::File(old) if old == bytes => return Ok(()),
            Place::File(old) if earlier.files.has(path, &old) => {
                self.own.note(path, &old);
                Some(old)
            }
            Place::File(_) if earlier.files.paths().any(|named| named == path) => {
                return Err(SiteWriteError::Edited(folder.join(path)));
            }
            Place::File(_) => return Err(SiteWriteError::NotOwn(folder.join(path))),
            Place::Blocked(by) => return Err(SiteWriteError::NotOwn(by)),
        };
        self.write.push(Write { path, bytes, before });
        Ok(())
    }

    /// Plans for a file of an earlier site that this one does not have.
    fn add_stale(
        &mut self,
        path: &'s str,
        folder: &Path,
        earlier: &Manifest,
    ) -> Result<(), SiteWriteError> {
        match Place::of(folder, path)? {
            Place::Free => {}
            Place::File(old) if earlier.files.has(path, &old) => {
                self.own.note(path, &old);
                self.remove.push((path, old));
            }
            Place::File(_) | Place::Blocked(_) => self.left.push(folder.join(path)),
        }
        Ok(())
    }
}

/// The list of the site's files.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    /// What it is, for people who find it.
    about: String,
    /// The files, with what they hold, or will once the run that wrote this list has come to its end.
    files: Record,
}

impl Manifest {
    fn new(files: Record) -> Self {
        let about = "The files that `guardduty-runbooks site` wrote here, with the SHA-256 of each: it \
                     replaces and removes these, and no others.";
        Self { about: about.to_owned(), files }
    }

    fn read(folder: &Path) -> Result<Self, SiteWriteError> {
        let path = folder.join(MANIFEST);
        let Some(file) = fs::read_regular(&path)? else { return Ok(Self::default()) };
        let unreadable = |reason| SiteWriteError::Manifest { path: path.clone(), reason };
        let manifest: Self =
            serde_json::from_slice(&file.bytes).map_err(|error| unreadable(error.to_string()))?;
        if let Some(path) = manifest.files.paths().find(|path| !is_within(path)) {
            return Err(unreadable(format!("{path:?} is no file of a site")));
        }
        Ok(manifest)
    }

    fn write(&self, folder: &Path) -> Result<(), FsError> {
        let text = serde_json::to_string_pretty(self).expect("it holds nothing but texts");
        let (path, bytes) = (folder.join(MANIFEST), format!("{text}\n").into_bytes());
        if fs::read_regular(&path)?.is_none_or(|old| old.bytes != bytes) {
            fs::write(&path, &bytes)?;
        }
        Ok(())
    }
}

/// Whether a path leads to a file within the folder. Whatever stands in the list, nothing outside is
/// removed or written for it.
fn is_within(path: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    let plain = |c: char| c.is_ascii_alphanumeric() || "./-_".contains(c);
    path.chars().all(plain) && path.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Site {
        let file = |&(path, text): &(&str, &str)| (path.to_owned(), text.as_bytes().to_vec());
        Site { files: files.iter().map(file).collect() }
    }

    fn done(written: usize, unchanged: usize, removed: usize) -> Written {
        Written { written, unchanged, removed, ..Written::default() }
    }

    #[test]
    fn files_of_an_earlier_site_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(&folder.join("mine.html"), b"mine").unwrap();
        let first = write(&site(&[("a.html", "1"), ("x/b.js", "2")]), folder).unwrap();
        assert_eq!(first, done(2, 0, 0));
        let second = write(&site(&[("a.html", "1"), ("c.html", "3")]), folder).unwrap();
        assert_eq!(second, done(1, 1, 1));
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
            let text = format!("{{\"about\": \"\", \"files\": {{{path:?}: []}}}}");
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

    #[test]
    fn an_edited_file_is_neither_replaced_nor_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(&site(&[("a.html", "1"), ("b.html", "1")]), folder).unwrap();
        let edited = folder.join("a.html");
        fs::write(&edited, b"mine").unwrap();
        let error = write(&site(&[("a.html", "2"), ("b.html", "2")]), folder).unwrap_err();
        assert!(matches!(&error, SiteWriteError::Edited(path) if *path == edited), "{error}");
        assert_eq!(fs::read(&folder.join("b.html")).unwrap(), b"1");
        let fewer = write(&site(&[("b.html", "2")]), folder).unwrap();
        assert_eq!(fewer, Written { left: vec![edited.clone()], ..done(1, 0, 0) });
        assert_eq!(fs::read(&edited).unwrap(), b"mine");
        // It was told once; from then on it is somebody's own.
        assert_eq!(write(&site(&[("b.html", "2")]), folder).unwrap(), done(0, 1, 0));
        let error = write(&site(&[("a.html", "2")]), folder).unwrap_err();
        assert!(matches!(error, SiteWriteError::NotOwn(_)), "{error}");
    }

    #[test]
    fn a_run_that_was_broken_off_leaves_nothing_that_the_next_one_does_not_know() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        // The second run replaced a and not b, made c and not d, and removed neither e nor f.
        let mut files = Record::default();
        for path in ["a.html", "b.html", "e.html", "f.html"] {
            files.note(path, b"1");
        }
        for path in ["a.html", "b.html", "c.html", "d.html"] {
            files.plan(path, b"2");
        }
        Manifest::new(files).write(folder).unwrap();
        let there =
            [("a.html", "2"), ("b.html", "1"), ("c.html", "2"), ("e.html", "1"), ("f.html", "1")];
        for (path, text) in there {
            fs::write(&folder.join(path), text.as_bytes()).unwrap();
        }
        let third = site(&[("a.html", "3"), ("b.html", "3"), ("f.html", "3")]);
        assert_eq!(write(&third, folder).unwrap(), done(3, 0, 2));
        assert_eq!(
            fs::names_in(folder).unwrap().unwrap(),
            [MANIFEST, "a.html", "b.html", "f.html"]
        );
        assert_eq!(Manifest::read(folder).unwrap().files.paths().count(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_removed_through() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("site"), folder.path().join("outside"));
        write(&site(&[("x/bashrc", "1"), ("y.html", "1"), ("z.html", "1")]), &inside).unwrap();
        // What lies outside is even what the list says.
        fs::rename(&inside.join("x"), &outside).unwrap();
        fs::rename(&inside.join("y.html"), &outside.join("y.html")).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("x")).unwrap();
        std::os::unix::fs::symlink(outside.join("y.html"), inside.join("y.html")).unwrap();
        let done = write(&site(&[("a.html", "1")]), &inside).unwrap();
        assert_eq!((done.written, done.removed), (1, 1));
        assert_eq!(done.left, [inside.join("x/bashrc"), inside.join("y.html")]);
        assert_eq!(fs::names_in(&outside).unwrap().unwrap(), ["bashrc", "y.html"]);
        assert_eq!(fs::names_in(&inside).unwrap().unwrap(), [MANIFEST, "a.html", "x", "y.html"]);
    }
}
