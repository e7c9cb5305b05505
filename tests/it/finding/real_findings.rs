//! Real findings, each with the type that it has to give.

use std::collections::BTreeMap;

use guardduty_runbooks::finding::{self, ClaimedType, Finding};
use guardduty_runbooks::fs;

use crate::real;

fn findings(file: &str) -> Vec<Finding> {
    let path = real::data().unwrap().join("findings").join(file);
    let bytes = fs::read(&path).unwrap();
    finding::read(bytes.as_slice())
        .collect::<Result<_, _>>()
        .unwrap_or_else(|bad| panic!("{file}: {bad}"))
}

fn types(file: &str) -> Vec<String> {
    let word = |event: &Finding| match &event.finding_type {
        ClaimedType::Active(name) => name.to_string(),
        ClaimedType::Retired(name) => format!("{name}, retired"),
        ClaimedType::Unknown(name) => format!("{name}, unknown"),
        ClaimedType::Unreadable(text) => format!("{text:?}, unreadable"),
    };
    findings(file).iter().map(word).collect()
}

/// Every file of the folder, in whatever shape, with the types of its findings.
const EXPECTED: &[(&str, &[&str])] = &[
    (
        "asff-dojo.json",
        &[
            "DefenseEvasion:EC2/UnusualDNSResolver",
            "Recon:EC2/Portscan",
            "UnauthorizedAccess:EC2/SSHBruteForce",
            "Discovery:IAMUser/AnomalousBehavior",
        ],
    ),
    ("asff-ocsf-example.json", &["Stealth:IAMUser/CloudTrailLoggingDisabled"]),
    ("bare-camelcase-critical-1.json", &["AttackSequence:IAM/CompromisedCredentials"]),
    ("bare-camelcase-critical-2.json", &["AttackSequence:S3/CompromisedData"]),
    ("bare-camelcase-high-3.json", &[ADMINISTRATIVE]),
    ("bare-camelcase-low-7.json", &[ADMINISTRATIVE]),
    ("bare-camelcase-med-5.json", &[ADMINISTRATIVE]),
    ("bare-camelcase-med-6.json", &[ADMINISTRATIVE]),
    (
        "eventbridge-titlecase-credential-access-iam-anomalous-behavior.json",
        &["CredentialAccess:IAMUser/AnomalousBehavior"],
    ),
    ("eventbridge-titlecase-discovery-rds-tor-ip-caller.json", &["Discovery:RDS/TorIPCaller"]),
    (
        "eventbridge-titlecase-recon-ec2-portprobeemrunprotectedport.json",
        &["Recon:EC2/PortProbeEMRUnprotectedPort"],
    ),
    ("eventbridge-titlecase-recon-ec2-portscan.json", &["Recon:EC2/Portscan"]),
    ("eventbridge-titlecase-trojan-ec2-blackholetraffic.json", &["Trojan:EC2/BlackholeTraffic"]),
    (
        "eventbridge-titlecase-trojan-ec2-dgadomainrequest-b.json",
        &["Trojan:EC2/DGADomainRequest.B"],
    ),
    ("eventbridge-titlecase-trojan-ec2-droppoint.json", &["Trojan:EC2/DropPoint"]),
    (
        "eventbridge-titlecase-unauthorizedaccess-ec2-maliciousipcaller.json",
        &["UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"],
    ),
    (
        "eventbridge-titlecase-unauthorizedaccess-ec2-metadatadnsrebind.json",
        &["UnauthorizedAccess:EC2/MetadataDNSRebind"],
    ),
    (
        "eventbridge-titlecase-unauthorizedaccess-ec2-sshbruteforce.json",
        &["UnauthorizedAccess:EC2/SSHBruteForce"],
    ),
    (
        "eventbridge-titlecase-unauthorizedaccess-ec2-torclient.json",
        &["UnauthorizedAccess:EC2/TorClient"],
    ),
    (
        "eventbridge-titlecase-unauthorizedaccess-ec2-torrelay.json",
        &["UnauthorizedAccess:EC2/TorRelay"],
    ),
    ("eventbridge-trimmed-high.json", &["Recon:EC2/PortProbeUnprotectedPort"]),
    ("eventbridge-trimmed-low.json", &["Recon:EC2/PortProbeUnprotectedPort"]),
    ("eventbridge-trimmed-medium.json", &["Recon:EC2/PortProbeUnprotectedPort"]),
    ("getfindings-aws-cli.json", &["Recon:IAMUser/UserPermissions, retired"]),
    ("ocsf-example.json", &["Stealth:IAMUser/CloudTrailLoggingDisabled"]),
];

const ADMINISTRATIVE: &str = "PrivilegeEscalation:IAMUser/AdministrativePermissions, retired";

#[test]
fn every_real_finding_gives_its_type() {
    let Some(data) = real::data() else { return };
    let read = EXPECTED.iter().map(|(file, _)| (*file, types(file))).collect::<BTreeMap<_, _>>();
    for (file, expected) in EXPECTED {
        assert_eq!(read[file], *expected, "{file}");
    }
    let there = fs::names_in(&data.join("findings")).unwrap().unwrap();
    let missing: Vec<_> = there.iter().filter(|file| !read.contains_key(file.as_str())).collect();
    assert!(missing.is_empty(), "no expectation for {missing:?}");
}

#[test]
fn no_value_of_a_real_finding_is_outside_guardduty_s_own_names() {
    let Some(_) = real::data() else { return };
    let model = include_str!("../../../guidance/finding-paths.txt");
    for (file, _) in EXPECTED {
        for event in findings(file) {
            let mut unknown = Vec::new();
            outside(&event.json, "", &model.lines().collect::<Vec<_>>(), &mut unknown);
            assert_eq!(unknown, Vec::<String>::new(), "{file}");
        }
    }
}

/// The paths of values that the model does not have; additional facts are open.
fn outside(value: &serde_json::Value, path: &str, model: &[&str], unknown: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                outside(value, &below, model, unknown);
            }
        }
        serde_json::Value::Array(values) => {
            for value in values {
                outside(value, &format!("{path}[]"), model, unknown);
            }
        }
        serde_json::Value::Null => {}
        _ => {
            let is_open = |known: &&&str| {
                known.strip_suffix('*').is_some_and(|known| path.starts_with(known))
            };
            let is_known = model.contains(&path) || model.iter().any(|known| is_open(&known));
            if !is_known && !path.starts_with("service.additionalInfo.") {
                unknown.push(path.to_owned());
            }
        }
    }
}

#[test]
fn findings_of_security_hub_get_the_fields_of_guardduty() {
    let Some(_) = real::data() else { return };
    let portscan = &findings("asff-dojo.json")[1].json;
    let resource = &portscan["resource"]["instanceDetails"];
    assert_eq!(portscan["id"], "12312312312312312");
    assert_eq!(portscan["severity"], 5);
    assert_eq!(resource["instanceId"], "i-1234567890");
    assert_eq!(resource["networkInterfaces"][0]["privateIpAddress"], "127.0.0.1");
    assert_eq!(resource["networkInterfaces"][0]["publicIp"], "1.2.2.2");
    assert_eq!(resource["tags"][2]["key"], "Name");
    let service = &portscan["service"];
    assert_eq!(service["count"], 4);
    assert_eq!(service["archived"], false);
    assert_eq!(service["action"]["networkConnectionAction"]["remotePortDetails"]["port"], 995);
    assert_eq!(service["additionalInfo"]["portsScannedSample"][18], 8443);

    let [asff, ocsf] = ["asff-ocsf-example.json", "ocsf-example.json"].map(findings);
    let (asff, ocsf) = (&asff[0].json, &ocsf[0].json);
    for path in [
        "/accountId",
        "/id",
        "/arn",
        "/region",
        "/partition",
        "/type",
        "/title",
        "/severity",
        "/service/detectorId",
        "/service/count",
        "/service/eventFirstSeen",
        "/service/action/awsApiCallAction/api",
        "/service/action/awsApiCallAction/serviceName",
        "/service/action/awsApiCallAction/affectedResources/AWS::CloudTrail::Trail",
        "/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4",
        "/service/action/awsApiCallAction/remoteIpDetails/country/countryName",
        "/service/action/awsApiCallAction/remoteIpDetails/organization/asn",
        "/resource/resourceType",
        "/resource/accessKeyDetails/accessKeyId",
        "/resource/accessKeyDetails/principalId",
        "/resource/accessKeyDetails/userName",
    ] {
        let value = asff.pointer(path).unwrap_or_else(|| panic!("{path} is missing"));
        assert_eq!(Some(value), ocsf.pointer(path), "{path}");
    }
}

const SAMPLES: [&str; 2] = ["bare-camelcase-critical-2.json", "bare-camelcase-med-6.json"];

#[test]
fn samples_are_told_from_real_findings() {
    let Some(_) = real::data() else { return };
    let samples: Vec<&str> = EXPECTED
        .iter()
        .filter(|(file, _)| findings(file).iter().any(Finding::is_sample))
        .map(|(file, _)| *file)
        .collect();
    let expected: Vec<&str> = EXPECTED
        .iter()
        .map(|(file, _)| *file)
        .filter(|file| file.contains("titlecase") || SAMPLES.contains(file))
        .collect();
    assert_eq!(samples, expected);
}
