//! The values of one finding that can take the place of placeholders.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::event::time::Moment;
use crate::event::values::candidates;
use crate::event::{Event, path};
use crate::guidance::{Fit, Library, Placeholder, ValueType};

/// What a finding has for the placeholders of runbooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, Result<Value, Open>>);

/// A value that may stand in a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Value {
    /// The value; it keeps to the grammar of its type.
    pub text: String,
    /// Whether it is in AWS's own format. Values of sample findings often are not.
    pub is_exact: bool,
    /// How many other values of the kind the finding has.
    pub others: usize,
    /// Whether it is a number, which needs no quotes where there are numbers.
    #[serde(skip)]
    pub is_number: bool,
}

/// Why a placeholder stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Open {
    /// No finding has the value: a person or a step before gives it.
    NotOfFindings,
    /// Findings can have the value; this one does not.
    NotInThisFinding,
    /// The finding's value does not keep to the grammar of its type.
    Unfit,
    /// Something in the value would be read as code where it would stand: a comma in the AWS CLI's
    /// shorthand, `--` in SQL.
    MeansSomething,
    /// It is not one of the placeholders of the guidance.
    Unknown,
    /// The value has more than letters and digits, and it would stand without quotes in a language
    /// whose quotes the program does not know.
    WithoutRules,
}

impl Values {
    /// The values that a finding has.
    pub fn of(event: &Event, library: &Library) -> Self {
        let found = library.placeholders.values();
        let found = found.map(|one| (one.name.clone(), value_of(one, &event.json)));
        Self(found.collect())
    }

    /// Values given by name. They are held to the grammar of their types like those of a finding.
    pub fn given<'t>(
        given: impl IntoIterator<Item = (&'t str, &'t str)>,
        library: &Library,
    ) -> Self {
        let fitted = |(name, text): (&str, &str)| {
            let value = match library.placeholders.get(name) {
                Some(placeholder) => fitted(placeholder.value_type, &[text.to_owned()]),
                None => Err(Open::Unknown),
            };
            (name.to_owned(), value)
        };
        Self(given.into_iter().map(fitted).collect())
    }

    /// The value of a placeholder, or why there is none.
    pub fn get(&self, name: &str) -> Result<&Value, Open> {
        match self.0.get(name) {
            Some(Ok(value)) => Ok(value),
            Some(Err(open)) => Err(*open),
            None => Err(Open::Unknown),
        }
    }
}

fn value_of(placeholder: &Placeholder, finding: &Json) -> Result<Value, Open> {
    let texts = match window(&placeholder.name, finding) {
        Some(time) => vec![time],
        None => candidates(placeholder, finding),
    };
    match texts.as_slice() {
        [] if placeholder.from.is_empty() => Err(Open::NotOfFindings),
        [] => Err(Open::NotInThisFinding),
        texts => fitted(placeholder.value_type, texts),
    }
}

/// The hours in which to search logs, from an hour before the first event to an hour after the
/// last.
fn window(name: &str, finding: &Json) -> Option<String> {
    let time = |path| path::first(finding, path).and_then(Moment::of);
    let start = || time("service.eventFirstSeen").map(|time| time.plus_hours(-1));
    let end = || time("service.eventLastSeen").map(|time| time.plus_hours(1));
    match name {
        "window_start" => Some(start()?.to_string()),
        "window_end" => Some(end()?.to_string()),
        "window_start_day" => Some(start()?.day_path()),
        "window_end_day" => Some(end()?.day_path()),
        _ => None,
    }
}

/// The first of these texts, if it keeps to the grammar of a type.
fn fitted(value_type: ValueType, texts: &[String]) -> Result<Value, Open> {
    let text = texts[0].clone();
    let is_numeric = matches!(value_type, ValueType::Integer | ValueType::Port);
    match value_type.fit(&text) {
        Fit::Unfit => Err(Open::Unfit),
        fit => Ok(Value {
            is_number: is_numeric && text.bytes().all(|byte| byte.is_ascii_digit()),
            text,
            is_exact: fit == Fit::Exact,
            others: texts.len() - 1,
        }),
    }
}
