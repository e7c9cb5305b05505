//! The facts of a finding: what a responder needs first.
//!
//! What is shown, and from where in the finding, stands in tables (`rows`); the same tables tell a
//! test which fields of AWS's API model are used.

mod anomaly;
pub(crate) mod cell;
mod console;
#[cfg(test)]
mod coverage;
mod info;
mod lineage;
mod markdown;
mod read;
mod rows;
mod timeline;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// What a finding says, grouped by what a responder asks. Texts are as the finding has them, at
/// full length, and untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// What was found.
    pub what: Vec<Fact>,
    /// On which resource.
    pub r#where: Vec<Fact>,
    /// When it happened.
    pub when: Vec<Fact>,
    /// Who did it, and how.
    pub who: Vec<Fact>,
    /// How often it was seen.
    pub how_often: Vec<Fact>,
    /// The signals of an attack sequence, first seen first.
    pub timeline: Vec<Detail>,
    /// The finding's address in AWS's console, where its id and Region are well-formed.
    pub console_url: Option<String>,
}

/// A fact: what it is about, and what the finding says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about: `Remote address`.
    pub label: &'static str,
    /// What the finding says, in its order.
    pub values: Vec<Detail>,
}

/// One thing that a finding says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Detail {
    /// A text of the finding.
    Text(String),
    /// Our words for what the finding says.
    Words(&'static str),
    /// A name and a value that the finding brings, such as a tag.
    Pair {
        /// The name.
        key: String,
        /// The value.
        value: String,
    },
    /// Something with several fields, such as a network interface.
    #[serde(serialize_with = "as_map")]
    Fields(Vec<Field>),
}

/// A field of something that has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is; empty for what names the thing itself.
    pub name: &'static str,
    /// What the finding says.
    pub values: Vec<String>,
    /// Whether there can be several.
    pub is_list: bool,
}

impl Facts {
    /// The facts of a finding, in GuardDuty's own camelCase JSON. Fields that are missing, or that
    /// hold something else than they should, are left out.
    pub fn of(finding: &Value) -> Self {
        Self {
            what: read::facts(rows::WHAT, finding),
            r#where: read::facts(rows::WHERE, finding),
            when: read::facts(rows::WHEN, finding),
            who: read::facts(rows::WHO, finding),
            how_often: read::facts(rows::HOW_OFTEN, finding),
            timeline: timeline::of(finding),
            console_url: console::url(finding),
        }
    }

    /// The facts as Markdown: a table for each group, a table of the timeline, a link to the
    /// console. Values stand in code spans, shortened where they are long.
    pub fn to_markdown(&self) -> String {
        markdown::write(self)
    }
}

impl Field {
    fn one(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, values: vec![value.into()], is_list: false }
    }
}

fn as_map<S: Serializer>(fields: &[Field], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(fields.len()))?;
    for Field { name, values, is_list } in fields {
        let name = if name.is_empty() { "value" } else { name };
        match values.first() {
            Some(value) if !is_list => map.serialize_entry(name, value)?,
            _ => map.serialize_entry(name, values)?,
        }
    }
    map.end()
}

#[cfg(test)]
mod tests;
