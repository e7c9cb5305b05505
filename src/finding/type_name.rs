//! The name of a finding's type, as the catalogue has it, from what a finding says.
//!
//! Security Hub puts a namespace before the name (`TTPs/Command and Control/`), writes `-` for the
//! `/`, and for some types drops the threat purpose, which the namespace then repeats
//! (`TTPs/Discovery/IAMUser-AnomalousBehavior`), or the family
//! (`TTPs/AnomalousBehavior/Execution:Kubernetes-ExecInPod`). The list is in
//! <https://docs.aws.amazon.com/guardduty/latest/ug/securityhub-integration.html>.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::ClaimedType;
use super::json::REPLACEMENT;
use crate::catalogue::builtin;
use crate::finding_type::FindingType;

/// A name that was cut off lacks this many letters at most.
const MAX_CUT: usize = 3;

/// A longer text is no name, in whatever spelling.
const MAX_NAME: usize = 256;

/// What a text is shortened to that is no finding type.
const MAX_UNREADABLE: usize = 200;

static KNOWN: LazyLock<Known> = LazyLock::new(Known::new);

/// What else a finding has that tells its type.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints<'a> {
    /// Its title.
    pub(crate) title: &'a str,
    /// Addresses of AWS's documentation.
    pub(crate) anchors: &'a [&'a str],
}

/// The type that a finding says it is of.
pub(crate) fn resolve(said: &str, hints: &Hints<'_>) -> ClaimedType {
    let said = said.trim();
    // What a damaged name was meant to be is not guessed.
    if said.len() > MAX_NAME || said.contains(REPLACEMENT) {
        return ClaimedType::Unreadable(said.chars().take(MAX_UNREADABLE).collect());
    }
    if let Some(known) = KNOWN.exact.get(said) {
        return known.clone();
    }
    if let Some(known) = KNOWN.altered(said, hints).or_else(|| KNOWN.by_anchor(hints.anchors)) {
        return known.clone();
    }
    let parsed = said.parse().or_else(|_| unaltered(said).parse());
    parsed.map_or_else(
        |_| ClaimedType::Unreadable(said.chars().take(MAX_UNREADABLE).collect()),
        ClaimedType::Unknown,
    )
}

/// A name that no catalogue has, as GuardDuty may have written it: without namespace, and with the
/// `/` that became a `-` or a `.`.
fn unaltered(said: &str) -> String {
    let name = said.rsplit('/').next().unwrap_or(said);
    match name.split_once(':') {
        Some((purpose, rest)) => format!("{purpose}:{}", rest.replacen(['-', ' ', '.'], "/", 1)),
        None => said.to_owned(),
    }
}

/// The finding types that the catalogue has.
struct Known {
    exact: BTreeMap<String, ClaimedType>,
    /// By letters and digits alone.
    plain: BTreeMap<String, ClaimedType>,
    /// By the documentation's anchor.
    anchors: BTreeMap<&'static str, ClaimedType>,
}

impl Known {
    fn new() -> Self {
        let catalogue = builtin::facts();
        let active = catalogue.map(|facts| {
            let anchor = facts.anchor.as_deref().filter(|_| facts.signals.is_empty());
            (anchor, ClaimedType::Active(facts.finding_type.clone()))
        });
        let retired = builtin::retired().map(|retired| {
            (Some(retired.anchor.as_str()), ClaimedType::Retired(retired.finding_type.clone()))
        });
        let mut known =
            Self { exact: BTreeMap::new(), plain: BTreeMap::new(), anchors: BTreeMap::new() };
        for (anchor, claimed_type) in active.chain(retired) {
            let name = claimed_type.name().map_or("", FindingType::as_str);
            known.plain.insert(plain(name), claimed_type.clone());
            known.exact.insert(name.to_owned(), claimed_type.clone());
            known.anchors.extend(anchor.map(|anchor| (anchor, claimed_type)));
        }
        known
    }

    /// A name in another spelling, or altered by Security Hub.
    fn altered(&self, said: &str, hints: &Hints<'_>) -> Option<&ClaimedType> {
        let (namespace, name) = said.rsplit_once('/').unwrap_or(("", said));
        // The whole, for names that kept their `/`; then ever less of the namespace.
        let starts = said.match_indices('/').map(|(at, _)| at + 1);
        let mut spelt = std::iter::once(0).chain(starts).map(|start| plain(&said[start..]));
        spelt.find_map(|spelt| self.plain.get(&spelt)).or_else(|| {
            let (category, name) = (namespace.rsplit('/').next().unwrap_or_default(), plain(name));
            let category = plain(category);
            self.without_purpose(&name, &category, hints)
                .or_else(|| self.without_family(&name, &category))
                .or_else(|| self.cut_off(&name))
        })
    }

    /// The one type whose name is this without the purpose, which the namespace or the title has.
    fn without_purpose(
        &self,
        name: &str,
        category: &str,
        hints: &Hints<'_>,
    ) -> Option<&ClaimedType> {
        let has_name = |known: &&FindingType| {
            plain(known.as_str()).strip_prefix(&plain(known.threat_purpose())) == Some(name)
        };
        let purpose = |known: &FindingType| plain(known.threat_purpose());
        let mut fitting: Vec<_> = self.names().filter(has_name).collect();
        if fitting.len() > 1 && !category.is_empty() {
            fitting.retain(|known| purpose(known) == category);
        }
        if fitting.len() > 1 || (fitting.is_empty() && !hints.title.is_empty()) {
            let title = plain(hints.title);
            fitting = self.names().filter(has_name).collect();
            fitting.retain(|known| title.contains(&format!("{}tactic", purpose(known))));
        }
        self.only(&fitting)
    }

    /// The one type whose name has the namespace's last word before or within the threat.
    fn without_family(&self, name: &str, category: &str) -> Option<&ClaimedType> {
        let has_family = |known: &&FindingType| {
            plain(known.threat_family()) == category
                && plain(known.as_str()).replacen(category, "", 1) == name
        };
        let fitting: Vec<_> = self.names().filter(has_family).collect();
        self.only(&fitting).filter(|_| !category.is_empty())
    }

    /// The one type whose name only lacks its end.
    fn cut_off(&self, name: &str) -> Option<&ClaimedType> {
        let is_longer = |known: &&FindingType| {
            let rest = plain(known.as_str());
            rest.strip_prefix(name).is_some_and(|rest| rest.len() <= MAX_CUT)
        };
        let fitting: Vec<_> = self.names().filter(is_longer).collect();
        self.only(&fitting).filter(|_| !name.is_empty())
    }

    /// The type that the documentation explains at one of these addresses.
    fn by_anchor(&self, addresses: &[&str]) -> Option<&ClaimedType> {
        let mut anchors = addresses.iter().filter_map(|address| address.split_once('#'));
        anchors.find_map(|(_, anchor)| self.anchors.get(anchor))
    }

    fn names(&self) -> impl Iterator<Item = &FindingType> {
        self.exact.values().filter_map(ClaimedType::name)
    }

    fn only(&self, fitting: &[&FindingType]) -> Option<&ClaimedType> {
        let [one] = fitting else { return None };
        self.exact.get(one.as_str())
    }
}

/// Small letters and digits alone.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(said: &str, title: &str, anchors: &[&str]) -> String {
        match resolve(said, &Hints { title, anchors }) {
            ClaimedType::Active(name) => name.to_string(),
            ClaimedType::Retired(name) => format!("retired {name}"),
            ClaimedType::Unknown(name) => format!("unknown {name}"),
            ClaimedType::Unreadable(text) => format!("unreadable {text}"),
        }
    }

    #[test]
    fn a_text_of_any_length_is_looked_at_once() {
        let said = format!("A:{}", "/".repeat(1 << 20));
        assert_eq!(told(&said, "", &[]), format!("unreadable {}", &said[..MAX_UNREADABLE]));
    }

    #[test]
    fn names_of_security_hub_are_those_of_the_catalogue() {
        for (said, name) in [
            (
                "TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS",
                "Backdoor:EC2/C&CActivity.B!DNS",
            ),
            (
                "TTPs/Defense Evasion/DefenseEvasion:EC2-UnusualDNSResolver",
                "DefenseEvasion:EC2/UnusualDNSResolver",
            ),
            (
                "TTPs/DefenseEvasion/EC2:Unusual-DNS-Resolver",
                "DefenseEvasion:EC2/UnusualDNSResolver",
            ),
            (
                "TTPs/DefenseEvasion/EC2:Unusual-DoH-Activity",
                "DefenseEvasion:EC2/UnusualDoHActivity",
            ),
            (
                "TTPs/Credential Access/IAMUser-AnomalousBehavior",
                "CredentialAccess:IAMUser/AnomalousBehavior",
            ),
            (
                "TTPs/Initial Access/IAMUser-AnomalousBehavior",
                "InitialAccess:IAMUser/AnomalousBehavior",
            ),
            ("TTPs/Discovery/IAMUser-AnomalousBehavior", "Discovery:IAMUser/AnomalousBehavior"),
            ("TTPs/Discovery/RDS-MaliciousIPCaller", "Discovery:RDS/MaliciousIPCaller"),
            (
                "TTPs/AnomalousBehavior/Discovery:Kubernetes-PermissionChecked",
                "Discovery:Kubernetes/AnomalousBehavior.PermissionChecked",
            ),
            (
                "TTPs/AnomalousBehavior/Persistence:Kubernetes-WorkloadDeployed!ContainerWithSensitiveMount",
                "Persistence:Kubernetes/AnomalousBehavior.WorkloadDeployed!ContainerWithSensitiveMount",
            ),
            (
                "TTPs/AnomalousBehavior/Execution:Kubernetes-WorkloadDeployed",
                "Execution:Kubernetes/AnomalousBehavior.WorkloadDeployed",
            ),
            (
                "TTPs/Persistence/Persistence:Kubernetes-ContainerWithSensitiveMount",
                "retired Persistence:Kubernetes/ContainerWithSensitiveMount",
            ),
            (
                "TTPs/Impact/Impact:Runtime-SuspiciousDomainRequest.Reputatio",
                "Impact:Runtime/SuspiciousDomainRequest.Reputation",
            ),
            ("TTPs/PenTest:IAMUser/KaliLinux", "PenTest:IAMUser/KaliLinux"),
            ("TTPs/PenTest:S3-KaliLinux", "PenTest:S3/KaliLinux"),
            ("Effects/Data Exfiltration/Trojan:EC2-DropPoint!DNS", "Trojan:EC2/DropPoint!DNS"),
            (
                "Effects/Data Exposure/Policy:S3-BucketBlockPublicAccessDisabled",
                "Policy:S3/BucketBlockPublicAccessDisabled",
            ),
            (
                "Unusual Behaviors/VM/Behavior:EC2-NetworkPortUnusual",
                "Behavior:EC2/NetworkPortUnusual",
            ),
            (
                "Unusual Behaviors/User/UnauthorizedAccess:IAMUser-ConsoleLogin",
                "retired UnauthorizedAccess:IAMUser/ConsoleLogin",
            ),
            (
                "Software and Configuration Checks/PrivilegeEscalation:Runtime-SuspiciousCommand",
                "PrivilegeEscalation:Runtime/SuspiciousCommand",
            ),
            (
                "Software and Configuration Checks/AWS Security Best Practices/Policy:Kubernetes-ExposedDashboard",
                "Policy:Kubernetes/ExposedDashboard",
            ),
            ("TTPs/AttackSequence:EKS-CompromisedCluster", "AttackSequence:EKS/CompromisedCluster"),
            (
                "TTPs/Discovery:S3-BucketEnumeration.Unusual",
                "retired Discovery:S3/BucketEnumeration.Unusual",
            ),
        ] {
            assert_eq!(told(said, "", &[]), name, "{said}");
        }
    }

    #[test]
    fn other_spellings_are_understood_and_doubtful_ones_are_not() {
        assert_eq!(told(" recon:ec2/PORTSCAN ", "", &[]), "Recon:EC2/Portscan");
        assert_eq!(
            told("Recon:EC2 PortProbeUnprotectedPort", "", &[]),
            "Recon:EC2/PortProbeUnprotectedPort"
        );
        let title = "A user is invoking APIs commonly used in Exfiltration tactics.";
        let dropped = "TTPs/Anything/IAMUser-AnomalousBehavior";
        assert_eq!(told(dropped, title, &[]), "Exfiltration:IAMUser/AnomalousBehavior");
        assert_eq!(told(dropped, "", &[]), format!("unreadable {dropped}"));
        let place = "https://docs.aws.amazon.com/guardduty/latest/ug/x.html#recon-ec2-portscan";
        assert_eq!(told("Something", "", &[place]), "Recon:EC2/Portscan");
        assert_eq!(told("Recon:EC2/Lighthouse", "", &[]), "unknown Recon:EC2/Lighthouse");
        assert_eq!(
            told("TTPs/Discovery/Recon:EC2-Lighthouse", "", &[]),
            "unknown Recon:EC2/Lighthouse"
        );
        assert_eq!(told("", title, &[]), "unreadable ");
        assert_eq!(told("///", "", &[]), "unreadable ///");
    }

    #[test]
    fn every_type_is_found_by_the_name_that_security_hub_gives_it() {
        for known in KNOWN.exact.values() {
            let name = known.name().unwrap();
            for separator in ["-", "."] {
                let said = format!("TTPs/Some Tactic/{}", name.as_str().replace('/', separator));
                assert_eq!(resolve(&said, &Hints::default()), *known, "{said}");
            }
        }
        // The facts of types without an own section share one anchor.
        assert!(KNOWN.anchors.len() > 200, "{}", KNOWN.anchors.len());
    }

    proptest! {
        #[test]
        fn any_text_is_safe(said in "\\PC{0,60}|[A-Za-z:/.! -]{0,60}", title in "\\PC{0,40}") {
            resolve(&said, &Hints { title: &title, anchors: &[&said] });
        }
    }
}
