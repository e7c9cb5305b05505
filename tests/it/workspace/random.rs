//! Random edits over all pairs of recorded states.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use guardduty_runbooks::merge::WordMerge;
use guardduty_runbooks::runbook::Template;
use guardduty_runbooks::workspace::{ActionKind, Conflict, Rendered, Upstream};
use proptest::prelude::*;

use super::edits::{self, Edit};
use super::{Folder, PLAIN, update, upstream};
use crate::real;

const STATES: [&str; 4] = ["2022-01-md", "2024-11-html", "2025-12-html", "2026-html"];

fn states() -> &'static [[Upstream; 2]] {
    static STATE: OnceLock<Vec<[Upstream; 2]>> = OnceLock::new();
    STATE.get_or_init(|| {
        let read =
            |state| [Template::Runbook, Template::Classic].map(|t| upstream(state, t).unwrap());
        STATES.into_iter().map(read).collect()
    })
}

/// For each two states and each template the runbooks that both have and that are different.
fn pairs(from: usize, to: usize, template: usize) -> &'static [[Rendered; 2]] {
    static PAIRS: OnceLock<BTreeMap<[usize; 3], Vec<[Rendered; 2]>>> = OnceLock::new();
    let all = PAIRS.get_or_init(|| {
        let numbers = (0..STATES.len() * STATES.len() * 2).map(|n| [n / 8, n / 2 % 4, n % 2]);
        numbers
            .map(|[from, to, template]| ([from, to, template], changed(from, to, template)))
            .collect()
    });
    &all[&[from, to, template]]
}

fn changed(from: usize, to: usize, template: usize) -> Vec<[Rendered; 2]> {
    let [from, to] = [from, to].map(|state| &states()[state][template].runbooks);
    let later: BTreeMap<_, _> = to.iter().map(|r| (&r.finding_type, r)).collect();
    let both = from.iter().filter_map(|old| Some([old, *later.get(&old.finding_type)?]));
    both.filter(|[old, new]| old.text != new.text).map(|pair| pair.map(Clone::clone)).collect()
}

fn alone(rendered: &Rendered) -> Upstream {
    let template = states()[0][0].clone();
    Upstream {
        runbooks: vec![rendered.clone()],
        active: [rendered.finding_type.clone()].into(),
        ..template
    }
}

fn edits_of_a_person() -> impl Strategy<Value = Vec<(usize, usize)>> {
    proptest::collection::vec((0..edits::ALL.len(), 0usize..30), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn no_edited_line_is_missing_from_file_or_report(
        from in 0usize..4, to in 0usize..4, template in 0usize..2, file in 0usize..1000,
        chosen in edits_of_a_person(),
    ) {
        if real::data().is_none() {
            return Ok(());
        }
        let pairs = pairs(from, to, template);
        prop_assume!(!pairs.is_empty());
        let [old, new] = &pairs[file % pairs.len()];
        let folder = Folder::new();
        folder.run(&alone(old), PLAIN);
        let name = old.finding_type.slug().file_name();
        let mut mine = old.text.to_string();
        for (number, (edit, at)) in chosen.iter().enumerate() {
            let edit = edits::ALL[*edit];
            if !matches!(edit, Edit::Windows | Edit::NoNewline)
                && !edits::paragraphs(&mine).is_empty()
            {
                mine = edits::apply(edit, &mine, *at, &format!("person-{number}")).text;
            }
        }
        folder.write(&name, &mine);
        let (plan, outcome) = folder.run(&alone(new), update());
        let after = folder.read(&name);
        let mut words: Vec<WordMerge> = Vec::new();
        match &plan.actions[0].kind {
            ActionKind::Merge { word_merges } => words.extend(word_merges.iter().cloned()),
            ActionKind::Conflict(Conflict::Kept(hunks)) => {
                prop_assert!(!hunks.is_empty());
                prop_assert_eq!(&after, &mine);
            }
            _ => {}
        }
        let old_lines: Vec<&str> = old.text.lines().collect();
        for line in mine.lines().filter(|line| !old_lines.contains(line)) {
            let merged = words.iter().any(|words| words.yours.trim_end() == line);
            prop_assert!(merged || after.lines().any(|l| l == line), "{line:?} is not in {after}");
        }
        for words in &words {
            prop_assert!(after.contains(&words.merged), "{:?} is not in {after}", words.merged);
        }
        let workspace = folder.load();
        let again = workspace.plan(&alone(new), update()).unwrap();
        prop_assert!(again.is_empty(workspace.state()));
        prop_assert_eq!(again.counts().in_conflict, outcome.counts.in_conflict);
    }
}
