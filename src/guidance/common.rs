//! What every runbook has, whatever the finding.

use super::GuidanceError;
use super::document::Document;
use super::step::Step;

/// The sections of the file, in their order.
const SECTIONS: [&str; 11] = [
    "First move",
    "Alone",
    "Cluster",
    "Trail",
    "Account",
    "Shared",
    "Suppression",
    "Escalate",
    "Close",
    "Lake",
    "Insights",
];

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
    /// Steps of containing that several kinds of resources have, which name them.
    pub shared: Vec<Step>,
    /// How a rule is made that suppresses findings, and what goes dark.
    pub suppression: Step,
    /// When to call others, one Markdown text each.
    pub escalate: Vec<String>,
    /// How the case is closed.
    pub close: Vec<Step>,
    /// How a query is put to an event data store of CloudTrail Lake.
    pub lake: Step,
    /// What stands in CloudWatch Logs for a table of Athena that the step names.
    pub insights: Vec<Step>,
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
            shared: document.optional("Shared").map_or(Ok(Vec::new()), |s| s.steps())?,
            suppression: step("Suppression")?,
            escalate: document.section("Escalate")?.bullets()?,
            close: document.section("Close")?.steps()?,
            lake: step("Lake")?,
            insights: document.section("Insights")?.steps()?,
        })
    }

    /// All its steps, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let single = [&self.alone, &self.cluster, &self.trail, &self.suppression];
        let lists = self.shared.iter().chain(&self.close);
        single.into_iter().chain(lists).chain([&self.lake]).chain(&self.insights)
    }
}
