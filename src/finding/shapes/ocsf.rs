//! Detection Findings of the Open Cybersecurity Schema Framework (class 2004,
//! <https://schema.ocsf.io/classes/detection_finding>), made by Security Hub itself or from its
//! older format, whose fields are then under `unmapped`.

use serde_json::{Map, Value, json};

use super::{asff, fill_in, object, ocsf_evidence, text_at};
use crate::finding::ClaimedType;
use crate::finding::json::of_finding;

const DETECTION_FINDING: u64 = 2004;

/// Whether an object is a finding of GuardDuty in this format.
pub(in crate::finding) fn is_guardduty(ocsf: &Map<String, Value>) -> bool {
    if ocsf.get("class_uid").and_then(Value::as_u64) != Some(DETECTION_FINDING) {
        return false;
    }
    let product = ocsf.get("metadata").and_then(|data| data.get("product"));
    let says = |name: &str| {
        let text = product.and_then(|product| text_at(product, name)).unwrap_or_default();
        text.to_ascii_lowercase().contains("guardduty")
    };
    let info = ocsf.get("finding_info");
    let id = info.and_then(|info| text_at(info, "/uid")).unwrap_or_default();
    says("/name") || says("/uid") || id.contains(":guardduty:")
}

/// The finding in GuardDuty's form, and the type that it says.
pub(in crate::finding) fn normal(ocsf: &Map<String, Value>) -> (Value, ClaimedType) {
    let ocsf = Value::Object(ocsf.clone());
    let references = ocsf.pointer("/remediation/references").and_then(Value::as_array);
    let references: Vec<&str> =
        references.into_iter().flatten().filter_map(Value::as_str).collect();
    let (mut finding, said) = asff::convert(&as_asff(&ocsf), &references);
    fill_in(&mut finding, ocsf_evidence::finding(&ocsf));
    (finding, said)
}

/// What Security Hub's older format would have.
fn as_asff(ocsf: &Value) -> Value {
    let text = |pointer: &str| text_at(ocsf, pointer).map(Value::from);
    let info = |name: &str| text(&format!("/finding_info/{name}"));
    // Texts where there are any, else numbers of milliseconds.
    let time = |name: &str| {
        info(&format!("{name}_dt"))
            .or_else(|| ocsf.pointer(&format!("/finding_info/{name}")).cloned())
    };
    let unmapped = |name: &str| ocsf.get("unmapped").and_then(|fields| fields.get(name)).cloned();
    let severity =
        object([("Product", unmapped("Severity.Product")), ("Label", text("/severity"))]);
    let mut asff = object([
        ("AwsAccountId", text("/cloud/account/uid")),
        ("CreatedAt", time("created_time")),
        ("Description", info("desc")),
        ("FirstObservedAt", time("first_seen_time")),
        ("GeneratorId", text("/metadata/product/feature/uid")),
        ("Id", info("uid")),
        ("LastObservedAt", time("last_seen_time")),
        ("RecordState", unmapped("RecordState")),
        ("Region", text("/cloud/region")),
        ("Sample", unmapped("Sample")),
        ("Severity", Some(severity)),
        ("Title", info("title")),
        ("Types", ocsf.pointer("/finding_info/types").cloned()),
        ("UpdatedAt", time("modified_time")),
    ]);
    asff["ProductFields"] = product_fields(ocsf);
    asff["Resources"] = resources(ocsf);
    asff
}

fn product_fields(ocsf: &Value) -> Value {
    let unmapped = ocsf.get("unmapped").and_then(Value::as_object);
    let fields = unmapped.into_iter().flatten().filter_map(|(name, value)| {
        Some((name.strip_prefix("ProductFields.")?.to_owned(), value.clone()))
    });
    Value::Object(fields.collect())
}

fn resources(ocsf: &Value) -> Value {
    let lists = ocsf.get("resources").and_then(Value::as_array);
    lists.into_iter().flatten().map(resource).collect()
}

fn resource(resource: &Value) -> Value {
    let kind = text_at(resource, "/type").unwrap_or_default();
    let data = match resource.get("data") {
        Some(Value::String(text)) => of_finding(text).unwrap_or_default(),
        Some(data) => data.clone(),
        None => Value::Null,
    };
    // The details are under the name of the type, or stand alone.
    let details = if data.get(kind).is_some() { data } else { json!({kind: data}) };
    object([
        ("Type", Some(Value::from(kind))),
        ("Id", text_at(resource, "/uid").map(Value::from)),
        ("Details", Some(details)),
        ("Tags", tags(resource)),
    ])
}

/// Tags are objects with name and value, or labels `name=value`.
fn tags(resource: &Value) -> Option<Value> {
    let list = |name: &str| resource.get(name).and_then(Value::as_array);
    let pair = |tag: &Value| match tag {
        Value::String(label) => {
            let (name, value) = label.split_once('=').unwrap_or((label, ""));
            Some((name.to_owned(), Value::from(value)))
        }
        tag => Some((text_at(tag, "/name")?.to_owned(), tag.get("value").cloned()?)),
    };
    let tags = list("tags").or_else(|| list("labels"))?;
    Some(Value::Object(tags.iter().filter_map(pair).collect()))
}
