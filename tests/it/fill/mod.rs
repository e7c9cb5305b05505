//! Findings filled into runbooks.

mod case_files;
mod commands;
mod hostile;
mod hostile_findings;
mod meaning;
mod printed;
mod real_findings;

use serde_json::{Value, json};

/// A finding about a server that is scanned, as an S3 export has it.
pub(crate) fn port_probe() -> Value {
    json!({
        "schemaVersion": "2.0",
        "accountId": "111122223333",
        "region": "eu-central-1",
        "partition": "aws",
        "id": "0123456789abcdef0123456789abcdef",
        "arn": "arn:aws:guardduty:eu-central-1:111122223333:detector/d0/finding/0123456789abcdef0123456789abcdef",
        "type": "Recon:EC2/PortProbeUnprotectedPort",
        "title": "A port of i-0abc is being probed.",
        "description": "A port is open to the world and is being probed.",
        "severity": 2,
        "createdAt": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:30:00.000Z",
        "resource": {
            "resourceType": "Instance",
            "instanceDetails": {
                "instanceId": "i-0123456789abcdef0",
                "networkInterfaces": [
                    {"networkInterfaceId": "eni-0123456789abcdef0", "vpcId": "vpc-0123456789abcdef0",
                     "securityGroups": [{"groupId": "sg-0123456789abcdef0", "groupName": "web"}]},
                ],
                "tags": [{"key": "Name", "value": "`$(reboot)` | <b>web</b>"}],
            },
        },
        "service": {
            "count": 3,
            "eventFirstSeen": "2026-01-31T23:30:00Z",
            "eventLastSeen": "2026-02-01T00:15:00Z",
            "resourceRole": "TARGET",
            "action": {"actionType": "PORT_PROBE", "portProbeAction": {"blocked": false,
                "portProbeDetails": [
                    {"localPortDetails": {"port": 22, "portName": "SSH"},
                     "remoteIpDetails": {"ipAddressV4": "192.0.2.7", "country": {"countryName": "Nowhere"}}},
                    {"localPortDetails": {"port": 80, "portName": "HTTP"},
                     "remoteIpDetails": {"ipAddressV4": "192.0.2.8"}},
                ]}},
        },
    })
}
