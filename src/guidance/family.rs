//! Threat families: what to ask and to look for after a kind of attack, whatever it hit.

use serde::Deserialize;

use super::GuidanceError;
use super::document::Document;
use super::step::{Question, Step};

/// The sections of a family's file, in their order.
const SECTIONS: [&str; 6] =
    ["First move", "Flow", "Triage", "Investigate", "Benign causes", "Suppression"];

/// A family of threats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name, which is that of its file: `command-and-control`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The threat purposes for which it is the family where nothing else is said.
    pub purposes: Vec<String>,
    /// The kinds of resource that its steps have in mind.
    pub kinds: Vec<String>,
    /// What to do before anything else, as Markdown.
    pub first_move: String,
    /// The decisions as a picture (Mermaid within Markdown), where they are easier to see so.
    pub flow: Option<String>,
    /// What to find out.
    pub questions: Vec<Question>,
    /// Where to look.
    pub investigate: Vec<Step>,
    /// What else it can be, one Markdown text each.
    pub benign: Vec<String>,
    /// What to bear in mind before findings are suppressed, as Markdown.
    pub suppression: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    purposes: Vec<String>,
    kinds: Vec<String>,
}

impl Family {
    /// Reads a family's file.
    pub(super) fn read(id: &str, file: &str, text: &str) -> Result<Self, GuidanceError> {
        let document = Document::new(file, text, &SECTIONS)?;
        let FrontMatter { title, purposes, kinds } = document.front_matter()?;
        Ok(Self {
            id: id.to_owned(),
            title,
            purposes,
            kinds,
            first_move: document.section("First move")?.text()?,
            flow: document.optional("Flow").map(|flow| flow.text()).transpose()?,
            questions: document.section("Triage")?.questions()?,
            investigate: document.section("Investigate")?.steps()?,
            benign: document.section("Benign causes")?.bullets()?,
            suppression: document.section("Suppression")?.text()?,
        })
    }
}
