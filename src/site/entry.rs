//! What the site's overview and search know of a runbook.

use crate::catalogue::{CatalogueEntry, builtin};
use crate::finding_type::{FindingType, Slug};
use crate::guidance::{AttackEntry, library};
use crate::severity::{Severity, SeverityLevel};
use crate::text::front_matter::front_matter;
use crate::text::front_matter::value as front_matter_value;
use crate::text::subject::severity;

/// A runbook that gets a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runbook {
    /// The finding type that it is for.
    pub finding_type: FindingType,
    /// Its Markdown.
    pub text: String,
}

/// The facts of a runbook: what it says of itself in its front matter, else what the built-in
/// catalogue has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteEntry {
    /// The finding type.
    pub finding_type: FindingType,
    /// The name of its page, without `.html`.
    pub slug: Slug,
    /// How severe it is.
    pub level: Level,
    /// The severity in words.
    pub severity: String,
    /// The resource, as people group them: `EC2`, `IAM`.
    pub resource: String,
    /// The protection plan.
    pub plan: String,
    /// ATT&CK tactics.
    pub tactics: Vec<AttackEntry>,
    /// ATT&CK techniques.
    pub techniques: Vec<AttackEntry>,
    /// Whether AWS has retired the type.
    pub is_retired: bool,
    /// AWS's page about it.
    pub source: Option<String>,
}

/// A severity as the site colours it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 9.0 and above.
    Critical,
    /// 7.0 to 8.9.
    High,
    /// 4.0 to 6.9.
    Medium,
    /// Below 4.0.
    Low,
    /// It depends on the finding.
    Variable,
    /// Nobody says.
    Unknown,
}

impl Level {
    /// All of them, the most severe first.
    pub const ALL: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Variable, Self::Unknown];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
            Self::Variable => "Variable",
            Self::Unknown => "Unknown",
        }
    }

    fn of(severity: Option<&Severity>) -> Self {
        match severity.map(|severity| severity.level) {
            Some(Some(SeverityLevel::Critical)) => Self::Critical,
            Some(Some(SeverityLevel::High)) => Self::High,
            Some(Some(SeverityLevel::Medium)) => Self::Medium,
            Some(Some(SeverityLevel::Low)) => Self::Low,
            Some(None) => Self::Variable,
            None => Self::Unknown,
        }
    }
}

impl SiteEntry {
    /// The facts of a runbook. `known` is what the built-in catalogue has of its finding type.
    pub fn of(runbook: &Runbook, known: Option<&CatalogueEntry>) -> Self {
        let Runbook { finding_type, text } = runbook;
        let own = |key| front_matter_value(text, key).filter(|value| !value.is_empty());
        let severity = severity(text).and_then(Severity::parse);
        let severity = severity.or_else(|| known.and_then(|entry| entry.severity.clone()));
        let plan = known.map_or("Unknown", |entry| entry.protection_plan.as_str());
        let guidance = library().guidance(finding_type);
        let attack = |key, built_in: &[&AttackEntry]| match ids(text, key) {
            Some(ids) => ids.iter().map(|id| attack_entry(id)).collect(),
            None => built_in.iter().map(|&entry| entry.clone()).collect(),
        };
        Self {
            finding_type: finding_type.clone(),
            slug: finding_type.slug(),
            level: Level::of(severity.as_ref()),
            severity: severity.map_or("Unknown".to_owned(), |severity| severity.to_string()),
            resource: resource(finding_type.resource()).to_owned(),
            plan: own("protection_plan").unwrap_or(plan).to_owned(),
            tactics: attack("tactics", &guidance.tactics),
            techniques: attack("techniques", &guidance.techniques),
            is_retired: own("status") == Some("retired")
                || builtin::retired().any(|retired| retired.finding_type == *finding_type),
            source: own("source").filter(|url| url.starts_with("https://")).map(str::to_owned),
        }
    }
}

/// A word of AWS's grammar as a group that people look for.
fn resource(word: &str) -> &str {
    match word {
        "IAMUser" | "IAM" => "IAM",
        "Kubernetes" | "EKS" => "EKS",
        "ECS" | "Container" => "ECS",
        "S3Object" => "S3",
        "Route53Resolver" => "Route 53",
        "RolesAnywhere" => "Roles Anywhere",
        "Runtime" => "Runtime",
        other => other,
    }
}

/// The ids in a list of the front matter, on one line (`["TA0040", 'T1496']`) or with a line for
/// each (`- TA0040`); none where the key is missing or has no value.
fn ids(text: &str, key: &str) -> Option<Vec<String>> {
    let mut lines = front_matter(text)?.lines();
    let first = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    let is_of_value = |line: &&str| line.is_empty() || line.starts_with([' ', '\t', '-', '#', ']']);
    let value: Vec<&str> =
        [first].into_iter().chain(lines.take_while(is_of_value)).map(without_comment).collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let ids = value.iter().flat_map(|line| line.split(|c| !is_part(c)));
    let ids: Vec<String> = ids.filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let has_value = value.iter().any(|line| !line.trim().is_empty());
    has_value.then_some(ids)
}

/// A line of YAML without the comment behind it. Ids have no `#`.
fn without_comment(line: &str) -> &str {
    line.split_once('#').map_or(line, |(before, _)| before)
}

/// The tactic or technique of an id; one that nobody knows has its id for a name.
fn attack_entry(id: &str) -> AttackEntry {
    library().attack_entry(id).cloned().unwrap_or_else(|| AttackEntry {
        id: id.to_owned(),
        name: id.to_owned(),
        url: "https://attack.mitre.org/".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(finding_type: &str, text: &str) -> SiteEntry {
        let finding_type: FindingType = finding_type.parse().unwrap();
        let catalogue = builtin::catalogue();
        let known = catalogue.entries.iter().find(|f| f.finding_type == finding_type);
        SiteEntry::of(&Runbook { finding_type: finding_type.clone(), text: text.to_owned() }, known)
    }

    #[test]
    fn a_runbook_without_front_matter_has_the_facts_of_the_catalogue() {
        let entry = entry("CryptoCurrency:EC2/BitcoinTool.B!DNS", "# x\n");
        assert_eq!((entry.level, entry.resource.as_str()), (Level::High, "EC2"));
        assert_eq!(entry.plan, "Foundational threat detection");
        assert_eq!(entry.tactics[0].id, "TA0040");
        assert!(!entry.is_retired);
    }

    #[test]
    fn what_a_team_wrote_into_the_front_matter_has_the_last_word() {
        let entry = entry(
            "CryptoCurrency:EC2/BitcoinTool.B!DNS",
            "---\nseverity: Low\ntactics: [TA0011, 'TA9999']\nprotection_plan: Ours\nstatus: retired\n---\n",
        );
        assert_eq!((entry.level, entry.plan.as_str()), (Level::Low, "Ours"));
        let names: Vec<_> = entry.tactics.iter().map(|tactic| tactic.name.as_str()).collect();
        assert_eq!(names, ["Command and Control", "TA9999"]);
        assert!(entry.is_retired);
    }

    #[test]
    fn lists_may_have_a_line_for_each_id() {
        for list in [
            " [TA0011, \"TA9999\"] # ours",
            "\n  - TA0011 # Command and Control\n\n  # ours\n  - \"TA9999\"",
            "\n- TA0011\n- TA9999",
            " [\n  TA0011,\n  'TA9999',\n]",
        ] {
            let matter =
                format!("---\ntactics:{list}\nstatus: active\ntechniques:\n  - T1496\n---\n");
            let entry = entry("CryptoCurrency:EC2/BitcoinTool.B!DNS", &matter);
            let ids =
                |list: &[AttackEntry]| list.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
            assert_eq!(ids(&entry.tactics), ["TA0011", "TA9999"], "{list}");
            assert_eq!(ids(&entry.techniques), ["T1496"], "{list}");
        }
        let entry = |list: &str| {
            let matter = format!("---\ntactics:{list}\nstatus: active\n---\n");
            entry("CryptoCurrency:EC2/BitcoinTool.B!DNS", &matter)
        };
        assert_eq!(entry(" []").tactics, []);
        assert_eq!(entry("").tactics[0].id, "TA0040");
    }

    #[test]
    fn a_type_that_nobody_knows_has_a_page_all_the_same() {
        let entry = entry("Novel:Quantum/Thing", "# x\n");
        assert_eq!((entry.level, entry.resource.as_str()), (Level::Unknown, "Quantum"));
    }
}
