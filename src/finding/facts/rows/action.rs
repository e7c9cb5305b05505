//! Who did it, and how.

use super::host::{ANCESTOR, CONTEXT, process};
use super::{Kind, OPEN, Row, each, malware, one, sequence, special};

/// Where an address is, below an object such as `remoteIpDetails`.
macro_rules! address {
    ($below:literal) => {
        &[
            ("", concat!($below, "ipAddressV4")),
            ("IPv6", concat!($below, "ipAddressV6")),
            ("country", concat!($below, "country.countryName|", $below, "country.countryCode")),
            ("city", concat!($below, "city.cityName")),
            ("AS", concat!($below, "organization.asn")),
            ("", concat!($below, "organization.asnOrg")),
            ("ISP", concat!($below, "organization.isp")),
            ("organisation", concat!($below, "organization.org")),
        ]
    };
}

const REMOTE: &str = "Remote address";

pub(super) const ROWS: &[Row] = &[
    each("Actor", "service.detection.sequence.actors[]", sequence::ACTOR),
    each("Endpoint", "service.detection.sequence.endpoints[]", sequence::ENDPOINT),
    one("Action", "service.action.actionType"),
    each(
        "API call",
        "service.action.awsApiCallAction",
        &[
            ("", "api"),
            ("service", "serviceName"),
            ("error", "errorCode"),
            ("caller", "callerType"),
            ("domain", "domainDetails.domain"),
            ("caller's account", "remoteAccountDetails.accountId"),
            ("caller's account is yours", "remoteAccountDetails.affiliated"),
            ("caller's service", "remoteAccountDetails.awsServiceName"),
        ],
    ),
    each(REMOTE, "service.action.awsApiCallAction.remoteIpDetails", address!("")),
    one("User agent", "service.action.awsApiCallAction.userAgent"),
    special(
        "Affected resources",
        "service.action.awsApiCallAction.affectedResources",
        OPEN,
        Kind::Map,
    ),
    each(
        "Connection",
        "service.action.networkConnectionAction",
        &[
            ("", "connectionDirection"),
            ("protocol", "protocol"),
            ("remote port", "remotePortDetails.port"),
            ("", "remotePortDetails.portName"),
            ("local port", "localPortDetails.port"),
            ("", "localPortDetails.portName"),
            ("local address", "localIpDetails.ipAddressV4"),
            ("local IPv6", "localIpDetails.ipAddressV6"),
            ("interface", "localNetworkInterface"),
            ("blocked", "blocked"),
        ],
    ),
    each(REMOTE, "service.action.networkConnectionAction.remoteIpDetails", address!("")),
    each(
        "DNS request",
        "service.action.dnsRequestAction",
        &[
            ("", "domain"),
            ("registered domain", "domainWithSuffix"),
            ("protocol", "protocol"),
            ("blocked", "blocked"),
            ("VPC's account", "vpcOwnerAccountId"),
        ],
    ),
    each(
        "Probed port",
        "service.action.portProbeAction.portProbeDetails[]",
        &[
            ("", "localPortDetails.port"),
            ("", "localPortDetails.portName"),
            ("at", "localIpDetails.ipAddressV4"),
            ("at", "localIpDetails.ipAddressV6"),
        ],
    ),
    each(REMOTE, "service.action.portProbeAction.portProbeDetails[]", address!("remoteIpDetails.")),
    one("Probe blocked", "service.action.portProbeAction.blocked"),
    each(
        "Kubernetes call",
        "service.action.kubernetesApiCallAction",
        &[
            ("", "verb"),
            ("resource", "resource"),
            ("subresource", "subresource"),
            ("name", "resourceName"),
            ("namespace", "namespace"),
            ("status", "statusCode"),
            ("URI", "requestUri"),
            ("parameters", "parameters"),
        ],
    ),
    each(REMOTE, "service.action.kubernetesApiCallAction.remoteIpDetails", address!("")),
    one("Source addresses", "service.action.kubernetesApiCallAction.sourceIPs[]"),
    one("User agent", "service.action.kubernetesApiCallAction.userAgent"),
    each(
        "Permission checked",
        "service.action.kubernetesPermissionCheckedDetails",
        &[
            ("", "verb"),
            ("resource", "resource"),
            ("namespace", "namespace"),
            ("allowed", "allowed"),
        ],
    ),
    each(
        "Role binding",
        "service.action.kubernetesRoleBindingDetails",
        &[
            ("", "name"),
            ("kind", "kind"),
            ("role", "roleRefName"),
            ("role's kind", "roleRefKind"),
            ("uid", "uid"),
        ],
    ),
    each(
        "Kubernetes role",
        "service.action.kubernetesRoleDetails",
        &[("", "name"), ("kind", "kind"), ("uid", "uid")],
    ),
    each(
        "Login attempts",
        "service.action.rdsLoginAttemptAction.LoginAttributes[]",
        &[
            ("user", "user"),
            ("failed", "failedLoginAttempts"),
            ("successful", "successfulLoginAttempts"),
            ("application", "application"),
        ],
    ),
    each(REMOTE, "service.action.rdsLoginAttemptAction.remoteIpDetails", address!("")),
    each("Process", "service.runtimeDetails.process", process!()),
    special("Parent process", "service.runtimeDetails.process", ANCESTOR, Kind::Lineage),
    each("What it did", "service.runtimeDetails.context", CONTEXT),
    each("Modifying process", "service.runtimeDetails.context.modifyingProcess", process!()),
    special(
        "Its parent process",
        "service.runtimeDetails.context.modifyingProcess",
        ANCESTOR,
        Kind::Lineage,
    ),
    each("Target process", "service.runtimeDetails.context.targetProcess", process!()),
    special(
        "Its parent process",
        "service.runtimeDetails.context.targetProcess",
        ANCESTOR,
        Kind::Lineage,
    ),
    each("Malware scan", "service.malwareScanDetails", malware::SCAN),
    each("Threat", "service.malwareScanDetails.threats[]", malware::THREAT),
    each("Infected item", "service.malwareScanDetails.threats[].itemDetails[]", malware::ITEM),
    each(
        "Infected path",
        "service.malwareScanDetails.threats[].itemPaths[]",
        &[("", "nestedItemPath"), ("hash", "hash")],
    ),
    each("Malware scan", "service.ebsVolumeScanDetails", malware::EBS_SCAN),
    each(
        "Threat",
        "service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames[]",
        &[("", "name"), ("severity", "severity"), ("items", "itemCount")],
    ),
    each(
        "Infected file",
        "service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames[].filePaths[]",
        &[("", "filePath"), ("name", "fileName"), ("hash", "hash"), ("volume", "volumeArn")],
    ),
    each(
        "Threat list",
        "service.evidence.threatIntelligenceDetails[]",
        &[
            ("", "threatListName"),
            ("threats", "threatNames[]"),
            ("file's SHA-256", "threatFileSha256"),
        ],
    ),
    special("Unusual", "service.detection.anomaly.unusual.behavior", OPEN, Kind::Anomaly),
    special("Seen before", "service.detection.anomaly.profiles", OPEN, Kind::Anomaly),
    special("Unusual", "service.additionalInfo", &[("", "value")], Kind::Told("unusualBehavior")),
    special(
        "Seen before",
        "service.additionalInfo",
        &[("", "value")],
        Kind::Told("profiledBehavior"),
    ),
    special("Also told", "service.additionalInfo", &[("", "value")], Kind::Info),
];
