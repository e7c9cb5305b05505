//! Which connections are made.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use guardduty_runbooks::source::site::SiteOptions;
use url::Url;

use super::child::{self, Report, Seen};
use super::http2::{Certificate, Http2Server, Manners};
use super::server::{Reply, Server};
use super::{names, options, read, reader};

fn https(server: &Http2Server) -> Url {
    Url::parse(&format!("https://{}/ug/", server.address())).unwrap()
}

fn assert_all_read(report: &Report, count: usize) {
    let expected: Vec<_> =
        names(count).iter().map(|name| Seen::Page(format!("/ug/{name}.html"))).collect();
    assert_eq!(report.pages, expected);
}

#[test]
fn over_http_2_all_requests_share_one_connection_and_none_waits_for_an_answer() {
    let certificate = Certificate::new();
    let server = Http2Server::start(&certificate, Manners { rounds: &[45], ..Manners::default() });
    let report = child::read(&https(&server), 45, &[certificate.trusted()]);
    assert_all_read(&report, 45);
    assert_eq!(server.connections(), 1);
    assert_eq!((report.requests, report.retries), (45, 0));
}

#[test]
fn a_host_that_allows_few_requests_at_once_is_obeyed() {
    let certificate = Certificate::new();
    let server = Http2Server::start(&certificate, Manners { streams: 4, ..Manners::default() });
    let report = child::read(&https(&server), 45, &[certificate.trusted()]);
    assert_all_read(&report, 45);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_connection_that_is_lost_is_made_again() {
    let certificate = Certificate::new();
    let read_from = |first_lives_for| {
        let manners = Manners { first_lives_for, ..Manners::default() };
        let server = Http2Server::start(&certificate, manners);
        let report = child::read(&https(&server), 45, &[certificate.trusted()]);
        assert_all_read(&report, 45);
        server.connections()
    };
    assert_eq!(read_from(10), 2);
    // Without an answer it might have been for HTTP/2: HTTP/1.1 is tried, does not work here, and
    // does not stay.
    assert!(read_from(0) > 2);
}

#[test]
fn a_host_without_http_2_is_read_over_http_1() {
    let certificate = Certificate::new();
    // One says so in the handshake, one takes the first bytes for nonsense.
    for protocols in [&["http/1.1"][..], &[]] {
        let (wrap, earlier) = (certificate.wrap(protocols), AtomicU64::new(0));
        // The sooner ones are free again before the later ones are there.
        let slower_and_slower = move |tcp| {
            thread::sleep(Duration::from_millis(10 * earlier.fetch_add(1, Ordering::Relaxed)));
            wrap(tcp)
        };
        let server =
            Server::start_over(slower_and_slower, |request| match request.target.as_str() {
                "*" => Reply::nothing().bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
                target => Reply::page(target),
            });
        let report =
            child::read(&server.guide_over("https", "127.0.0.1"), 20, &[certificate.trusted()]);
        assert_all_read(&report, 20);
        assert!(server.most_under_way() <= 8, "{}", server.most_under_way());
        assert!(server.connections() <= 1 + 8, "{} and one to find out", server.connections() - 1);
        assert_eq!(report.retries, 0);
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_ends_the_run_at_once() {
    let (own, trusted) = (Certificate::new(), Certificate::new());
    let server = Http2Server::start(&own, Manners::default());
    let started = Instant::now();
    let report = child::read(&https(&server), 5, &[trusted.trusted()]);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(server.connections(), 1);
    for page in report.pages {
        let Seen::Unreachable { reason, hint } = page else { panic!("{page:?}") };
        assert!(reason.starts_with("its TLS certificate was not accepted: "), "{reason}");
        assert!(hint.contains("SSL_CERT_FILE"));
    }
}

#[test]
fn a_system_without_root_certificates_is_told_so() {
    let server = Server::always(Reply::page("a page"));
    let none = [("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")];
    let report = child::read(&server.guide_over("https", "127.0.0.1"), 2, &none);
    for page in report.pages {
        let Seen::Unreachable { reason, .. } = page else { panic!("{page:?}") };
        assert_eq!(reason, "this system has no root certificates to check it with");
    }
    let report = child::read(&server.guide(), 1, &none);
    assert_eq!(report.pages, [Seen::Page("a page".to_owned())], "http needs none");
}

#[test]
fn over_http_1_at_most_eight_requests_are_under_way() {
    for (jobs, most) in [(None, 8), (Some(3), 3), (Some(0), 1), (Some(100), 8)] {
        // The first ones wait for each other, so that all are seen at once.
        let all_there = Barrier::new(most);
        let server = Server::start(move |request| {
            let page = request.target.trim_start_matches("/ug/page-").trim_end_matches(".html");
            if page.parse::<usize>().unwrap() < most {
                all_there.wait();
            }
            Reply::page("a page")
        });
        let options = SiteOptions { jobs, ..options(server.guide()) };
        assert!(read(&reader(options), &names(100)).iter().all(Result::is_ok));
        assert_eq!(server.most_under_way(), most);
        assert_eq!(server.connections(), most, "they are used again");
        assert_eq!(server.requests().len(), 100);
    }
}

#[test]
fn a_connection_is_used_again_although_its_answer_was_of_no_use() {
    let html = ("Content-Type", "text/html");
    let server = Server::always(Reply::new("404 Not Found", &[html], b"<p>no such page"));
    assert!(read(&reader(options(server.guide())), &names(100)).iter().all(Result::is_err));
    assert_eq!((server.connections(), server.requests().len()), (8, 100));
}

#[test]
fn the_proxy_of_the_environment_is_used() {
    let proxy = Server::start(|request| Reply::page(&format!("asked for {}", request.target)));
    let address = format!("http://{}", proxy.address());
    let guide = Url::parse("http://docs.example/ug/").unwrap();
    let report = child::read(&guide, 1, &[("HTTP_PROXY", &address)]);
    let expected = "asked for http://docs.example/ug/page-0.html".to_owned();
    assert_eq!(report.pages, [Seen::Page(expected)]);

    let direct = Server::always(Reply::page("asked directly"));
    let variables = [("HTTP_PROXY", address.as_str()), ("NO_PROXY", "127.0.0.1")];
    let report = child::read(&direct.guide(), 1, &variables);
    assert_eq!(report.pages, [Seen::Page("asked directly".to_owned())]);
    assert_eq!(proxy.requests().len(), 1);
}

/// A proxy that refuses a number of times and then lets one encrypted connection through; gives
/// its address, and a thread that gives the first lines of what it was asked.
fn tunnel(refusals: usize) -> (String, thread::JoinHandle<io::Result<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let carrying = thread::spawn(move || {
        let mut asked = Vec::new();
        loop {
            let mut inner = BufReader::new(listener.accept()?.0);
            let mut lines = inner.by_ref().lines().map_while(Result::ok);
            asked.extend(lines.next());
            lines.find(String::is_empty);
            if asked.len() > refusals {
                let target = asked[refusals].split(' ').nth(1).unwrap_or_default();
                carry(inner, &TcpStream::connect(target)?)?;
                return Ok(asked);
            }
            inner.get_mut().write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")?;
        }
    });
    (address, carrying)
}

fn carry(mut inner: BufReader<TcpStream>, outer: &TcpStream) -> io::Result<()> {
    inner.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut back, mut answers) = (inner.get_ref().try_clone()?, outer.try_clone()?);
    thread::spawn(move || io::copy(&mut answers, &mut back));
    io::copy(&mut inner, &mut &*outer)?;
    Ok(())
}

#[test]
fn a_proxy_carries_http_2_too_and_its_lapse_is_forgiven() {
    for refusals in [0, 1] {
        let certificate = Certificate::new();
        let server =
            Http2Server::start(&certificate, Manners { rounds: &[45], ..Manners::default() });
        let (address, carrying) = tunnel(refusals);
        let variables = [("HTTPS_PROXY", address.as_str()), certificate.trusted()];
        assert_all_read(&child::read(&https(&server), 45, &variables), 45);
        assert_eq!(server.connections(), 1);
        let asked = carrying.join().unwrap().unwrap();
        assert_eq!(asked, vec![format!("CONNECT {} HTTP/1.1", server.address()); refusals + 1]);
    }
}

#[test]
fn a_proxy_that_lets_nothing_through_makes_the_site_unreachable() {
    let proxy = Server::always(Reply::new("403 Forbidden", &[], b""));
    let address = format!("http://{}", proxy.address());
    let guide = Url::parse("https://docs.example/ug/").unwrap();
    let report = child::read(&guide, 20, &[("HTTPS_PROXY", &address)]);
    for page in report.pages {
        let Seen::Unreachable { reason, hint } = page else { panic!("{page:?}") };
        assert!(reason.starts_with("the proxy did not let the connection through ("), "{reason}");
        assert!(hint.contains("HTTPS_PROXY"));
    }
    assert_eq!(proxy.connections(), 2, "all pages share what came of an attempt");
}
