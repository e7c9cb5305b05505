//! Findings: whatever JSON brings, it acts nowhere it is shown or filled in.

use anstream::adapter::strip_str;
use guardduty_runbooks::fill::values::{Value, Values};
use guardduty_runbooks::finding::Finding;
use guardduty_runbooks::finding::facts::Facts;
use guardduty_runbooks::guidance::{Owner, Placeholder, library};
use guardduty_runbooks::terminal;
use pulldown_cmark::{Event as Markdown, Options, Parser, Tag};
use serde_json::Value as Json;

/// What means something to a shell, to SQL, to JSON, or to a Markdown reader behind a code span.
const METACHARACTERS: &str = "'\"`$\\;|&<>(){}[]*?!#~\n\r\t ";

/// Facts and values of a finding.
pub fn check(finding: &Finding) {
    let facts = Facts::of(&finding.json).to_markdown();
    facts_are_text(&facts);
    shows_plain(&facts);
    let values = Values::of(finding, library());
    for placeholder in library().placeholders.values() {
        if let Ok(value) = values.get(&placeholder.name) {
            harmless(&value.text);
            is_whose_it_has_to_be(placeholder, value, &finding.json);
        }
    }
}

/// A value that has to be of the finding's account, or of its Region too, says that it is.
fn is_whose_it_has_to_be(placeholder: &Placeholder, value: &Value, finding: &Json) {
    let Some(from) = &value.from else { return };
    let own = |field: &str| finding.get(field).and_then(Json::as_str);
    let owner = placeholder.needs.owner.unwrap_or(Owner::Anyone);
    if owner != Owner::Anyone {
        assert_eq!(from.account.as_deref(), own("accountId"), "{}: {value:?}", placeholder.name);
    }
    if owner == Owner::ThisRegion {
        assert_eq!(from.region.as_deref(), own("region"), "{}: {value:?}", placeholder.name);
    }
}

/// Facts hold nothing of the finding but code: no HTML, and no link but the one to AWS's console.
fn facts_are_text(facts: &str) {
    assert!(facts.chars().all(terminal::is_plain), "{facts:?}");
    for event in Parser::new_ext(facts, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
        match event {
            Markdown::Html(html) | Markdown::InlineHtml(html) => panic!("HTML: {html} in\n{facts}"),
            Markdown::Start(Tag::Image { dest_url, .. }) => panic!("{dest_url} in\n{facts}"),
            Markdown::Start(Tag::Link { dest_url, .. }) => {
                let host = dest_url.strip_prefix("https://").and_then(|url| url.split('/').next());
                let is_console = host.is_some_and(|host| {
                    host.ends_with("console.aws.amazon.com")
                        || host.ends_with("console.amazonaws.cn")
                        || host.ends_with("console.amazonaws-us-gov.com")
                });
                assert!(is_console, "a link to {dest_url} in\n{facts}");
            }
            _ => {}
        }
    }
}

/// No value has a character with a meaning anywhere it may be filled in.
fn harmless(value: &str) {
    assert!(!value.is_empty() && !value.starts_with('-'), "{value:?}");
    assert!(!value.contains(|c: char| METACHARACTERS.contains(c) || c.is_control()), "{value:?}");
}

/// On a terminal, nothing but the program's own colours acts.
pub fn shows_plain(markdown: &str) {
    let shown = terminal::render(markdown, 60);
    let rest = strip_str(&shown).to_string();
    assert!(rest.chars().all(terminal::is_plain), "{rest:?}");
}
