//! Where a value of a finding comes from: which object has it, in whose account, in which Region.

use serde::Serialize;
use serde_json::Value;

use super::path;
use crate::arn::Arn;
use crate::finding_type::FindingType;

/// Where a value comes from. Where the finding does not say whose an object is, it is the finding's
/// own: its account's, in its Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The place of the value, with numbers for members of lists:
    /// `resource.instanceDetails.networkInterfaces[0].vpcId`.
    pub path: String,
    /// The account that the object belongs to.
    pub account: Option<String>,
    /// The Region that the object is in.
    pub region: Option<String>,
}

/// What belongs to a resource that the finding names by its ARN: how its places begin, and where the
/// ARN is.
const NAMED: [(&str, &str); 13] = [
    ("resource.bedrockGuardrailDetails.", "resource.bedrockGuardrailDetails.guardrailArn"),
    ("resource.ebsSnapshotDetails.", "resource.ebsSnapshotDetails.snapshotArn"),
    ("resource.ec2ImageDetails.", "resource.ec2ImageDetails.imageArn"),
    ("resource.ecsClusterDetails.", "resource.ecsClusterDetails.arn"),
    ("resource.eksClusterDetails.", "resource.eksClusterDetails.arn"),
    ("resource.kubernetesDetails.", "resource.eksClusterDetails.arn"),
    ("service.action.kubernetes", "resource.eksClusterDetails.arn"),
    ("resource.lambdaDetails.", "resource.lambdaDetails.functionArn"),
    ("resource.rdsDbInstanceDetails.", "resource.rdsDbInstanceDetails.dbInstanceArn"),
    ("resource.rdsDbUserDetails.", "resource.rdsDbInstanceDetails.dbInstanceArn"),
    ("service.action.rdsLoginAttemptAction.", "resource.rdsDbInstanceDetails.dbInstanceArn"),
    ("resource.rdsLimitlessDbDetails.", "resource.rdsLimitlessDbDetails.dbShardGroupArn"),
    ("resource.recoveryPointDetails.", "resource.recoveryPointDetails.recoveryPointArn"),
];

/// Lists whose members are parts of the object that has the list, not objects of their own.
const PARTS: [&str; 2] = ["securityGroups", "privateIpAddresses"];

impl Provenance {
    /// Where a value comes from that stands at a place of a finding. Of what the finding says in more
    /// than one way, the word that names somebody else counts: an attacker may have chosen the other.
    pub fn of(finding: &Value, path: &str, value: &str) -> Self {
        let stated = [Stated::named(value), Stated::beside(finding, path)];
        let whose = |field: &str, part: fn(&Stated<'_>) -> Option<String>| {
            let own = finding.get(field).and_then(Value::as_str);
            let other = stated.iter().filter_map(part).find(|stated| Some(stated.as_str()) != own);
            other.or_else(|| own.map(str::to_owned))
        };
        let account = whose("accountId", |stated| stated.account.map(str::to_owned));
        let region = whose("region", |stated| stated.region.map(str::to_owned));
        Self { path: path.to_owned(), account, region }
    }

    /// The place of the object that has the value: the innermost member of a list around it, or all
    /// that is told of a resource, or of the action.
    pub fn object(&self) -> &str {
        object(&self.path)
    }
}

/// What a finding says of whose an object is.
#[derive(Clone, Copy, Default)]
struct Stated<'v> {
    account: Option<&'v str>,
    region: Option<&'v str>,
}

impl<'v> Stated<'v> {
    /// As an ARN says it.
    fn named(text: &'v str) -> Self {
        let stated = |part: &'v str| Some(part).filter(|part| !part.is_empty());
        Arn::read(text).map_or_else(Self::default, |arn| Self {
            account: stated(arn.account),
            region: stated(arn.region),
        })
    }

    /// As the finding says it beside the value.
    fn beside(finding: &'v Value, path: &str) -> Self {
        let text = |path: &str| path::at(finding, path).and_then(Value::as_str);
        let account = |account| Self { account, region: None };
        if let Some(resource) = member_of("service.detection.sequence.resources[", path) {
            let [account, region] =
                ["accountId", "region"].map(|field| text(&format!("{resource}.{field}")));
            return Self { account, region };
        }
        if let Some(actor) = member_of("service.detection.sequence.actors[", path) {
            return account(text(&format!("{actor}.user.account.uid")));
        }
        if path.starts_with("resource.accessKeyDetails.") {
            return account(caller_account(finding));
        }
        if path.starts_with("resource.instanceDetails.") && is_of_vpc(path) {
            return account(text("service.action.dnsRequestAction.vpcOwnerAccountId"));
        }
        let named = NAMED.iter().find(|(places, _)| path.starts_with(places));
        named.and_then(|(_, arn)| text(arn)).map_or_else(Self::default, Self::named)
    }
}

/// The member of a list that a place is in.
fn member_of<'p>(list: &str, path: &'p str) -> Option<&'p str> {
    let end = path.strip_prefix(list)?.find(']')?;
    Some(&path[..=list.len() + end])
}

/// What belongs to the owner of a VPC, also where another account's instance is in it.
fn is_of_vpc(path: &str) -> bool {
    path.ends_with(".vpcId") || path.ends_with(".subnetId")
}

/// The account of whoever made a call, where the finding says that it was called from another one
/// (<https://docs.aws.amazon.com/guardduty/latest/APIReference/API_RemoteAccountDetails.html>).
///
/// Findings about credentials that left their instance or container are different: the credentials
/// are this account's, and the other account is where they are used.
fn caller_account(finding: &Value) -> Option<&str> {
    let name = finding.get("type").and_then(Value::as_str).unwrap_or_default();
    let exported = name.parse::<FindingType>();
    if exported.is_ok_and(|name| name.threat_family().ends_with("CredentialExfiltration")) {
        return None;
    }
    path::first(finding, "service.action.awsApiCallAction.remoteAccountDetails.accountId")?.as_str()
}

/// The place of the object that a place belongs to.
fn object(path: &str) -> &str {
    // A member of a list that is a value itself belongs to what has the list.
    let mut path = if path.ends_with(']') { list_around(path) } else { path };
    while let Some(end) = path.rfind(']') {
        let list = list_around(&path[..=end]);
        if !PARTS.iter().any(|part| list.ends_with(part)) {
            return &path[..=end];
        }
        path = list;
    }
    // A finding has one action, in however many parts it is told: `service.action` is one object.
    path.match_indices('.').nth(1).map_or(path, |(end, _)| &path[..end])
}

/// The list that a place which ends with a number is in.
fn list_around(path: &str) -> &str {
    path.rsplit_once('[').map_or(path, |(list, _)| list)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OWN: &str = "111122223333";
    const OTHER: &str = "444455556666";

    fn account(finding: &mut Value, path: &str, value: &str) -> Option<String> {
        finding["accountId"] = json!(OWN);
        finding["region"] = json!("eu-west-1");
        Provenance::of(finding, path, value).account
    }

    #[test]
    fn an_object_is_a_member_of_a_list_or_all_that_is_told_of_a_resource() {
        for (path, expected) in [
            ("resource.accessKeyDetails.userName", "resource.accessKeyDetails"),
            ("resource.x[1].objects[0].id", "resource.x[1].objects[0]"),
            ("resource.x[1].publicAccess.y", "resource.x[1]"),
            ("resource.x[1].data.uids[0]", "resource.x[1]"),
            ("resource.lambdaDetails.vpcConfig.subnetIds[0]", "resource.lambdaDetails"),
            (
                "resource.lambdaDetails.vpcConfig.securityGroups[0].groupId",
                "resource.lambdaDetails",
            ),
            ("resource.x[1].securityGroups[0].groupId", "resource.x[1]"),
            ("service.action.kubernetesRoleDetails.name", "service.action"),
            ("region", "region"),
        ] {
            assert_eq!(object(path), expected);
        }
    }

    #[test]
    fn an_arn_says_whose_an_object_is() {
        let at = "resource.lambdaDetails.role";
        let role = "arn:aws:iam::444455556666:role/x";
        assert_eq!(account(&mut json!({}), at, role).as_deref(), Some(OTHER));
        assert_eq!(account(&mut json!({}), at, "arn:aws:s3:::x").as_deref(), Some(OWN));
        let mut database = json!({"resource": {"rdsDbInstanceDetails": {"dbInstanceArn":
            "arn:aws:rds:eu-west-1:444455556666:db:shop"}}});
        let (at_user, forged) =
            ("resource.rdsDbUserDetails.user", "arn:aws:x:eu-west-1:111122223333:y");
        assert_eq!(account(&mut database, at_user, forged).as_deref(), Some(OTHER));
        let mut named = json!({"resource": {"lambdaDetails": {"functionArn":
            "arn:aws:lambda:us-east-1:444455556666:function:f"}}});
        let at = "resource.lambdaDetails.functionName";
        assert_eq!(account(&mut named, at, "f").as_deref(), Some(OTHER));
        assert_eq!(Provenance::of(&named, at, "f").region.as_deref(), Some("us-east-1"));
    }

    #[test]
    fn a_resource_of_a_sequence_names_its_account_and_region() {
        let mut finding = json!({"service": {"detection": {"sequence": {
            "resources": [{"uid": "a"}, {"uid": "b", "accountId": OTHER, "region": "us-east-1"}],
            "actors": [{"user": {"name": "x", "account": {"uid": OTHER}}}],
        }}}});
        let at = |list: &str| format!("service.detection.sequence.{list}");
        assert_eq!(account(&mut finding, &at("resources[0].uid"), "a").as_deref(), Some(OWN));
        assert_eq!(account(&mut finding, &at("resources[1].uid"), "b").as_deref(), Some(OTHER));
        let region = Provenance::of(&finding, &at("resources[1].uid"), "b").region;
        assert_eq!(region.as_deref(), Some("us-east-1"));
        assert_eq!(account(&mut finding, &at("actors[0].user.name"), "x").as_deref(), Some(OTHER));
        let inner = at("resources[1].data.ec2NetworkInterface.securityGroups[0].groupId");
        assert_eq!(account(&mut finding, &inner, "sg-1").as_deref(), Some(OTHER));
    }

    #[test]
    fn a_caller_from_another_account_is_not_ours_unless_our_credentials_left() {
        let at = "resource.accessKeyDetails.userName";
        let mut finding = json!({"service": {"action": {"awsApiCallAction": {
            "remoteAccountDetails": {"accountId": OTHER}}}}});
        for (name, expected) in [
            ("Exfiltration:S3/AnomalousBehavior", OTHER),
            ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS", OWN),
            ("UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.InsideAWS", OWN),
            ("no type", OTHER),
        ] {
            finding["type"] = json!(name);
            assert_eq!(account(&mut finding, at, "x").as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_shared_vpc_is_its_owners_and_the_interface_in_it_is_not() {
        let mut finding =
            json!({"service": {"action": {"dnsRequestAction": {"vpcOwnerAccountId": OTHER}}}});
        let at = |field: &str| format!("resource.instanceDetails.networkInterfaces[0].{field}");
        assert_eq!(account(&mut finding, &at("vpcId"), "vpc-1").as_deref(), Some(OTHER));
        assert_eq!(account(&mut finding, &at("networkInterfaceId"), "eni-1").as_deref(), Some(OWN));
    }
}
