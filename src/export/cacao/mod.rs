//! CACAO 2.0: a playbook for each finding type
//! (<https://docs.oasis-open.org/cacao/security-playbooks/v2.0/security-playbooks-v2.0.html>).
//!
//! `model` has the format, `workflow` makes the steps, `flow` reads the
//! picture of decisions, `id` makes ids that stay. Every step is a person's: its commands are there
//! to be run as they are, but nothing is meant to run by itself.

mod flow;
mod id;
mod model;
mod workflow;

use std::collections::BTreeMap;

pub use id::{BadIdentity, BadTimestamp, IdentityId, Timestamp};

use self::id::Ids;
use self::model::{ExternalReference, Playbook, ProcessingSummary, Variable};
use self::workflow::{Workflow, variable_name};
use super::{ExportFile, RunbookLinks};
use crate::catalogue::CatalogueEntry;
use crate::guidance::{Guidance, Placeholder, ValueType, library};
use crate::guide::GuideUrl;
use crate::severity::SeverityLevel;

/// What a playbook says that is neither fact nor guidance.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// When it was last changed.
    pub modified: &'a Timestamp,
    /// Who makes it.
    pub created_by: &'a IdentityId,
}

/// What the playbooks are for, in the specification's words.
const PLAYBOOK_TYPES: [&str; 3] = ["investigation", "mitigation", "remediation"];

/// The playbook of a finding type.
pub fn file(
    entry: &CatalogueEntry,
    links: &RunbookLinks,
    guide: &GuideUrl,
    options: Options<'_>,
) -> ExportFile {
    let playbook = playbook(entry, links, guide, options);
    let text = serde_json::to_string_pretty(&playbook).expect("a playbook has only text keys");
    ExportFile::new(format!("{}.json", entry.finding_type.slug()), format!("{text}\n"))
}

fn playbook(
    entry: &CatalogueEntry,
    links: &RunbookLinks,
    guide: &GuideUrl,
    options: Options<'_>,
) -> Playbook {
    let guidance = library().guidance(&entry.finding_type);
    let name = format!("Respond to GuardDuty finding {}", entry.finding_type);
    let ids = Ids::of_playbook(&name, &PLAYBOOK_TYPES);
    let workflow = Workflow::new(&guidance, &ids);
    let mut variables: BTreeMap<String, Variable> = guidance
        .placeholders(library())
        .into_iter()
        .map(|placeholder| (variable_name(&placeholder.name), variable(placeholder)))
        .collect();
    variables.extend(workflow.variables);
    Playbook {
        kind: "playbook",
        spec_version: "cacao-2.0",
        id: ids.playbook(),
        name,
        description: guidance.summary.or(guidance.foreign.as_deref()).map(str::to_owned),
        playbook_types: PLAYBOOK_TYPES,
        playbook_activities: workflow.activities.into_iter().collect(),
        playbook_processing_summary: ProcessingSummary {
            if_logic: true,
            switch_logic: guidance.flow.is_some(),
        },
        created_by: options.created_by.to_string(),
        created: Timestamp::default().to_string(),
        modified: options.modified.to_string(),
        severity: entry.severity.as_ref().and_then(|severity| severity.level).map(severity),
        labels: labels(entry, &guidance),
        external_references: references(entry, &guidance, links, guide),
        playbook_variables: variables,
        workflow_start: workflow.start,
        workflow: workflow.steps,
        agent_definitions: BTreeMap::from([workflow.agent]),
    }
}

/// A severity from 1 to 100: ten times AWS's own value, in the middle of the level's range.
fn severity(level: SeverityLevel) -> u8 {
    match level {
        SeverityLevel::Low => 25,
        SeverityLevel::Medium => 55,
        SeverityLevel::High => 80,
        SeverityLevel::Critical => 95,
    }
}

fn labels(entry: &CatalogueEntry, guidance: &Guidance<'_>) -> Vec<String> {
    let word = entry.severity.as_ref().map(|severity| severity.word().to_ascii_lowercase());
    let labels = ["guardduty", entry.finding_type.as_str()].into_iter();
    labels.chain(guidance.kind).chain(guidance.family).map(str::to_owned).chain(word).collect()
}

fn references(
    entry: &CatalogueEntry,
    guidance: &Guidance<'_>,
    links: &RunbookLinks,
    guide: &GuideUrl,
) -> Vec<ExternalReference> {
    let reference = |name: &str, external_id: Option<&str>, url: String| ExternalReference {
        name: name.to_owned(),
        external_id: external_id.map(str::to_owned),
        url,
    };
    let mut references =
        vec![reference("Amazon GuardDuty User Guide", None, guide.link(&entry.place))];
    if links.are_absolute() {
        references.push(reference("Runbook", None, links.link(&entry.finding_type.slug())));
    }
    let attack = guidance.tactics.iter().chain(&guidance.techniques);
    references
        .extend(attack.map(|entry| reference("MITRE ATT&CK", Some(&entry.id), entry.url.clone())));
    references
}

fn variable(placeholder: &Placeholder) -> Variable {
    let from: Vec<String> = placeholder.from.iter().map(ToString::to_string).collect();
    let from = if from.is_empty() {
        String::new()
    } else {
        format!("; in the finding: {}", from.join(", "))
    };
    Variable {
        kind: match placeholder.value_type {
            ValueType::Integer | ValueType::Port => "integer",
            ValueType::Sha256 => "sha256-hash",
            ValueType::Uuid => "uuid",
            _ => "string",
        },
        description: workflow::with_variables(&format!("{}{from}", placeholder.what)),
        external: !placeholder.from.is_empty(),
    }
}
