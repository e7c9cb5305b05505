//! How many answers a run waits for, one after the other. On the way to a site far away each takes
//! as long as light does, however fast both ends are. The servers here hold their answers back until
//! all requests of a round are there, so that a run that needs more rounds shows it in their log.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use guardduty_runbooks::catalogue::builtin;
use http::{Request, Response};

use crate::mini::{Guide, INDEX, RUNBOOKS};
use crate::over_http::{PATH, reply, tag};
use crate::sandbox::{Run, Sandbox};
use crate::site::http2::{Certificate, Http2Server, Manners};
use crate::site::server::{Reply, Server};

/// How many pages the program asks for before it has read any.
const KNOWN: usize = 30;

/// A page that the program knows, in place of the one of the miniature guide that it does not.
const LANTERNS: (&str, &str) = ("findings-lanterns", "findings-runtime-monitoring");

/// The miniature guide with pages that the program knows, as AWS's own guide has them.
fn known_guide() -> Guide {
    assert_eq!(builtin::known_pages().len(), KNOWN);
    let guide = Guide::html().edit(INDEX, LANTERNS.0, LANTERNS.1);
    guide.rename(LANTERNS.0, LANTERNS.1)
}

fn page<B>(guide: &Guide, request: &Request<B>) -> Response<String> {
    let file = request.uri().path().strip_prefix(PATH).unwrap_or_default();
    let answer = Response::builder().header("content-type", "text/html");
    let Some(text) = guide.page(file) else {
        return answer.status(404).body(String::new()).unwrap();
    };
    let asked_for = request.headers().get("if-none-match");
    if asked_for.is_some_and(|known| *known == *tag(text)) {
        return answer.status(304).body(String::new()).unwrap();
    }
    answer.header("etag", tag(text)).body(text.to_owned()).unwrap()
}

fn run(sandbox: &Sandbox, server: &Http2Server) -> Run {
    let source = format!("https://{}", server.address());
    sandbox.run(&format!("--outdir runbooks --source {source} --verbose")).expect_exit(0)
}

fn sandbox(certificate: &Certificate) -> Sandbox {
    let (variable, file) = certificate.trusted();
    Sandbox::new().env(variable, file).env("NO_PROXY", "127.0.0.1")
}

#[test]
fn over_http_2_a_run_waits_once_with_an_empty_cache_and_once_with_a_full_one() {
    let (certificate, guide) = (Certificate::new(), known_guide());
    let pages = guide.files().count();
    let manners = Manners { rounds: &[KNOWN], ..Manners::default() };
    let server =
        Http2Server::start_with(&certificate, manners, move |request| page(&guide, request));
    let sandbox = sandbox(&certificate);
    run(&sandbox, &server);
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
    let cold = server.asked();
    assert_eq!((server.connections(), cold.len()), (1, KNOWN));
    assert!(cold.iter().all(|asked| asked.round == 0 && !asked.is_conditional), "{cold:?}");

    let said = run(&sandbox, &server).stderr();
    let warm = server.asked().split_off(KNOWN);
    assert_eq!((server.connections(), warm.len()), (2, KNOWN));
    assert!(warm.iter().all(|asked| asked.round == 0), "{warm:?}");
    assert_eq!(warm.iter().filter(|asked| asked.is_conditional).count(), pages);
    assert!(said.contains(&format!("{pages} pages unchanged, 0 bytes received")), "{said}");
}

#[test]
fn a_page_that_the_program_does_not_know_costs_one_more_wait() {
    let (certificate, guide) = (Certificate::new(), Guide::html());
    let manners = Manners { rounds: &[KNOWN], ..Manners::default() };
    let server =
        Http2Server::start_with(&certificate, manners, move |request| page(&guide, request));
    run(&sandbox(&certificate), &server);
    let asked = server.asked();
    let later: Vec<_> = asked.iter().filter(|asked| asked.round > 0).collect();
    assert_eq!((asked.len(), later.len()), (KNOWN + 1, 1), "{later:?}");
    assert_eq!(later[0].path, format!("{PATH}findings-lanterns.html"));
    assert_eq!(later[0].round, 1);
}

/// Lets requests through in groups of eight; the last group has what is left over.
struct Groups {
    arrived: Mutex<usize>,
    one_more: Condvar,
}

impl Groups {
    /// Waits until the group is complete; the number of the group, none if it never was.
    fn wait(&self) -> Option<usize> {
        let mut arrived = self.arrived.lock().unwrap();
        let group = *arrived / 8;
        let wanted = (8 * (group + 1)).min(KNOWN);
        *arrived += 1;
        self.one_more.notify_all();
        let limit = Duration::from_secs(20);
        let outcome = self.one_more.wait_timeout_while(arrived, limit, |there| *there < wanted);
        (!outcome.unwrap().1.timed_out()).then_some(group)
    }
}

#[test]
fn over_http_1_a_run_waits_once_for_every_eight_pages() {
    let guide = [known_guide()];
    let groups = Groups { arrived: Mutex::new(0), one_more: Condvar::new() };
    let server = Server::start(move |request| match groups.wait() {
        Some(_) => reply(&guide, request),
        None => Reply::nothing(),
    });
    let sandbox = Sandbox::new();
    let source = format!("http://{}", server.address());
    let run = sandbox.run(&format!("--outdir runbooks --source {source}"));
    run.expect_exit(0);
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
    assert_eq!((server.connections(), server.requests().len()), (8, KNOWN));
}
