//! Steps say what they break, and can be told apart.

use std::collections::{BTreeMap, BTreeSet};

use guardduty_runbooks::guidance::{Block, Kind, Step, library};

use super::{all, assert_none, texts};

#[test]
fn ids_are_unique() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut see = |id: &str, place: String| {
        if let Some(other) = seen.insert(id.to_owned(), place.clone()) {
            faults.push(format!("{id}: in {other} and in {place}"));
        }
    };
    library().common.steps().for_each(|step| see(&step.id, "common".into()));
    for kind in library().kinds.values() {
        kind.steps().for_each(|step| see(&step.id, kind.id.clone()));
    }
    for family in library().families.values() {
        family.investigate.iter().for_each(|step| see(&step.id, family.id.clone()));
        family.questions.iter().for_each(|question| see(&question.id, family.id.clone()));
    }
    for own in library().types.values() {
        let name = own.finding_type.to_string();
        own.investigate.iter().for_each(|step| see(&step.id, name.clone()));
        own.questions.iter().for_each(|question| see(&question.id, name.clone()));
    }
    assert_none(&faults);
}

/// Readers see titles, not ids. Where a command makes something of that name, it is that which is
/// meant.
#[test]
fn no_text_refers_to_a_step_by_its_id() {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    let mut code = String::new();
    for (_, guidance) in all() {
        for step in guidance.steps() {
            step.code().for_each(|(_, text)| code.push_str(text));
        }
    }
    let kinds = library().kinds.values().flat_map(Kind::steps);
    let families = library().families.values();
    ids.extend(kinds.map(|step| step.id.as_str()));
    for family in families {
        ids.extend(family.investigate.iter().map(|step| step.id.as_str()));
        ids.extend(family.questions.iter().map(|question| question.id.as_str()));
    }
    ids.retain(|id| !code.contains(id));
    let mut faults = Vec::new();
    for (place, text) in texts() {
        let spans = text.split('`').skip(1).step_by(2).filter(|span| ids.contains(span));
        faults.extend(spans.map(|span| format!("{place}: `{span}`")));
    }
    assert_none(&faults);
}

/// The single commands of a step in shell.
pub(super) fn commands(step: &Step) -> Vec<String> {
    let bash = step.code().filter(|(language, _)| *language == "bash");
    let joined = bash.map(|(_, text)| text.replace("\\\n", " "));
    joined.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Whether a command changes something in AWS or in a cluster.
pub(super) fn changes(command: &str) -> bool {
    const READING: [&str; 12] = [
        "download-",
        "describe-",
        "get-",
        "list-",
        "lookup-",
        "head-",
        "batch-get-",
        "search-",
        "generate-",
        "validate-",
        "wait",
        "query",
    ];
    const STARTING_QUERIES: [&str; 5] =
        ["start-query", "start-query-execution", "filter-log-events", "simulate-", "tail"];
    const READING_KUBECTL: [&str; 8] =
        ["get", "describe", "logs", "auth", "top", "config", "version", "api-resources"];
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["aws", "s3", "ls" | "cp", ..] | ["aws", "eks", "update-kubeconfig", ..] => false,
        ["aws", _, call, ..] => {
            !READING.iter().chain(&STARTING_QUERIES).any(|verb| call.starts_with(verb))
        }
        ["kubectl", "cp", from, ..] if from.contains(':') => false,
        ["kubectl", verb, ..] => !READING_KUBECTL.contains(verb),
        _ => false,
    }
}

#[test]
fn what_changes_something_says_what_it_breaks_and_how_it_is_undone() {
    let mut faults = Vec::new();
    for (_, guidance) in all() {
        for step in guidance.steps() {
            let changing: Vec<String> = commands(step).into_iter().filter(|c| changes(c)).collect();
            let breaks = step.blocks.iter().any(|block| matches!(block, Block::Breaks(_)));
            let undo = step.blocks.iter().any(|block| matches!(block, Block::Undo(_)));
            if let (Some(command), false) = (changing.first(), breaks && undo) {
                faults.push(format!("{}: {command}", step.id));
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert_none(&faults);
}

#[test]
fn commands_that_change_something_are_told_from_those_that_do_not() {
    for command in [
        "aws ec2 create-snapshot --x",
        "aws iam update-access-key",
        "kubectl delete pod x",
        "aws s3 rm x",
        "aws ssm send-command",
    ] {
        assert!(changes(command), "{command}");
    }
    for command in [
        "aws ec2 describe-instances",
        "aws cloudtrail lookup-events",
        "kubectl get pods",
        "kubectl auth can-i --list",
        "aws logs start-query --x",
    ] {
        assert!(!changes(command), "{command}");
    }
}

/// Services that have one endpoint for all Regions.
const GLOBAL: [&str; 7] = ["iam", "sts", "organizations", "cloudfront", "route53", "account", "s3"];

#[test]
fn commands_for_services_of_a_region_name_it() {
    let mut faults = Vec::new();
    for (_, guidance) in all() {
        for (step, command) in
            guidance.steps().flat_map(|s| commands(s).into_iter().map(move |c| (s, c)))
        {
            let words: Vec<&str> = command.split_whitespace().collect();
            if let ["aws", service, ..] = words.as_slice()
                && !GLOBAL.contains(service)
                && !command.contains("--region '<")
                && !command.contains("--region us-east-1")
            {
                faults.push(format!("{}: {command}", step.id));
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert_none(&faults);
}

/// Names of buckets count in the whole world, so AWS is told whose a bucket has to be.
#[test]
fn commands_on_the_findings_bucket_name_its_owner() {
    let (mut faults, mut seen) = (Vec::new(), 0);
    for (_, guidance) in all() {
        for step in guidance.steps() {
            for command in commands(step) {
                if !command.starts_with("aws s3api ") || !command.contains("<BUCKET_NAME>") {
                    continue;
                }
                seen += 1;
                let names_bucket = command.contains("--bucket '<BUCKET_NAME>'");
                let names_source = command.contains("--copy-source '<BUCKET_NAME>");
                let owner = "bucket-owner '<ACCOUNT_ID>'";
                if names_bucket && !command.contains(&format!("--expected-{owner}"))
                    || names_source && !command.contains(&format!("--expected-source-{owner}"))
                {
                    faults.push(format!("{}: {command}", step.id));
                }
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert_none(&faults);
    assert!(seen > 100, "only {seen} commands");
}
