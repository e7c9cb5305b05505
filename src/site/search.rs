//! What the search in the browser looks through, as scripts: they load from a file share as well,
//! where a page may fetch nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::build::Page;

/// The facts of all runbooks: small, and loaded with every page.
pub(super) fn facts(pages: &[Page]) -> String {
    let facts = pages.iter().map(|page| {
        let entry = &page.entry;
        let ids = |list: &[crate::guidance::AttackEntry]| -> Vec<String> {
            list.iter().map(|one| format!("{} {}", one.id, one.name)).collect()
        };
        json!([
            entry.slug.as_str(),
            entry.finding_type.as_str(),
            entry.level.as_str(),
            entry.resource,
            entry.plan,
            ids(&entry.tactics),
            ids(&entry.techniques),
            page.article.lead.as_deref().unwrap_or_default(),
        ])
    });
    script("facts", &Value::Array(facts.collect()))
}

/// The text of all runbooks, each passage once however many runbooks have it: loaded when somebody
/// searches. `headings` are pairs of place and text; `texts` are triples of text, and the numbers of
/// runbook and heading in turn for each place of it (heading -1: above the first one).
pub(super) fn passages(pages: &[Page]) -> String {
    let mut headings: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for heading in pages.iter().flat_map(|page| &page.article.outline) {
        headings.insert((&heading.id, &heading.text), 0);
    }
    headings.values_mut().enumerate().for_each(|(number, place)| *place = number);
    let mut texts: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (number, page) in pages.iter().enumerate() {
        for passage in &page.article.passages {
            let heading = passage.heading.map(|at| &page.article.outline[at]);
            let place =
                heading.map_or(-1, |h| as_number(headings[&(h.id.as_str(), h.text.as_str())]));
            texts.entry(&passage.text).or_default().extend([as_number(number), place]);
        }
    }
    let headings: Vec<_> = headings.keys().map(|(id, text)| json!([id, text])).collect();
    let texts: Vec<_> = texts.into_iter().map(|(text, places)| json!([text, places])).collect();
    script("passages", &json!({ "headings": headings, "texts": texts }))
}

/// A script that hands a value to the page.
pub(super) fn script(name: &str, value: &Value) -> String {
    let value = value.to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    format!("(window.runbookSite ||= {{}}).{name} = {value};\n")
}

fn as_number(index: usize) -> i64 {
    i64::try_from(index).expect("there are fewer than 2^63")
}
