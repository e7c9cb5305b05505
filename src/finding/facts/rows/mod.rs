//! What is shown of a finding, and where it stands there.

mod action;
mod host;
mod identity;
mod malware;
mod resource;
mod sequence;

pub(super) use sequence::SIGNAL;

/// What the facts say about one thing.
pub(super) struct Row {
    /// What it is about.
    pub label: &'static str,
    /// The path to the thing, or to each of several.
    pub base: &'static str,
    /// Its fields: a name, and the path from the thing. `|` stands between paths of which the
    /// first that leads anywhere counts. A field without a name is what the thing is called.
    pub parts: &'static [(&'static str, &'static str)],
    /// How it is read.
    pub kind: Kind,
}

/// How a row is read from a finding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Field by field.
    Fields,
    /// A list of names and values, the two parts.
    Pairs,
    /// An object whose names the model leaves open.
    Map,
    /// A number of GuardDuty's scale of severity.
    Severity,
    /// Whether AWS made the finding for a test.
    Sample,
    /// Whether the resource was the target or the one that acted.
    Role,
    /// The ancestors of a process.
    Lineage,
    /// What GuardDuty finds unusual, or has seen before.
    Anomaly,
    /// What a finding brings beside the model about this: unusual behaviour, or behaviour before.
    Told(&'static str),
    /// Whatever else it brings beside the model.
    Info,
}

/// One value, or a list of them.
const fn one(label: &'static str, path: &'static str) -> Row {
    Row { label, base: path, parts: &[("", "")], kind: Kind::Fields }
}

/// Something with fields.
const fn each(
    label: &'static str,
    base: &'static str,
    parts: &'static [(&'static str, &'static str)],
) -> Row {
    Row { label, base, parts, kind: Kind::Fields }
}

/// A list of tags.
const fn tags(base: &'static str) -> Row {
    Row { label: "Tags", base, parts: &[("", "key"), ("", "value")], kind: Kind::Pairs }
}

/// What is read in a way of its own.
const fn special(
    label: &'static str,
    base: &'static str,
    parts: &'static [(&'static str, &'static str)],
    kind: Kind,
) -> Row {
    Row { label, base, parts, kind }
}

/// Whatever an object holds whose names the model leaves open.
const OPEN: &[(&str, &str)] = &[("", "*")];

/// What was found.
pub(super) const WHAT: &[Row] = &[
    one("Finding type", "type"),
    one("Title", "title"),
    special("Severity", "severity", &[("", "")], Kind::Severity),
    special("Sample or real", "service.additionalInfo", &[("", "value")], Kind::Sample),
    special("The resource", "service.resourceRole", &[("", "")], Kind::Role),
    one("Description", "description"),
    one("Sequence", "service.detection.sequence.description"),
    one("Also fits", "service.detection.sequence.additionalSequenceTypes[]"),
    each("Indicator", "service.detection.sequence.sequenceIndicators[]", sequence::INDICATOR),
    one("Custom rule", "customDetectionRuleName"),
    one("Part of the sequence", "associatedAttackSequenceArn"),
    each(
        "Finding",
        "",
        &[("", "id"), ("plan", "service.featureName"), ("confidence", "confidence")],
    ),
];

/// On which resource.
pub(super) const WHERE: &[Row] = resource::ROWS;

/// When it happened.
pub(super) const WHEN: &[Row] = &[
    each("Seen", "service", &[("first", "eventFirstSeen"), ("last", "eventLastSeen")]),
    each(
        "Finding",
        "",
        &[
            ("created", "createdAt"),
            ("updated", "updatedAt"),
            ("archived", "service.archived"),
            ("feedback", "service.userFeedback"),
        ],
    ),
];

/// Who did it, and how.
pub(super) const WHO: &[Row] = action::ROWS;

/// How often it was seen.
pub(super) const HOW_OFTEN: &[Row] = &[one("Count", "service.count")];

impl Row {
    /// Every path that it reads, from the top of the finding.
    #[cfg(test)]
    pub(super) fn paths(&self) -> impl Iterator<Item = String> {
        let parts = self.parts.iter().flat_map(|(_, path)| path.split('|'));
        let links: &[&str] = if self.kind == Kind::Lineage { &super::lineage::LINKS } else { &[] };
        parts.chain(links.iter().copied()).map(|part| match (self.base, part) {
            ("", part) => part.to_owned(),
            (base, "") => base.to_owned(),
            (base, part) => format!("{base}.{part}"),
        })
    }
}

/// Every row.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    let groups = [WHAT, WHERE, WHEN, WHO, HOW_OFTEN];
    groups.into_iter().flatten().chain([&SIGNAL])
}
