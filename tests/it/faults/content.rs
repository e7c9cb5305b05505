//! Pages that are not what they should be.

use insta::assert_snapshot;

use super::{PAGE, on_every_page, on_one_page, on_one_page_without_text, run, serve};
use crate::mini::{Guide, INDEX, RUNBOOKS};
use crate::sandbox::Sandbox;
use crate::site::server::Reply;

#[test]
fn an_empty_page() {
    let empty = Reply::page("\n");
    assert_snapshot!(on_every_page(&empty), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it is empty
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&empty), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it is empty
    ");
}

const LOGIN: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><main>\
    <h1>Sign in</h1><form action=/login><input name=user><button>Next</button></form>\
    <p>Use your company account to go on.</p></main></body></html>";

#[test]
fn a_login_page() {
    let login = Reply::page(LOGIN);
    assert_snapshot!(on_every_page(&login), @"
    exit status: 3
    --- stderr
    error: the page guardduty_finding-types-active has no table of finding types
    hint: the page may be a login page, a translation, or of a layout that this version does not know; try --pages markdown, or another --source
    ");
    assert_snapshot!(on_one_page_without_text(&login), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2#backdoor-ec2-ccactivitybdns: Backdoor:EC2/C&CActivity.B!DNS: AWS's text is missing: the page has no section for this finding type
    error: guardduty_finding-types-ec2#recon-ec2-portscan: Recon:EC2/Portscan: AWS's text is missing: the page has no section for this finding type
    error: guardduty_finding-types-ec2#unauthorizedaccess-ec2-torrelay: UnauthorizedAccess:EC2/TorRelay: AWS's text is missing: the page has no section for this finding type
    ");
}

/// What a machine that translates makes of the names.
fn translated(guide: Guide, page: &str) -> Guide {
    let guide = guide.edit(page, ":EC2/", "：EC2 / ");
    guide.edit(page, "lang=\"en-US\"", "lang=\"ja\"")
}

#[test]
fn a_page_in_another_language() {
    let sandbox = Sandbox::new();
    let guide = translated(translated(Guide::html(), PAGE), INDEX);
    assert_snapshot!(run(&sandbox, &serve(guide)).expect_exit(4), @r#"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-active: a row of the table names no finding type: "Backdoor：EC2 / C&CActivity.B!DNS"
    error: guardduty_finding-types-active: a row of the table names no finding type: "Recon：EC2 / Portscan"
    error: guardduty_finding-types-active: a row of the table names no finding type: "UnauthorizedAccess：EC2 / TorRelay"
    "#);
    assert_eq!(sandbox.runbooks("runbooks").len(), 5);
}

/// Pages as AWS had them some years ago: other elements around the text, the anchor within the
/// heading, no column for the resource, data sources called otherwise.
#[test]
fn pages_of_an_older_layout() {
    let guide = Guide::html()
        .edit(PAGE, "id=\"main-col-body\"", "id=\"main\" class=\"old\"")
        .edit(
            PAGE,
            "<h2 id=\"recon-ec2-portscan\">",
            "<h2><a name=\"recon-ec2-portscan\" id=\"recon-ec2-portscan\"></a>",
        )
        .edit(INDEX, "id=\"main-col-body\"", "class=\"section\"");
    let sandbox = Sandbox::new();
    run(&sandbox, &serve(guide)).expect_exit(0);
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
    let text = sandbox.read("runbooks/recon-ec2-portscan.md");
    assert!(text.contains("The instance tries one port after the other."), "{text}");
}

#[test]
fn a_page_without_the_table() {
    let guide = Guide::html().edit(INDEX, "<table", "<div").edit(INDEX, "<tr>", "");
    let sandbox = Sandbox::new();
    assert_snapshot!(run(&sandbox, &serve(guide)).expect_exit(3), @"
    exit status: 3
    --- stderr
    error: the page guardduty_finding-types-active has no table of finding types
    hint: the page may be a login page, a translation, or of a layout that this version does not know; try --pages markdown, or another --source
    ");
    assert!(!sandbox.has("runbooks"));
}

#[test]
fn anchors_that_stand_twice() {
    let guide = Guide::html().edit(
        PAGE,
        "<h2 id=\"unauthorizedaccess-ec2-torrelay\">",
        "<h2 id=\"recon-ec2-portscan\">",
    );
    let sandbox = Sandbox::new();
    assert_snapshot!(run(&sandbox, &serve(guide)).expect_exit(0), @"
    exit status: 0
    ");
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
    let text = sandbox.read("runbooks/unauthorizedaccess-ec2-torrelay.md");
    assert!(text.contains("The instance relays traffic"), "{text}");
    let text = sandbox.read("runbooks/recon-ec2-portscan.md");
    assert!(text.contains("The instance tries one port after the other."), "{text}");
}

#[test]
fn a_page_that_costs_more_than_any_page_should() {
    let deep = Reply::page(&"<div>".repeat(100_000));
    assert_snapshot!(on_every_page(&deep), @"
    exit status: 3
    --- stderr
    error: the list of finding types could not be read: guardduty_finding-types-active could not be read: its elements are nested too deeply
    hint: try again later, or name a folder or a mirror with --source
    ");
    assert_snapshot!(on_one_page(&deep), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: guardduty_finding-types-ec2 could not be read: its elements are nested too deeply
    ");
}
