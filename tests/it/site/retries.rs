//! When a page is asked for again.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use guardduty_runbooks::source::PageError;
use guardduty_runbooks::source::site::SiteOptions;
use url::Url;

use super::server::{Reply, Server};
use super::{name, names, options, read, read_one, reader, unreachable, unreadable};

const HTML: (&str, &str) = ("Content-Type", "text/html");

/// A server that gives one reply first, and the page ever after.
fn first(reply: Reply) -> Server {
    Server::start(move |request| match request.earlier {
        0 => reply.clone(),
        _ => Reply::page("a page"),
    })
}

#[test]
fn lapses_of_a_site_are_forgiven() {
    let cut_short = Reply::begin(&[HTML, ("Content-Length", "100")]).bytes(b"half a p");
    let cut_chunks =
        Reply::begin(&[HTML, ("Transfer-Encoding", "chunked")]).bytes(b"8\r\nhalf a p\r\n");
    let cut_gzip = Reply::new(
        "200 OK",
        &[HTML, ("Content-Encoding", "gzip")],
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b],
    );
    let nonsense = Reply::nothing().bytes(b"nonsense\r\n\r\n");
    let stall = Reply::begin(&[HTML, ("Content-Length", "6")]).pause(Duration::from_millis(900));
    let lapses = [
        ("internal error", Reply::new("500 Internal Server Error", &[], b"")),
        ("timeout", Reply::new("408 Request Timeout", &[], b"")),
        ("hangs up", Reply::nothing()),
        ("cut short", cut_short),
        ("cut chunks", cut_chunks),
        ("cut gzip", cut_gzip),
        ("nonsense", nonsense),
        ("stall", stall),
    ];
    thread::scope(|scope| {
        for (what, lapse) in lapses {
            scope.spawn(move || {
                let server = first(lapse);
                let (result, traffic) = read_one(options(server.guide()));
                assert_eq!(result.expect(what), "a page", "{what}");
                assert_eq!((traffic.requests, traffic.retries), (2, 1), "{what}");
            });
        }
    });
}

#[test]
fn a_site_that_stays_broken_is_given_up() {
    let server = Server::always(Reply::new("503 Service Unavailable", &[], b""));
    let reason = unreadable(options(server.guide()));
    assert_eq!(reason, "it answered 503 Service Unavailable (4 attempts)");
    let times: Vec<_> = server.requests().iter().map(|request| request.at).collect();
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses.len(), 3);
    for (pause, least) in pauses.iter().zip([10, 30, 90]) {
        assert!(*pause >= Duration::from_millis(least), "{pauses:?}");
    }

    let hangs_up = Server::always(Reply::nothing());
    let reason = unreachable(options(hangs_up.guide()));
    assert_eq!(reason, "connection closed before message completed (4 attempts)");
    assert_eq!(hangs_up.requests().len(), 4);
}

#[test]
fn a_site_that_has_answered_can_be_reached() {
    let server = Server::start(|request| match request.target.as_str() {
        "/ug/page-1.html" => Reply::page("a page").after(Duration::from_millis(300)),
        _ => Reply::nothing(),
    });
    let results = read(&reader(options(server.guide())), &names(2));
    // The first was given up before the second came, and is judged by what is known in the end.
    assert!(matches!(results[0], Err(PageError::Unreadable { .. })), "{results:?}");
    assert!(results[1].is_ok());
}

#[test]
fn a_site_may_say_how_long_to_wait() {
    let server = first(Reply::new("429 Too Many Requests", &[("Retry-After", "1")], b""));
    read_one(options(server.guide())).0.unwrap();
    let [refused, answered] = server.requests().try_into().unwrap();
    let waited = answered.at - refused.at;
    assert!(waited >= Duration::from_secs(1), "{waited:?}");
}

#[test]
fn a_wait_past_the_deadline_fails_at_once() {
    let server =
        Server::always(Reply::new("503 Service Unavailable", &[("Retry-After", "300")], b""));
    let started = Instant::now();
    let reason = unreadable(options(server.guide()));
    let expected = "it answered 503 Service Unavailable and asks to wait 300 s, which is later \
                    than this run may take";
    assert_eq!(reason, expected);
    assert_eq!(server.requests().len(), 1);
    assert!(started.elapsed() < Duration::from_millis(1500));
}

#[test]
fn all_calls_have_one_deadline() {
    let server = Server::start(|request| match request.target.as_str() {
        "/ug/b.html" => Reply::nothing().pause(Duration::from_secs(2)),
        _ => Reply::page("a page"),
    });
    let timeout = Duration::from_millis(900);
    let reader = reader(SiteOptions { timeout, ..SiteOptions::new(server.guide()) });
    let started = Instant::now();
    assert!(read(&reader, &[name("a")])[0].is_ok());
    let error = read(&reader, &[name("b")]).remove(0).unwrap_err().to_string();
    assert!(error.contains("no answer in time"), "{error}");
    assert!(read(&reader, &[name("a")])[0].is_err());
    assert!(started.elapsed() < Duration::from_millis(1800));
}

#[test]
fn nobody_there_is_told_soon() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["http", "https"] {
        let guide = Url::parse(&format!("{scheme}://{free}/ug/")).unwrap();
        // With the patience of a plain run.
        let reader = reader(SiteOptions::new(guide));
        let started = Instant::now();
        let results = read(&reader, &names(45));
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        for result in results {
            let Err(PageError::Unreachable { reason, hint, .. }) = result else {
                panic!("{result:?}")
            };
            assert!(reason.starts_with("connection refused"), "{reason}");
            assert!(hint.unwrap().contains("HTTPS_PROXY"));
        }
        assert_eq!(reader.traffic().requests, 0);
    }
}

#[test]
fn an_unknown_name_is_told_as_such() {
    // Too long for a label of a name: the look-up fails without asking anybody.
    let guide = Url::parse(&format!("http://{}.example/ug/", "x".repeat(64))).unwrap();
    let reason = unreachable(options(guide));
    assert!(reason.starts_with("host name not found ("), "{reason}");
}

#[test]
fn a_host_that_stays_silent_is_not_asked_twice() {
    // Connections are accepted, and nothing is ever said on them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let guide = Url::parse(&format!("https://{}/ug/", silent.local_addr().unwrap())).unwrap();
    let timeout = Duration::from_millis(1800);
    let reader = reader(SiteOptions { timeout, ..SiteOptions::new(guide) });
    let started = Instant::now();
    for result in read(&reader, &names(20)) {
        let Err(PageError::Unreachable { reason, .. }) = result else { panic!("{result:?}") };
        assert_eq!(reason, "no connection in time");
    }
    let elapsed = started.elapsed();
    assert!(
        elapsed > Duration::from_millis(440) && elapsed < Duration::from_millis(1700),
        "{elapsed:?}"
    );
}
