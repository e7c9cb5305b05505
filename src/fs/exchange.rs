//! Replacing a file that somebody may save at the same moment, so that no save is lost.
//!
//! To compare and then to replace leaves a moment in between. So the new file and the old one
//! exchange their names in one step, where the system can do that, and then what was displaced is
//! compared. If somebody had saved, it takes its place again. Editors that write into the open file
//! are seen like those that put a new one in its place.
//!
//! The displaced file keeps a name that says what it may hold, until the run calls [`recover`] at its
//! end: an editor may have found the file before the exchange, and write into it only then. A run
//! that is killed leaves nothing that the next one could not judge, in the same way.

use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use super::{
    Durability, FsError, at, names_in, read_regular, remove, rename, rename_to_free, temporary_file,
};

/// How the name of a displaced file ends.
const ENDING: &str = ".swap.tmp";

/// How often a file is put back under somebody who saves without a pause.
const MOST_TURNS: usize = 64;

/// A save that stands between emptying a file and writing it is done within that.
const SAVED_WITHIN: Duration = Duration::from_millis(20);

/// An editor that has found a file has begun to write it within that.
const BEGUN_WITHIN: Duration = Duration::from_millis(10);

/// What came of a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The file holds the new bytes.
    Done,
    /// Somebody saved the file since it was read; what was saved is there.
    Changed,
    /// There is no regular file any more; what is there is as it was.
    NotAFile,
}

/// A displaced file that was found to hold what somebody saved, and now has a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The file in which it was saved.
    pub file: PathBuf,
    /// Where it is now.
    pub copy: PathBuf,
}

/// Writes a file whole in place of one that has to hold `before` still, and keeps its mode. Other
/// files are made in `temporary`, which has to be on the same file system. With
/// [`Durability::Synced`] the file may hold somebody's edits, and a save that has only just begun is
/// waited for. Whoever calls it calls [`recover`] later.
pub fn replace_unchanged(
    path: &Path,
    bytes: &[u8],
    before: &[u8],
    temporary: &Path,
    durability: Durability,
) -> Result<Replacement, FsError> {
    let Some(swap) = prepare(path, bytes, before, temporary, durability)? else {
        return Ok(Replacement::NotAFile);
    };
    match exchange(&swap, path) {
        Ok(()) => settle(path, &swap, bytes, before),
        Err(error) if cannot_exchange(&error) => compare_and_rename(path, &swap, before),
        Err(error) => {
            remove(&swap)?;
            let is_gone = error.kind() == ErrorKind::NotFound;
            if is_gone { Ok(Replacement::NotAFile) } else { Err(at("write", path)(error)) }
        }
    }
}

/// Removes a file that has to hold `before` still; one that is not there is fine. Where somebody
/// saved it since, it stays.
pub fn remove_unchanged(
    path: &Path,
    before: &[u8],
    temporary: &Path,
) -> Result<Replacement, FsError> {
    let swap = temporary.join(Displaced::name(path, before, before));
    match rename_to_free(path, &swap) {
        Err(error) if error.source.kind() == ErrorKind::NotFound => return Ok(Replacement::Done),
        renamed => renamed?,
    }
    if held(&swap)?.as_deref() == Some(before) {
        remove(&swap)?;
        return Ok(Replacement::Done);
    }
    // Who saved once more meanwhile has the name; the next run tells of the other.
    rename_to_free(&swap, path)?;
    Ok(Replacement::Changed)
}

/// Writes the new file under the name that the displaced one will have; none where there is no
/// regular file to replace.
pub(crate) fn prepare(
    path: &Path,
    bytes: &[u8],
    before: &[u8],
    temporary: &Path,
    durability: Durability,
) -> Result<Option<PathBuf>, FsError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata,
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(at("look at", path)(error));
        }
        _ => return Ok(None),
    };
    let file = temporary_file(path, bytes, temporary)?;
    file.as_file().set_permissions(metadata.permissions()).map_err(at("write", path))?;
    if durability == Durability::Synced {
        file.as_file().sync_all().map_err(at("write", path))?;
        wait_for_a_save(&metadata);
    }
    let swap = temporary.join(Displaced::name(path, bytes, before));
    // The same change of the same file, a moment ago.
    if is_expected(&swap)? {
        remove(&swap)?;
    }
    file.persist_noclobber(&swap).map_err(|error| at("write", &swap)(error.error))?;
    Ok(Some(swap))
}

/// Decides after the exchange: the displaced file goes, or it gets its name back.
fn settle(path: &Path, swap: &Path, bytes: &[u8], before: &[u8]) -> Result<Replacement, FsError> {
    let displaced = held(swap)?;
    if displaced.as_deref() == Some(before) {
        return Ok(Replacement::Done);
    }
    put_back(path, swap, bytes, displaced)
}

/// Gives the newest of what others saved its name back. Whatever they save meanwhile displaces what
/// was put there, so that one of the two is always known.
fn put_back(
    path: &Path,
    swap: &Path,
    bytes: &[u8],
    mut newest: Option<Vec<u8>>,
) -> Result<Replacement, FsError> {
    let mut placed = Some(bytes.to_vec());
    for _ in 0..MOST_TURNS {
        match exchange(swap, path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => match rename_to_free(swap, path) {
                Err(error) if error.source.kind() == ErrorKind::AlreadyExists => continue,
                renamed => return renamed.map(|()| Replacement::Changed),
            },
            Err(error) => return Err(at("write", path)(error)),
        }
        let found = held(swap)?;
        if found == placed {
            // A save that is superseded by another one, unlike what this program wrote.
            if found.as_deref() != Some(bytes) {
                remove(swap)?;
            }
            break;
        }
        placed = std::mem::replace(&mut newest, found);
    }
    Ok(Replacement::Changed)
}

/// What a displaced file holds; none where it is no regular file, or one that is too large.
fn held(swap: &Path) -> Result<Option<Vec<u8>>, FsError> {
    match read_regular(swap) {
        Ok(file) => Ok(file.map(|file| file.bytes)),
        Err(error) if error.refusal().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Waits until a file was last written some time ago. Editors that write into the open file empty it
/// first, and what was read in between looks like a file from which somebody deleted everything.
fn wait_for_a_save(metadata: &Metadata) {
    let written = metadata.modified().ok();
    let age = written.and_then(|written| SystemTime::now().duration_since(written).ok());
    if let Some(rest) = age.and_then(|age| SAVED_WITHIN.checked_sub(age)) {
        thread::sleep(rest);
    }
}

/// Where names cannot be exchanged, the comparison stands right before the renaming.
fn compare_and_rename(path: &Path, swap: &Path, before: &[u8]) -> Result<Replacement, FsError> {
    if held(path)?.as_deref() == Some(before) {
        rename(swap, path)?;
        return Ok(Replacement::Done);
    }
    remove(swap)?;
    Ok(Replacement::Changed)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(crate) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Whether the system or the file system has no such operation.
fn cannot_exchange(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput)
}

/// What the name of a displaced file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Displaced {
    /// The name of the file that was to be replaced.
    pub(crate) file: String,
    /// What it holds unless somebody saved: the old bytes, or the new ones before the exchange.
    known: [String; 2],
}

impl Displaced {
    fn name(path: &Path, bytes: &[u8], before: &[u8]) -> String {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        format!(".{file}.{}.{}{ENDING}", short_hash(bytes), short_hash(before))
    }

    /// Reads the name of a file; none where it is not that of a displaced one.
    pub(crate) fn read(name: &str) -> Option<Self> {
        let rest = name.strip_prefix('.')?.strip_suffix(ENDING)?;
        let (rest, before) = rest.rsplit_once('.')?;
        let (file, new) = rest.rsplit_once('.')?;
        let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let known = [new.to_owned(), before.to_owned()];
        let is_one = known.iter().all(|hash| is_hash(hash)) && !file.is_empty();
        is_one.then(|| Self { file: file.to_owned(), known })
    }

    /// Whether these bytes are what nobody but this program put there.
    pub(crate) fn expects(&self, bytes: &[u8]) -> bool {
        self.known.contains(&short_hash(bytes))
    }
}

/// Tells the texts of one file apart; nobody gains anything by two that are alike.
fn short_hash(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{:016x}", hasher.finish())
}

/// Tidies up after replacements of this run, or of one that was killed. What somebody saved into a
/// displaced file gets a name of its own in `folder`; the rest goes.
pub fn recover(temporary: &Path, folder: &Path) -> Result<Vec<Rescued>, FsError> {
    let mut rescued = Vec::new();
    for name in names_in(temporary)?.unwrap_or_default() {
        let Some(displaced) = Displaced::read(&name) else { continue };
        let swap = temporary.join(&name);
        if is_expected(&swap)? {
            remove(&swap)?;
            continue;
        }
        let copy = to_free_name(&swap, folder, &displaced.file)?;
        rescued.push(Rescued { file: folder.join(displaced.file), copy });
    }
    Ok(rescued)
}

/// Whether nobody but this program wrote what a displaced file holds.
fn is_expected(swap: &Path) -> Result<bool, FsError> {
    let name = swap.file_name().unwrap_or_default().to_string_lossy();
    let displaced = Displaced::read(&name);
    let file = read_regular(swap)?;
    Ok(displaced.zip(file).is_some_and(|(displaced, file)| displaced.expects(&file.bytes)))
}

/// Waits until editors that found a file before it was displaced have begun to write into it.
pub fn wait_for_late_saves() {
    thread::sleep(BEGUN_WITHIN);
}

/// The names of backups of a file: `<file>.bak`, `<file>.bak2` and so on.
pub(crate) fn backup_names(file: &str) -> impl Iterator<Item = String> {
    let base = format!("{file}.bak");
    let numbered = (2..).map({
        let base = base.clone();
        move |number: u32| format!("{base}{number}")
    });
    std::iter::once(base).chain(numbered)
}

/// Gives a displaced file the first free name of a backup in the folder.
fn to_free_name(swap: &Path, folder: &Path, file: &str) -> Result<PathBuf, FsError> {
    for name in backup_names(file) {
        let copy = folder.join(name);
        match rename_to_free(swap, &copy) {
            Err(error) if error.source.kind() == ErrorKind::AlreadyExists => {}
            renamed => return renamed.map(|()| copy),
        }
    }
    Err(at("write", &folder.join(file))(ErrorKind::AlreadyExists.into()))
}

#[cfg(test)]
mod tests;
