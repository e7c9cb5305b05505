//! The shapes in which findings come, each brought into GuardDuty's own form.

pub(super) mod asff;
pub(super) mod model;
pub(super) mod native;
pub(super) mod ocsf;
mod ocsf_evidence;
mod product_fields;
mod resources;

use serde_json::{Map, Value};

/// Adds what a value lacks from another one; what it has stays.
fn fill_in(value: &mut Value, from: Value) {
    match (value, from) {
        (Value::Object(value), Value::Object(from)) => {
            for (name, from) in from {
                match value.get_mut(&name) {
                    Some(value) => fill_in(value, from),
                    None => drop(value.insert(name, from)),
                }
            }
        }
        (value @ Value::Null, from) => *value = from,
        _ => {}
    }
}

/// An object of those values that there are.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let is_value = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    let fields = fields.into_iter();
    let there = fields.filter_map(|(name, value)| Some((name.to_owned(), value.filter(is_value)?)));
    Value::Object(there.collect::<Map<_, _>>())
}

/// A text within an object, by JSON pointer.
fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}
