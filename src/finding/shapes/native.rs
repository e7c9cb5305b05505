//! GuardDuty's own JSON, as on the wire and as clients of its API write it.

use serde_json::{Map, Value};

use super::model::{Case, conform};
use crate::finding::ClaimedType;
use crate::finding::json;
use crate::finding::type_name::{Hints, resolve};

/// Whether an object with a type, and a service or resource, is a finding.
pub(in crate::finding) fn is_finding(object: &Map<String, Value>) -> bool {
    let get = |names: [&str; 2]| names.into_iter().find_map(|name| object.get(name));
    let name = get(["type", "Type"]).and_then(Value::as_str).unwrap_or_default();
    name.contains(':') || (get(["severity", "Severity"]).is_some() && get(["id", "Id"]).is_some())
}

/// The finding with the names of the wire, and the type that it says.
pub(in crate::finding) fn normal(object: Map<String, Value>) -> (Value, ClaimedType) {
    let case = if object.contains_key("type") { Case::Camel } else { Case::Title };
    let mut finding = conform(Value::Object(object), case);
    expand_additional_info(&mut finding);
    let text = |name: &str| finding.get(name).and_then(Value::as_str).unwrap_or_default();
    let said = resolve(text("type"), &Hints { title: text("title"), anchors: &[] });
    (finding, said)
}

/// Additional facts come as a JSON text in `service.additionalInfo.value`; here they get fields of
/// their own beside it, as EventBridge has them.
pub(super) fn expand_additional_info(finding: &mut Value) {
    let Some(Value::Object(info)) = finding.pointer_mut("/service/additionalInfo") else { return };
    let Some(text) = info.get("value").and_then(Value::as_str) else { return };
    if let Some(Value::Object(facts)) = json::of_finding(text) {
        let is_kept = |name: &str| {
            ["type", "value"].contains(&name) || (name == "sample" && info.contains_key(name))
        };
        let facts: Vec<_> = facts.into_iter().filter(|(name, _)| !is_kept(name)).collect();
        info.extend(facts);
    }
}
