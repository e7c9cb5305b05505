//! The protection plan of GuardDuty that has to be on for a finding type to occur.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding_type::FindingType;

/// A protection plan, or the part of GuardDuty that is always on
/// (<https://docs.aws.amazon.com/guardduty/latest/ug/what-is-guardduty.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum ProtectionPlan {
    /// CloudTrail management events, VPC flow logs, DNS logs: on with GuardDuty itself.
    Foundational,
    /// Attack sequences: on with GuardDuty itself.
    ExtendedThreatDetection,
    /// S3 Protection.
    S3,
    /// EKS Protection.
    Eks,
    /// Runtime Monitoring.
    RuntimeMonitoring,
    /// Malware Protection for EC2.
    MalwareEc2,
    /// Malware Protection for S3.
    MalwareS3,
    /// Malware Protection for Backup.
    MalwareBackup,
    /// RDS Protection.
    Rds,
    /// Lambda Protection.
    Lambda,
    /// AI Protection.
    Ai,
    /// Custom Detection Rules.
    CustomDetectionRules,
}

impl ProtectionPlan {
    /// All plans, in AWS's order.
    pub const ALL: [Self; 12] = [
        Self::Foundational,
        Self::ExtendedThreatDetection,
        Self::S3,
        Self::Eks,
        Self::RuntimeMonitoring,
        Self::MalwareEc2,
        Self::MalwareS3,
        Self::MalwareBackup,
        Self::Rds,
        Self::Lambda,
        Self::Ai,
        Self::CustomDetectionRules,
    ];

    /// The plan's name as AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Foundational => "Foundational threat detection",
            Self::ExtendedThreatDetection => "Extended Threat Detection",
            Self::S3 => "S3 Protection",
            Self::Eks => "EKS Protection",
            Self::RuntimeMonitoring => "Runtime Monitoring",
            Self::MalwareEc2 => "Malware Protection for EC2",
            Self::MalwareS3 => "Malware Protection for S3",
            Self::MalwareBackup => "Malware Protection for Backup",
            Self::Rds => "RDS Protection",
            Self::Lambda => "Lambda Protection",
            Self::Ai => "AI Protection",
            Self::CustomDetectionRules => "Custom Detection Rules",
        }
    }

    /// The plan that feeds a finding type, told by its documented data sources or features.
    pub fn of(finding_type: &FindingType, data_sources: &[String]) -> Self {
        if finding_type.threat_purpose() == "AttackSequence" {
            return Self::ExtendedThreatDetection;
        }
        let sources = data_sources.join(" ").to_ascii_lowercase();
        let names = |word: &str| sources.contains(word);
        let plans = [
            ("runtime monitoring", Self::RuntimeMonitoring),
            ("eks audit", Self::Eks),
            ("kubernetes audit", Self::Eks),
            ("malware protection for backup", Self::MalwareBackup),
            ("malware protection for s3", Self::MalwareS3),
            ("malware", Self::MalwareEc2),
            ("rds login", Self::Rds),
            ("lambda network", Self::Lambda),
            ("ai protection", Self::Ai),
        ];
        if let Some((_, plan)) = plans.into_iter().find(|(words, _)| names(words)) {
            return plan;
        }
        let only_s3_data = names("s3") && names("data event") && !names("management");
        if only_s3_data { Self::S3 } else { Self::Foundational }
    }
}

impl fmt::Display for ProtectionPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<ProtectionPlan> for &'static str {
    fn from(plan: ProtectionPlan) -> Self {
        plan.as_str()
    }
}

impl TryFrom<String> for ProtectionPlan {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let plan = Self::ALL.into_iter().find(|plan| plan.as_str().eq_ignore_ascii_case(&name));
        plan.ok_or_else(|| format!("{name:?} is not a protection plan"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_source_tells_the_plan() {
        let plan = |name: &str, source: &str| {
            ProtectionPlan::of(&name.parse().unwrap(), &[source.to_owned()]).as_str()
        };
        assert_eq!(plan("AttackSequence:EKS/X", "EKS audit logs"), "Extended Threat Detection");
        assert_eq!(plan("Recon:EC2/X", "VPC flow logs"), "Foundational threat detection");
        assert_eq!(plan("Discovery:S3/X", "CloudTrail data events for S3"), "S3 Protection");
        assert_eq!(plan("Discovery:S3/X", "S3 CloudTrail data event"), "S3 Protection");
        let both = "CloudTrail management events or CloudTrail data events for S3";
        assert_eq!(plan("Policy:IAMUser/X", both), "Foundational threat detection");
        assert_eq!(plan("Execution:EC2/X", "EBS Malware Protection"), "Malware Protection for EC2");
        assert_eq!(
            plan("Execution:EC2/X!AMI", "Malware Protection for Backup"),
            "Malware Protection for Backup"
        );
    }
}
