//! Runbooks with guidance, as they are written.

use std::collections::BTreeMap;

use guardduty_runbooks::catalogue::{Catalogue, builtin};
use guardduty_runbooks::runbook::{Renderer, Template};

use super::assert_none;
use crate::real;

fn runbooks(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let renderer = Renderer::new(Template::Runbook, BTreeMap::new(), true).unwrap();
    let findings = catalogue.entries.iter();
    let one = |finding: &guardduty_runbooks::catalogue::CatalogueEntry| {
        (finding.finding_type.to_string(), renderer.render(finding, catalogue).unwrap())
    };
    findings.map(one).collect()
}

fn line_of(text: &str, heading: &str) -> Option<usize> {
    text.lines()
        .position(|line| line == heading || heading.starts_with("**") && line.starts_with(heading))
}

#[test]
fn sections_stand_in_their_order_and_the_first_move_near_the_top() {
    let mut faults = Vec::new();
    for (name, text) in runbooks(&builtin::catalogue()) {
        let title = text.lines().position(|line| line.starts_with("# ")).unwrap();
        let sections = [
            "## First move",
            "## What AWS says",
            "## Triage",
            "## Investigate",
            "**Is it alone?**",
            "## Contain",
            "## Eradicate and recover",
            "## False positives and suppression",
            "## Escalate",
            "## Close",
            "## Placeholders",
        ];
        let lines: Vec<Option<usize>> = sections.iter().map(|s| line_of(&text, s)).collect();
        if lines.contains(&None) || !lines.is_sorted() {
            faults.push(format!("{name}: {lines:?}"));
        }
        if lines[0].is_none_or(|line| line + 2 > title + 25) {
            faults.push(format!("{name}: the first move is far down"));
        }
    }
    assert_none(&faults);
}

#[test]
fn a_runbook_is_short() {
    let mut catalogues = vec![builtin::catalogue()];
    catalogues.extend(real::state("2026-html").map(|reading| reading.catalogue));
    for catalogue in catalogues {
        let runbooks = runbooks(&catalogue);
        let close = |text: &String| line_of(text, "## Close").unwrap();
        let mut lengths: Vec<(usize, &String)> =
            runbooks.iter().map(|(name, text)| (close(text), name)).collect();
        lengths.sort();
        let median = lengths[lengths.len() / 2].0;
        let longest = lengths.last().unwrap();
        assert!(median < 240, "up to Close: median {median} lines, longest {longest:?}");
    }
}
