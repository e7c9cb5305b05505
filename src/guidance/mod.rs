//! Guidance: what a responder does about a finding, in the project's own words.
//!
//! It comes from the data files in `guidance/`, which are compiled in: `guidance/README.md` has
//! their format. [`library()`] reads them, [`Library::guidance`] composes what there is for one
//! finding type: of the kind of its resource ([`Kind`]), of the family of the threat ([`Family`])
//! and of the type itself ([`FindingTypeGuidance`]).
//!
//! Values that a command leaves open are [`Placeholder`]s; their [`ValueType`] says what may be
//! put in their place.

mod attack;
mod common;
mod compose;
mod document;
mod family;
mod finding_type_guidance;
mod kind;
mod lake;
mod library;
mod needs;
mod origin;
pub mod placeholder;
mod step;
mod suppression;
mod value_type;

pub use attack::AttackEntry;
pub use common::Common;
pub use compose::Guidance;
pub use family::Family;
pub use finding_type_guidance::{Field, FindingTypeGuidance, TypeSuppression};
pub use kind::{Criterion, Kind, Lookup};
#[cfg(feature = "site")]
pub(crate) use library::data_file;
pub use library::{Library, library};
pub use needs::{ArnPrefix, Needs, Owner};
pub use origin::{Origin, Part};
pub use placeholder::Placeholder;
pub use step::{Block, Blocks, Question, Step};
pub use suppression::Suppression;
pub use value_type::{Fit, ValueType};

/// A data file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("guidance/{file}:{line}: {reason}")]
pub struct GuidanceError {
    /// The file, by its path below `guidance/`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl GuidanceError {
    fn new(file: &str, line: usize, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, reason: reason.into() }
    }

    /// A fault in TOML that begins in this line of the file.
    fn toml(file: &str, text: &str, first_line: usize, error: &toml::de::Error) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        Self::new(file, first_line + before.matches('\n').count(), error.message().trim())
    }
}
