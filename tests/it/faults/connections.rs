//! Connections that are not made, or break.

use std::io;
use std::net::TcpListener;

use insta::assert_snapshot;

use super::{nothing_written, serve};
use crate::mini::{Guide, RUNBOOKS};
use crate::over_http::reply;
use crate::sandbox::Sandbox;
use crate::site::http2::Certificate;
use crate::site::server::{Reply, Server};

#[test]
fn refused() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sandbox = Sandbox::new();
    let run = sandbox.run(&format!("--outdir runbooks --source http://{free} --quiet"));
    assert_snapshot!(run.expect_exit(3), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: connection refused (2 attempts)
    hint: check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or read a folder or a mirror with --source
    ");
    assert!(!sandbox.has("runbooks"));
}

#[test]
fn reset() {
    // What is closed while something is still to be read is reset.
    let resets = |tcp: std::net::TcpStream| {
        tcp.peek(&mut [0])?;
        Err(io::Error::other("enough"))
    };
    let server = Server::start_over(resets, |_| Reply::nothing());
    assert_snapshot!(nothing_written(&server), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: connection reset (4 attempts)
    hint: check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or read a folder or a mirror with --source
    ");
}

#[test]
fn a_name_that_is_not_found() {
    // Too long for a label of a name: the look-up fails without asking anybody.
    let name = "x".repeat(64);
    let sandbox = Sandbox::new();
    let run = sandbox.run(&format!("--outdir runbooks --source http://{name}.example/ --quiet"));
    let run = run.expect_exit(3).to_string().replace(&name, "[NAME]");
    // The system's own words for it are in brackets.
    let (before, after) = (run.find(" (").unwrap(), run.find(") (").unwrap());
    assert_snapshot!(format!("{}{}", &run[..before], &run[after + 1..]), @"
    exit status: 3
    --- stderr
    error: http://[NAME].example/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: host name not found (2 attempts)
    hint: check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or read a folder or a mirror with --source
    ");
    assert!(!sandbox.has("runbooks"));
}

#[test]
fn a_certificate_that_nobody_vouches_for() {
    let (own, trusted) = (Certificate::new(), Certificate::new());
    let server = Server::start_over(own.wrap(&["http/1.1"]), |_| Reply::page("a page"));
    let (variable, file) = trusted.trusted();
    let sandbox = Sandbox::new().env(variable, file).env("NO_PROXY", "127.0.0.1");
    let source = format!("https://{}", server.address());
    let run = sandbox.run(&format!("--outdir runbooks --source {source} --quiet"));
    assert_snapshot!(run.expect_exit(3), @"
    exit status: 3
    --- stderr
    error: https://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: its TLS certificate was not accepted: BadSignature
    hint: if a proxy re-signs traffic here, add its root certificate to the system's, or name a file that holds it in SSL_CERT_FILE
    ");
    assert!(!sandbox.has("runbooks") && server.requests().is_empty());
}

#[test]
fn a_host_that_speaks_http_1_only() {
    let (certificate, guide) = (Certificate::new(), [Guide::html()]);
    let server =
        Server::start_over(certificate.wrap(&["http/1.1"]), move |request| reply(&guide, request));
    let (variable, file) = certificate.trusted();
    let sandbox = Sandbox::new().env(variable, file).env("NO_PROXY", "127.0.0.1");
    let source = format!("https://{}", server.address());
    let run = sandbox.run(&format!("--outdir runbooks --source {source} --quiet"));
    assert_eq!(run.expect_exit(0).stderr(), "");
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
}

#[test]
fn a_connection_that_breaks_once() {
    let server = {
        let guide = [Guide::html()];
        Server::start(move |request| match request.earlier {
            0 => Reply::nothing(),
            _ => reply(&guide, request),
        })
    };
    let sandbox = Sandbox::new();
    super::run(&sandbox, &server).expect_exit(0);
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
    assert_eq!(super::run(&sandbox, &serve(Guide::html())).expect_exit(0).stderr(), "");
}
