//! The disk: every read and write of the library, with the path in every error.
//!
//! Files are written whole: into a temporary file, which then takes the name. No reader ever sees
//! half a file, and a process that is killed leaves the old one.
//!
//! Files of a folder into which others write are read by [`read_regular`] and replaced by
//! [`replace_unchanged`]. What the user names on the command line is read as it stands there.

mod exchange;
mod regular;

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

pub(crate) use self::exchange::{Displaced, backup_names};
pub use self::exchange::{
    Replacement, Rescued, recover, remove_unchanged, replace_unchanged, wait_for_late_saves,
};
#[cfg(test)]
pub(crate) use self::exchange::{exchange, prepare};
pub use self::regular::{MOST_BYTES, Refusal, Regular, read_regular};

/// An operation on the disk that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", .path.display())]
pub struct FsError {
    /// What was tried, as a verb: `read`, `write`.
    pub action: &'static str,
    /// What it was tried on.
    pub path: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
}

impl FsError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        if let Some(refusal) = self.refusal() {
            return Some(match refusal {
                Refusal::Link | Refusal::NotAFile => {
                    "move it away or put a regular file in its place, and run again"
                }
                Refusal::TooLarge => "move it away, or restore it from version control",
            });
        }
        Some(match self.source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "make room on that disk and run again; what was written so far is whole"
            }
            ErrorKind::FileTooLarge => "raise the limit on the size of files and run again",
            ErrorKind::ReadOnlyFilesystem => {
                "the file system is mounted read-only; use another --outdir"
            }
            ErrorKind::PermissionDenied => {
                "check the owner and the mode of the file and its folder"
            }
            ErrorKind::NotADirectory => "a part of that path is a file, not a folder",
            ErrorKind::NotFound => "the folder may have been removed meanwhile; run again",
            ErrorKind::AlreadyExists => "something else has that name; move it away and run again",
            _ => return None,
        })
    }

    /// Whether a link, a folder or a pipe stands where a file was to be read.
    pub fn is_no_file(&self) -> bool {
        matches!(self.refusal(), Some(Refusal::Link | Refusal::NotAFile))
    }

    /// Why the file was not read, where it is one that is never read.
    pub fn refusal(&self) -> Option<Refusal> {
        self.source.get_ref()?.downcast_ref().copied()
    }

    /// Whether every other write on the same disk would fail as well.
    pub fn concerns_whole_disk(&self) -> bool {
        matches!(
            self.source.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem
        )
    }
}

/// What a path names, without following a symbolic link at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Missing,
    /// A regular file; `read_only` when its mode forbids its owner to write.
    File {
        /// Whether the file's own mode forbids writing.
        read_only: bool,
    },
    /// A folder.
    Folder,
    /// A symbolic link, wherever it leads.
    SymbolicLink,
    /// A device, a socket, a pipe.
    Other,
}

/// Whether a new file is on the disk for certain before it takes the old one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A power failure may lose it; a killed process does not.
    Buffered,
    /// Synced first: for files that hold what somebody wrote.
    Synced,
}

/// The bytes of a file.
#[expect(clippy::disallowed_methods, reason = "this is the wrapper that adds the path")]
pub fn read(path: &Path) -> Result<Vec<u8>, FsError> {
    fs::read(path).map_err(at("read", path))
}

/// The text of a file; bytes that are no UTF-8 are an error.
#[expect(clippy::disallowed_methods, reason = "this is the wrapper that adds the path")]
pub fn read_to_string(path: &Path) -> Result<String, FsError> {
    fs::read_to_string(path).map_err(at("read", path))
}

/// The bytes of a file, at most so many; a longer one is an error, whatever its length is said to be.
pub fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, FsError> {
    let too_large = || {
        let reason = format!("it is larger than {} MiB", most >> 20);
        io::Error::new(ErrorKind::InvalidData, reason)
    };
    let bytes = bytes_up_to(open(path)?, most).map_err(at("read", path))?;
    bytes.ok_or_else(|| at("read", path)(too_large()))
}

/// What an open file holds; none where that is more than so many bytes.
fn bytes_up_to(file: File, most: u64) -> io::Result<Option<Vec<u8>>> {
    let length = file.metadata()?.len();
    if length > most {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // One more than is allowed, so that a file that grows is seen.
    file.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// The text of a file of at most so many bytes, see [`read_at_most`]; bytes that are no UTF-8 are an
/// error.
pub fn read_text_at_most(path: &Path, most: u64) -> Result<String, FsError> {
    let no_text = || io::Error::new(ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    let text = String::from_utf8(read_at_most(path, most)?);
    text.map_err(|_| at("read", path)(no_text()))
}

/// Why a path is not within a folder, which is given without links: what it says, or a link on the way,
/// leads out, or into a repository's own folder. None where it stays in. Of a path that is not there
/// yet, the folders that are there count.
pub fn leads_out(path: &Path, folder: &Path) -> Result<Option<String>, FsError> {
    for place in path.ancestors().filter(|place| *place != Path::new("")) {
        let Some(leads_to) = resolved(place)? else { continue };
        if leads_to.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git")) {
            return Ok(Some("it leads into a repository's own folder, .git".to_owned()));
        }
        let leaves = !leads_to.starts_with(folder);
        return Ok(leaves.then(|| {
            format!("it leads to {}, outside of {}", leads_to.display(), folder.display())
        }));
    }
    Ok(None)
}

/// The path of what a path names, without links and `..`; none where there is nothing.
pub fn resolved(path: &Path) -> Result<Option<PathBuf>, FsError> {
    match fs::canonicalize(path) {
        Ok(path) => Ok(Some(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at("look at", path)(error)),
    }
}

/// Opens a file for reading in pieces. What stands there is followed: a link, a pipe.
pub fn open(path: &Path) -> Result<File, FsError> {
    File::open(path).map_err(at("read", path))
}

/// The bytes of a file; none where there is no such file.
pub fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, FsError> {
    match read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a path names.
pub fn kind(path: &Path) -> Result<Kind, FsError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(kind_of(&metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Kind::Missing),
        Err(error) => Err(at("look at", path)(error)),
    }
}

/// Whether a path names a folder, or a link to one.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// The names in a folder, sorted; names that are no UTF-8 are left out. None where there is no
/// such folder.
#[expect(clippy::disallowed_methods, reason = "this is the wrapper that adds the path")]
pub fn names_in(folder: &Path) -> Result<Option<Vec<String>>, FsError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at("list", folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(at("list", folder))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(Some(names))
}

/// Makes a folder and its parents; one that exists is fine.
#[expect(clippy::disallowed_methods, reason = "this is the wrapper that adds the path")]
pub fn make_folders(folder: &Path) -> Result<(), FsError> {
    fs::create_dir_all(folder).map_err(at("make the folder", folder))
}

/// Writes a file whole, in place of an older one or not; parents are made. For output that belongs
/// to the tool alone.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let folder = path.parent().filter(|parent| *parent != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    make_folders(folder)?;
    replace(path, bytes, folder, Durability::Buffered)
}

/// Writes a file whole in place of an older one, whose mode it keeps. The temporary file is made
/// in `temporary`, which has to be on the same file system.
pub fn replace(
    path: &Path,
    bytes: &[u8],
    temporary: &Path,
    durability: Durability,
) -> Result<(), FsError> {
    let file = temporary_file(path, bytes, temporary)?;
    if let Ok(metadata) = fs::symlink_metadata(path)
        && metadata.is_file()
    {
        file.as_file().set_permissions(metadata.permissions()).map_err(at("write", path))?;
    }
    if durability == Durability::Synced {
        file.as_file().sync_all().map_err(at("write", path))?;
    }
    file.persist(path).map_err(|error| at("write", path)(error.error))?;
    Ok(())
}

/// Writes a new file whole; an error of kind `AlreadyExists` where anything has the name, which is
/// then left as it is.
pub fn create(path: &Path, bytes: &[u8], temporary: &Path) -> Result<(), FsError> {
    let file = temporary_file(path, bytes, temporary)?;
    file.persist_noclobber(path).map_err(|error| at("write", path)(error.error))?;
    Ok(())
}

/// Gives a file another name, in place of what has it.
#[expect(clippy::disallowed_methods, reason = "this is the wrapper that adds the path")]
pub fn rename(from: &Path, to: &Path) -> Result<(), FsError> {
    fs::rename(from, to).map_err(at("write", to))
}

/// Gives a file another name; an error of kind `AlreadyExists` where anything has that name.
pub fn rename_to_free(from: &Path, to: &Path) -> Result<(), FsError> {
    let mut named = TempPath::try_from_path(from).map_err(at("rename", from))?;
    // It is somebody's file: it has to survive a refusal.
    named.disable_cleanup(true);
    named.persist_noclobber(to).map_err(|refused| at("write", to)(refused.error))
}

/// Removes a file; one that is not there is fine.
#[expect(clippy::disallowed_methods, reason = "this is the wrapper that adds the path")]
pub fn remove(path: &Path) -> Result<(), FsError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(at("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Opens a file for locking, making it if need be, without changing what it holds. A link, a pipe or
/// a device is an error at once.
pub fn open_for_lock(path: &Path) -> Result<File, FsError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    regular::open(path, &mut options).map_err(at("open", path))
}

/// An error of the operating system, with what was tried on which path.
pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FsError {
    let path = path.to_owned();
    move |source| FsError { action, path, source }
}

fn kind_of(metadata: &Metadata) -> Kind {
    let kind = metadata.file_type();
    if kind.is_symlink() {
        Kind::SymbolicLink
    } else if kind.is_dir() {
        Kind::Folder
    } else if kind.is_file() {
        Kind::File { read_only: metadata.permissions().readonly() }
    } else {
        Kind::Other
    }
}

fn temporary_file(path: &Path, bytes: &[u8], folder: &Path) -> Result<NamedTempFile, FsError> {
    let mut builder = Builder::new();
    let name = path.file_name().unwrap_or(OsStr::new("file"));
    let prefix = format!(".{}.", name.to_string_lossy());
    builder.prefix(&prefix).suffix(".tmp");
    readable_by_all(&mut builder);
    let mut file = builder.tempfile_in(folder).map_err(at("write", path))?;
    file.as_file_mut().write_all(bytes).map_err(at("write", path))?;
    Ok(file)
}

/// A temporary file is for its owner alone unless told; the process's umask still applies.
#[cfg(unix)]
fn readable_by_all(builder: &mut Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_by_all(_builder: &mut Builder<'_, '_>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_path_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a-file");
        write(&file, b"x").unwrap();
        let below = file.join("b.md");
        let error = write(&below, b"x").unwrap_err();
        assert!(error.to_string().contains("a-file"), "{error}");
        assert!(error.hint().is_some(), "{error:?}");
    }

    #[test]
    fn a_file_is_read_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        write(&path, b"1234").unwrap();
        assert_eq!(read_at_most(&path, 4).unwrap(), b"1234");
        assert!(read_at_most(&path, 3).is_err());
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let error = read_text_at_most(&path, 1 << 20).unwrap_err();
        assert!(error.to_string().ends_with("it is larger than 1 MiB"), "{error}");
    }

    #[test]
    fn a_new_file_never_replaces_anything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        create(&path, b"first", folder.path()).unwrap();
        let error = create(&path, b"second", folder.path()).unwrap_err();
        assert_eq!(error.source.kind(), ErrorKind::AlreadyExists);
        assert_eq!(read(&path).unwrap(), b"first");
        assert_eq!(names_in(folder.path()).unwrap().unwrap(), ["a.md"]);
    }

    #[test]
    fn a_rename_never_replaces_anything() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, c] = ["a.md", "b.md", "c.md"].map(|name| folder.path().join(name));
        write(&a, b"a").unwrap();
        write(&b, b"b").unwrap();
        let error = rename_to_free(&a, &b).unwrap_err();
        assert_eq!(error.source.kind(), ErrorKind::AlreadyExists);
        assert_eq!((read(&a).unwrap(), read(&b).unwrap()), (b"a".to_vec(), b"b".to_vec()));
        rename_to_free(&a, &c).unwrap();
        assert_eq!(names_in(folder.path()).unwrap().unwrap(), ["b.md", "c.md"]);
        assert!(rename_to_free(&a, &c).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_mode_and_a_new_one_is_not_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = folder.path().join("a.md");
        create(&path, b"first", folder.path()).unwrap();
        assert_eq!(mode(&path) & 0o600, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, b"second", folder.path(), Durability::Synced).unwrap();
        assert_eq!((mode(&path), read(&path).unwrap()), (0o640, b"second".to_vec()));
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_seen_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/nowhere", &link).unwrap();
        assert_eq!(kind(&link).unwrap(), Kind::SymbolicLink);
        assert_eq!(kind(&folder.path().join("none")).unwrap(), Kind::Missing);
        assert_eq!(kind(folder.path()).unwrap(), Kind::Folder);
    }
}
