//! What a JSON value is: a finding in one of its shapes, an envelope around findings, or something
//! else, which is then named.

use serde_json::{Map, Value};

use super::json::{self, TooMany};
use super::read::{MAX_VALUES, Place, Problem};
use super::shapes::{asff, native, ocsf};
use super::{Finding, Shape, damage, foreign};

pub use super::foreign::Foreign;

/// Envelopes within envelopes are opened to this depth.
const MAX_ENVELOPES: usize = 8;

type Object = Map<String, Value>;

/// The findings in a value that stands at that place of the input, and what else there is in it. `left`
/// is how many values there may be in texts that are JSON.
pub(super) fn findings(value: Value, place: Place, left: usize) -> Vec<Result<Finding, Problem>> {
    let mut opening = Opening { place, left, found: Vec::new() };
    opening.open(value, &Context::default(), MAX_ENVELOPES);
    opening.found
}

/// What envelopes say about the findings in them.
#[derive(Clone, Debug, Default)]
struct Context {
    account: Option<Value>,
    region: Option<Value>,
}

/// What has been found so far.
struct Opening {
    place: Place,
    left: usize,
    found: Vec<Result<Finding, Problem>>,
}

impl Opening {
    fn open(&mut self, value: Value, context: &Context, depth: usize) {
        if depth == 0 {
            return self.foreign(Foreign::TooManyEnvelopes);
        }
        match value {
            Value::Object(object) => self.open_object(object, context, depth),
            Value::Array(values) if values.is_empty() => self.foreign(Foreign::NoRecords),
            Value::Array(values) => {
                for value in values {
                    self.open(value, context, depth - 1);
                }
            }
            Value::String(text) => self.open_text(text, context, depth),
            other => self.foreign(Foreign::of_text(&other.to_string())),
        }
    }

    fn open_text(&mut self, text: String, context: &Context, depth: usize) {
        match json::within(&text, &mut self.left) {
            Err(TooMany) => self.found.push(Err(Problem::TooManyValues(MAX_VALUES))),
            Ok(Some(inner @ (Value::Object(_) | Value::Array(_)))) => {
                // Texts within texts are not all in memory at once.
                drop(text);
                self.open(inner, context, depth - 1);
            }
            Ok(_) => self.foreign(Foreign::of_text(&text)),
        }
    }

    fn open_object(&mut self, mut object: Object, context: &Context, depth: usize) {
        if let Some(shape) = shape(&object) {
            let finding =
                damage::bounded(&object).map(|()| finding(object, shape, context, self.place));
            return self.found.push(finding);
        }
        if let Some(foreign) = foreign::record(&object) {
            return self.foreign(foreign);
        }
        if let Some(content) = content(&mut object) {
            let field = |name: &str| object.get(name).filter(|value| value.is_string()).cloned();
            let context = Context {
                account: field("account").or(context.account.clone()),
                region: field("region").or(context.region.clone()),
            };
            return self.open(content, &context, depth - 1);
        }
        self.foreign(Foreign::of_object(&object));
    }

    fn foreign(&mut self, foreign: Foreign) {
        self.found.push(Err(Problem::Foreign(foreign)));
    }
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

fn finding(object: Object, shape: Shape, context: &Context, place: Place) -> Finding {
    // Other shapes lose fields on the way; what was damaged there is then told by the names there.
    let lost = damage::of(&object, place);
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
    let damage = json.as_object().and_then(|finding| damage::of(finding, place)).or(lost);
    Finding { shape, finding_type: said, json, damage }
}
