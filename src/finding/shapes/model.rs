//! The field names of GuardDuty's API model, and which values are numbers.
//!
//! `guidance/finding-paths.txt` has the path of every value, `guidance/finding-values.txt` those that
//! are no texts, and those that the API's clients call by another name than the wire does. Both come
//! from AWS's model (`conformance/finding_paths.py`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Number, Value};

static MODEL: LazyLock<Field> = LazyLock::new(|| {
    let mut root = Field::default();
    for path in include_str!("../../../guidance/finding-paths.txt").lines() {
        root.insert(path, "text", None);
    }
    for line in include_str!("../../../guidance/finding-values.txt").lines() {
        let mut words = line.split(' ');
        let (path, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        root.insert(path, kind, words.next());
    }
    root
});

/// A field of the model, with those below it.
#[derive(Debug, Default)]
pub(in crate::finding) struct Field {
    below: BTreeMap<&'static str, Field>,
    /// The name on the wire by every name in lower case.
    names: BTreeMap<String, &'static str>,
    is_list: bool,
    /// Whether what is below is named by data.
    is_map: bool,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// Text, times, and what has fields of its own.
    #[default]
    Text,
    Number,
    Boolean,
}

/// How names are written that the model does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::finding) enum Case {
    /// As on the wire; they stay.
    Camel,
    /// As clients of the API write them; the first letter becomes small.
    Title,
}

/// A finding with the names and kinds of values that the model has. What the model does not know
/// is kept.
pub(in crate::finding) fn conform(finding: Value, case: Case) -> Value {
    MODEL.conform(finding, case)
}

impl Field {
    fn insert(&mut self, path: &'static str, kind: &str, client_name: Option<&str>) {
        let mut field = self;
        let mut steps = path.split('.').peekable();
        while let Some(step) = steps.next() {
            let name = step.trim_end_matches("[]");
            if name == "*" {
                field.is_map = true;
                return;
            }
            field.names.insert(name.to_ascii_lowercase(), name);
            if let Some(client_name) = client_name.filter(|_| steps.peek().is_none()) {
                field.names.entry(client_name.to_ascii_lowercase()).or_insert(name);
            }
            field = field.below.entry(name).or_default();
            field.is_list |= step.len() > name.len();
        }
        field.kind = match kind {
            "boolean" => Kind::Boolean,
            "number" => Kind::Number,
            _ => field.kind,
        };
    }

    fn conform(&self, value: Value, case: Case) -> Value {
        match value {
            Value::Array(values) => {
                values.into_iter().map(|one| self.conform_member(one, case)).collect()
            }
            one @ Value::Object(_) if self.is_list => {
                Value::Array(vec![self.conform_member(one, case)])
            }
            other => self.conform_member(other, case),
        }
    }

    fn conform_member(&self, value: Value, case: Case) -> Value {
        match value {
            Value::Object(fields) => {
                let fields = fields.into_iter();
                fields.map(|(name, value)| self.conform_field(name, value, case)).collect()
            }
            Value::Array(_) => self.conform(value, case),
            Value::String(text) => self.conform_text(text),
            other => other,
        }
    }

    fn conform_field(&self, name: String, value: Value, case: Case) -> (String, Value) {
        if self.is_map {
            return (name, value);
        }
        if let Some(field) = self.below.get(name.as_str()) {
            return (name, field.conform(value, case));
        }
        if let Some(known) = self.names.get(&name.to_ascii_lowercase()) {
            return ((*known).to_owned(), self.below[known].conform(value, case));
        }
        match case {
            Case::Camel => (name, value),
            Case::Title => (with_small_initial(name), with_small_initials(value)),
        }
    }

    fn conform_text(&self, text: String) -> Value {
        let is_object = !self.below.is_empty() || self.is_list || self.is_map;
        match self.kind {
            _ if text.is_empty() && (is_object || self.kind != Kind::Text) => Value::Null,
            Kind::Boolean if text.eq_ignore_ascii_case("true") => Value::Bool(true),
            Kind::Boolean if text.eq_ignore_ascii_case("false") => Value::Bool(false),
            Kind::Number => number(&text).unwrap_or(Value::String(text)),
            _ => Value::String(text),
        }
    }
}

fn number(text: &str) -> Option<Value> {
    let looks_like_one = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let whole = text.parse::<i64>().ok().map(Value::from);
    let fraction = || Number::from_f64(text.parse().ok()?).map(Value::Number);
    whole.or_else(fraction).filter(|_| looks_like_one)
}

fn with_small_initials(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(with_small_initials).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let renamed =
                fields.map(|(name, value)| (with_small_initial(name), with_small_initials(value)));
            Value::Object(renamed.collect())
        }
        other => other,
    }
}

/// A name that is more than letters and digits is data, and stays.
fn with_small_initial(name: String) -> String {
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric());
    match name.chars().next() {
        Some(first) if is_name && first.is_ascii_uppercase() => {
            format!("{}{}", first.to_ascii_lowercase(), &name[1..])
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_clients_become_names_of_the_wire() {
        let title = json!({
            "Type": "x", "Resource": {"InstanceDetails": {"ProductCodes": [{"Code": "1", "ProductType": "m"}],
                "Tags": [{"Key": "Owner", "Value": "Blue"}]}},
            "Service": {"Count": "3", "Archived": "false",
                "Action": {"RdsLoginAttemptAction": {"LoginAttributes": [{"FailedLoginAttempts": 2}]},
                    "KubernetesApiCallAction": {"SourceIps": ["10.0.0.1"]},
                    "AwsApiCallAction": {"AffectedResources": {"AWS::S3::Bucket": "b", "Other": "x"}}},
                "NewThing": {"SubField": [{"AnItem": 1}], "AWS::Data": 2}}
        });
        let wire = json!({
            "type": "x", "resource": {"instanceDetails": {"productCodes": [{"productCodeId": "1", "productCodeType": "m"}],
                "tags": [{"key": "Owner", "value": "Blue"}]}},
            "service": {"count": 3, "archived": false,
                "action": {"rdsLoginAttemptAction": {"LoginAttributes": [{"failedLoginAttempts": 2}]},
                    "kubernetesApiCallAction": {"sourceIPs": ["10.0.0.1"]},
                    "awsApiCallAction": {"affectedResources": {"AWS::S3::Bucket": "b", "Other": "x"}}},
                "newThing": {"subField": [{"anItem": 1}], "AWS::Data": 2}}
        });
        assert_eq!(conform(title, Case::Title), wire);
        assert_eq!(conform(wire.clone(), Case::Camel), wire);
    }

    #[test]
    fn what_does_not_fit_the_model_is_kept() {
        let odd = json!({"service": {"count": "many", "archived": 7, "eventFirstSeen": 5},
            "resource": "x", "severity": [1], "Own": {"Field": 1}});
        assert_eq!(conform(odd.clone(), Case::Camel), odd);
        let one_bucket = json!({"resource": {"s3BucketDetails": {"name": "b"}}});
        let listed = json!({"resource": {"s3BucketDetails": [{"name": "b"}]}});
        assert_eq!(conform(one_bucket, Case::Camel), listed);
    }
}
