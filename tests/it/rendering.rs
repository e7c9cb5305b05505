//! Runbooks made from real pages.

use std::collections::{BTreeMap, BTreeSet};

use guardduty_runbooks::catalogue::Catalogue;
use guardduty_runbooks::fs;
use guardduty_runbooks::runbook::{Renderer, Template};

use crate::real;

fn render(
    catalogue: &Catalogue,
    template: Template,
    attribution: bool,
) -> BTreeMap<String, String> {
    let renderer = Renderer::new(template, BTreeMap::new(), attribution).unwrap();
    let runbook = |finding| {
        let text = renderer.render(finding, catalogue).unwrap();
        (finding.finding_type.slug().as_str().to_owned(), text)
    };
    catalogue.entries.iter().map(runbook).collect()
}

fn without_white_space(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn classic_is_what_the_python_tool_wrote_white_space_apart() {
    let Some(folder) = real::data() else { return };
    let catalogue = real::state("2025-12-html").unwrap().catalogue;
    let runbooks = render(&catalogue, Template::Classic, false);
    let golden = folder.join("golden/2025-12");
    let expected: BTreeSet<String> = fs::names_in(&golden).unwrap().unwrap().into_iter().collect();
    let written: BTreeSet<String> = runbooks.keys().map(|slug| format!("{slug}.md")).collect();
    assert_eq!(written, expected);
    let (mut to_the_letter, mut different) = (0, Vec::new());
    for (slug, text) in &runbooks {
        let golden = fs::read_to_string(&golden.join(format!("{slug}.md"))).unwrap();
        to_the_letter += usize::from(*text == golden);
        if without_white_space(text) != without_white_space(&golden) {
            different.push(slug.as_str());
        }
    }
    assert_eq!(different, [""; 0]);
    assert_eq!((runbooks.len(), to_the_letter), (195, 192), "to the letter");
}

#[test]
fn html_and_markdown_give_the_same_runbooks_white_space_apart() {
    let Some(html) = real::state("2026-html") else { return };
    let markdown = real::state("2026-md").unwrap();
    for template in [Template::Runbook, Template::Classic] {
        let from_html = render(&html.catalogue, template.clone(), true);
        let from_markdown = render(&markdown.catalogue, template, true);
        assert_eq!(from_html.len(), 229);
        assert!(from_html.keys().eq(from_markdown.keys()));
        for (slug, text) in &from_html {
            let (one, other) =
                (without_white_space(text), without_white_space(&from_markdown[slug]));
            assert_eq!(one, other, "{slug}");
        }
    }
}
