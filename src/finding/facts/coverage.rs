//! Every field of AWS's API model is shown, is what a placeholder is filled from, or is left out for
//! a reason that `left.txt` names.

use std::collections::BTreeSet;

use super::rows;
use crate::finding::path;
use crate::guidance::library;

fn model() -> Vec<&'static str> {
    include_str!("../../../guidance/finding-paths.txt").lines().collect()
}

/// The patterns of `left.txt`, in which `*` stands for anything.
fn left() -> Vec<&'static str> {
    let lines = include_str!("left.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (pattern, reason) = line.split_once(" = ").expect("pattern = reason");
            assert!(reason.len() > 10, "{line}: a reason");
            pattern
        })
        .collect()
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|path| {
            (0..=path.len()).any(|at| path.is_char_boundary(at) && matches(rest, &path[at..]))
        }),
    }
}

fn shown() -> BTreeSet<String> {
    rows::all().flat_map(|row| row.paths().collect::<Vec<_>>()).collect()
}

fn filled(model: &[&str]) -> BTreeSet<String> {
    let is_list = |path: &str| model.iter().any(|one| one.starts_with(&format!("{path}[]")));
    let origins = library().placeholders.values().flat_map(|placeholder| &placeholder.from);
    origins.map(|origin| path::without_choices(&origin.path, is_list)).collect()
}

#[test]
fn every_field_is_used_or_left_for_a_reason() {
    let model = model();
    let used: BTreeSet<String> = shown().into_iter().chain(filled(&model)).collect();
    let left = left();
    let lost = model.iter().filter(|path| {
        !used.contains(**path) && !left.iter().any(|pattern| matches(pattern, path))
    });
    let lost: Vec<_> = lost.collect();
    assert!(lost.is_empty(), "neither shown nor left:\n{lost:#?}");
}

#[test]
fn what_is_shown_exists_in_the_model() {
    let model = model();
    let unknown: Vec<String> =
        shown().into_iter().filter(|path| !model.contains(&path.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn what_is_left_is_not_used() {
    let model = model();
    let used: BTreeSet<String> = shown().into_iter().chain(filled(&model)).collect();
    for pattern in left() {
        let matched: Vec<_> = model.iter().filter(|path| matches(pattern, path)).collect();
        assert!(!matched.is_empty(), "{pattern} matches nothing");
        let wrongly: Vec<_> = matched.iter().filter(|path| used.contains(***path)).collect();
        assert!(wrongly.is_empty(), "{pattern} is left, and used: {wrongly:?}");
    }
}

#[test]
fn a_star_stands_for_anything() {
    for (pattern, path) in [("a.*", "a.b.c"), ("a.*.c", "a.b[].d.c"), ("*", ""), ("a", "a")] {
        assert!(matches(pattern, path), "{pattern} {path}");
    }
    for (pattern, path) in [("a.*", "b.a.c"), ("a.*.c", "a.c"), ("a", "ab"), ("a.*c", "a.b")] {
        assert!(!matches(pattern, path), "{pattern} {path}");
    }
}
