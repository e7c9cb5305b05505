//! Reading a file of a folder into which others write: a regular file, not through a link, up to a
//! bound.
//!
//! What stands in such a folder may be a pipe that nobody writes to, a device, or a link out of the
//! folder. The file is opened without waiting and without following a link, and what was opened is
//! looked at, so that nothing can be exchanged between the look and the reading.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::{FsError, at, bytes_up_to};

/// The most bytes that are read of one file: 16 MiB, which is more than any runbook, manifest or file
/// of a site has.
pub const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Why a file is not read, whatever its mode says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is a symbolic link.
    #[error("it is a symbolic link, which is not followed")]
    Link,
    /// It is a folder, a pipe, a socket or a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// It has more than [`MOST_BYTES`].
    #[error("it is larger than 16 MiB")]
    TooLarge,
}

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regular {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Whether its own mode forbids writing.
    pub read_only: bool,
}

/// Reads a file; none where nothing has the name. What is no regular file, or is too large, is an
/// error at once that [`FsError::refusal`] names.
pub fn read_regular(path: &Path) -> Result<Option<Regular>, FsError> {
    let file = match open(path, OpenOptions::new().read(true)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(at("read", path))?,
    };
    contents(file).map(Some).map_err(at("read", path))
}

/// Opens a regular file; a link, a pipe or a device is an error at once.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = open_at_once(path, options).map_err(refused)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other(Refusal::NotAFile)) }
}

fn contents(file: File) -> io::Result<Regular> {
    let read_only = file.metadata()?.permissions().readonly();
    let bytes = bytes_up_to(file, MOST_BYTES)?;
    let bytes = bytes.ok_or_else(|| io::Error::other(Refusal::TooLarge))?;
    Ok(Regular { bytes, read_only })
}

#[cfg(unix)]
fn open_at_once(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::OFlags;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed()).open(path)
}

/// Without a way to open a file so, it is looked at before.
#[cfg(not(unix))]
fn open_at_once(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(io::Error::other(Refusal::Link)),
        Ok(metadata) if !metadata.is_file() => Err(io::Error::other(Refusal::NotAFile)),
        _ => options.open(path),
    }
}

/// What the operating system says of links and of pipes without a reader, in our words.
#[cfg(unix)]
fn refused(error: io::Error) -> io::Error {
    use rustix::io::Errno;
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::LOOP) => io::Error::other(Refusal::Link),
        Some(Errno::NXIO | Errno::ISDIR) => io::Error::other(Refusal::NotAFile),
        _ => error,
    }
}

#[cfg(not(unix))]
fn refused(error: io::Error) -> io::Error {
    error
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;

    fn refusal(path: &Path) -> Option<Refusal> {
        read_regular(path).unwrap_err().refusal()
    }

    #[test]
    fn a_file_is_read_up_to_the_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        assert_eq!(read_regular(&path).unwrap(), None);
        write(&path, b"text").unwrap();
        let expected = Regular { bytes: b"text".to_vec(), read_only: false };
        assert_eq!(read_regular(&path).unwrap(), Some(expected));
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(MOST_BYTES).unwrap();
        assert_eq!(read_regular(&path).unwrap().unwrap().bytes.len() as u64, MOST_BYTES);
        file.set_len(MOST_BYTES + 1).unwrap();
        assert_eq!(refusal(&path), Some(Refusal::TooLarge));
        file.set_len(1 << 40).unwrap();
        let error = read_regular(&path).unwrap_err();
        assert!(error.to_string().contains("a.md: it is larger than 16 MiB"), "{error}");
        assert!(error.hint().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn links_folders_pipes_sockets_and_devices_are_refused_at_once() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write(&path("a.md"), b"text").unwrap();
        symlink(path("a.md"), path("link")).unwrap();
        symlink("/nowhere", path("dangling")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(made.success());
        assert_eq!(refusal(&path("link")), Some(Refusal::Link));
        assert_eq!(refusal(&path("dangling")), Some(Refusal::Link));
        for name in ["pipe", "socket", ".", "/dev/zero"] {
            assert_eq!(refusal(&path(name)), Some(Refusal::NotAFile), "{name}");
        }
    }
}
