//! A GuardDuty finding as JSON, in any of the shapes in which people meet it.

mod damage;
pub mod facts;
mod foreign;
pub(crate) mod json;
pub mod path;
pub mod provenance;
pub(crate) mod read;
mod recognise;
pub(crate) mod sample;
mod shapes;
pub(crate) mod type_name;
pub mod values;

pub use self::damage::Damage;
pub use self::read::{BadRecord, Place, Problem, Records, read};
pub use self::recognise::Foreign;

use serde_json::Value;

use self::sample::SampleMark;
use crate::finding_type::FindingType;

/// A finding, brought from whatever shape it came in into GuardDuty's own form: the camelCase JSON
/// of its EventBridge events and S3 exports.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The shape that it came in.
    pub shape: Shape,
    /// Its finding type, resolved against the catalogue.
    pub finding_type: ClaimedType,
    /// The finding, with the field names of GuardDuty's API model.
    pub json: Value,
    /// What of it could not be read; none where all of it could.
    pub damage: Option<Damage>,
}

impl Finding {
    /// Whether GuardDuty made it up, to show what such a finding looks like.
    pub fn is_sample(&self) -> bool {
        SampleMark::of(&self.json).is_some()
    }
}

/// The shapes in which findings come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// GuardDuty's own JSON in camelCase: lines of an S3 export, bodies of EventBridge events.
    CamelCase,
    /// GuardDuty's API and the AWS CLI (`GetFindings`).
    TitleCase,
    /// The AWS Security Finding Format of Security Hub.
    Asff,
    /// A Detection Finding (class 2004) of the Open Cybersecurity Schema Framework.
    Ocsf,
}

/// What a finding says its type is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimedType {
    /// One that GuardDuty generates.
    Active(FindingType),
    /// One that AWS has retired.
    Retired(FindingType),
    /// A name that follows AWS's grammar, and that the catalogue does not have.
    Unknown(FindingType),
    /// Text that is no finding type, as the finding has it.
    Unreadable(String),
}

impl ClaimedType {
    /// The finding type, where there is one.
    pub fn name(&self) -> Option<&FindingType> {
        match self {
            Self::Active(name) | Self::Retired(name) | Self::Unknown(name) => Some(name),
            Self::Unreadable(_) => None,
        }
    }

    /// The name, or the text that is none.
    pub fn text(&self) -> &str {
        match self {
            Self::Active(name) | Self::Retired(name) | Self::Unknown(name) => name.as_str(),
            Self::Unreadable(text) => text,
        }
    }
}
