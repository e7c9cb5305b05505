//! Placeholders are declared, used, and safe where they stand.

use std::collections::BTreeSet;

use guardduty_runbooks::guidance::placeholder::names_in;
use guardduty_runbooks::guidance::{ValueType, library};

use super::{all, assert_none, texts};

/// Put in by the program.
const COMPOSED: [&str; 2] = ["finding_criteria", "lookup_attribute"];

#[test]
fn no_placeholder_is_undeclared_and_no_declared_one_unused() {
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    for (place, text) in texts() {
        for name in names_in(&text).filter(|name| !COMPOSED.contains(&name.as_str())) {
            if !library().placeholders.contains_key(&name) {
                faults.push(format!("{place}: {name} is not declared"));
            }
            used.insert(name);
        }
    }
    for (_, guidance) in all() {
        used.extend(guidance.placeholders(library()).iter().map(|one| one.name.clone()));
    }
    let declared = library().placeholders.keys();
    faults.extend(declared.filter(|n| !used.contains(*n)).map(|n| format!("{n} is not used")));
    assert_none(&faults);
}

/// Outside of code, `<X>` would be an element of HTML.
#[test]
fn in_running_text_a_placeholder_stands_in_code() {
    let mut faults = Vec::new();
    for (place, text) in texts() {
        let mut fenced = false;
        for line in text.lines() {
            let fence = line.trim_start().starts_with("```");
            fenced ^= fence;
            let outside: String = line.split('`').step_by(2).collect();
            if !fenced && !fence && names_in(&outside).next().is_some() {
                faults.push(format!("{place}: {line}"));
            }
        }
    }
    assert_none(&faults);
}

#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// The quotes around each character of a command.
fn quotes(code: &str) -> Vec<Quotes> {
    let mut state = Quotes::None;
    let mut quotes = Vec::new();
    for byte in code.bytes() {
        state = match (state, byte) {
            (Quotes::None, b'\'') => Quotes::Single,
            (Quotes::None, b'"') => Quotes::Double,
            (Quotes::Single, b'\'') | (Quotes::Double, b'"') => Quotes::None,
            _ => state,
        };
        quotes.push(state);
    }
    quotes
}

/// The commands and queries of the whole guidance, composed.
fn code() -> Vec<(String, String, String)> {
    let mut code = BTreeSet::new();
    for (_, guidance) in all() {
        let one = |id: &str, (language, text): (&str, &str)| {
            (id.to_owned(), language.to_owned(), text.to_owned())
        };
        for step in guidance.steps() {
            code.extend(step.code().map(|part| one(&step.id, part)));
        }
        for question in &guidance.questions {
            code.extend(question.code().map(|part| one(&question.id, part)));
        }
    }
    code.into_iter().collect()
}

/// In shell and SQL a value stands in single quotes; only what a query reads from stands bare: the
/// name of a table, the id of an event data store.
#[test]
fn in_commands_and_queries_a_placeholder_stands_in_single_quotes() {
    let mut faults = Vec::new();
    for (place, language, text) in code() {
        let quotes = quotes(&text);
        let is_table = |name: &str| {
            let sources = [ValueType::TableName, ValueType::Uuid];
            library().placeholders.get(name).is_some_and(|p| sources.contains(&p.value_type))
        };
        for (at, _) in text.match_indices('<') {
            let end = text[at..].find('>').map_or(text.len(), |end| at + end + 1);
            let is_one = !text[at + 1..end].contains('<');
            let Some(name) = names_in(&text[at..end]).next().filter(|_| is_one) else { continue };
            let right = match language.as_str() {
                "sql" if is_table(&name) => quotes[at] == Quotes::None,
                "sql" | "bash" => quotes[at] == Quotes::Single,
                _ => true,
            };
            if !right {
                faults.push(format!("{place}: <{}> in {language}", name.to_uppercase()));
            }
        }
    }
    faults.dedup();
    assert_none(&faults);
}
