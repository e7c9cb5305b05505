//! The filters that templates have beside the engine's own, and two of those with a bound.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use minijinja::value::{Kwargs, StringInput, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, filters};

use super::markdown::{cell_text, escape};
use super::steps::work_of;

/// Gives templates the filters.
pub(super) fn add_to(environment: &mut Environment<'_>) {
    environment.add_filter("yaml", yaml);
    environment.add_filter("md", |text: &str| escape(text));
    environment.add_filter("cell", cell);
    environment.add_filter("join", join);
    environment.add_filter("string", string);
}

/// Text that may stand in the cell of a table, which most texts do as they are.
fn cell(text: Value) -> Result<Value, Error> {
    let given = text.as_str().ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, format!("a cell takes text, not {}", text.kind()))
    })?;
    match cell_text(given) {
        Cow::Borrowed(_) => Ok(text),
        Cow::Owned(cell) => Ok(cell.into()),
    }
}

/// A value as YAML on one line: texts in double quotes, lists in brackets. A list may be longer than
/// the memory that it takes, so that each item is work.
fn yaml(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    let json = |value: &Value| match value.as_str() {
        Some(text) => serde_json::to_string(text),
        None => serde_json::to_string(value),
    };
    let written = match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Vec<String> = value
                .try_iter()?
                .map(|item| {
                    let item = json(&item).map_err(not_yaml)?;
                    state.consume_fuel(work_of(item.len()))?;
                    Ok(item)
                })
                .collect::<Result<_, Error>>()?;
            format!("[{}]", items.join(", "))
        }
        _ => json(value).map_err(not_yaml)?,
    };
    Ok(written)
}

fn not_yaml(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::InvalidOperation, "the value cannot be written as YAML")
        .with_source(error)
}

/// The engine's filter, which counts the text that it makes only once it is there. A list of a long
/// text, many times, takes no memory, and its text does.
fn join(
    state: &mut State<'_, '_>,
    list: &Value,
    joiner: Option<StringInput<'_>>,
    attribute: Option<&str>,
    named: Kwargs,
) -> Result<Value, Error> {
    if let Ok(items) = list.try_iter() {
        for item in items {
            state.consume_fuel(work_of(length(state, &item)?))?;
        }
    }
    filters::join(state, list, joiner, attribute, named)
}

/// The engine's filter, with the same bound.
fn string(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    length(state, value)?;
    filters::string(state, value)
}

/// The bytes of a value as text; an error where there is no fuel left for so many.
fn length(state: &State<'_, '_>, value: &Value) -> Result<usize, Error> {
    let left = state.fuel_levels().map_or(u64::MAX, |(_, left)| left.saturating_mul(64));
    let mut length = Length { bytes: 0, most: usize::try_from(left).unwrap_or(usize::MAX) };
    let measured = match value.as_str() {
        Some(text) => length.write_str(text),
        None => write!(length, "{value}"),
    };
    measured.map(|()| length.bytes).map_err(|_| ErrorKind::OutOfFuel.into())
}

/// Counts what is written, up to a bound.
struct Length {
    bytes: usize,
    most: usize,
}

impl fmt::Write for Length {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        self.bytes = self.bytes.saturating_add(more.len());
        if self.bytes > self.most { Err(fmt::Error) } else { Ok(()) }
    }
}
