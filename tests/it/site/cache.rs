//! Stored pages.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use guardduty_runbooks::source::site::{SiteOptions, Traffic};
use tempfile::TempDir;
use url::Url;

use super::server::{Reply, Request, Server};
use super::{name, names, options, read, read_one, reader};

const HTML: (&str, &str) = ("Content-Type", "text/html");
const DATE: &str = "Mon, 01 Dec 2025 10:00:00 GMT";

fn caching(guide: Url, folder: &Path) -> SiteOptions {
    SiteOptions { cache_dir: Some(folder.to_owned()), ..options(guide) }
}

/// A page with a tag, or the word that the one that is asked about still holds.
fn tagged(request: &Request, tag: &str, text: &str) -> Reply {
    if request.header("If-None-Match") == Some(tag) {
        return Reply::new("304 Not Modified", &[("ETag", tag)], b"");
    }
    Reply::new("200 OK", &[HTML, ("ETag", tag), ("Last-Modified", DATE)], text.as_bytes())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_stored_page_is_asked_about_and_used_while_it_holds() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| tagged(request, "\"v1\"", "the page"));
    let (first, traffic) = read_one(caching(server.guide(), folder.path()));
    assert_eq!(first.unwrap(), "the page");
    assert_eq!(traffic, Traffic { requests: 1, not_modified: 0, body_bytes: 8, retries: 0 });
    let (second, traffic) = read_one(caching(server.guide(), folder.path()));
    assert_eq!(second.unwrap(), "the page");
    assert_eq!(traffic, Traffic { requests: 1, not_modified: 1, body_bytes: 0, retries: 0 });
    let [unconditional, conditional] = server.requests().try_into().unwrap();
    assert_eq!(unconditional.header("If-None-Match"), None);
    assert_eq!(unconditional.header("If-Modified-Since"), None);
    assert_eq!(conditional.header("If-Modified-Since"), Some(DATE));
}

#[test]
fn a_changed_page_takes_the_place_of_the_stored_one() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| match request.earlier {
        0 => tagged(request, "\"v1\"", "the old page"),
        _ => tagged(request, "\"v2\"", "the new page"),
    });
    for expected in ["the old page", "the new page", "the new page"] {
        assert_eq!(read_one(caching(server.guide(), folder.path())).0.unwrap(), expected);
    }
    assert_eq!(server.requests()[2].header("If-None-Match"), Some("\"v2\""));
    assert_eq!(entries(folder.path()).len(), 1);
}

#[test]
fn a_refresh_ignores_what_is_stored_and_stores_anew() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| match request.earlier {
        // Changed under the same tag: what a refresh is for.
        0 => tagged(request, "\"v1\"", "the old page"),
        _ => tagged(request, "\"v1\"", "the new page"),
    });
    let plain = || caching(server.guide(), folder.path());
    assert_eq!(read_one(plain()).0.unwrap(), "the old page");
    assert_eq!(read_one(plain()).0.unwrap(), "the old page");
    let refresh = SiteOptions { refresh: true, ..plain() };
    assert_eq!(read_one(refresh).0.unwrap(), "the new page");
    assert_eq!(server.requests()[2].header("If-None-Match"), None);
    let (result, traffic) = read_one(plain());
    assert_eq!((result.unwrap().as_str(), traffic.not_modified), ("the new page", 1));
}

#[test]
fn a_damaged_entry_costs_no_more_than_its_page() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| tagged(request, "\"v1\"", "the page"));
    read_one(caching(server.guide(), folder.path())).0.unwrap();
    let [entry] = entries(folder.path()).try_into().unwrap();
    let whole = fs::read(&entry).unwrap();
    fs::write(&entry, &whole[..whole.len() - 1]).unwrap();
    let (result, traffic) = read_one(caching(server.guide(), folder.path()));
    assert_eq!((result.unwrap().as_str(), traffic.body_bytes), ("the page", 8));
    assert_eq!(server.requests()[1].header("If-None-Match"), None);
    assert_eq!(fs::read(&entry).unwrap(), whole, "it is whole again");
}

#[test]
fn an_unasked_not_modified_is_asked_again() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| match request.earlier {
        0 => Reply::new("304 Not Modified", &[("ETag", "\"v1\"")], b""),
        _ => tagged(request, "\"v1\"", "the page"),
    });
    let (result, traffic) = read_one(caching(server.guide(), folder.path()));
    assert_eq!((result.unwrap().as_str(), traffic.retries), ("the page", 1));
    assert!(server.requests().iter().all(|request| request.header("If-None-Match").is_none()));
}

#[test]
fn a_redirected_page_is_stored_under_the_address_that_gave_it() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| match request.target.as_str() {
        "/ug/a.html" => Reply::new("301 Moved Permanently", &[("Location", "b.html")], b""),
        _ => tagged(request, "\"v1\"", "the page"),
    });
    for not_modified in [0, 1] {
        let (result, traffic) = read_one(caching(server.guide(), folder.path()));
        assert_eq!((result.unwrap().as_str(), traffic.not_modified), ("the page", not_modified));
    }
    let [_, _, moved, asked] = server.requests().try_into().unwrap();
    assert_eq!((moved.target.as_str(), moved.header("If-None-Match")), ("/ug/a.html", None));
    assert_eq!(
        (asked.target.as_str(), asked.header("If-None-Match")),
        ("/ug/b.html", Some("\"v1\""))
    );
}

#[test]
fn a_folder_that_cannot_be_written_fails_no_run() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let server = Server::start(|request| tagged(request, "\"v1\"", "the page"));
    let reader = reader(caching(server.guide(), &file));
    assert!(read(&reader, &[name("a")])[0].is_ok());
    let warning = reader.cache_warning().unwrap();
    assert!(
        warning.starts_with(&format!("pages cannot be kept in {}", file.display())),
        "{warning}"
    );
}

#[test]
fn several_readers_can_share_a_folder() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| {
        tagged(request, &format!("\"{}\"", request.earlier), &request.target.repeat(1000))
    });
    let run = || {
        let reader = reader(caching(server.guide(), folder.path()));
        for (name, result) in names(10).iter().zip(read(&reader, &names(10))) {
            assert_eq!(result.unwrap().text, format!("/ug/{name}.html").repeat(1000));
        }
        assert_eq!(reader.cache_warning(), None);
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(run);
        }
    });
    assert_eq!(entries(folder.path()).len(), 10, "and no temporary file is left");
}

#[test]
fn a_folder_that_is_too_full_loses_what_was_longest_out_of_use() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|request| tagged(request, "\"v1\"", "the page"));
    read_one(caching(server.guide(), folder.path())).0.unwrap();
    let [page] = entries(folder.path()).try_into().unwrap();
    let days_ago = |days: u64| {
        FileTimes::new().set_modified(SystemTime::now() - Duration::from_hours(24 * days))
    };
    File::options().append(true).open(&page).unwrap().set_times(days_ago(2)).unwrap();
    let other = folder.path().join(format!("{}.page", "0".repeat(64)));
    let file = File::create(&other).unwrap();
    file.set_len(65 << 20).unwrap();
    file.set_times(days_ago(1)).unwrap();

    read_one(caching(server.guide(), folder.path())).0.unwrap();
    assert_eq!(entries(folder.path()), [page.as_path()]);
    let age = fs::metadata(&page).unwrap().modified().unwrap().elapsed().unwrap();
    assert!(age < Duration::from_hours(1), "it was used: {age:?}");
}
