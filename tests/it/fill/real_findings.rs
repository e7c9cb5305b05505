//! Real findings in real shapes.

use std::collections::BTreeSet;

use guardduty_runbooks::case::{Case, RunbookOrigin};
use guardduty_runbooks::catalogue::builtin;
use guardduty_runbooks::fill::values::Open;
use guardduty_runbooks::finding::{self, ClaimedType, Finding};
use guardduty_runbooks::fs;
use guardduty_runbooks::guidance::{Fit, ValueType, library};
use guardduty_runbooks::runbook::{Renderer, Template};
use serde_json::Value;

use super::commands::run;
use crate::real;

/// Types of values that cannot be taken for anything else.
const TELLING: [ValueType; 10] = [
    ValueType::AccessKeyId,
    ValueType::Ec2InstanceId,
    ValueType::ImageId,
    ValueType::NetworkAclId,
    ValueType::NetworkInterfaceId,
    ValueType::SecurityGroupId,
    ValueType::SnapshotId,
    ValueType::SubnetId,
    ValueType::VolumeId,
    ValueType::VpcId,
];

fn events() -> Vec<(String, Finding)> {
    let Some(folder) = real::data().map(|data| data.join("findings")) else { return Vec::new() };
    let names = fs::names_in(&folder).unwrap().expect("the folder is there");
    let events = names.into_iter().flat_map(|name| {
        let bytes = fs::read(&folder.join(&name)).unwrap();
        let events: Vec<Finding> = finding::read(bytes.as_slice()).map(Result::unwrap).collect();
        events.into_iter().map(move |event| (name.clone(), event))
    });
    events.collect()
}

fn case(event: &Finding) -> Case {
    let catalogue = builtin::catalogue();
    let finding = builtin::entry_of(event.finding_type.name().unwrap());
    let renderer = Renderer::new(Template::Runbook, std::collections::BTreeMap::new(), true);
    let runbook = renderer.unwrap().render(&finding, &catalogue).unwrap();
    let origin = RunbookOrigin { is_own: false, file: "x.md".into(), url: None };
    Case::new(event, &runbook, origin, library()).unwrap()
}

fn texts(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(texts.insert(text.clone())),
        Value::Array(members) => members.iter().for_each(|member| self::texts(member, texts)),
        Value::Object(members) => members.values().for_each(|member| self::texts(member, texts)),
        _ => {}
    }
}

#[test]
fn no_placeholder_is_left_whose_value_is_in_the_finding() {
    for (file, event) in events() {
        let case = case(&event);
        let mut inside = BTreeSet::new();
        texts(&event.json, &mut inside);
        for (name, left) in case.open.iter().filter(|(_, left)| left.reason != Open::NotOfFindings)
        {
            let value_type = library().placeholders[name].value_type;
            if TELLING.contains(&value_type) {
                let there = inside.iter().find(|text| value_type.fit(text) == Fit::Exact);
                assert_eq!(there, None, "{file}: <{name}> is left open: {:?}", left.reason);
            }
        }
        for name in ["account_id", "region", "finding_id"] {
            let is_used = case.open.contains_key(name) || case.values.contains_key(name);
            assert!(is_used, "{file}: {name} is in no command");
        }
        let left: Vec<_> = ["account_id", "finding_id", "window_start", "window_end"]
            .into_iter()
            .filter(|name| case.open.contains_key(*name))
            .collect();
        assert!(left.is_empty(), "{file}: {left:?} are left open");
    }
}

#[test]
fn the_commands_of_every_filled_runbook_run_with_its_values() {
    for (file, event) in events() {
        let case = case(&event);
        let is_retired = matches!(event.finding_type, ClaimedType::Retired(_));
        assert_eq!(case.markdown.contains("> **Retired type:**"), is_retired, "{file}");
        let calls = run(&case.markdown).calls;
        assert!(calls.len() > 5, "{file}: {} calls", calls.len());
        let account = &case.values["account_id"].text;
        assert!(calls.iter().flatten().any(|word| word.contains(account.as_str())), "{file}");
    }
}
