//! The corpus of meaning: values that are well formed and somebody else's.
//!
//! `meaning.jsonl` has a line for each placeholder and each place in a finding that gives its value: a
//! finding (the parts that matter) in which the value is right, and findings in which the same value
//! belongs to another account or Region, to an object of another kind or scope, to another object than
//! the one that the step is about, is an address of the other family, or must not be blocked. The
//! corpus says by itself what is right, so that a rule that is deleted makes a line fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use guardduty_runbooks::catalogue::{Catalogue, builtin};
use guardduty_runbooks::fill::fill;
use guardduty_runbooks::fill::values::Values;
use guardduty_runbooks::finding::{ClaimedType, Finding, Shape};
use guardduty_runbooks::finding_type::FindingType;
use guardduty_runbooks::guidance::{Library, Owner, Placeholder, ValueType, library};
use guardduty_runbooks::runbook::{Renderer, Template};
use serde_json::{Value, json};

static CORPUS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let lines = include_str!("meaning.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).expect("a line of the corpus is JSON")).collect()
});

/// The finding types in which the caller's other account is where this account's credentials are used.
fn is_about_exported_credentials(name: &FindingType) -> bool {
    name.as_str().contains("CredentialExfiltration")
}

/// A finding of a type with parts of the corpus in it.
fn event(name: &FindingType, parts: &Value) -> Finding {
    let mut json = json!({
        "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1", "partition": "aws",
        "id": "1ab92989eaf0e742df4a014d5779b5ab", "type": name.as_str(), "severity": 5,
        "service": {"eventFirstSeen": "2026-01-31T12:00:00Z", "eventLastSeen": "2026-01-31T13:00:00Z"},
    });
    put_in(&mut json, parts);
    Finding {
        shape: Shape::CamelCase,
        finding_type: ClaimedType::Active(name.clone()),
        json,
        damage: None,
    }
}

fn put_in(finding: &mut Value, parts: &Value) {
    match (finding, parts) {
        (Value::Object(finding), Value::Object(parts)) => {
            for (name, part) in parts {
                put_in(finding.entry(name.as_str()).or_insert(Value::Null), part);
            }
        }
        (finding, part) => *finding = part.clone(),
    }
}

fn text<'v>(line: &'v Value, field: &str) -> &'v str {
    line[field].as_str().expect("the corpus has a text there")
}

/// The reason why a placeholder is open; none where it has a value.
fn reason(values: &Values, name: &str) -> Option<String> {
    let open = values.get(name).err()?;
    Some(serde_json::to_value(open).unwrap().as_str().unwrap().to_owned())
}

fn wrong(line: &Value) -> &[Value] {
    line["wrong"].as_array().expect("the corpus has a list there")
}

#[test]
fn a_right_value_fills_its_placeholder_and_a_wrong_one_never_does() {
    let name: FindingType = "Recon:EC2/Portscan".parse().unwrap();
    let mut faults = Vec::new();
    for line in &*CORPUS {
        let (placeholder, place) = (text(line, "placeholder"), text(line, "place"));
        let values = Values::of(&event(&name, &line["right"]), library());
        let found = values.get(placeholder).map(|value| value.text.clone());
        if found.as_deref() != Ok(text(line, "value")) {
            faults.push(format!("{placeholder} from {place}: {found:?}"));
        }
        for case in wrong(line) {
            let values = Values::of(&event(&name, &case["finding"]), library());
            let (found, expected) = (reason(&values, placeholder), text(case, "why"));
            if found.as_deref() != Some(expected) {
                let finding = &case["finding"];
                faults.push(format!("{placeholder}: {expected}, not {found:?}: {finding}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The code of a runbook with the placeholders that it leaves open.
struct Code {
    markdown: String,
    placeholders: BTreeSet<String>,
}

impl Code {
    /// Of the runbook of a finding type.
    fn of(renderer: &Renderer, catalogue: &Catalogue, name: &FindingType) -> Self {
        let finding = builtin::entry_of(name);
        let runbook = renderer.render(&finding, catalogue).unwrap();
        let (mut markdown, mut fenced) = (String::new(), false);
        for line in runbook.lines() {
            let fence = line.starts_with("```");
            if fence || (fenced && line.contains('<')) {
                markdown.push_str(&format!("{line}\n"));
            }
            fenced ^= fence;
        }
        let placeholders = fill(&markdown, &Values::default()).open.into_keys().collect();
        Self { markdown, placeholders }
    }
}

/// For each placeholder one finding for each way of being wrong, from the first place that has it.
fn shortest() -> BTreeMap<&'static str, Vec<(&'static str, &'static Value)>> {
    let mut shortest: BTreeMap<_, Vec<(&str, &Value)>> = BTreeMap::new();
    for line in &*CORPUS {
        let known = shortest.entry(text(line, "placeholder")).or_default();
        for case in wrong(line) {
            let why = text(case, "why");
            if why != "unfit" && known.iter().all(|(other, _)| *other != why) {
                known.push((why, &case["finding"]));
            }
        }
    }
    shortest
}

#[test]
fn in_the_runbook_of_no_finding_type_a_wrong_value_stands_in_a_command() {
    let catalogue = builtin::catalogue();
    let renderer = Renderer::new(Template::Runbook, BTreeMap::new(), true).unwrap();
    let corpus = shortest();
    let (mut faults, mut tried) = (Vec::new(), 0);
    for finding in &catalogue.entries {
        let name = &finding.finding_type;
        let code = Code::of(&renderer, &catalogue, name);
        let needed = corpus.iter().filter(|(one, _)| code.placeholders.contains(**one));
        for (placeholder, (why, parts)) in
            needed.flat_map(|(one, cases)| cases.iter().map(move |case| (*one, case)))
        {
            tried += 1;
            let filled = fill(&code.markdown, &Values::of(&event(name, parts), library()));
            let is_caller = parts.pointer("/service/action/awsApiCallAction").is_some();
            let is_ours = is_caller && is_about_exported_credentials(name);
            if filled.open.contains_key(placeholder) == is_ours {
                faults.push(format!("{name}: {placeholder}: {why}: {parts}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(tried > 3000, "only {tried} findings were tried");
}

/// What the corpus has to try of a placeholder.
fn needed(placeholder: &Placeholder) -> BTreeSet<&'static str> {
    let needs = &placeholder.needs;
    let mut needed = BTreeSet::new();
    let is_chosen = |path: &str| path.contains('=') && !path.contains("resourceType=");
    if needs.arn.is_some() || placeholder.from.iter().any(|one| is_chosen(&one.path)) {
        needed.insert("other-kind");
    }
    let is_in_list = placeholder.from.iter().any(|one| one.path.contains("[]"));
    if needs.same_object_as.is_some() && is_in_list {
        needed.insert("other-object");
    }
    if matches!(placeholder.value_type, ValueType::Ipv4Address | ValueType::Ipv6Address) {
        needed.extend(["other-family", "blocks-private", "blocks-amazon", "blocks-itself"]);
    } else if needs.is_blocked {
        needed.extend(["blocks-suffix", "blocks-private", "blocks-amazon"]);
    }
    needed
}

/// Placeholders of this account for which no part of a finding says that they are another's.
const NOBODY_ELSES: [&str; 6] = [
    "malware_scan_id",
    "object_key",
    "object_version_id",
    "process_pid",
    "process_uuid",
    "target_process_pid",
];

#[test]
fn the_corpus_tries_every_need_of_every_placeholder() {
    let mut faults = Vec::new();
    let filled = library().placeholders.values().filter(|one| !one.from.is_empty());
    for placeholder in filled {
        let name = placeholder.name.as_str();
        let lines: Vec<&Value> =
            CORPUS.iter().filter(|line| text(line, "placeholder") == name).collect();
        let tried: BTreeSet<&str> =
            lines.iter().flat_map(|line| wrong(line)).map(|case| text(case, "why")).collect();
        for place in &placeholder.from {
            if !lines.iter().any(|line| text(line, "place") == place.to_string()) {
                faults.push(format!("{name}: {place} is not in the corpus"));
            }
        }
        let mut needed = needed(placeholder);
        let owner = placeholder.needs.owner.unwrap_or(Owner::Anyone);
        if owner != Owner::Anyone && !NOBODY_ELSES.contains(&name) {
            needed.insert("other-account");
        }
        let missing = needed.difference(&tried);
        faults.extend(missing.map(|why| format!("{name}: {why} is not in the corpus")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The declarations with one need less: the placeholder, what is gone, and the whole file without it.
fn with_a_need_less() -> Vec<(String, String, String)> {
    let declared = include_str!("../../../guidance/placeholders.toml");
    let lines: Vec<&str> = declared.lines().collect();
    let (mut found, mut name) = (Vec::new(), "");
    for (at, line) in lines.iter().enumerate() {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name = section;
        }
        for less in weaker(line) {
            let whole = [&lines[..at], &[less.as_str()], &lines[at + 1..]].concat().join("\n");
            found.push((name.to_owned(), (*line).to_owned(), whole));
        }
    }
    found
}

/// A line of the declarations with one need less, for each need in it.
fn weaker(line: &str) -> Vec<String> {
    match line.split_once(" = ") {
        Some(("owner", "\"this-account\"" | "\"this-region\"")) => {
            vec!["owner = \"anyone\"".to_owned()]
        }
        Some(("arn" | "same_object_as" | "blocked", _)) => vec![String::new()],
        _ => {
            let begins = line.match_indices('[').filter(|_| line.contains('='));
            let choice = begins.filter_map(|(at, _)| {
                let choice = &line[at..=at + line[at..].find(']')?];
                let all = if choice.starts_with("[resourceType=") { "[]" } else { "" };
                choice.contains('=').then(|| line.replacen(choice, all, 1))
            });
            choice.filter(|less| less.contains("service.") || less.contains("resource.")).collect()
        }
    }
}

/// Whether the corpus sees something wrong of a placeholder by these declarations.
fn corpus_objects(name: &str, library: &Library) -> bool {
    let finding_type: FindingType = "Recon:EC2/Portscan".parse().unwrap();
    let reasons = |parts: &Value| reason(&Values::of(&event(&finding_type, parts), library), name);
    CORPUS.iter().filter(|line| text(line, "placeholder") == name).any(|line| {
        let is_other =
            |case: &Value| reasons(&case["finding"]).as_deref() != Some(text(case, "why"));
        reasons(&line["right"]).is_some() || wrong(line).iter().any(is_other)
    })
}

#[test]
fn no_need_can_be_dropped_unseen() {
    let common = include_str!("../../../guidance/common.md");
    let mut unseen = Vec::new();
    let weakened = with_a_need_less();
    assert!(weakened.len() > 150, "only {} needs", weakened.len());
    for (name, line, declared) in &weakened {
        let library = Library::read(&[("common.md", common), ("placeholders.toml", declared)]);
        let library = library.unwrap_or_else(|error| panic!("{name} without {line}: {error}"));
        let tries = |why: &str| {
            let mut lines = CORPUS.iter().filter(|line| text(line, "placeholder") == name.as_str());
            lines.any(|line| wrong(line).iter().any(|case| text(case, "why") == why))
        };
        // All places of the others are within one part of a finding, which is one object.
        let is_exempt = line.starts_with("owner") && NOBODY_ELSES.contains(&name.as_str())
            || line.starts_with("same_object_as") && !tries("other-object");
        if !is_exempt && !corpus_objects(name, &library) {
            unseen.push(format!("{name}: {line}"));
        }
    }
    assert!(unseen.is_empty(), "{} needs:\n{}", unseen.len(), unseen.join("\n"));
}
