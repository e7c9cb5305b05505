//! What a run knows of upstream: the runbooks as they are rendered now, and which types exist.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::finding_type::{FindingType, Slug};

/// Whose text a runbook holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// AWS's own text is in it.
    Aws,
    /// It was written from the built-in catalogue alone.
    Builtin,
}

/// A runbook as it is rendered now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The finding type that it is for.
    pub finding_type: FindingType,
    /// Its text: UTF-8, lines end in `\n`, the last one too.
    pub text: Arc<str>,
    /// Whether AWS's text is in it.
    pub origin: Origin,
    /// The template: `runbook`, `classic`, or a file's name.
    pub template: String,
}

/// The finding types that a run is about. Outside it nothing is written, and nothing is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every type: the run has no filter.
    Everything,
    /// These types, as the filters or the command line chose them.
    Only(BTreeSet<FindingType>),
}

impl Scope {
    /// Whether the run is about that type.
    pub fn contains(&self, finding_type: &FindingType) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(types) => types.contains(finding_type),
        }
    }
}

/// What a run knows of upstream.
///
/// A runbook in the workspace is rendered with the template that
/// [`Workspace::recorded_template`](super::Workspace::recorded_template) names; a rendering with
/// another template is a change of the template that was asked for.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// The runbooks in scope.
    pub runbooks: Vec<Rendered>,
    /// What the run is about.
    pub scope: Scope,
    /// All finding types that the source lists as active, before any filter.
    pub active: BTreeSet<FindingType>,
    /// The finding types that the built-in list or AWS's page names as retired.
    pub retired: BTreeSet<FindingType>,
    /// Whether the list of active types is complete: read from the source that was asked for, and
    /// without a diagnostic. Where it is not, nothing is retired and nothing is gone.
    pub index_was_whole: bool,
    /// The types that the source lists and that could not be read in this run.
    pub failed: BTreeSet<FindingType>,
    /// The types in scope whose recorded template nothing but the workspace names, so that it was not
    /// read and there is no rendering.
    pub unnamed_templates: BTreeMap<FindingType, String>,
    /// Whether it is accepted that many types vanish at once.
    pub allow_shrink: bool,
}

impl Upstream {
    /// The slugs of the types that the source lists, read or not.
    pub(crate) fn listed(&self) -> BTreeSet<Slug> {
        self.active.iter().chain(&self.failed).map(FindingType::slug).collect()
    }
}
