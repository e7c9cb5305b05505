//! What of a finding could not be read, and how large a finding may be.

use std::fmt;

use serde_json::{Map, Value};

use super::json::REPLACEMENT;
use super::read::{Place, Problem};

/// The most values that a finding may have; AWS's have a few hundred, long sequences some thousand.
pub(super) const MAX_VALUES: usize = 100_000;

/// The most text that a finding may have, in bytes. EventBridge and SNS carry one MiB at most.
pub(super) const MAX_TEXT: usize = 4 << 20;

/// So many damaged fields are named.
const MAX_FIELDS: usize = 10;

/// So much of the name of a field is given, in bytes.
const MAX_NAME: usize = 200;

/// What of a finding could not be read: bytes that are no UTF-8, halves of characters. It was read
/// with U+FFFD in their place, which no value in a command may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where the record of the finding begins.
    pub place: Place,
    /// The paths of the first damaged fields, such as `resource.tags[0].value`. Untrusted.
    pub fields: Vec<String>,
    /// How many others there are.
    pub others: usize,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, byte } = self.place;
        let fields = self.fields.join(", ");
        write!(f, "line {line}, byte {byte}: the finding is damaged in {fields}")?;
        if self.others > 0 {
            write!(f, " and {} other fields", self.others)?;
        }
        Ok(())
    }
}

/// Whether a finding keeps to the bounds.
pub(super) fn bounded(finding: &Map<String, Value>) -> Result<(), Problem> {
    let mut size = Size::default();
    size.add_object(finding);
    if size.values > MAX_VALUES {
        Err(Problem::TooManyValues(MAX_VALUES))
    } else if size.text > MAX_TEXT {
        Err(Problem::TooMuchText)
    } else {
        Ok(())
    }
}

/// How large a value is.
#[derive(Default)]
struct Size {
    values: usize,
    /// Names and texts, in bytes.
    text: usize,
}

impl Size {
    fn add_object(&mut self, object: &Map<String, Value>) {
        for (name, value) in object {
            self.text += name.len();
            self.add(value);
        }
    }

    fn add(&mut self, value: &Value) {
        self.values += 1;
        match value {
            Value::String(text) => self.text += text.len(),
            Value::Array(values) => values.iter().for_each(|value| self.add(value)),
            Value::Object(object) => self.add_object(object),
            _ => {}
        }
    }
}

/// What is damaged in a finding that stands at that place of its input.
pub(super) fn of(finding: &Map<String, Value>, place: Place) -> Option<Damage> {
    let mut damage = Damage { place, fields: Vec::new(), others: 0 };
    damage.look_into(finding, &mut Vec::new());
    (!damage.fields.is_empty()).then_some(damage)
}

/// A step from a value to one within it.
#[derive(Clone, Copy)]
enum Step<'v> {
    Field(&'v str),
    Member(usize),
}

impl Damage {
    fn look<'v>(&mut self, value: &'v Value, path: &mut Vec<Step<'v>>) {
        match value {
            Value::String(text) if text.contains(REPLACEMENT) => self.name(path),
            Value::Array(values) => {
                for (at, value) in values.iter().enumerate() {
                    path.push(Step::Member(at));
                    self.look(value, path);
                    path.pop();
                }
            }
            Value::Object(object) => self.look_into(object, path),
            _ => {}
        }
    }

    fn look_into<'v>(&mut self, object: &'v Map<String, Value>, path: &mut Vec<Step<'v>>) {
        for (name, value) in object {
            path.push(Step::Field(name));
            if name.contains(REPLACEMENT) {
                self.name(path);
            } else {
                self.look(value, path);
            }
            path.pop();
        }
    }

    fn name(&mut self, path: &[Step<'_>]) {
        if self.fields.len() == MAX_FIELDS {
            self.others += 1;
            return;
        }
        let mut name = String::new();
        for step in path {
            match step {
                Step::Field(field) if name.is_empty() => name.push_str(field),
                Step::Field(field) => name.extend([".", field]),
                Step::Member(at) => name.push_str(&format!("[{at}]")),
            }
        }
        name.truncate(name.floor_char_boundary(MAX_NAME));
        self.fields.push(name);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PLACE: Place = Place { line: 2, byte: 7 };

    fn of(finding: &Value) -> Option<Damage> {
        super::of(finding.as_object().unwrap(), PLACE)
    }

    #[test]
    fn damage_is_told_with_its_fields() {
        let finding = json!({"id": "x", "a": [{"b": "\u{fffd}"}, "\u{fffd}"], "c\u{fffd}": {"d": "\u{fffd}"}});
        let damage = of(&finding).unwrap();
        assert_eq!(damage.fields, ["a[0].b", "a[1]", "c\u{fffd}"]);
        assert_eq!(
            damage.to_string(),
            "line 2, byte 7: the finding is damaged in a[0].b, a[1], c\u{fffd}"
        );
        assert_eq!(of(&json!({"a": ["b"]})), None);
    }

    #[test]
    fn only_so_much_is_told_of_much_damage() {
        let damage = of(&json!({"a".repeat(1000): vec!["\u{fffd}"; 12]})).unwrap();
        assert_eq!((damage.fields.len(), damage.others), (MAX_FIELDS, 2));
        assert_eq!(damage.fields[0].len(), MAX_NAME);
    }

    #[test]
    fn a_finding_has_bounds() {
        let of = |value: Value| bounded(value.as_object().unwrap()).map_err(|e| e.to_string());
        assert_eq!(of(json!({"a": vec![0; MAX_VALUES - 1]})), Ok(()));
        assert!(of(json!({"a": vec![0; MAX_VALUES]})).is_err());
        assert_eq!(of(json!({"a": "x".repeat(MAX_TEXT - 1)})), Ok(()));
        assert!(of(json!({"a": "x".repeat(MAX_TEXT)})).is_err());
        assert!(of(json!({"x".repeat(MAX_TEXT + 1): 0})).is_err());
    }
}
