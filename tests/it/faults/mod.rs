//! Faults of the network, one test a fault, with the program as a whole: what is said, the exit
//! status, and what is on disk afterwards. `docs/faults.md` is the table of them.

mod answers;
mod aws;
mod connections;
mod content;
mod table;

use crate::mini::{Guide, RUNBOOKS};
use crate::over_http::{PATH, reply};
use crate::sandbox::{Run, Sandbox};
use crate::site::server::{Reply, Server};

const HTML: (&str, &str) = ("Content-Type", "text/html");

/// The page on which a fault is tried alone; three of the eight finding types are on it.
const PAGE: &str = "guardduty_finding-types-ec2";

/// Every page has the fault: what came of a run, which wrote nothing.
#[track_caller]
fn on_every_page(fault: &Reply) -> String {
    let fault = fault.clone();
    nothing_written(&Server::always(fault))
}

/// A run on a server that gives nothing of use: it is said what is wrong, and nothing is written.
#[track_caller]
fn nothing_written(server: &Server) -> String {
    let sandbox = Sandbox::new();
    let run = run(&sandbox, server).expect_exit(3);
    assert!(!sandbox.has("runbooks"), "{run}");
    run.to_string()
}

/// One page has the fault: what came of a run, which wrote the runbooks of all other pages.
#[track_caller]
fn on_one_page(fault: &Reply) -> String {
    told_and_wrote(fault, 5, 5)
}

/// One page has the fault and looks like a page: what came of a run, which wrote the runbooks of
/// that page without AWS's text.
#[track_caller]
fn on_one_page_without_text(fault: &Reply) -> String {
    told_and_wrote(fault, RUNBOOKS.len(), 5)
}

/// One page has the fault, and it takes long to see that.
#[track_caller]
fn on_one_page_with_patience(fault: &Reply) -> String {
    told_and_wrote(fault, 5, 60)
}

#[track_caller]
fn told_and_wrote(fault: &Reply, runbooks: usize, seconds: u32) -> String {
    let (fault, guide) = (fault.clone(), [Guide::html()]);
    let server = Server::start(move |request| {
        if request.target == format!("{PATH}{PAGE}.html") {
            fault.clone()
        } else {
            reply(&guide, request)
        }
    });
    let sandbox = Sandbox::new();
    let source = format!("http://{}", server.address());
    let run =
        sandbox.run(&format!("--outdir runbooks --source {source} --timeout {seconds} --quiet"));
    let run = run.expect_exit(4);
    assert_eq!(sandbox.runbooks("runbooks").len(), runbooks, "{run}");
    run.to_string()
}

/// Every page has the fault, for longer than the run may take.
#[track_caller]
fn until_time_is_up(fault: &Reply) -> String {
    let (fault, sandbox) = (fault.clone(), Sandbox::new());
    let server = Server::always(fault);
    let source = format!("http://{}", server.address());
    let run = sandbox.run(&format!("--outdir runbooks --source {source} --timeout 1 --quiet"));
    assert!(!sandbox.has("runbooks"), "{run}");
    run.expect_exit(3).to_string()
}

/// A server that has the guide.
fn serve(guide: Guide) -> Server {
    let guide = [guide];
    Server::start(move |request| reply(&guide, request))
}

/// A run that says errors only.
fn run(sandbox: &Sandbox, server: &Server) -> Run {
    let source = format!("http://{}", server.address());
    sandbox.run(&format!("--outdir runbooks --source {source} --timeout 5 --quiet"))
}
