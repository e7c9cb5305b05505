//! What becomes of an answer.

use std::cell::RefCell;
use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use guardduty_runbooks::source::site::{SiteError, SiteOptions, SiteReader};
use guardduty_runbooks::source::{PageError, PageFormat};
use url::Url;

use super::server::{Reply, Server};
use super::{name, names, options, read, read_one, reader, unreachable, unreadable};

const HTML: (&str, &str) = ("Content-Type", "text/html");

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn pages_are_given_in_the_order_of_their_names_and_told_as_they_arrive() {
    let server = Server::start(|request| {
        let slow = request.target.ends_with("slow.html");
        Reply::page(&request.target).after(Duration::from_millis(if slow { 150 } else { 0 }))
    });
    let arrived = RefCell::new(Vec::new());
    let names = [name("slow"), name("fast")];
    let results = reader(options(server.guide()))
        .read(&names, &|name| arrived.borrow_mut().push(name.to_string()));
    let texts: Vec<_> = results.into_iter().map(|page| page.unwrap().text).collect();
    assert_eq!(texts, ["/ug/slow.html", "/ug/fast.html"]);
    assert_eq!(arrived.into_inner(), ["fast", "slow"]);
}

#[test]
fn a_page_that_is_not_there_is_missing_and_asked_for_once() {
    for status in ["404 Not Found", "410 Gone"] {
        let server = Server::always(Reply::new(status, &[HTML], b"<p>no such page"));
        let (result, _) = read_one(options(server.guide()));
        let Err(PageError::Missing { location }) = result else { panic!("{result:?}") };
        assert_eq!(location, format!("{}a.html", server.guide()));
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_bot_wall_has_a_message_of_its_own() {
    let challenge = ("x-amzn-waf-action", "challenge");
    for (status, headers) in [
        ("202 Accepted", vec![HTML, challenge]),
        ("403 Forbidden", vec![HTML]),
        ("405 Method Not Allowed", vec![HTML]),
    ] {
        let server = Server::always(Reply::new(status, &headers, b"<p>are you human?"));
        let reason = unreachable(options(server.guide()));
        assert_eq!(reason, format!("it answered {status}, as AWS's bot protection does"));
        assert_eq!(server.requests().len(), 1, "asking again would only annoy it");
        let hint = read_one(options(server.guide())).0.unwrap_err().hint().unwrap();
        assert!(hint.contains("--user-agent") && hint.contains("--source"));
    }
}

#[test]
fn other_answers_are_no_page() {
    for status in ["202 Accepted", "204 No Content", "401 Unauthorized", "418 I'm a teapot"] {
        let server = Server::always(Reply::new(status, &[HTML], b""));
        let reason = unreadable(options(server.guide()));
        assert_eq!(reason, format!("it answered {status}"));
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn what_is_no_text_is_no_page() {
    let json = Server::always(Reply::new("200 OK", &[("Content-Type", "application/json")], b"{}"));
    assert_eq!(unreadable(options(json.guide())), "it is application/json, which is no page");
    let empty = Server::always(Reply::page("\n"));
    assert_eq!(unreadable(options(empty.guide())), "it is empty");
    let brotli = Server::always(Reply::new("200 OK", &[HTML, ("Content-Encoding", "br")], b"x"));
    assert!(unreadable(options(brotli.guide())).contains("encoded as br"));
    let untyped = Server::always(Reply::new("200 OK", &[], b"text \xff end"));
    assert_eq!(read_one(options(untyped.guide())).0.unwrap(), "text \u{fffd} end");
}

#[test]
fn a_compressed_page_is_read_and_counted_as_it_came() {
    let text = "<p>the same again</p>".repeat(1000);
    let packed = gzip(text.as_bytes());
    let length = packed.len() as u64;
    let server = Server::start(move |request| {
        assert_eq!(request.header("Accept-Encoding"), Some("gzip"));
        Reply::new("200 OK", &[HTML, ("Content-Encoding", "gzip")], &packed)
    });
    let (result, traffic) = read_one(options(server.guide()));
    assert_eq!(result.unwrap(), text);
    assert_eq!((traffic.requests, traffic.body_bytes), (1, length));
}

#[test]
fn a_page_without_end_is_left_off() {
    let bomb = gzip(&vec![0; (16 << 20) + 1]);
    assert!(bomb.len() < 1 << 20);
    let bomb = Server::always(Reply::new("200 OK", &[HTML, ("Content-Encoding", "gzip")], &bomb));
    assert_eq!(unreadable(options(bomb.guide())), "it is longer than 16 MiB");
    assert_eq!(bomb.requests().len(), 1);

    let endless = Server::always(Reply::begin(&[HTML]).endless(&[b'x'; 1 << 14]));
    let (result, traffic) = read_one(options(endless.guide()));
    assert!(result.unwrap_err().to_string().ends_with("it is longer than 16 MiB"));
    assert!(traffic.body_bytes < 17 << 20, "{traffic:?}");

    let announced = Server::always(Reply::begin(&[HTML, ("Content-Length", "16777217")]));
    let (result, traffic) = read_one(options(announced.guide()));
    assert!(result.unwrap_err().to_string().ends_with("it is longer than 16 MiB"));
    assert_eq!(traffic.body_bytes, 0);
}

#[test]
fn pages_without_number_are_left_off() {
    let page = Server::always(Reply::new("200 OK", &[HTML], &vec![b'x'; 15 << 20]));
    // One after the other: eight of them are just within the limit.
    let timeout = Duration::from_mins(1);
    let options = SiteOptions { timeout, jobs: Some(1), ..SiteOptions::new(page.guide()) };
    let results = read(&reader(options), &names(10));
    let refused: Vec<String> =
        results.iter().filter_map(|page| Some(page.as_ref().err()?.to_string())).collect();
    assert_eq!(refused.len(), 2);
    assert!(refused[0].ends_with("all pages together are longer than 128 MiB"), "{refused:?}");
}

fn redirect(to: &str) -> Reply {
    Reply::new("302 Found", &[("Location", to)], b"")
}

#[test]
fn redirects_within_the_host_are_followed() {
    let server = Server::start(|request| match request.target.as_str() {
        "/ug/a.html" => redirect("b.html"),
        "/ug/b.html" => redirect("/elsewhere/c.html"),
        target => Reply::page(target),
    });
    let (result, traffic) = read_one(options(server.guide()));
    assert_eq!(result.unwrap(), "/elsewhere/c.html");
    assert_eq!(traffic.requests, 3);
}

#[test]
fn a_redirect_to_another_host_is_refused_and_both_are_named() {
    let other = Server::always(Reply::page("elsewhere"));
    let to = other.guide_over("http", "localhost").join("a.html").unwrap();
    let server = Server::always(redirect(to.as_str()));
    let reason = unreadable(options(server.guide()));
    let from = server.guide().join("a.html").unwrap();
    assert_eq!(reason, format!("it redirects from {from} to {to}, which is another host"));
    assert!(other.requests().is_empty());
}

#[test]
fn a_redirect_in_circles_ends() {
    let server = Server::always(redirect("a.html"));
    assert!(unreadable(options(server.guide())).contains("more than 5 times"));
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn the_program_names_itself_and_what_it_wants() {
    let server = Server::always(Reply::page("a page"));
    let guide = server.guide();
    read_one(options(guide.clone())).0.unwrap();
    let markdown = PageFormat::Markdown;
    let named = SiteOptions {
        user_agent: Some("runbooks of Example Corp".to_owned()),
        format: markdown,
        ..options(guide)
    };
    let page = read(&reader(named), &[name("a")]).remove(0).unwrap();
    assert_eq!((page.format, page.name.as_str()), (markdown, "a"));
    let [html, markdown] = server.requests().try_into().unwrap();
    let agent = concat!("guardduty-runbooks/", env!("CARGO_PKG_VERSION"));
    assert_eq!(html.header("User-Agent"), Some(agent));
    assert_eq!(html.header("Accept"), Some("text/html,application/xhtml+xml"));
    assert_eq!(html.header("Accept-Language"), Some("en"));
    assert_eq!(markdown.header("User-Agent"), Some("runbooks of Example Corp"));
    assert_eq!(markdown.target, "/ug/a.md");
    assert!(markdown.header("Accept").unwrap().starts_with("text/markdown"));
}

#[test]
fn credentials_are_sent_and_not_shown() {
    let server = Server::always(Reply::new("401 Unauthorized", &[], b""));
    let mut guide = server.guide();
    guide.set_username("me").unwrap();
    guide.set_password(Some("secret")).unwrap();
    let message = read_one(options(guide)).0.unwrap_err().to_string();
    assert_eq!(
        message,
        format!("{}a.html could not be read: it answered 401 Unauthorized", server.guide())
    );
    assert_eq!(server.requests()[0].header("Authorization"), Some("Basic bWU6c2VjcmV0"));
}

#[test]
fn options_that_cannot_work_are_refused() {
    let error = |guide: &str, user_agent: Option<&str>| {
        let guide = Url::parse(guide).unwrap();
        let user_agent = user_agent.map(str::to_owned);
        SiteReader::new(SiteOptions { user_agent, ..SiteOptions::new(guide) }).unwrap_err()
    };
    for guide in ["ftp://a.example/", "file:///tmp/", "https://a.example/x", "https://a.example/?q"]
    {
        assert!(matches!(error(guide, None), SiteError::Guide { .. }), "{guide}");
    }
    let message = error("https://me:secret@a.example/x", None).to_string();
    assert_eq!(message, "https://a.example/x is not the address of a guide: it does not end in /");
    for agent in ["", " ", "a\nb"] {
        let error = error("https://a.example/", Some(agent));
        assert!(matches!(error, SiteError::UserAgent(_)), "{agent:?}");
    }
}

#[test]
fn a_drip_ends_with_the_time_of_all_pages() {
    let mut drip = Reply::begin(&[HTML, ("Content-Length", "1000")]);
    for _ in 0..100 {
        drip = drip.bytes(b"x").pause(Duration::from_millis(20));
    }
    let server = Server::always(drip);
    let started = Instant::now();
    let options =
        SiteOptions { timeout: Duration::from_millis(600), ..SiteOptions::new(server.guide()) };
    let reason = unreadable(options);
    assert!(reason.starts_with("not had within 600ms, the time that all pages have"), "{reason}");
    assert!(started.elapsed() < Duration::from_millis(1500));
}
