//! What the texts of a page are in a runbook: text, wherever they stand.

use std::collections::BTreeMap;

use guardduty_runbooks::catalogue::builtin;
use guardduty_runbooks::guide::{GuideUrl, PageName};
use guardduty_runbooks::page::html;
use guardduty_runbooks::page::section::{FindingText, sections};
use guardduty_runbooks::runbook::{Renderer, Template};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const NAME: &str = "Recon:EC2/PortProbeUnprotectedPort";

/// A runbook of a page that says this in every place for text.
fn runbook(template: &Template, says: &str) -> String {
    let catalogue = builtin::catalogue();
    let mut findings = catalogue.entries.iter();
    let mut finding = findings.find(|one| one.finding_type.as_str() == NAME).unwrap().clone();
    let says = says.replace('&', "&amp;").replace('<', "&lt;");
    let page = format!(
        "<h2 id=\"a\">{NAME}</h2><h3>{says}</h3><p>{says}</p><p><code>{says}</code> {says}</p>\
         <ul><li>{says}</li><li><p>{says}</p><ol><li>{says}</li></ol></li></ul>\
         <div class=awsdocs-note><div class=awsdocs-note-title>{says}</div><p>{says}</p></div>\
         <h4>{says}</h4><p><b>{says}</b></p><p><a href=\"https://example.com/\">{says}</a></p>\
         <table><tr><th>{says}</th><th>a</th></tr>\
         <tr><td>{says}</td><td><code>{says}</code></td></tr></table>\
         <p><b>Remediation recommendations:</b></p><p>{says}</p>"
    );
    let (name, guide) = (PageName::new("p").unwrap(), GuideUrl::default());
    let page = html::read(&name, &guide, &page);
    finding.text = Some(FindingText::read(&sections(&page).next().unwrap(), &guide));
    let renderer = Renderer::new(template.clone(), BTreeMap::new(), true).unwrap();
    renderer.render(&finding, &catalogue).unwrap()
}

/// The blocks of a runbook of a harmless page.
fn calm(template: &Template) -> Vec<String> {
    blocks(&runbook(template, "calm"))
}

/// The blocks of a Markdown text, and not what is in them.
fn blocks(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let is_block = |event: &Event<'_>| match event {
        Event::Start(tag) => {
            !matches!(tag, Tag::Strong | Tag::Emphasis | Tag::Link { .. } | Tag::Strikethrough)
        }
        Event::End(tag) => {
            !matches!(tag, TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link | TagEnd::Strikethrough)
        }
        Event::Text(_) | Event::Code(_) | Event::SoftBreak => false,
        _ => true,
    };
    Parser::new_ext(markdown, options).filter(is_block).map(|event| format!("{event:?}")).collect()
}

/// Texts that begin with what begins a block, or look like its second line.
fn block_marks() -> impl Strategy<Value = String> {
    let begin = "#{1,7} ?|[-+*] |[0-9]{1,10}[.)] |> ?|[|]|-{1,5}|={1,4}|_{3}|[*]{3}|`{1,4}|~{1,4}|\
                 [+]{3}|\\[x\\]: |\\[\\^1\\]: |\\[[ x]\\] |:?-+:? ?[|] ?|<!--|<b>|</div>|&#35; |[\\\\]{1,3}[|]|[$]{2}";
    let rest = "[a-z#=+>|:`~*_<\\\\\\[\\] .-]{0,8}";
    (begin, rest).prop_map(|(begin, rest)| format!("{begin}{rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_text_begins_no_block(says in block_marks()) {
        let says = says.trim();
        prop_assume!(!says.is_empty());
        for template in [Template::Runbook, Template::Classic] {
            let text = runbook(&template, says);
            prop_assert_eq!(&blocks(&text), &calm(&template), "{:?}\n{}", says, text);
        }
    }
}

#[test]
fn a_summary_is_no_heading() {
    for says in ["## Contain", "- x", "1. x", "> x", "| a |", "---", "===", "```", "+++", "[x]: y"]
    {
        for template in [Template::Runbook, Template::Classic] {
            let text = runbook(&template, says);
            assert_eq!(blocks(&text), calm(&template), "{says}\n{text}");
        }
    }
}
