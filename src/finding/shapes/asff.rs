//! The AWS Security Finding Format, in which Security Hub has GuardDuty's findings
//! (<https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html>).

use serde_json::{Map, Value, json};

use super::model::{Case, conform};
use super::native::expand_additional_info;
use super::{fill_in, object, product_fields, resources, text_at};
use crate::finding::type_name::{Hints, resolve};
use crate::finding::{ClaimedType, sample};
use crate::severity::SeverityLevel;

/// Whether an object is a finding of GuardDuty in this format.
pub(in crate::finding) fn is_guardduty(object: &Map<String, Value>) -> bool {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_asff = object.contains_key("AwsAccountId") && object.contains_key("Types")
        || object.contains_key("ProductArn");
    is_asff
        && (text("ProductArn").ends_with("product/aws/guardduty")
            || text("ProductName").eq_ignore_ascii_case("GuardDuty")
            || text("GeneratorId").contains(":guardduty:")
            || text("Id").contains(":guardduty:"))
}

/// The finding in GuardDuty's form, and the type that it says.
pub(in crate::finding) fn normal(object: &Map<String, Value>) -> (Value, ClaimedType) {
    convert(&Value::Object(object.clone()), &[])
}

/// The same with addresses of AWS's documentation, which may tell the type.
pub(super) fn convert(asff: &Value, anchors: &[&str]) -> (Value, ClaimedType) {
    let mut finding = product_fields(asff);
    expand_additional_info(&mut finding);
    if let Some(action) = asff.get("Action") {
        let action = json!({"Service": {"Action": action}});
        fill_in(&mut finding, conform(action, Case::Title));
    }
    fill_in(&mut finding, about(asff));
    fill_in(&mut finding, service(asff));
    fill_in(&mut finding, json!({"resource": resources::resource(asff)}));
    let said = event_type(asff, anchors);
    (conform(finding, Case::Camel), said)
}

fn product_fields(asff: &Value) -> Value {
    let fields = asff.get("ProductFields").and_then(Value::as_object);
    let tree = fields.map_or(Value::Object(Map::new()), product_fields::unflatten);
    conform(tree, Case::Camel)
}

/// Who, where, when, what.
fn about(asff: &Value) -> Value {
    let text = |pointer: &str| text_at(asff, pointer).map(Value::from);
    let arn = text_at(asff, "/Id").filter(|id| id.starts_with("arn:"));
    let id = text_at(asff, "/Id").and_then(|id| id.rsplit('/').next());
    object([
        ("accountId", text("/AwsAccountId")),
        ("arn", arn.map(Value::from)),
        ("createdAt", text("/CreatedAt")),
        ("description", text("/Description")),
        ("id", id.map(Value::from)),
        ("partition", arn.and_then(|arn| arn.split(':').nth(1)).map(Value::from)),
        ("region", text("/Region")),
        ("severity", severity(asff)),
        ("title", text("/Title")),
        ("type", text("/Types/0")),
        ("updatedAt", text("/UpdatedAt")),
    ])
}

fn service(asff: &Value) -> Value {
    let text = |pointer: &str| text_at(asff, pointer).map(Value::from);
    let generator = text_at(asff, "/GeneratorId").unwrap_or_default();
    let detector = generator.split_once("detector/").map(|(_, id)| Value::from(id));
    let is_sample = asff.get("Sample").is_some_and(sample::is_set);
    let info = object([("sample", is_sample.then_some(Value::Bool(true)))]);
    let state = text_at(asff, "/RecordState");
    let service = object([
        ("additionalInfo", Some(info)),
        ("archived", state.map(|state| Value::Bool(state == "ARCHIVED"))),
        ("detectorId", detector),
        ("eventFirstSeen", text("/FirstObservedAt")),
        ("eventLastSeen", text("/LastObservedAt")),
    ]);
    json!({"service": service})
}

/// GuardDuty's number. Where Security Hub has only the level, the number that GuardDuty has for
/// most findings of that level.
fn severity(asff: &Value) -> Option<Value> {
    let places = ["/Severity", "/FindingProviderFields/Severity"];
    let mut numbers = places.iter().filter_map(|place| asff.pointer(&format!("{place}/Product")));
    let number = numbers.find(|number| number.is_number() || number.is_string()).cloned();
    let label = || places.iter().find_map(|place| text_at(asff, &format!("{place}/Label")));
    let usual = |level| match level {
        SeverityLevel::Low => 2,
        SeverityLevel::Medium => 5,
        SeverityLevel::High => 8,
        SeverityLevel::Critical => 9,
    };
    number.or_else(|| SeverityLevel::from_word(label()?).map(|level| Value::from(usual(level))))
}

/// The type, out of whichever of the finding's types tells it.
fn event_type(asff: &Value, anchors: &[&str]) -> ClaimedType {
    let lists = ["/Types", "/FindingProviderFields/Types"];
    let lists = lists.iter().filter_map(|list| asff.pointer(list)?.as_array());
    let said: Vec<&str> = lists.flatten().filter_map(Value::as_str).collect();
    let hints = Hints { title: text_at(asff, "/Title").unwrap_or_default(), anchors };
    let known = |said: &&str| match resolve(said, &hints) {
        known @ (ClaimedType::Active(_) | ClaimedType::Retired(_)) => Some(known),
        _ => None,
    };
    let found = said.iter().find_map(known);
    found.unwrap_or_else(|| resolve(said.first().copied().unwrap_or_default(), &hints))
}
