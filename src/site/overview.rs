//! The overview: finding types by resource and tactic, and the filters.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::build::Page;
use super::entry::Level;
use super::pages::{EntryView, level_class};

/// The tactics in the order of an attack, as ATT&CK's matrix has them
/// (<https://attack.mitre.org/matrices/enterprise/>).
const ORDER: [&str; 14] = [
    "TA0043", "TA0042", "TA0001", "TA0002", "TA0003", "TA0004", "TA0005", "TA0006", "TA0007",
    "TA0008", "TA0009", "TA0011", "TA0010", "TA0040",
];

/// What stands for runbooks without a tactic.
const NO_TACTIC: (&str, &str) = ("none", "No tactic");

/// What the template of the overview sees.
#[derive(Debug, Serialize)]
pub(super) struct Overview<'p> {
    entries: Vec<EntryView<'p>>,
    tactics: Vec<Choice>,
    rows: Vec<Row>,
    severities: Vec<Choice>,
    resources: Vec<Choice>,
    plans: Vec<Choice>,
}

/// A value of a filter.
#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    name: String,
    count: usize,
}

/// The finding types of a resource.
#[derive(Debug, Serialize)]
struct Row {
    resource: String,
    count: usize,
    /// For each tactic the numbers of the entries.
    cells: Vec<Vec<usize>>,
}

/// Arranges the runbooks.
pub(super) fn overview(pages: &[Page]) -> Overview<'_> {
    let tactics = tactics(pages);
    let by = |facet: &dyn Fn(&Page) -> String| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for page in pages {
            *counts.entry(facet(page)).or_default() += 1;
        }
        let choice = |(name, count): (String, usize)| Choice { value: name.clone(), name, count };
        let mut choices: Vec<Choice> = counts.into_iter().map(choice).collect();
        choices.sort_by_key(|choice| std::cmp::Reverse(choice.count)); // stable: then by name
        choices
    };
    let resources = by(&|page| page.entry.resource.clone());
    let rows = resources.iter().map(|resource| Row {
        resource: resource.name.clone(),
        count: resource.count,
        cells: tactics.iter().map(|tactic| cell(pages, &resource.name, &tactic.value)).collect(),
    });
    Overview {
        entries: pages.iter().map(EntryView::new).collect(),
        rows: rows.collect(),
        severities: severities(pages),
        plans: by(&|page| page.entry.plan.clone()),
        resources,
        tactics,
    }
}

fn severities(pages: &[Page]) -> Vec<Choice> {
    let count = |level| pages.iter().filter(|page| page.entry.level == level).count();
    let choices = Level::ALL.into_iter().map(|level| Choice {
        value: level_class(level),
        name: level.as_str().to_owned(),
        count: count(level),
    });
    choices.filter(|choice| choice.count > 0).collect()
}

/// The tactics that occur; those that ATT&CK's matrix does not have come behind it.
fn tactics(pages: &[Page]) -> Vec<Choice> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for tactic in pages.iter().flat_map(|page| &page.entry.tactics) {
        names.insert(&tactic.id, &tactic.name);
    }
    let others: BTreeSet<&str> = names.keys().copied().filter(|id| !ORDER.contains(id)).collect();
    let ids = ORDER.into_iter().chain(others).filter(|id| names.contains_key(id));
    let mut choices: Vec<(&str, &str)> = ids.map(|id| (id, names[id])).collect();
    choices.push(NO_TACTIC);
    let choice = |(id, name): (&str, &str)| Choice {
        value: id.to_owned(),
        name: name.to_owned(),
        count: pages.iter().filter(|page| has_tactic(page, id)).count(),
    };
    choices.into_iter().map(choice).filter(|choice| choice.count > 0).collect()
}

fn has_tactic(page: &Page, id: &str) -> bool {
    let tactics = &page.entry.tactics;
    tactics.iter().any(|tactic| tactic.id == id) || id == NO_TACTIC.0 && tactics.is_empty()
}

/// The runbooks of a cell, the most severe first.
fn cell(pages: &[Page], resource: &str, tactic: &str) -> Vec<usize> {
    let is_in =
        |&at: &usize| pages[at].entry.resource == resource && has_tactic(&pages[at], tactic);
    let mut numbers: Vec<usize> = (0..pages.len()).filter(is_in).collect();
    numbers.sort_by_key(|&at| pages[at].entry.level);
    numbers
}
