//! The site reader against servers on this machine.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and the files are its own"
)]

mod answers;
mod cache;
mod child;
mod connections;
pub(crate) mod http2;
mod retries;
pub(crate) mod server;

use std::time::Duration;

use guardduty_runbooks::guide::PageName;
use guardduty_runbooks::source::site::{SiteOptions, SiteReader, Traffic};
use guardduty_runbooks::source::{PageError, PageResult};
use url::Url;

/// Options that are out of patience soon; pauses between attempts begin at 10 ms.
fn options(guide: Url) -> SiteOptions {
    SiteOptions { timeout: Duration::from_secs(2), ..SiteOptions::new(guide) }
}

fn reader(options: SiteOptions) -> SiteReader {
    SiteReader::new(options).expect("the options are sound")
}

fn name(page: &str) -> PageName {
    PageName::new(page).expect("it is the name of a page")
}

/// The names `page-0`, `page-1`, ….
fn names(count: usize) -> Vec<PageName> {
    (0..count).map(|number| name(&format!("page-{number}"))).collect()
}

fn read(reader: &SiteReader, names: &[PageName]) -> Vec<PageResult> {
    reader.read(names, &|_| ())
}

/// Reads the page `a`.
fn read_one(options: SiteOptions) -> (Result<String, PageError>, Traffic) {
    let reader = reader(options);
    let mut results = read(&reader, &[name("a")]);
    assert_eq!(results.len(), 1);
    let text = results.remove(0).map(|page| page.text);
    (text, reader.traffic())
}

/// Why the page `a` was unreadable.
fn unreadable(options: SiteOptions) -> String {
    match read_one(options).0 {
        Err(PageError::Unreadable { reason, .. }) => reason,
        other => panic!("not unreadable: {other:?}"),
    }
}

/// Why the page `a` was out of reach.
fn unreachable(options: SiteOptions) -> String {
    match read_one(options).0 {
        Err(PageError::Unreachable { reason, hint: Some(_), .. }) => reason,
        other => panic!("not unreachable with a hint: {other:?}"),
    }
}
