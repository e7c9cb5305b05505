//! What a reader of Markdown sees in a runbook.

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Front matter, tables, and everything else that GitHub shows.
fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    Parser::new_ext(text, options)
}

/// The pieces of raw HTML.
pub(crate) fn raw_html(text: &str) -> Vec<String> {
    let html = events(text).filter_map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(html.to_string()),
        _ => None,
    });
    html.collect()
}

/// Where links and images lead.
pub(crate) fn addresses(text: &str) -> Vec<String> {
    let addresses = events(text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.to_string())
        }
        _ => None,
    });
    addresses.collect()
}

/// The links that do not lead to a place on the web or to a mailbox.
pub(crate) fn odd_addresses(text: &str) -> Vec<String> {
    let fits = |url: &String| ["https://", "http://", "mailto:"].iter().any(|s| url.starts_with(s));
    addresses(text).into_iter().filter(|url| !fits(url)).collect()
}
