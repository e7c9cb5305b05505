//! What the browser asks for: a runbook filled with the values of a finding that somebody pasted.
//!
//! The functions take and give JSON texts, because they are called across the border of
//! WebAssembly. They call [`event::read`] and [`fill()`], and know no rule of safety of their own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::article::article;
use crate::event::{self, Event, EventType, path};
use crate::fill::fill;
use crate::fill::values::{Open, Values};
use crate::guidance::{Library, Placeholder};

/// What is asked.
#[derive(Debug, Deserialize)]
struct Question {
    /// The text that somebody pasted.
    finding: String,
    /// The runbook to fill; none asks only which one the finding needs.
    runbook: Option<Runbook>,
    /// The data files of the guidance that declare placeholders, by name and text.
    guidance: Vec<(String, String)>,
}

/// A runbook of the site.
#[derive(Debug, Deserialize)]
struct Runbook {
    title: String,
    markdown: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// The finding was understood.
    Finding(Box<Filling>),
    /// It was not: what is wrong with it, and what to do.
    Problem { message: String, hint: Option<String> },
}

/// A finding, and a runbook with its values.
#[derive(Debug, Serialize)]
struct Filling {
    finding_type: String,
    /// The name of the runbook's page without `.html`; none where the type cannot be read.
    slug: Option<String>,
    /// Whether the type is one that GuardDuty generates.
    is_active: bool,
    is_sample: bool,
    /// How many other findings the text holds.
    others: usize,
    /// What the finding says of itself, in words.
    facts: Vec<(&'static str, String)>,
    /// The runbook as HTML; none where no runbook was asked for.
    html: Option<String>,
    /// What was filled in, by placeholder.
    filled: BTreeMap<String, FilledValue>,
    /// What stayed open, by placeholder, and why.
    open: BTreeMap<String, &'static str>,
}

/// A value that stands in the runbook now.
#[derive(Debug, Serialize)]
struct FilledValue {
    value: String,
    /// Whether it is in AWS's own format.
    is_exact: bool,
    /// How many other values of the kind the finding has.
    others: usize,
}
