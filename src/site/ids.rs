//! Ids of headings: each once in a page, its frame included.

use std::collections::BTreeMap;

/// The ids of a runbook's page around its article, as `frame.html.jinja` and `runbook.html.jinja`
/// have them. What the scripts add have a `_`, which no heading's id has.
const FRAME_IDS: [&str; 16] = [
    "article",
    "content",
    "fill",
    "fill-file",
    "fill-go",
    "fill-help",
    "fill-problem",
    "fill-title",
    "filled",
    "finding",
    "found",
    "open-fill",
    "results",
    "said",
    "search",
    "theme",
];

/// Gives ids to headings.
pub(super) struct Ids {
    /// Each id that is taken, and the number that its next double gets.
    taken: BTreeMap<String, usize>,
}

impl Ids {
    /// The ids of the page around an article are taken.
    pub(super) fn new() -> Self {
        Self { taken: FRAME_IDS.map(|id| (id.to_owned(), 2)).into() }
    }

    /// An id for a heading of this text, different from all others.
    pub(super) fn add(&mut self, text: &str) -> String {
        let base = dashed(text);
        let Some(mut number) = self.taken.get(&base).copied() else {
            self.taken.insert(base.clone(), 2);
            return base;
        };
        let id = loop {
            let id = format!("{base}-{number}");
            number += 1;
            if !self.taken.contains_key(&id) {
                break id;
            }
        };
        self.taken.insert(base, number);
        self.taken.insert(id.clone(), 2);
        id
    }
}

/// The words of a text in lower case, with dashes between them.
fn dashed(text: &str) -> String {
    let word = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let dashed = text.chars().map(word).collect::<String>().to_lowercase();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "section".to_owned() } else { parts.join("-") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn headings_of_one_text_are_numbered_past_what_is_taken() {
        let mut ids = Ids::new();
        let given = ["Ü x", "ü X", "a-2", "a", "a", "a", "", "!", "Finding"].map(|t| ids.add(t));
        let expected =
            ["ü-x", "ü-x-2", "a-2", "a", "a-3", "a-4", "section", "section-2", "finding-2"];
        assert_eq!(given, expected);
    }

    /// In the square of their number this would take minutes.
    #[test]
    fn many_headings_of_one_text_take_no_longer_each_than_few() {
        let mut ids = Ids::new();
        let given: BTreeSet<String> = (0..100_000).map(|_| ids.add("a")).collect();
        assert_eq!(given.len(), 100_000);
        assert!(given.contains("a-100000"));
    }

    #[cfg(feature = "site")]
    #[test]
    fn the_ids_of_the_frame_are_those_that_the_templates_have() {
        use crate::site::{Runbook, build};
        let finding_type = "Recon:EC2/Portscan".parse().unwrap();
        let site = build(&[Runbook { finding_type, text: "lead\n".to_owned() }]);
        let page = std::str::from_utf8(&site.files["recon-ec2-portscan.html"]).unwrap();
        let ids = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        let mut ids: Vec<&str> = ids.collect();
        ids.sort_unstable();
        assert_eq!(ids, FRAME_IDS);
    }
}
