//! What a finding brings in `service.additionalInfo`, which AWS's model leaves open: fields of its
//! own, or JSON in a string.

use serde_json::Value;

use super::{Detail, anomaly, read};
use crate::finding::json;
use crate::finding::sample::SampleMark;

/// Whether AWS made the finding for a test.
pub(super) fn sample(finding: &Value) -> Detail {
    Detail::Words(match SampleMark::of(finding) {
        Some(SampleMark::AdditionalInfo) => {
            "**sample**: AWS made it for a test, nothing has happened"
        }
        Some(SampleMark::Title) => "**sample**, as its title says: AWS made it for a test",
        None => "real: not marked as a sample",
    })
}

/// What it tells about behaviour: `unusualBehavior` or `profiledBehavior`.
pub(super) fn told(info: &Value, about: &str) -> Vec<Detail> {
    let members = members(info);
    let about = members.iter().filter(|(name, _)| name == about);
    about.flat_map(|(name, value)| anomaly::told(name, value)).collect()
}

/// What else it brings, as names and values.
pub(super) fn rest(info: &Value) -> Vec<Detail> {
    let mut pairs = Vec::new();
    for (name, value) in members(info) {
        let is_mark = name == "sample" || (name == "type" && value.as_str() == Some("default"));
        if !is_mark && !anomaly::tells(&name, &value) {
            flatten_into(&mut pairs, &name, &value);
        }
    }
    pairs
}

/// The members of an object, and of those within it, each with its path as the name.
pub(super) fn flatten(object: &Value) -> Vec<Detail> {
    let mut pairs = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        flatten_into(&mut pairs, name, value);
    }
    pairs
}

/// The fields, and those of the JSON in `value`.
fn members(info: &Value) -> Vec<(String, Value)> {
    let Some(fields) = info.as_object() else { return Vec::new() };
    let told = fields.get("value").and_then(Value::as_str);
    let told = match told.and_then(json::of_finding) {
        Some(Value::Object(told)) => Some(told),
        _ => None,
    };
    let own = fields.iter().filter(|(name, _)| told.is_none() || *name != "value");
    let mut members: Vec<(String, Value)> =
        own.map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, value) in told.into_iter().flatten() {
        if !members.iter().any(|(known, _)| *known == name) {
            members.push((name, value));
        }
    }
    members
}

fn flatten_into(pairs: &mut Vec<Detail>, name: &str, value: &Value) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (below, value) in members {
                flatten_into(pairs, &format!("{name}.{below}"), value);
            }
        }
        Value::Array(members) if members.iter().all(|one| !one.is_object() && !one.is_array()) => {
            let texts: Vec<String> = members.iter().filter_map(read::text).collect();
            if !texts.is_empty() {
                pairs.push(Detail::Pair { key: name.to_owned(), value: texts.join(", ") });
            }
        }
        other => {
            let pair = |value| Detail::Pair { key: name.to_owned(), value };
            pairs.extend(read::text(other).map(pair));
        }
    }
}
