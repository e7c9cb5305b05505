//! The facts of real findings, where they are given.

use guardduty_runbooks::finding::facts::Facts;
use guardduty_runbooks::finding::values::candidates;
use guardduty_runbooks::fs;
use guardduty_runbooks::guidance::library;
use serde_json::Value;

use crate::real;

/// The findings of a file in GuardDuty's own shapes, with names in camelCase; none of other shapes.
fn findings(file: Value) -> Vec<Value> {
    let findings = match file {
        Value::Object(mut file) => match (file.remove("Findings"), file.remove("detail")) {
            (Some(Value::Array(findings)), _) => findings,
            (_, Some(detail)) => vec![detail],
            _ => vec![Value::Object(file)],
        },
        _ => Vec::new(),
    };
    findings.into_iter().map(camel_case).filter(|one| one.get("accountId").is_some()).collect()
}

fn camel_case(value: Value) -> Value {
    let lower = |name: String| match name.chars().next() {
        Some(first) => first.to_ascii_lowercase().to_string() + &name[first.len_utf8()..],
        None => name,
    };
    match value {
        Value::Array(members) => members.into_iter().map(camel_case).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (lower(name), camel_case(value))).collect()
        }
        other => other,
    }
}

fn real_findings() -> Vec<Value> {
    let Some(data) = real::data() else { return Vec::new() };
    let mut all = Vec::new();
    for file in fs::names_in(&data.join("findings")).unwrap().unwrap() {
        let text = fs::read_to_string(&data.join("findings").join(file)).unwrap();
        all.extend(findings(serde_json::from_str(&text).unwrap()));
    }
    assert!(all.len() > 20, "{} findings", all.len());
    all
}

#[test]
fn real_findings_say_what_where_and_when() {
    for finding in real_findings() {
        let facts = Facts::of(&finding);
        let markdown = facts.to_markdown();
        for path in ["accountId", "type", "title"] {
            let value = finding[path].as_str().unwrap();
            assert!(markdown.contains(value), "{path} {value} is not in\n{markdown}");
        }
        for group in ["| What | |", "| When | |", "| How often | |"] {
            assert!(markdown.contains(group), "{group} is not in\n{markdown}");
        }
        let first_screen = markdown.lines().take(30).collect::<Vec<_>>().join("\n");
        assert!(first_screen.contains(finding["accountId"].as_str().unwrap()), "{first_screen}");
    }
}

#[test]
fn samples_are_told_from_real_findings() {
    for finding in real_findings() {
        let info = finding["service"]["additionalInfo"].to_string();
        let sample = Facts::of(&finding).to_markdown().contains("**sample**");
        assert_eq!(sample, info.contains("sample"), "{finding}");
    }
}

#[test]
fn what_a_real_finding_has_is_offered_to_placeholders() {
    for finding in real_findings() {
        let of = |name: &str| {
            let candidates = candidates(&library().placeholders[name], &finding).into_iter();
            candidates.map(|one| one.text).collect::<Vec<_>>()
        };
        assert_eq!(of("account_id"), [finding["accountId"].as_str().unwrap()]);
        let instance = &finding["resource"]["instanceDetails"];
        if let Some(profile) = instance["iamInstanceProfile"]["arn"].as_str() {
            assert_eq!(of("instance_profile_name"), [profile.rsplit('/').next().unwrap()]);
        }
        if let Some(instance) = instance["instanceId"].as_str() {
            assert_eq!(of("instance_id"), [instance]);
        }
        let has_address = finding["service"]["action"].to_string().contains("remoteIpDetails");
        assert_eq!(!of("remote_ip").is_empty(), has_address, "{finding}");
    }
}
