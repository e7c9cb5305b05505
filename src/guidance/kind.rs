//! Resource kinds: what to look at, keep and do on a resource, whatever it was attacked with.

use serde::Deserialize;

use super::GuidanceError;
use super::document::Document;
use super::step::Step;

/// The sections of a kind's file, in their order.
const SECTIONS: [&str; 6] = ["Scope", "Collect", "Contain", "Eradicate", "Recover", "Close"];

/// A kind of resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name, which is that of its file: `ec2-instance`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The resources in names of finding types for which it is the kind where nothing else is said.
    pub resources: Vec<String>,
    /// The criterion that finds other findings on the same resource; none where none does.
    pub alone: Option<Criterion>,
    /// How CloudTrail's event history is searched for the resource; none where it cannot be.
    pub lookup: Option<Lookup>,
    /// The ids of the steps of `common.md` with which its containing ends.
    pub shared: Vec<String>,
    /// What shows what the resource is.
    pub scope: Vec<Step>,
    /// What keeps evidence.
    pub collect: Vec<Step>,
    /// What stops the damage, from the reversible to the destructive.
    pub contain: Vec<Step>,
    /// What removes the cause.
    pub eradicate: Vec<Step>,
    /// What brings the resource back.
    pub recover: Vec<Step>,
    /// What to see to before the case is closed.
    pub close: Vec<String>,
}

/// A criterion by which GuardDuty filters findings, and the placeholder that has its value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The name of the criterion, as `CreateFilter` has it: `resource.instanceDetails.instanceId`
    /// (<https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html>).
    pub criterion: String,
    /// The name of the placeholder.
    pub placeholder: String,
}

/// How CloudTrail's event history is searched.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The key of the attribute: `ResourceName`, `AccessKeyId`, `Username`
    /// (<https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupAttribute.html>).
    pub attribute: String,
    /// The value, which may be a placeholder.
    pub value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    resources: Vec<String>,
    alone: Option<Criterion>,
    lookup: Option<Lookup>,
    #[serde(default)]
    shared: Vec<String>,
}

impl Kind {
    /// Reads a kind's file.
    pub(super) fn read(id: &str, file: &str, text: &str) -> Result<Self, GuidanceError> {
        let document = Document::new(file, text, &SECTIONS)?;
        let FrontMatter { title, resources, alone, lookup, shared } = document.front_matter()?;
        let steps = |name| document.section(name)?.steps();
        let optional = |name| document.optional(name).map_or(Ok(Vec::new()), |s| s.steps());
        Ok(Self {
            id: id.to_owned(),
            title,
            resources,
            alone,
            lookup,
            shared,
            scope: optional("Scope")?,
            collect: steps("Collect")?,
            contain: steps("Contain")?,
            eradicate: optional("Eradicate")?,
            recover: optional("Recover")?,
            close: document.section("Close")?.bullets()?,
        })
    }

    /// All steps of its own, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        [&self.scope, &self.collect, &self.contain, &self.eradicate, &self.recover]
            .into_iter()
            .flatten()
    }
}
