//! What the runbooks of several finding types have in common, made once for all of them: most of a
//! runbook is guidance for its kind of resource and its family of threats, and AWS's remediation
//! pages.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::markdown::{Style, cell_text, write, write_inlines};
use crate::catalogue::Catalogue;
use crate::guidance::{Guidance, Origin, Placeholder, library};
use crate::guide::GuideLink;

const STEPS: Style = Style::Runbook { heading_shift: 2 };

/// The values that the finding types of a catalogue share.
pub(super) struct Shared<'a> {
    pub(super) catalogue: &'a Catalogue,
    /// Steps and questions of the guidance, by their address in the library, which never moves.
    guidance: RefCell<HashMap<usize, Value>>,
    /// Placeholders by name, for findings with a sequence and for others.
    placeholders: RefCell<HashMap<(bool, &'static str), Value>>,
    /// The steps of remediation pages; none where the catalogue does not have them.
    steps: RefCell<HashMap<GuideLink, Option<Value>>>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        let (guidance, placeholders) = (RefCell::default(), RefCell::default());
        Self { catalogue, guidance, placeholders, steps: RefCell::default() }
    }

    /// The steps that a link into a remediation page leads to.
    pub(super) fn steps(&self, link: &GuideLink) -> Option<Value> {
        if let Some(made) = self.steps.borrow().get(link) {
            return made.clone();
        }
        let made = self.catalogue.remediation.steps(link).map(|steps| {
            mapping([
                ("title", Value::from(write_inlines(steps.title, STEPS))),
                ("url", Value::from(self.catalogue.guide.link(link))),
                ("text", Value::from(write(steps.blocks, STEPS))),
            ])
        });
        self.steps.borrow_mut().insert(link.clone(), made.clone());
        made
    }

    /// The guidance of a finding type.
    pub(super) fn guidance(&self, guidance: &Guidance<'static>) -> Value {
        let Guidance { foreign, kind, family, summary, severity, first_move, flow, .. } = guidance;
        let Guidance { fields, questions, alone, cluster, scope, investigate, .. } = guidance;
        let Guidance { collect, account, contain, eradicate, recover, benign, .. } = guidance;
        let Guidance { suppression, escalate, close, close_steps, elsewhere, .. } = guidance;
        let Guidance { tactics, techniques, atlas, no_attack, .. } = guidance;
        mapping([
            ("foreign", Value::from(foreign)),
            ("kind", Value::from(*kind)),
            ("family", Value::from(*family)),
            ("summary", Value::from(*summary)),
            ("severity", Value::from(*severity)),
            ("first_move", Value::from(*first_move)),
            ("flow", Value::from(*flow)),
            ("fields", Serde(fields).into()),
            ("questions", self.all(questions.iter().copied())),
            ("alone", self.once(*alone)),
            ("cluster", cluster.map(|step| self.once(step)).into()),
            ("scope", self.all(*scope)),
            ("investigate", self.all(investigate.iter().copied())),
            ("collect", self.all(*collect)),
            ("account", Value::from(*account)),
            ("contain", self.all(contain.iter().copied())),
            ("eradicate", self.all(*eradicate)),
            ("recover", self.all(*recover)),
            ("benign", Serde(benign).into()),
            ("suppression", Serde(suppression).into()),
            ("escalate", Serde(escalate).into()),
            ("close", Serde(close).into()),
            ("close_steps", self.all(*close_steps)),
            ("elsewhere", self.all(elsewhere.iter().copied())),
            ("tactics", Serde(tactics).into()),
            ("techniques", Serde(techniques).into()),
            ("atlas", Serde(atlas).into()),
            ("no_attack", Value::from(*no_attack)),
        ])
    }

    /// The placeholders that the guidance leaves open, with where findings of this type have them:
    /// a finding with a sequence has its values there, others have no sequence.
    pub(super) fn placeholders(&self, guidance: &Guidance<'static>) -> Value {
        let has_sequence = guidance.fields.iter().any(|field| is_in_sequence(&field.path));
        let mut made = self.placeholders.borrow_mut();
        let value = |one: &'static Placeholder| {
            let made = made.entry((has_sequence, one.name.as_str()));
            made.or_insert_with(|| placeholder(one, has_sequence)).clone()
        };
        guidance.placeholders(library()).into_iter().map(value).collect()
    }

    /// The values of parts of the library.
    fn all<T: Serialize + 'static>(&self, parts: impl IntoIterator<Item = &'static T>) -> Value {
        parts.into_iter().map(|part| self.once(part)).collect()
    }

    /// The value of a part of the library.
    fn once<T: Serialize + 'static>(&self, part: &'static T) -> Value {
        let address = std::ptr::from_ref(part).addr();
        let mut made = self.guidance.borrow_mut();
        made.entry(address).or_insert_with(|| Serde(part).into()).clone()
    }
}

fn placeholder(placeholder: &Placeholder, has_sequence: bool) -> Value {
    let places = placeholder.from.iter();
    let fitting = places.filter(|origin| is_in_sequence(&origin.path) == has_sequence);
    let mut from: Vec<String> = fitting.map(Origin::markdown).collect();
    if from.is_empty() && has_sequence {
        from = placeholder.from.iter().map(Origin::markdown).collect();
    }
    let (name, what, places) = (placeholder.shown(), placeholder.what.as_str(), from.join(", "));
    let between = if places.is_empty() { "" } else { ": " };
    let row = format!("| `{name}` | {}{between}{} |", cell_text(what), cell_text(places));
    mapping([
        ("name", name.into()),
        ("from", from.into_iter().collect()),
        ("what", what.into()),
        ("row", row.into()),
    ])
}

fn is_in_sequence(path: &str) -> bool {
    path.starts_with("service.detection.sequence.")
}

/// Values by their names.
pub(super) fn mapping(values: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::from_object(values.into_iter().collect::<BTreeMap<_, _>>())
}
