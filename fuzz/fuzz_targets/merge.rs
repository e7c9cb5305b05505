//! Merges of three texts.
#![no_main]

use guardduty_runbooks::merge::{Merge, Merged, first_marker, merge};
use guardduty_runbooks::text::shape::Shaped;
use guardduty_runbooks_fuzz::parts;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let texts: [String; 3] = parts(input);
    let [base, ours, theirs] =
        texts.map(|text| Shaped::read(text.as_bytes()).expect("it is UTF-8").text);
    trivial(&base, &ours);
    match merge(&base, &ours, &theirs) {
        Merge::Resolved(merged) => {
            came_from(&merged, &ours);
            if merged.word_merges.is_empty() {
                lines_are_known(&merged.text, &[&ours, &theirs]);
            }
        }
        Merge::Conflict { hunks, marked, .. } => {
            assert!(!hunks.is_empty());
            came_from(&marked, &ours);
            assert!(first_marker(&marked.text).is_some(), "{}", marked.text);
            for hunk in hunks {
                assert_ne!(hunk.yours, hunk.theirs);
                assert!(ours.contains(&hunk.yours) && theirs.contains(&hunk.theirs));
                assert!(base.contains(&hunk.before));
                let from: String = ours.split_inclusive('\n').skip(hunk.first_line - 1).collect();
                // Behind a lone carriage return, a place may begin within a line.
                let begins = from.starts_with(&hunk.yours) || ours.contains('\r');
                assert!(begins || hunk.lines == 0);
            }
        }
    }
});

/// What only one side changed, or both in the same way, is what that side says.
fn trivial(one: &str, other: &str) {
    for (base, ours, theirs, expected) in [
        (one, one, other, other),
        (one, other, one, other),
        (one, other, other, other),
        (one, one, one, one),
    ] {
        let Merge::Resolved(merged) = merge(base, ours, theirs) else { panic!("a conflict") };
        assert_eq!(merged.text, expected);
    }
}

/// The lines of the person's file that a merged text goes back to exist, and keep their order.
fn came_from(merged: &Merged, ours: &str) {
    let ours: Vec<&str> = ours.split_inclusive('\n').collect();
    assert_eq!(merged.came_from.len(), merged.text.split_inclusive('\n').count());
    let mut last = None;
    for from in merged.came_from.iter().copied().flatten() {
        assert!(last <= Some(from), "line {from} comes after line {last:?}");
        assert!(from < ours.len(), "line {from} of {}", ours.len());
        last = Some(from);
    }
}

/// No line is made up. A lone carriage return ends one as well; of blank lines only the number counts.
fn lines_are_known(text: &str, sources: &[&str]) {
    const ENDS: [char; 2] = ['\r', '\n'];
    for line in text.split_inclusive(ENDS).filter(|line| !line.trim().is_empty()) {
        let known = sources.iter().any(|source| source.split_inclusive(ENDS).any(|l| l == line));
        assert!(known, "{line:?} is nobody's");
    }
}
