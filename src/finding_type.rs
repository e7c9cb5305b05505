//! The name of a finding type: AWS's grammar, its parts, and the slug that names its file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest name that is accepted, in bytes. AWS's longest has 92.
const MAX_LENGTH: usize = 160;

/// A GuardDuty finding type, such as `CryptoCurrency:EC2/BitcoinTool.B!DNS`.
///
/// The text follows the grammar
/// `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact`, where
/// mechanism and artifact are optional
/// (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html>). Only ASCII
/// letters, digits and `& . ! _ -` occur in it, so that its [`Slug`] is always a safe file name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FindingType(String);

/// Why a text is not the name of a finding type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a finding type: {reason}")]
pub struct NotAFindingType {
    /// The text, cut to 200 characters.
    pub text: String,
    /// The part of the grammar that it breaks.
    pub reason: &'static str,
}

impl FindingType {
    /// The purpose of the attack: `CryptoCurrency` in `CryptoCurrency:EC2/BitcoinTool.B!DNS`.
    pub fn threat_purpose(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// The resource that is affected, in AWS's short form: `EC2`, `IAMUser`, `Runtime`.
    pub fn resource(&self) -> &str {
        let rest = self.0.split_once(':').map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    /// The name of the threat without mechanism and artifact: `BitcoinTool`.
    pub fn threat_family(&self) -> &str {
        let end = self.threat().find(['.', '!']);
        &self.threat()[..end.unwrap_or(self.threat().len())]
    }

    /// How GuardDuty came to the finding, where the name says it: `B`.
    pub fn detection_mechanism(&self) -> Option<&str> {
        let before_artifact = self.threat().split('!').next()?;
        before_artifact.split_once('.').map(|(_, mechanism)| mechanism)
    }

    /// The resource that the threat uses, where the name says it: `DNS`.
    pub fn artifact(&self) -> Option<&str> {
        self.threat().split_once('!').map(|(_, artifact)| artifact)
    }

    /// The name as AWS writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its file, without `.md`.
    pub fn slug(&self) -> Slug {
        Slug::of(&self.0)
    }

    fn threat(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, threat)| threat)
    }
}

impl FromStr for FindingType {
    type Err = NotAFindingType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        match grammar_fault(name) {
            None => Ok(Self(name.to_owned())),
            Some(reason) => Err(NotAFindingType { text: text.chars().take(200).collect(), reason }),
        }
    }
}

fn grammar_fault(name: &str) -> Option<&'static str> {
    if name.len() > MAX_LENGTH {
        return Some("it is longer than 160 characters");
    }
    let Some((purpose, rest)) = name.split_once(':') else {
        return Some("there is no `:` behind the threat purpose");
    };
    let Some((resource, threat)) = rest.split_once('/') else {
        return Some("there is no `/` behind the resource type");
    };
    let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if !word(purpose) || !word(resource) {
        return Some("threat purpose and resource type are made of letters and digits");
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"&.!_-".contains(&b);
    if !threat.bytes().all(allowed) {
        return Some("the threat may hold only letters, digits and `& . ! _ -`");
    }
    let starts_well = threat.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    let ends_well = threat.bytes().last().is_some_and(|b| b.is_ascii_alphanumeric());
    if !starts_well || !ends_well || threat.contains("..") {
        return Some("the threat has an empty part");
    }
    None
}

impl TryFrom<String> for FindingType {
    type Error = NotAFindingType;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<FindingType> for String {
    fn from(finding_type: FindingType) -> Self {
        finding_type.0
    }
}

impl fmt::Display for FindingType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The name of a runbook's file without `.md`: `cryptocurrency-ec2-bitcointool-b-dns`.
///
/// Trimmed, lower case, every character that is not a letter or digit becomes `-`. Holds only
/// `a-z`, `0-9` and `-`, begins and ends with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct Slug(String);

impl Slug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the file: `<slug>.md`.
    pub fn file_name(&self) -> String {
        format!("{}.md", self.0)
    }

    fn of(name: &str) -> Self {
        let dash = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        Self(name.trim().chars().map(dash).collect())
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_parts_of_a_name() {
        let name: FindingType = "CryptoCurrency:EC2/BitcoinTool.B!DNS".parse().unwrap();
        assert_eq!(name.threat_purpose(), "CryptoCurrency");
        assert_eq!(name.resource(), "EC2");
        assert_eq!(name.threat_family(), "BitcoinTool");
        assert_eq!(name.detection_mechanism(), Some("B"));
        assert_eq!(name.artifact(), Some("DNS"));
        let bare: FindingType = "Backdoor:EC2/C&CActivity".parse().unwrap();
        assert_eq!((bare.detection_mechanism(), bare.artifact()), (None, None));
        assert_eq!(bare.threat_family(), "C&CActivity");
        let artifact_only: FindingType = "Execution:EC2/MaliciousFile!AMI".parse().unwrap();
        assert_eq!(artifact_only.detection_mechanism(), None);
        assert_eq!(artifact_only.artifact(), Some("AMI"));
    }

    #[test]
    fn slugs_are_the_python_tools_names_without_its_faults() {
        let slug = |name: &str| name.parse::<FindingType>().unwrap().slug().as_str().to_owned();
        assert_eq!(
            slug("CryptoCurrency:EC2/BitcoinTool.B!DNS"),
            "cryptocurrency-ec2-bitcointool-b-dns"
        );
        assert_eq!(slug("Backdoor:EC2/C&CActivity.B"), "backdoor-ec2-c-cactivity-b");
        assert_eq!(slug(" Recon:EC2/Portscan \n"), "recon-ec2-portscan");
    }

    #[test]
    fn names_that_could_leave_the_folder_or_break_a_page_are_refused() {
        for name in [
            "",
            "Trojan",
            "Trojan:EC2",
            "Trojan:EC2/",
            ":EC2/X",
            "Trojan:/X",
            "../../etc:passwd/x",
            "Trojan:EC2/../../x",
            "Trojan:EC2/a/b",
            "Trojan:EC2/<script>",
            "Trojan:EC2/a b",
            "Trojan:EC2/!DNS",
            "Trojan:EC2/A!",
            "Trojan:EC2/\u{202e}A",
            &format!("Trojan:EC2/{}", "a".repeat(300)),
        ] {
            assert!(name.parse::<FindingType>().is_err(), "{name:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn a_slug_is_always_a_safe_file_name(text in "\\PC{0,60}") {
            if let Ok(name) = text.parse::<FindingType>() {
                let slug = name.slug();
                let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                prop_assert!(slug.as_str().chars().all(safe));
                prop_assert!(!slug.as_str().starts_with('-') && !slug.as_str().ends_with('-'));
            }
        }

        #[test]
        fn names_of_the_grammar_are_accepted_and_kept(
            name in "[A-Z][a-z]{1,12}:[A-Z][A-Za-z0-9]{0,9}/[A-Z][A-Za-z&]{0,20}[a-z](\\.[A-Z][a-z]{0,9})?(![A-Z]{1,4})?"
        ) {
            let parsed: FindingType = name.parse().unwrap();
            prop_assert_eq!(parsed.as_str(), name.as_str());
            prop_assert_eq!(parsed.slug().as_str().len(), name.len());
        }
    }
}
