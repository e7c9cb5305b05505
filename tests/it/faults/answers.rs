//! Answers that are no page, or not as HTTP wants them.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use insta::assert_snapshot;

use super::{
    HTML, PAGE, nothing_written, on_every_page, on_one_page, on_one_page_with_patience,
    on_one_page_without_text, run, until_time_is_up,
};
use crate::mini::{Guide, RUNBOOKS};
use crate::over_http::{PATH, reply};
use crate::sandbox::Sandbox;
use crate::site::server::{Reply, Server};

#[test]
fn a_slow_drip() {
    let mut drip = Reply::begin(&[HTML, ("Content-Length", "1000")]);
    for _ in 0..50 {
        drip = drip.bytes(b"x").pause(Duration::from_millis(50));
    }
    assert_snapshot!(until_time_is_up(&drip), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: not had within 1s, the time that all pages have together
    hint: try again later, or name a folder or a mirror with --source
    ");
}

#[test]
fn a_stall() {
    let stall = Reply::begin(&[HTML, ("Content-Length", "6")]).pause(Duration::from_secs(3));
    assert_snapshot!(until_time_is_up(&stall), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: not had within 1s, the time that all pages have together; before that, no answer in time (2 attempts)
    hint: try again later, or name a folder or a mirror with --source
    ");
}

#[test]
fn a_body_that_breaks_off() {
    let cut = Reply::begin(&[HTML, ("Content-Length", "100")]).bytes(b"<p>half a p");
    assert_snapshot!(on_every_page(&cut), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: end of file before message length reached (4 attempts)
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&cut), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: end of file before message length reached (4 attempts)
    ");
}

#[test]
fn a_body_that_is_longer_than_it_says() {
    let guide = Guide::html();
    let text = guide.page(&format!("{PAGE}.html")).unwrap().as_bytes();
    let longer = Reply::begin(&[HTML, ("Content-Length", "40")]).bytes(text);
    assert_snapshot!(on_one_page_without_text(&longer), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2#backdoor-ec2-ccactivitybdns: Backdoor:EC2/C&CActivity.B!DNS: AWS's text is missing: the page has no section for this finding type
    error: guardduty_finding-types-ec2#recon-ec2-portscan: Recon:EC2/Portscan: AWS's text is missing: the page has no section for this finding type
    error: guardduty_finding-types-ec2#unauthorizedaccess-ec2-torrelay: UnauthorizedAccess:EC2/TorRelay: AWS's text is missing: the page has no section for this finding type
    ");
}

#[test]
fn a_wrong_type() {
    let json = Reply::new("200 OK", &[("Content-Type", "application/json")], b"{}");
    assert_snapshot!(on_every_page(&json), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it is application/json, which is no page
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&json), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it is application/json, which is no page
    ");
}

#[test]
fn a_wrong_encoding() {
    let brotli = Reply::new("200 OK", &[HTML, ("Content-Encoding", "br")], b"x");
    assert_snapshot!(on_every_page(&brotli), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it is encoded as br, which was not asked for
    hint: try again later, or name a folder or a mirror with --source
    ");
    let no_gzip = Reply::new("200 OK", &[HTML, ("Content-Encoding", "gzip")], b"<p>plain</p>");
    assert_snapshot!(on_one_page(&no_gzip), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: its compressed text is damaged: invalid gzip header (4 attempts)
    ");
}

#[test]
fn a_compressed_page_without_end() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    bomb.write_all(&vec![b' '; (16 << 20) + 1]).unwrap();
    let bomb = bomb.finish().unwrap();
    let bomb = Reply::new("200 OK", &[HTML, ("Content-Encoding", "gzip")], &bomb);
    assert_snapshot!(on_one_page_with_patience(&bomb), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it is longer than 16 MiB
    ");
}

#[test]
fn a_page_without_end() {
    let endless = Reply::begin(&[HTML]).endless(&[b'x'; 1 << 14]);
    assert_snapshot!(on_one_page_with_patience(&endless), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it is longer than 16 MiB
    ");
}

fn redirect(to: &str) -> Reply {
    Reply::new("302 Found", &[("Location", to)], b"")
}

#[test]
fn redirects_in_circles() {
    let circle = redirect(&format!("{PATH}{PAGE}.html"));
    assert_snapshot!(on_one_page(&circle), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it redirects more than 5 times, from http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html to http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html
    ");
}

#[test]
fn a_redirect_to_another_host() {
    let elsewhere = Server::always(Reply::page("<p>elsewhere"));
    let away = redirect(elsewhere.guide_over("http", "localhost").as_str());
    let port = format!("localhost:{}", elsewhere.address().port());
    assert_snapshot!(on_every_page(&away).replace(&port, "[OTHER]"), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it redirects from http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html to http://[OTHER]/ug/, which is another host
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_redirect_to_a_file() {
    let file = redirect("file:///etc/passwd");
    assert_snapshot!(on_every_page(&file), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it redirects from http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html to file:///etc/passwd, which is another host
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&file), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it redirects from http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html to file:///etc/passwd, which is another host
    ");
}

#[test]
fn a_challenge() {
    let headers = [HTML, ("x-amzn-waf-action", "challenge")];
    let challenge = Reply::new("202 Accepted", &headers, b"<p>are you human?");
    assert_snapshot!(on_every_page(&challenge), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: it answered 202 Accepted, as AWS's bot protection does
    hint: run again later or from another network, set --user-agent, or read a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&challenge), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html cannot be reached: it answered 202 Accepted, as AWS's bot protection does
    ");
}

#[test]
fn status_403() {
    let forbidden = Reply::new("403 Forbidden", &[HTML], b"<p>no");
    assert_snapshot!(on_every_page(&forbidden), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: it answered 403 Forbidden, as AWS's bot protection does
    hint: run again later or from another network, set --user-agent, or read a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&forbidden), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html cannot be reached: it answered 403 Forbidden, as AWS's bot protection does
    ");
}

#[test]
fn status_404() {
    let missing = Reply::new("404 Not Found", &[HTML], b"<p>no such page");
    assert_snapshot!(on_every_page(&missing), @"
    exit status: 3
    --- stderr
    error: there is no page http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html
    hint: try again later, or name a folder or a mirror with --source
    ");
    let guide = Guide::html().without("findings-lanterns");
    let sandbox = Sandbox::new();
    assert_snapshot!(run(&sandbox, &super::serve(guide)).expect_exit(4), @r#"
    exit status: 4
    --- stderr
    error: findings-lanterns: Discovery:EKS/Lamplight: AWS's text is missing: there is no page http://[SERVER]/guardduty/latest/ug/findings-lanterns.html
    error: guardduty_finding-types-active: a row of the table names no finding type: "Execution:ECS/LampOilOil was poured into a lamp."
    "#);
    assert_eq!(sandbox.runbooks("runbooks").len(), 7);
}

#[test]
fn status_405() {
    let refused = Reply::new("405 Method Not Allowed", &[HTML], b"<p>no");
    assert_snapshot!(on_every_page(&refused), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: it answered 405 Method Not Allowed, as AWS's bot protection does
    hint: run again later or from another network, set --user-agent, or read a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&refused), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html cannot be reached: it answered 405 Method Not Allowed, as AWS's bot protection does
    ");
}

#[test]
fn status_429_that_says_how_long_to_wait() {
    let busy = Reply::new("429 Too Many Requests", &[("Retry-After", "30")], b"");
    assert_snapshot!(on_every_page(&busy), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it answered 429 Too Many Requests and asks to wait 30 s, which is later than this run may take
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&busy), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it answered 429 Too Many Requests and asks to wait 30 s, which is later than this run may take
    ");
    passing(&Reply::new("429 Too Many Requests", &[("Retry-After", "0")], b""));
}

#[test]
fn status_429_that_does_not_say_how_long_to_wait() {
    let busy = Reply::new("429 Too Many Requests", &[], b"");
    assert_snapshot!(on_every_page(&busy), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it answered 429 Too Many Requests (4 attempts)
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&busy), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it answered 429 Too Many Requests (4 attempts)
    ");
    passing(&busy);
}

#[test]
fn status_500_once() {
    passing(&Reply::new("500 Internal Server Error", &[], b""));
}

/// Each page has the fault once: nobody notices.
fn passing(fault: &Reply) {
    let (fault, guide) = (fault.clone(), [Guide::html()]);
    let server = Server::start(move |request| match request.earlier {
        0 => fault.clone(),
        _ => reply(&guide, request),
    });
    let sandbox = Sandbox::new();
    let outcome = run(&sandbox, &server).expect_exit(0);
    assert_eq!(outcome.stderr(), "");
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
}

#[test]
fn status_503_for_ever() {
    let down = Reply::new("503 Service Unavailable", &[], b"");
    assert_snapshot!(on_every_page(&down), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it answered 503 Service Unavailable (4 attempts)
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&down), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it answered 503 Service Unavailable (4 attempts)
    ");
}

#[test]
fn nonsense_in_place_of_http() {
    let nonsense = Server::always(Reply::nothing().bytes(b"220 mail.example ESMTP\r\n"));
    assert_snapshot!(nothing_written(&nonsense), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: invalid HTTP version parsed (4 attempts)
    hint: check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or read a folder or a mirror with --source
    ");
}
