//! What a JSON value is: a finding in one of its shapes, an envelope around findings, or something
//! else, which is then named.

use serde_json::{Map, Value};

use super::foreign;
use super::shapes::{asff, native, ocsf};
use super::{Event, Shape};

pub use super::foreign::Foreign;

/// Envelopes within envelopes are opened to this depth.
const MAX_ENVELOPES: usize = 8;

type Object = Map<String, Value>;

/// The findings in a value, and what else there is in it.
pub(super) fn events(value: Value) -> Vec<Result<Event, Foreign>> {
    let mut found = Vec::new();
    open(value, &Context::default(), MAX_ENVELOPES, &mut found);
    found
}

/// What envelopes say about the findings in them.
#[derive(Clone, Debug, Default)]
struct Context {
    account: Option<Value>,
    region: Option<Value>,
}

fn open(value: Value, context: &Context, depth: usize, found: &mut Vec<Result<Event, Foreign>>) {
    if depth == 0 {
        return found.push(Err(Foreign::TooManyEnvelopes));
    }
    match value {
        Value::Object(object) => open_object(object, context, depth, found),
        Value::Array(values) if values.is_empty() => found.push(Err(Foreign::NoRecords)),
        Value::Array(values) => {
            for value in values {
                open(value, context, depth - 1, found);
            }
        }
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => {
                open(inner, context, depth - 1, found);
            }
            _ => found.push(Err(Foreign::of_text(&text))),
        },
        other => found.push(Err(Foreign::of_text(&other.to_string()))),
    }
}

fn open_object(
    mut object: Object,
    context: &Context,
    depth: usize,
    found: &mut Vec<Result<Event, Foreign>>,
) {
    if let Some(shape) = shape(&object) {
        return found.push(Ok(event(object, shape, context)));
    }
    if let Some(foreign) = foreign::record(&object) {
        return found.push(Err(foreign));
    }
    if let Some(content) = content(&mut object) {
        let field = |name: &str| object.get(name).filter(|value| value.is_string()).cloned();
        let context = Context {
            account: field("account").or(context.account.clone()),
            region: field("region").or(context.region.clone()),
        };
        return open(content, &context, depth - 1, found);
    }
    found.push(Err(Foreign::of_object(&object)));
}

/// What an envelope holds.
fn content(object: &mut Object) -> Option<Value> {
    let lists = ["Findings", "findings", "Records", "records", "Messages"];
    if let Some(name) =
        lists.into_iter().find(|name| object.get(*name).is_some_and(Value::is_array))
    {
        return object.remove(name);
    }
    // EventBridge; SNS within Lambda.
    if let Some(name) = ["detail", "Sns"].into_iter().find(|name| object.get(*name).is_some()) {
        return object.remove(name);
    }
    // SNS; SQS; SQS as `receive-message` gives it.
    let texts = ["Message", "body", "Body"];
    let name = texts.into_iter().find(|name| object.get(*name).is_some_and(Value::is_string))?;
    object.remove(name)
}

/// The shape of a finding of GuardDuty; none for anything else.
fn shape(object: &Object) -> Option<Shape> {
    let has = |name: &str| object.get(name).is_some_and(|value| !value.is_null());
    let is_text = |name: &str| object.get(name).is_some_and(Value::is_string);
    if ocsf::is_guardduty(object) {
        Some(Shape::Ocsf)
    } else if asff::is_guardduty(object) {
        Some(Shape::Asff)
    } else if is_text("type") && (has("service") || has("resource")) && native::is_finding(object) {
        Some(Shape::CamelCase)
    } else if is_text("Type") && (has("Service") || has("Resource")) && native::is_finding(object) {
        Some(Shape::TitleCase)
    } else {
        None
    }
}

fn event(object: Object, shape: Shape, context: &Context) -> Event {
    let (json, said) = match shape {
        Shape::CamelCase | Shape::TitleCase => native::normal(object),
        Shape::Asff => asff::normal(&object),
        Shape::Ocsf => ocsf::normal(&object),
    };
    let mut json = json;
    if let Value::Object(finding) = &mut json {
        for (name, value) in [("accountId", &context.account), ("region", &context.region)] {
            if let Some(value) = value
                && !finding.contains_key(name)
            {
                finding.insert(name.to_owned(), value.clone());
            }
        }
        // Whatever the shape called it, the finding has the name that GuardDuty has for it.
        if let Some(name) = said.name() {
            finding.insert("type".to_owned(), Value::from(name.as_str()));
        }
    }
    Event { shape, finding_type: said, json }
}
