//! The values of one finding that can take the place of placeholders.
//!
//! Three things decide about a value, and all have to agree: the grammar of its type (it can do no harm
//! in a command), the needs of its placeholder (it is of the right kind, and whose it has to be), and
//! the values beside it (it is of the same object). Whatever does not match leaves the placeholder open.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Serialize;
use serde_json::Value as Json;

use super::blocking;
use crate::finding::provenance::Provenance;
use crate::finding::values::{Candidate, candidates};
use crate::finding::{Finding, path};
use crate::guidance::{Fit, Library, Owner, Placeholder, ValueType};
use crate::moment::Moment;

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
    /// Where the finding has it; none for what was reckoned, or given by a person.
    pub from: Option<Provenance>,
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
    /// The finding has it of another kind of object: a role where a user is needed.
    OtherKind,
    /// The finding has an address of the other family of IP.
    OtherFamily,
    /// The object belongs to another account than the finding.
    OtherAccount,
    /// The object is in another Region than the finding.
    OtherRegion,
    /// The finding has it of another object than the one that the step is about.
    OtherObject,
    /// To block it would block what is not on the internet: private, link-local, multicast, nobody's.
    BlocksPrivate,
    /// To block it would block the finding's own resource.
    BlocksItself,
    /// To block it would block AWS's services, or may: the address is Amazon's.
    BlocksAmazon,
    /// To block it would block the names of many owners: it is a public suffix.
    BlocksSuffix,
    /// It is not one of the placeholders of the guidance.
    Unknown,
    /// The value has more than letters and digits, and it would stand without quotes in a language
    /// whose quotes the program does not know.
    WithoutRules,
}

impl Open {
    /// The reason in words, to be read behind the names of the placeholders that it leaves open.
    pub fn because(self) -> &'static str {
        match self {
            Self::NotOfFindings => "you or a step above gives it",
            Self::Unknown => "it is your own, and the guidance does not know it",
            Self::NotInThisFinding => "this finding does not have it",
            Self::Unfit => {
                "the finding's value is not safe in a command, or not in the form of its kind; look \
                 at it in the facts, and never paste it unread"
            }
            Self::MeansSomething => {
                "the finding's value has characters that the command or the query would read as syntax"
            }
            Self::WithoutRules => {
                "the finding's value would stand without quotes in a block whose language the program \
                 does not know; quote the placeholder in a block of `sql`, `bash`, `json` or `text`, or \
                 read the value first"
            }
            Self::OtherKind => "the finding's object is of another kind; this step is not for it",
            Self::OtherFamily => "the finding's address is of the other IP version",
            Self::OtherAccount => {
                "it belongs to another account than this finding; you cannot change it from here"
            }
            Self::OtherRegion => {
                "it is in another Region than this finding; change the Region too where you use it"
            }
            Self::OtherObject => {
                "the finding has it of another object than the one above; do not mix the two"
            }
            Self::BlocksPrivate => {
                "it is no address or name of the internet; to block it would cut off your own network"
            }
            Self::BlocksItself => "it is the address of the finding's own resource",
            Self::BlocksAmazon => {
                "it is Amazon's; to block it may cut off a service of AWS that you use"
            }
            Self::BlocksSuffix => {
                "names of many owners are below it; block the one name that was asked for"
            }
        }
    }
}

impl Values {
    /// The values that a finding has.
    pub fn of(finding: &Finding, library: &Library) -> Self {
        let mut choice = Choice { finding: &finding.json, library, made: BTreeMap::new() };
        for placeholder in library.placeholders.values() {
            choice.make(placeholder);
        }
        Self(choice.made.into_iter().map(|(name, chosen)| (name, chosen.value)).collect())
    }

    /// Values given by name. They are held to the grammar of their types like those of a finding.
    pub fn given<'t>(
        given: impl IntoIterator<Item = (&'t str, &'t str)>,
        library: &Library,
    ) -> Self {
        let fitted = |(name, text): (&str, &str)| {
            let placeholder = library.placeholders.get(name).ok_or(Open::Unknown);
            (name.to_owned(), placeholder.and_then(|one| fitted(one.value_type, text)))
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

/// The choice of a value for each placeholder. What has to come from the object of another value
/// waits for that one.
struct Choice<'f> {
    finding: &'f Json,
    library: &'f Library,
    made: BTreeMap<String, Chosen>,
}

/// What was chosen for a placeholder, and the places of the objects that have it: none where the
/// finding has no such value, an error where it has one, but not of the object that was needed.
#[derive(Clone)]
struct Chosen {
    value: Result<Value, Open>,
    objects: Result<BTreeSet<String>, Open>,
}

impl From<Result<Value, Open>> for Chosen {
    fn from(value: Result<Value, Open>) -> Self {
        let objects = match value {
            Ok(_) | Err(Open::NotOfFindings | Open::NotInThisFinding) => Ok(BTreeSet::new()),
            Err(open) => Err(open),
        };
        Self { value, objects }
    }
}

impl Choice<'_> {
    fn make(&mut self, placeholder: &Placeholder) -> Chosen {
        if let Some(chosen) = self.made.get(&placeholder.name) {
            return chosen.clone();
        }
        let chosen = self.chosen(placeholder).unwrap_or_else(|open| Err(open).into());
        self.made.insert(placeholder.name.clone(), chosen.clone());
        chosen
    }

    fn chosen(&mut self, placeholder: &Placeholder) -> Result<Chosen, Open> {
        if let Some(time) = window(&placeholder.name, self.finding) {
            return Ok(fitted(placeholder.value_type, &time).into());
        }
        let leader = placeholder.needs.same_object_as.as_ref();
        let leader = leader.and_then(|name| self.library.placeholders.get(name));
        let objects = leader.map(|leader| self.make(leader).objects).transpose()?;
        let found = candidates(placeholder, self.finding);
        let fitting = fitting(placeholder, &found, objects.as_ref())?;
        let of_family = |one: &&&Candidate| !is_of_other_family(placeholder.value_type, &one.text);
        let first = *fitting.iter().find(of_family).ok_or(Open::OtherFamily)?;
        let value = judged(placeholder, first, self.finding);
        let same = fitting.iter().filter(|one| is_same(placeholder, first, one));
        Ok(Chosen {
            value: value.map(|value| Value { others: others(&found, first), ..value }),
            objects: Ok(same.map(|one| one.provenance.object().to_owned()).collect()),
        })
    }
}

/// The candidates that a placeholder can stand for: those of its kind, in the object that they have to
/// come from.
fn fitting<'c>(
    placeholder: &Placeholder,
    found: &'c [Candidate],
    leader: Option<&BTreeSet<String>>,
) -> Result<Vec<&'c Candidate>, Open> {
    if found.is_empty() {
        let is_open = placeholder.from.is_empty();
        return Err(if is_open { Open::NotOfFindings } else { Open::NotInThisFinding });
    }
    let mut fitting: Vec<&Candidate> = found.iter().filter(|one| one.is_of_kind).collect();
    let first = fitting.first().ok_or(Open::OtherKind)?.provenance.object();
    if let Some(objects) = leader {
        // Where the finding does not have the value that leads, there must be one object only.
        let is_only = fitting.iter().all(|one| one.provenance.object() == first);
        let is_fitting = |object| {
            if objects.is_empty() { is_only } else { is_within(object, objects) }
        };
        fitting.retain(|one| is_fitting(one.provenance.object()));
    }
    if fitting.is_empty() { Err(Open::OtherObject) } else { Ok(fitting) }
}

/// Whether an object is one of these, or is within one of them.
fn is_within(object: &str, objects: &BTreeSet<String>) -> bool {
    let ends = object.match_indices(['.', '[']).map(|(end, _)| end).chain([object.len()]);
    ends.map(|end| &object[..end]).any(|outer| objects.contains(outer))
}

/// Whether two candidates are one object, as far as their texts tell. An id means one thing wherever it stands; two
/// objects of a cluster may have one name in two namespaces, and two buckets one key.
fn is_same(placeholder: &Placeholder, one: &Candidate, other: &Candidate) -> bool {
    let is_local = matches!(
        placeholder.value_type,
        ValueType::KubernetesName | ValueType::KubernetesRbacName | ValueType::ObjectKey
    );
    let is_one_object = || one.provenance.object() == other.provenance.object();
    one.text == other.text && (!is_local || is_one_object())
}

fn is_of_other_family(value_type: ValueType, text: &str) -> bool {
    match (value_type, text.parse()) {
        (ValueType::Ipv4Address, Ok(address)) => IpAddr::is_ipv6(&address),
        (ValueType::Ipv6Address, Ok(address)) => IpAddr::is_ipv4(&address),
        _ => false,
    }
}

/// How many other values the finding has.
fn others(found: &[Candidate], first: &Candidate) -> usize {
    let mut texts: Vec<&str> =
        found.iter().filter(|one| one.is_of_kind).map(|one| one.text.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.iter().filter(|text| **text != first.text).count()
}

/// The value, if it keeps to the grammar of its type, and is whose the placeholder needs.
fn judged(placeholder: &Placeholder, one: &Candidate, finding: &Json) -> Result<Value, Open> {
    let value = fitted(placeholder.value_type, &one.text)?;
    let own = |field: &str| finding.get(field).and_then(Json::as_str);
    let Provenance { account, region, .. } = &one.provenance;
    let owner = placeholder.needs.owner.unwrap_or(Owner::Anyone);
    if owner != Owner::Anyone && account.as_deref() != own("accountId") {
        return Err(Open::OtherAccount);
    }
    if owner == Owner::ThisRegion && region.as_deref() != own("region") {
        return Err(Open::OtherRegion);
    }
    let shared = placeholder.needs.is_blocked.then(|| match one.text.parse() {
        Ok(address) => blocking::address(address, &one.provenance.path, finding),
        Err(_) => blocking::name(&one.text),
    });
    match shared.flatten() {
        Some(open) => Err(open),
        None => Ok(Value { from: Some(one.provenance.clone()), ..value }),
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

/// A text, if it keeps to the grammar of a type.
fn fitted(value_type: ValueType, text: &str) -> Result<Value, Open> {
    match value_type.fit(text) {
        Fit::Unfit => Err(Open::Unfit),
        fit => Ok(Value {
            text: text.to_owned(),
            is_exact: fit == Fit::Exact,
            others: 0,
            from: None,
            is_number: matches!(value_type, ValueType::Integer | ValueType::Port),
        }),
    }
}
