//! The parts of an attack sequence.

use super::{Kind, Row};

pub(super) const INDICATOR: &[(&str, &str)] = &[("", "title|key"), ("values", "values[]")];

pub(super) const ACTOR: &[(&str, &str)] = &[
    ("", "user.name|process.name|id"),
    ("type", "user.type"),
    ("credential", "user.credentialUid"),
    ("principal ID", "user.uid"),
    ("account", "user.account.uid"),
    ("account's name", "user.account.account"),
    ("MFA", "session.mfaStatus"),
    ("session since", "session.createdTime"),
    ("issuer", "session.issuer"),
    ("session", "session.uid"),
    ("path", "process.path"),
    ("SHA-256", "process.sha256"),
];

pub(super) const ENDPOINT: &[(&str, &str)] = &[
    ("", "ip|domain|id"),
    ("domain", "domain"),
    ("port", "port"),
    ("direction", "connection.direction"),
    ("country", "location.country"),
    ("city", "location.city"),
    ("AS", "autonomousSystem.number"),
    ("", "autonomousSystem.name"),
];

pub(super) const RESOURCE: &[(&str, &str)] = &[
    ("", "name|uid"),
    ("type", "resourceType"),
    ("ID", "uid"),
    ("account", "accountId"),
    ("Region", "region"),
    // S3
    ("public", "data.s3Bucket.effectivePermission"),
    ("everybody's reading", "data.s3Bucket.publicReadAccess"),
    ("everybody's writing", "data.s3Bucket.publicWriteAccess"),
    ("encryption", "data.s3Bucket.encryptionType"),
    ("key", "data.s3Bucket.encryptionKeyArn"),
    ("owner", "data.s3Bucket.ownerId"),
    ("object", "data.s3Object.key"),
    ("version", "data.s3Object.versionId"),
    ("objects", "data.s3Bucket.s3ObjectUids[]"),
    // Identities
    ("user", "data.accessKey.userName"),
    ("user's type", "data.accessKey.userType"),
    ("principal ID", "data.accessKey.principalId"),
    // EC2
    ("state", "data.ec2Instance.instanceState"),
    ("instance type", "data.ec2Instance.instanceType"),
    ("platform", "data.ec2Instance.platform"),
    ("zone", "data.ec2Instance.availabilityZone"),
    ("profile", "data.ec2Instance.IamInstanceProfile.arn"),
    ("image", "data.ec2Instance.imageDescription"),
    ("interfaces", "data.ec2Instance.ec2NetworkInterfaceUids[]"),
    ("public address", "data.ec2NetworkInterface.publicIp"),
    ("private addresses", "data.ec2NetworkInterface.privateIpAddresses[].privateIpAddress"),
    ("IPv6", "data.ec2NetworkInterface.ipv6Addresses[]"),
    ("security groups", "data.ec2NetworkInterface.securityGroups[].groupId"),
    ("subnet", "data.ec2NetworkInterface.subNetId"),
    ("VPC", "data.ec2NetworkInterface.vpcId|data.eksCluster.vpcId"),
    (
        "instances",
        "data.eksCluster.ec2InstanceUids[]|data.ecsCluster.ec2InstanceUids[]\
         |data.autoscalingAutoScalingGroup.ec2InstanceUids[]|data.ec2Vpc.ec2InstanceUids[]\
         |data.iamInstanceProfile.ec2InstanceUids[]|data.ec2LaunchTemplate.ec2InstanceUids[]\
         |data.ec2Image.ec2InstanceUids[]|data.cloudformationStack.ec2InstanceUids[]",
    ),
    ("template's version", "data.ec2LaunchTemplate.version"),
    // Containers
    ("cluster's status", "data.eksCluster.status|data.ecsCluster.status"),
    ("ARN", "data.eksCluster.arn"),
    ("workload's type", "data.kubernetesWorkload.type"),
    ("namespace", "data.kubernetesWorkload.namespace"),
    ("containers", "data.kubernetesWorkload.containerUids[]|data.ecsTask.containerUids[]"),
    ("container's image", "data.container.image"),
    ("image's ID", "data.container.imageUid"),
    ("task definition", "data.ecsTask.taskDefinitionArn"),
    ("launch type", "data.ecsTask.launchType"),
    ("created", "data.s3Bucket.createdAt|data.eksCluster.createdAt|data.ecsTask.createdAt"),
    // Models
    ("guardrail's action", "data.bedrockGuardrail.guardrailAction"),
    ("guardrail's source", "data.bedrockGuardrail.guardrailSource"),
    ("guardrail's version", "data.bedrockGuardrail.version"),
];

/// A signal, as a row of the timeline has it. Ids of actors, resources and endpoints are replaced by
/// their names.
pub(in super::super) const SIGNAL: Row = Row {
    label: "Signal",
    base: "service.detection.sequence.signals[]",
    parts: &[
        ("first seen", "firstSeenAt|createdAt"),
        ("last seen", "lastSeenAt|updatedAt"),
        ("", "name|uid"),
        ("type", "type"),
        ("times", "count"),
        ("severity", "severity"),
        ("description", "description"),
        ("actors", "actorIds[]"),
        ("resources", "resourceUids[]"),
        ("endpoints", "endpointIds[]"),
        ("calls", "activities[].api.operation"),
        ("services", "activities[].api.service"),
        ("errors", "activities[].api.error"),
        ("user agents", "activities[].api.userAgent"),
        ("activities", "activities[].type"),
        ("indicators", "signalIndicators[].key"),
        ("indicators' titles", "signalIndicators[].title"),
        ("indicators' values", "signalIndicators[].values[]"),
    ],
    kind: Kind::Fields,
};
