//! Every finding type has what a responder needs.

use std::collections::{BTreeMap, BTreeSet};

use guardduty_runbooks::catalogue::builtin;
use guardduty_runbooks::finding_type::FindingType;
use guardduty_runbooks::guidance::{Step, TypeSuppression, library};

use super::{all, assert_none, finding_types};

#[test]
fn every_finding_type_of_the_catalogue_has_guidance_and_no_other() {
    let expected: BTreeSet<String> = finding_types().into_iter().collect();
    let found: BTreeSet<String> = all().into_iter().map(|(name, _)| name).collect();
    let missing = expected.difference(&found).map(|name| format!("{name} has no guidance"));
    let surplus = found.difference(&expected).map(|name| format!("{name} is no finding type"));
    assert_none(&missing.chain(surplus).collect::<Vec<_>>());
}

#[test]
fn every_finding_type_has_all_that_a_responder_needs() {
    let mut faults = Vec::new();
    for (name, guidance) in all() {
        let own = &library().types[&name.parse::<FindingType>().unwrap()];
        let has_code = |language: &str| {
            let steps = guidance.investigate.iter().copied().chain(guidance.collect);
            let mut code = steps.flat_map(Step::code);
            code.any(|(one, _)| one == language)
        };
        for (there, what) in [
            (!own.summary.trim().is_empty(), "a summary"),
            (guidance.kind.is_some(), "a kind"),
            (guidance.family.is_some(), "a family"),
            (!guidance.first_move.trim().is_empty(), "a first move"),
            (guidance.questions.len() >= 2, "two questions"),
            (own.questions.iter().any(|q| q.path.is_some()), "a question of its own with a path"),
            (!guidance.benign.is_empty(), "a benign cause"),
            (has_code("bash") || has_code("sql"), "a command or query that collects evidence"),
            (
                guidance.steps().any(|step| step.markdown().contains("cloudtrail lookup-events")),
                "a look at CloudTrail's event history",
            ),
            (!guidance.contain.is_empty(), "a step that contains"),
            (own.tactics.is_empty() == own.no_attack.is_some(), "tactics, or a reason for none"),
            (own.techniques.is_empty() || !own.tactics.is_empty(), "a tactic for its technique"),
            (!own.fields.is_empty(), "a field that the finding tells something in"),
            (guidance.first_move.lines().count() <= 3, "a first move of three lines at most"),
        ] {
            if !there {
                faults.push(format!("{name}: it lacks {what}"));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn a_severity_that_varies_is_explained() {
    let findings = builtin::catalogue().entries;
    let varies = findings.iter().filter(|f| f.severity.as_ref().is_some_and(|s| s.varies));
    let types = &library().types;
    let unexplained = varies.filter_map(|finding| types.get(&finding.finding_type));
    let unexplained = unexplained.filter(|own| own.severity.is_none());
    let faults = unexplained.map(|own| format!("{}: what decides its severity?", own.finding_type));
    assert_none(&faults.collect::<Vec<_>>());
}

/// A summary without the names in it: code, numbers, what AWS and people call things.
fn without_names(summary: &str) -> String {
    const THINGS: [&str; 28] = [
        "instance",
        "instances",
        "function",
        "functions",
        "container",
        "containers",
        "task",
        "tasks",
        "pod",
        "pods",
        "cluster",
        "clusters",
        "bucket",
        "buckets",
        "object",
        "objects",
        "database",
        "databases",
        "user",
        "users",
        "role",
        "roles",
        "host",
        "hosts",
        "process",
        "program",
        "workload",
        "identity",
    ];
    let outside_code = summary.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let words = outside_code.split(|c: char| !c.is_alphanumeric());
    let plain = words.filter(|word| {
        let is_name = word.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit());
        !word.is_empty() && !is_name && !THINGS.contains(&word.to_lowercase().as_str())
    });
    plain.collect::<Vec<_>>().join(" ").to_lowercase()
}

#[test]
fn no_two_types_share_a_text_that_is_to_be_their_own() {
    let mut seen: BTreeMap<(&str, String), String> = BTreeMap::new();
    let mut faults = Vec::new();
    for own in library().types.values() {
        let questions = own
            .questions
            .iter()
            .map(|q| ("question", q.markdown().split_once("** ").unwrap().1.to_owned()));
        let summaries = [("summary", without_names(&own.summary))];
        for (what, text) in summaries.into_iter().chain(questions) {
            let name = own.finding_type.to_string();
            if let Some(other) = seen.insert((what, text), name.clone()) {
                faults.push(format!("{name} has the same {what} as {other}"));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn the_names_in_a_summary_do_not_count() {
    let one = "The EC2 instance asked for `a.example` (T1071).";
    let other = "The Lambda function asked for `b.example` (T1072).";
    assert_eq!(without_names(&one.replace("Lambda", "EC2")), "the asked for");
    assert_ne!(without_names(one), without_names(other), "a name of one capital counts");
    assert_eq!(without_names("The RDS database"), without_names("The S3 bucket"));
}

#[test]
fn every_resource_and_every_threat_purpose_leads_to_one_kind_and_one_family() {
    let mut faults = Vec::new();
    for name in finding_types() {
        let finding_type: FindingType = name.parse().unwrap();
        let (resource, purpose) = (finding_type.resource(), finding_type.threat_purpose());
        let kinds = library().kinds.values();
        let kinds = kinds.filter(|kind| kind.resources.iter().any(|one| one == resource)).count();
        let families = library().families.values();
        let families =
            families.filter(|family| family.purposes.iter().any(|one| one == purpose)).count();
        if kinds != 1 {
            faults.push(format!("{kinds} kinds for the resource {resource}"));
        }
        if families != 1 {
            faults.push(format!("{families} families for the threat purpose {purpose}"));
        }
    }
    faults.sort();
    faults.dedup();
    assert_none(&faults);
}

#[test]
fn a_type_outside_the_catalogue_gets_kind_and_family_by_its_name_and_says_so() {
    let new: FindingType = "Backdoor:EC2/NewThing".parse().unwrap();
    let guidance = library().guidance(&new);
    assert_eq!(
        (guidance.kind, guidance.family),
        (Some("ec2-instance"), Some("command-and-control"))
    );
    let said = guidance.foreign.unwrap();
    assert!(said.contains("EC2 instance") && said.contains("Command and control"), "{said}");
    assert!(guidance.suppression.never.is_some() && guidance.suppression.rule.is_none());
    assert!(guidance.tactics.is_empty() && guidance.summary.is_none());

    let strange: FindingType = "Mystery:Toaster/Burns".parse().unwrap();
    let guidance = library().guidance(&strange);
    assert_eq!((guidance.kind, guidance.family), (None, None));
    assert!(guidance.foreign.unwrap().contains("any finding"));
    assert!(!guidance.first_move.is_empty() && guidance.investigate.is_empty());
}

#[test]
fn every_kind_family_tactic_and_technique_is_used() {
    let types = || library().types.values();
    let kinds = library().kinds.keys().filter(|id| !types().any(|own| own.kind == **id));
    let families = library().families.keys().filter(|id| !types().any(|own| own.family == **id));
    let attack = library().tactics().chain(library().techniques()).map(|entry| &entry.id);
    let attack =
        attack.filter(|id| !types().any(|o| o.tactics.contains(id) || o.techniques.contains(id)));
    let unused = kinds.chain(families).chain(attack).map(|id| format!("{id} is not used"));
    assert_none(&unused.collect::<Vec<_>>());
    let unknown = library().families.values().flat_map(|family| &family.kinds);
    let unknown = unknown.filter(|kind| !library().kinds.contains_key(*kind));
    assert_none(&unknown.map(|kind| format!("there is no kind {kind}")).collect::<Vec<_>>());
}

#[test]
fn a_rule_that_suppresses_has_a_criterion_that_aws_lists() {
    let listed: BTreeSet<&str> =
        include_str!("../../../guidance/filter-criteria.txt").lines().collect();
    let mut faults = Vec::new();
    let rules = library().types.values().filter_map(|own| match &own.suppression {
        TypeSuppression::Rule { criterion, .. } => Some((own.finding_type.to_string(), criterion)),
        TypeSuppression::Never(_) => None,
    });
    let kinds = library().kinds.values();
    let alone = kinds.filter_map(|kind| Some((kind.id.clone(), kind.alone.as_ref()?)));
    for (name, criterion) in rules.chain(alone) {
        let known = library().placeholders.contains_key(&criterion.placeholder);
        if !listed.contains(criterion.criterion.as_str()) || !known {
            faults.push(format!("{name}: {criterion:?}"));
        }
    }
    assert_none(&faults);
}
