//! Faults of AWS's own site, which a plain run can do without.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use insta::assert_snapshot;

use crate::mini::{Guide, RUNBOOKS};
use crate::over_http::reply;
use crate::sandbox::Sandbox;
use crate::site::http2::Certificate;
use crate::site::server::{Reply, Request, Server};

/// Whoever asks this proxy for AWS's site gets what the function gives.
fn aws(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Server, Certificate) {
    let certificate = Certificate::for_names(&["docs.aws.amazon.com"]);
    let encrypted = certificate.wrap(&["http/1.1"]);
    let behind_proxy = move |mut tcp: TcpStream| {
        let connect = head(&mut tcp)?;
        assert!(connect.starts_with("CONNECT docs.aws.amazon.com:443 "), "{connect}");
        tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        encrypted(tcp)
    };
    (Server::start_over(behind_proxy, answer), certificate)
}

/// What a client says before the first blank line.
fn head(tcp: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tcp.read_exact(&mut byte)?;
        head.extend(byte);
    }
    String::from_utf8(head).map_err(io::Error::other)
}

/// A sandbox in which AWS's site is that server.
fn sandbox((server, certificate): &(Server, Certificate)) -> Sandbox {
    let (variable, file) = certificate.trusted();
    Sandbox::new().env("HTTPS_PROXY", &format!("http://{}", server.address())).env(variable, file)
}

fn wall() -> (Server, Certificate) {
    let headers = [("Content-Type", "text/html"), ("x-amzn-waf-action", "challenge")];
    aws(move |_| Reply::new("202 Accepted", &headers, b"<p>are you human?"))
}

#[test]
fn the_site_itself() {
    let guide = [Guide::html()];
    let site = aws(move |request| reply(&guide, request));
    let sandbox = sandbox(&site);
    assert_eq!(sandbox.run("--outdir runbooks --quiet").expect_exit(0).stderr(), "");
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
}

#[test]
fn a_bot_wall_is_made_up_for_by_the_built_in_catalogue() {
    let wall = wall();
    let sandbox = sandbox(&wall);
    assert_snapshot!(sandbox.run("--outdir runbooks").expect_exit(0), @"
    exit status: 0
    --- stderr
    warning: AWS's documentation site could not be reached, so the built-in catalogue takes its place, which has no text of AWS's; the next run that reaches the site adds it
      https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: it answered 202 Accepted, as AWS's bot protection does
    229 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed in runbooks (from the built-in catalogue)
    ");
    assert_eq!(sandbox.runbooks("runbooks").len(), 229);
}

#[test]
fn a_bot_wall_stops_an_update() {
    let wall = wall();
    let sandbox = sandbox(&wall);
    sandbox.run("--outdir runbooks --source builtin --quiet").expect_exit(0);
    let before = sandbox.tree("runbooks");
    let run = sandbox.run("update --outdir runbooks");
    assert_snapshot!(run.expect_exit(3), @"
    exit status: 3
    --- stderr
    error: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: it answered 202 Accepted, as AWS's bot protection does
    hint: run again later or from another network, set --user-agent, or read a folder or a mirror with --source
    hint: `--source builtin` works without network, a folder of saved pages as well
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    ");
    sandbox.run("check --outdir runbooks").expect_exit(3);
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);
}

#[test]
fn a_site_that_is_down_for_ever() {
    let down = aws(|_| Reply::new("503 Service Unavailable", &[], b""));
    let sandbox = sandbox(&down);
    assert_snapshot!(sandbox.run("--outdir runbooks --timeout 5").expect_exit(0), @"
    exit status: 0
    --- stderr
    warning: AWS's documentation site could not be reached, so the built-in catalogue takes its place, which has no text of AWS's; the next run that reaches the site adds it
      https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it answered 503 Service Unavailable (4 attempts)
    229 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed in runbooks (from the built-in catalogue)
    ");
    assert_eq!(sandbox.runbooks("runbooks").len(), 229);
}
