//! What a command changes is the finding's own, and of one object.

use std::collections::{BTreeMap, BTreeSet};

use guardduty_runbooks::guidance::placeholder::names_in;
use guardduty_runbooks::guidance::{Owner, Placeholder, library};

use super::steps::{changes, commands};
use super::{all, assert_none};

/// Placeholders that may be anybody's and stand in commands that change something all the same.
const ANYBODYS: [(&str, &str); 8] = [
    ("account_id", "says of the finding where it belongs"),
    ("region", "says of the finding where it belongs"),
    ("partition", "says of the finding where it belongs"),
    ("finding_id", "names the finding itself, to archive it or to label evidence"),
    ("finding_arn", "names the finding itself"),
    ("blocked_ipv4", "is the other side; `blocked` keeps out what must not be blocked"),
    ("blocked_ipv6", "is the other side; `blocked` keeps out what must not be blocked"),
    ("blocked_domain", "is the other side; `blocked` keeps out what must not be blocked"),
];

/// Leaders whose values stand together in a command that changes something, though none belongs to
/// the other by `same_object_as`.
const TOGETHER: [(&str, &str, &str); 5] = [
    ("auto_scaling_group_name", "instance_id", "the group is refused if the instance is not in it"),
    ("container_id", "ecs_cluster_arn", "a finding names the containers of its one task"),
    ("container_id", "ecs_task_arn", "a finding names the containers of its one task"),
    (
        "instance_id",
        "network_interface_id",
        "the group is made in the VPC, the instance is its label",
    ),
    (
        "ecs_cluster_arn",
        "ecs_task_arn",
        "ECS refuses a task or a service that is not in the cluster",
    ),
];

/// The commands of the whole guidance that change something, each with the steps that have it. Rules
/// for suppression are left out: they change no object, and match what the finding itself says.
fn changing() -> BTreeMap<String, BTreeSet<String>> {
    let mut changing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, guidance) in all() {
        for step in guidance.steps() {
            for command in commands(step).into_iter().filter(|command| is_change(command)) {
                changing.entry(command).or_default().insert(step.id.clone());
            }
        }
    }
    changing
}

fn is_change(command: &str) -> bool {
    changes(command) && !command.starts_with("aws guardduty create-filter ")
}

/// The placeholders of a command that a finding fills.
fn filled(command: &str) -> Vec<&'static Placeholder> {
    let named = names_in(command).filter_map(|name| library().placeholders.get(&name));
    named.filter(|placeholder| !placeholder.from.is_empty()).collect()
}

/// The first of those that a placeholder's value has to be of one object with.
fn leader(placeholder: &Placeholder) -> &str {
    match &placeholder.needs.same_object_as {
        Some(name) => leader(&library().placeholders[name]),
        None => &placeholder.name,
    }
}

/// A value of somebody else's in such a command would change what is not the finding's own.
#[test]
fn what_is_anybodys_stands_in_no_command_that_changes_something() {
    let mut faults = Vec::new();
    let mut met = BTreeSet::new();
    for (command, steps) in changing() {
        for placeholder in filled(&command) {
            if placeholder.needs.owner != Some(Owner::Anyone) {
                continue;
            }
            met.insert(placeholder.name.as_str());
            if !ANYBODYS.iter().any(|(name, _)| *name == placeholder.name) {
                faults.push(format!("{steps:?}: {} in {command}", placeholder.shown()));
            }
        }
    }
    let idle = ANYBODYS.iter().filter(|(name, _)| !met.contains(name));
    faults.extend(idle.map(|(name, _)| format!("{name} needs no exception")));
    assert_none(&faults);
}

/// What a step blocks is checked against what must not be blocked, so nothing else that is on the other
/// side is blocked.
#[test]
fn what_is_blocked_says_so_and_is_written_for_its_family_of_addresses() {
    let mut faults = Vec::new();
    for (command, steps) in changing() {
        for (option, name) in [
            ("--cidr-block", "blocked_ipv4"),
            ("--ipv6-cidr-block", "blocked_ipv6"),
            ("--domains", "blocked_domain"),
        ] {
            let words: Vec<&str> = command.split_whitespace().collect();
            let Some(at) = words.iter().position(|word| *word == option) else { continue };
            if !names_in(words[at + 1]).all(|named| named == name) {
                faults.push(format!("{steps:?}: {option} {}", words[at + 1]));
            }
        }
    }
    for (name, suffix) in [("blocked_ipv4", "/32'"), ("blocked_ipv6", "/128'")] {
        let shown = library().placeholders[name].shown();
        for (command, steps) in changing() {
            if command.contains(&shown) && !command.contains(&format!("'{shown}{suffix}")) {
                faults.push(format!("{steps:?}: {shown} without {suffix}"));
            }
        }
    }
    assert_none(&faults);
}

/// Rules of one direction of a network ACL share their numbers, whatever the family of addresses is.
#[test]
fn steps_of_one_kind_take_different_rule_numbers_in_a_network_acl() {
    let mut faults = Vec::new();
    for kind in library().kinds.values() {
        let mut seen = BTreeSet::new();
        for command in kind.steps().flat_map(commands) {
            let words: Vec<&str> = command.split_whitespace().collect();
            if words.get(2) != Some(&"create-network-acl-entry") {
                continue;
            }
            let number =
                words.iter().position(|word| *word == "--rule-number").map(|at| words[at + 1]);
            let is_egress = words.contains(&"--egress");
            if !seen.insert((number.map(str::to_owned), is_egress)) {
                faults.push(format!("{}: {command}", kind.id));
            }
        }
    }
    assert_none(&faults);
}

/// Two values of two objects in one such command would be a mixture. A command of which all values
/// follow one leader cannot be: filling leaves a follower open that is of another object.
#[test]
fn the_values_of_a_command_that_changes_something_are_of_one_object() {
    let mut faults = Vec::new();
    let mut met = BTreeSet::new();
    for (command, steps) in changing() {
        let placeholders = filled(&command).into_iter();
        let own = placeholders.filter(|one| one.needs.owner != Some(Owner::Anyone));
        let leaders: BTreeSet<&str> = own.map(leader).collect();
        for (one, other) in pairs(&leaders) {
            let is_meant =
                |(a, b, _): &&(&'static str, &'static str, &str)| (*a, *b) == (one, other);
            match TOGETHER.iter().find(is_meant) {
                Some((a, b, _)) => _ = met.insert((*a, *b)),
                None => faults.push(format!("{steps:?}: {one} and {other} in {command}")),
            }
        }
    }
    let idle = TOGETHER.iter().filter(|(a, b, _)| !met.contains(&(*a, *b)));
    faults.extend(idle.map(|(a, b, _)| format!("{a} and {b} need no exception")));
    assert_none(&faults);
}

/// All pairs of a set, in its order.
fn pairs<'a>(of: &BTreeSet<&'a str>) -> Vec<(&'a str, &'a str)> {
    let of: Vec<&str> = of.iter().copied().collect();
    (0..of.len())
        .flat_map(|at| of[at + 1..].iter().map(move |other| (at, *other)))
        .map(|(at, other)| (of[at], other))
        .collect()
}
