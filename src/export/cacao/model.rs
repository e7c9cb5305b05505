//! The format of a playbook, as far as these playbooks use it.

use std::collections::BTreeMap;

use serde::Serialize;

/// A playbook.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "they are the names of the format")]
pub(super) struct Playbook {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) spec_version: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) playbook_types: [&'static str; 3],
    pub(super) playbook_activities: Vec<&'static str>,
    pub(super) playbook_processing_summary: ProcessingSummary,
    pub(super) created_by: String,
    pub(super) created: String,
    pub(super) modified: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) severity: Option<u8>,
    pub(super) labels: Vec<String>,
    pub(super) external_references: Vec<ExternalReference>,
    pub(super) playbook_variables: BTreeMap<String, Variable>,
    pub(super) workflow_start: String,
    /// In the order in which they are met.
    pub(super) workflow: serde_json::Map<String, serde_json::Value>,
    pub(super) agent_definitions: BTreeMap<String, Agent>,
}

/// Which features a playbook uses; what is not named is not used.
#[derive(Debug, Serialize)]
pub(super) struct ProcessingSummary {
    pub(super) if_logic: bool,
    pub(super) switch_logic: bool,
}

/// Something elsewhere.
#[derive(Debug, Serialize)]
pub(super) struct ExternalReference {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_id: Option<String>,
    pub(super) url: String,
}

/// A variable; its value comes from the finding, or from a step.
#[derive(Debug, Serialize)]
pub(super) struct Variable {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) description: String,
    pub(super) external: bool,
}

/// Who does the steps.
#[derive(Debug, Serialize)]
pub(super) struct Agent {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
}

/// A step of the workflow.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(super) enum Step {
    Start {
        on_completion: String,
    },
    End {},
    Action {
        name: String,
        on_completion: String,
        commands: Vec<Command>,
        agent: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        out_args: Vec<String>,
    },
    IfCondition {
        name: String,
        on_completion: String,
        condition: String,
        on_true: String,
        on_false: String,
    },
    SwitchCondition {
        name: String,
        on_completion: String,
        switch: String,
        cases: serde_json::Map<String, serde_json::Value>,
    },
}

/// Something to do.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "they are the names of the format")]
pub(super) struct Command {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) command: String,
    pub(super) playbook_activity: &'static str,
}
