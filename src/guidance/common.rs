//! What every runbook has, whatever the finding.

use super::GuidanceError;
use super::document::Document;
use super::step::Step;

/// The sections of the file, in their order.
const SECTIONS: [&str; 8] =
    ["First move", "Alone", "Cluster", "Trail", "Account", "Suppression", "Escalate", "Close"];

/// What every runbook has. `<FINDING_CRITERIA>` and `<LOOKUP_ATTRIBUTE>` in it are composed for
/// each finding type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// What to do first where nothing is known of the threat.
    pub first_move: String,
    /// How to see what else was found on the resource and in the account.
    pub alone: Step,
    /// How to see that `kubectl` talks to the right cluster.
    pub cluster: Step,
    /// How to see in CloudTrail's event history who did what to the resource.
    pub trail: Step,
    /// How to see that the commands go to the right account.
    pub account: String,
    /// How a rule is made that suppresses findings, and what goes dark.
    pub suppression: Step,
    /// When to call others, one Markdown text each.
    pub escalate: Vec<String>,
    /// How the case is closed.
    pub close: Vec<Step>,
}

impl Common {
    /// Reads the file.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, GuidanceError> {
        let document = Document::new(file, text, &SECTIONS)?;
        document.front_matter::<toml::Table>()?;
        let step = |name| document.section(name)?.step();
        Ok(Self {
            first_move: document.section("First move")?.text()?,
            alone: step("Alone")?,
            cluster: step("Cluster")?,
            trail: step("Trail")?,
            account: document.section("Account")?.text()?,
            suppression: step("Suppression")?,
            escalate: document.section("Escalate")?.bullets()?,
            close: document.section("Close")?.steps()?,
        })
    }

    /// All its steps, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        [&self.alone, &self.cluster, &self.trail, &self.suppression].into_iter().chain(&self.close)
    }
}
