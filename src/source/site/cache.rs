//! The page cache: what the site sent last time, kept to be revalidated and never to be trusted
//! unasked.
//!
//! One file a page, named after the SHA-256 of its address: a line with the checksum of all that
//! follows, a line of JSON with address and validators, then the body. A file that does not add up
//! is as good as none. Files are replaced as a whole, so several processes can share a folder.
#![expect(
    clippy::disallowed_methods,
    reason = "no error here fails a run; the one that is reported names the folder itself"
)]

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, FileTimes};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use reqwest::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};
use serde::{Deserialize, Serialize};
use url::Url;

use super::shown;
use crate::hash::sha256;
use crate::source::MAX_PAGE;

/// What the folder may hold in all, in bytes.
pub(super) const MAX_CACHE_BYTES: u64 = 64 << 20;

const MAGIC: &str = "guardduty-runbooks page 1 ";
const ENTRY_ENDING: &str = ".page";
const TEMPORARY_ENDING: &str = ".page-new";
/// A temporary file older than this was left behind by a process that died.
const TEMPORARY_AGE: Duration = Duration::from_hours(1);
/// Checksum and validators take far less.
const MAX_HEAD_BYTES: u64 = 64 << 10;

/// What a site sent for an address, with what it takes to ask whether that still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) validators: Validators,
    pub(super) body: Vec<u8>,
}

/// The marks by which a site recognises what it sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Validators {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

impl Validators {
    /// The validators of an answer; none where it has none or may not be kept.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: HeaderName| {
            let value = headers.get(name)?.to_str().ok()?.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        let told = text(CACHE_CONTROL).unwrap_or_default().to_ascii_lowercase();
        let may_be_kept = !told.contains("no-store");
        let found = Self { etag: text(ETAG), last_modified: text(LAST_MODIFIED) };
        (may_be_kept && found != Self::default()).then_some(found)
    }
}

/// A folder of stored pages.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    limit: u64,
    used: RefCell<HashSet<String>>,
    warning: RefCell<Option<String>>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    url: String,
    #[serde(flatten)]
    validators: Validators,
}

/// A file of the cache, as the folder lists it.
struct Listed {
    path: PathBuf,
    name: String,
    length: u64,
    modified: SystemTime,
}

impl Cache {
    /// The cache in a folder, which is made when the first page is stored. `limit` is what the
    /// folder may hold, in bytes.
    pub(super) fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit, used: RefCell::default(), warning: RefCell::default() }
    }

    /// What is stored for an address; none where nothing is, or nothing that adds up.
    pub(super) fn load(&self, url: &Url) -> Option<Stored> {
        let name = entry_name(url);
        let stored = parse(&read_file(&self.folder.join(&name))?, url)?;
        self.used.borrow_mut().insert(name);
        Some(stored)
    }

    /// Puts an entry that still holds last in the order in which entries go.
    pub(super) fn keep(&self, url: &Url) {
        let now = FileTimes::new().set_modified(SystemTime::now());
        let path = self.folder.join(entry_name(url));
        // Failing, the entry only goes sooner.
        let _ = File::options().append(true).open(path).and_then(|file| file.set_times(now));
    }

    /// Stores what a site sent. Failing is no reason to end a run; see [`Self::warning`].
    pub(super) fn store(&self, url: &Url, validators: &Validators, body: &[u8]) {
        let name = entry_name(url);
        match self.write(&self.folder.join(&name), url, validators, body) {
            Ok(()) => {
                self.used.borrow_mut().insert(name);
            }
            Err(error) => self.warn(&error),
        }
    }

    /// Removes the entries that were longest out of use until the folder keeps to its limit; those
    /// that this run used stay.
    pub(super) fn prune(&self) {
        let Ok(mut files) = self.list() else { return };
        let now = SystemTime::now();
        files.retain(|file| {
            let age = now.duration_since(file.modified).unwrap_or_default();
            let left_behind = file.name.ends_with(TEMPORARY_ENDING) && age > TEMPORARY_AGE;
            !(left_behind && fs::remove_file(&file.path).is_ok())
        });
        files.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name)));
        let mut held: u64 = files.iter().map(|file| file.length).sum();
        let used = self.used.borrow();
        for file in files {
            if held <= self.limit {
                break;
            }
            let spare = file.name.ends_with(ENTRY_ENDING) && !used.contains(&file.name);
            if spare && fs::remove_file(&file.path).is_ok() {
                held -= file.length;
            }
        }
    }

    /// Why pages could not be stored, where they could not.
    pub(super) fn warning(&self) -> Option<String> {
        self.warning.borrow().clone()
    }

    fn warn(&self, error: &io::Error) {
        let folder = self.folder.display();
        let warning =
            || format!("pages cannot be kept in {folder}, so each run reads them whole: {error}");
        self.warning.borrow_mut().get_or_insert_with(warning);
    }

    fn write(
        &self,
        path: &Path,
        url: &Url,
        validators: &Validators,
        body: &[u8],
    ) -> io::Result<()> {
        DirBuilder::new().recursive(true).create(&self.folder)?;
        let head = Head { url: shown(url), validators: validators.clone() };
        let head = serde_json::to_string(&head)? + "\n";
        let content = [head.as_bytes(), body].concat();
        let mut file = tempfile::Builder::new()
            .prefix("")
            .suffix(TEMPORARY_ENDING)
            .tempfile_in(&self.folder)?;
        writeln!(file, "{MAGIC}{}", sha256(&content))?;
        file.write_all(&content)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// The cache's own files; nothing else in the folder is its business.
    fn list(&self) -> io::Result<Vec<Listed>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let (Ok(name), Ok(metadata)) = (entry.file_name().into_string(), entry.metadata())
            else {
                continue;
            };
            if metadata.is_file() && is_own_name(&name) {
                let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push(Listed { path: entry.path(), name, length: metadata.len(), modified });
            }
        }
        Ok(files)
    }
}

fn entry_name(url: &Url) -> String {
    sha256(shown(url).as_bytes()) + ENTRY_ENDING
}

fn is_own_name(name: &str) -> bool {
    let entry = name
        .strip_suffix(ENTRY_ENDING)
        .is_some_and(|stem| stem.len() == 64 && stem.bytes().all(|byte| byte.is_ascii_hexdigit()));
    entry || name.ends_with(TEMPORARY_ENDING)
}

fn read_file(path: &Path) -> Option<Vec<u8>> {
    let limit = MAX_PAGE as u64 + MAX_HEAD_BYTES;
    // Asked before it is opened: opening a pipe would wait for somebody to write to it.
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > limit {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn parse(bytes: &[u8], url: &Url) -> Option<Stored> {
    let (checksum, rest) = split_line(bytes.strip_prefix(MAGIC.as_bytes())?)?;
    if checksum != sha256(rest).as_bytes() {
        return None;
    }
    let (head, body) = split_line(rest)?;
    let head: Head = serde_json::from_slice(head).ok()?;
    (head.url == shown(url)).then(|| Stored { validators: head.validators, body: body.to_vec() })
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn url(page: &str) -> Url {
        Url::parse("https://docs.example/ug/").unwrap().join(page).unwrap()
    }

    fn validators() -> Validators {
        Validators { etag: Some("\"v1\"".to_owned()), last_modified: None }
    }

    fn cache(folder: &Path, limit: u64) -> Cache {
        Cache::new(folder.to_owned(), limit)
    }

    fn age(folder: &Path, page: &str, seconds: u64) {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        let file = File::options().append(true).open(folder.join(entry_name(&url(page)))).unwrap();
        file.set_times(FileTimes::new().set_modified(then)).unwrap();
    }

    #[test]
    fn what_was_stored_is_loaded_under_its_address_only() {
        let folder = TempDir::new().unwrap();
        let cache = cache(&folder.path().join("made/on/demand"), MAX_CACHE_BYTES);
        assert_eq!(cache.load(&url("a.html")), None);
        cache.store(&url("a.html"), &validators(), b"page\nof two lines");
        let expected = Stored { validators: validators(), body: b"page\nof two lines".to_vec() };
        assert_eq!(cache.load(&url("a.html")), Some(expected));
        assert_eq!(cache.load(&url("b.html")), None);
        assert_eq!(cache.load(&url("a.html?x")), None);
        assert_eq!(cache.warning(), None);
    }

    #[test]
    fn an_entry_that_does_not_add_up_is_as_good_as_none() {
        let folder = TempDir::new().unwrap();
        let cache = cache(folder.path(), MAX_CACHE_BYTES);
        cache.store(&url("a.html"), &validators(), b"a page");
        let path = folder.path().join(entry_name(&url("a.html")));
        let whole = fs::read(&path).unwrap();
        for end in 0..whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            assert_eq!(cache.load(&url("a.html")), None, "cut after {end} bytes");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert_eq!(cache.load(&url("a.html")), None, "damaged at byte {at}");
        }
        fs::rename(&path, folder.path().join(entry_name(&url("b.html")))).unwrap();
        fs::write(folder.path().join(entry_name(&url("b.html"))), &whole).unwrap();
        assert_eq!(cache.load(&url("b.html")), None, "another page's entry");
    }

    #[test]
    fn the_oldest_go_first_and_never_what_this_run_used() {
        let folder = TempDir::new().unwrap();
        let first = cache(folder.path(), MAX_CACHE_BYTES);
        for (page, seconds) in [("a", 400), ("b", 300), ("c", 200), ("d", 100)] {
            first.store(&url(page), &validators(), &[b'x'; 1000]);
            age(folder.path(), page, seconds);
        }
        let second = cache(folder.path(), 2500);
        assert!(second.load(&url("a")).is_some());
        second.prune();
        let left: Vec<_> = ["a", "b", "c", "d"].map(|page| first.load(&url(page)).is_some()).into();
        assert_eq!(left, [true, false, false, true]);
    }

    #[test]
    fn a_revalidated_entry_counts_as_new() {
        let folder = TempDir::new().unwrap();
        let first = cache(folder.path(), MAX_CACHE_BYTES);
        for (page, seconds) in [("a", 400), ("b", 300)] {
            first.store(&url(page), &validators(), &[b'x'; 1000]);
            age(folder.path(), page, seconds);
        }
        first.keep(&url("a"));
        cache(folder.path(), 1500).prune();
        assert!(first.load(&url("a")).is_some() && first.load(&url("b")).is_none());
    }

    #[test]
    fn only_the_caches_own_files_are_removed() {
        let folder = TempDir::new().unwrap();
        let old = SystemTime::now() - Duration::from_hours(2);
        for name in ["notes.txt", "x.page", "abc.page-new"] {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_times(FileTimes::new().set_modified(old)).unwrap();
        }
        File::create(folder.path().join("def.page-new")).unwrap();
        cache(folder.path(), 0).prune();
        let exists = |name| folder.path().join(name).exists();
        assert!(exists("notes.txt") && exists("x.page"));
        assert!(!exists("abc.page-new"), "left behind by a process that died");
        assert!(exists("def.page-new"), "another process is writing it");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told_and_no_more() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let cache = cache(&file.join("cache"), MAX_CACHE_BYTES);
        cache.store(&url("a"), &validators(), b"a page");
        assert_eq!(cache.load(&url("a")), None);
        cache.prune();
        assert!(cache.warning().unwrap().contains("cache, so each run reads them whole"));
    }

    #[test]
    fn only_answers_that_can_be_revalidated_are_kept() {
        let of = |headers: &[(HeaderName, &str)]| {
            let pairs = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
            Validators::of(&pairs.collect())
        };
        assert_eq!(of(&[(ETAG, "\"v1\"")]), Some(validators()));
        assert!(of(&[(LAST_MODIFIED, "Mon, 01 Dec 2025 00:00:00 GMT")]).is_some());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(ETAG, "\"v1\""), (CACHE_CONTROL, "private, No-Store")]), None);
    }
}
