//! Addresses and names that a step must not block without a second look: whatever attackers choose,
//! containment does not cut off what is yours, or what many others share.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use super::values::Open;
use crate::finding::path;

/// Autonomous systems from which Amazon announces its published ranges
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html>).
const AMAZON: [&str; 4] = ["16509", "14618", "8987", "7224"];

/// Domains below which AWS's services and its console have their names, in each partition.
const AWS_DOMAINS: [&str; 10] = [
    "amazon.com",
    "amazonaws.cn",
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "amazoncognito.com",
    "amazontrust.com",
    "api.aws",
    "awsapps.com",
    "awsstatic.com",
];

/// Top-level names that are no name on the internet.
const INTERNAL: [&str; 5] = ["internal", "local", "localhost", "arpa", "intranet"];

/// Why an address is not to be blocked by a filled-in command; none where nothing speaks against it.
/// `at` is its place in the finding.
pub(super) fn address(address: IpAddr, at: &str, finding: &Value) -> Option<Open> {
    if is_not_public(address) {
        return Some(Open::BlocksPrivate);
    }
    if own_addresses(finding).any(|own| own.parse() == Ok(address)) {
        return Some(Open::BlocksItself);
    }
    is_amazons(at, finding).then_some(Open::BlocksAmazon)
}

/// Why a name is not to be blocked by a filled-in command.
pub(super) fn name(name: &str) -> Option<Open> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let top = name.rsplit('.').next().unwrap_or_default();
    if name.split('.').any(str::is_empty) {
        return Some(Open::BlocksSuffix);
    }
    if INTERNAL.contains(&top) {
        return Some(Open::BlocksPrivate);
    }
    // By the list's rules, a name below a suffix has an owner of its own, also below AWS's domains.
    match psl::domain_str(&name) {
        None => Some(Open::BlocksSuffix),
        Some(registered) if AWS_DOMAINS.contains(&registered) => Some(Open::BlocksAmazon),
        Some(_) => None,
    }
}

fn is_not_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_not_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_not_public_v4(inner),
            None => {
                address.is_unspecified()
                    || address.is_loopback()
                    || address.is_multicast()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
            }
        },
    }
}

/// Private, link-local (the metadata service and the VPC's resolver among them), shared between
/// carriers, loopback, multicast, reserved, or no address of a host
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry/>). Ranges for documentation are left
/// in: sample findings have them.
fn is_not_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_link_local()
        || address.is_loopback()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
}

/// The IPv4 address in one of IPv6: mapped, translated (RFC 6052), or of 6to4 (RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let translated = match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        [0x2002, high, low, ..] => Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))),
        _ => None,
    };
    address.to_ipv4_mapped().or(translated)
}

/// The addresses of the finding's own resource.
fn own_addresses(finding: &Value) -> impl Iterator<Item = &str> {
    let places = [
        "resource.instanceDetails.networkInterfaces[].publicIp",
        "resource.instanceDetails.networkInterfaces[].ipv6Addresses[]",
        "service.action.networkConnectionAction.localIpDetails.ipAddressV4",
        "service.action.networkConnectionAction.localIpDetails.ipAddressV6",
        "service.detection.sequence.resources[].data.ec2NetworkInterface.publicIp",
        "service.detection.sequence.resources[].data.ec2NetworkInterface.ipv6Addresses[]",
    ];
    places.into_iter().flat_map(|place| path::all(finding, place)).filter_map(Value::as_str)
}

/// Whether the finding says that an address is Amazon's.
fn is_amazons(at: &str, finding: &Value) -> bool {
    let object = at.rsplit_once('.').and_then(|(object, _)| path::at(finding, object));
    let said = |place| object.and_then(|object| path::first(object, place));
    let numbers = ["organization.asn", "autonomousSystem.number"].into_iter().filter_map(said);
    let is_amazon = |number: &Value| match number {
        Value::String(text) => AMAZON.contains(&text.as_str()),
        number => AMAZON.contains(&number.to_string().as_str()),
    };
    let names = ["organization.asnOrg", "autonomousSystem.name"].into_iter().filter_map(said);
    let is_named = |name: &Value| {
        name.as_str().is_some_and(|name| name.to_ascii_lowercase().starts_with("amazon"))
    };
    numbers.map(is_amazon).chain(names.map(is_named)).any(|is_amazon| is_amazon)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AT: &str = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4";

    fn address_of(text: &str) -> Option<Open> {
        address(text.parse().unwrap(), AT, &json!({}))
    }

    #[test]
    fn addresses_that_are_not_on_the_internet_are_not_blocked() {
        for text in [
            "10.0.0.1",
            "172.16.0.2",
            "192.168.1.1",
            "100.64.0.1",
            "127.0.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.169.253",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "fe80::1",
            "fd00:ec2::253",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ] {
            assert_eq!(address_of(text), Some(Open::BlocksPrivate), "{text}");
        }
        for text in ["8.8.8.8", "198.51.100.7", "172.32.0.1", "100.128.0.1", "2001:db8::1"] {
            assert_eq!(address_of(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_ours_or_amazons_by_the_findings_own_word_is_not_blocked() {
        let finding = |remote: Value| {
            let own = json!({"networkInterfaces": [{"publicIp": "198.51.100.9"}]});
            let action = json!({"networkConnectionAction": {"remoteIpDetails": remote}});
            json!({"resource": {"instanceDetails": own}, "service": {"action": action}})
        };
        let at = |text: &str, remote| address(text.parse().unwrap(), AT, &finding(remote));
        assert_eq!(at("198.51.100.9", json!({})), Some(Open::BlocksItself));
        for organization in
            [json!({"asn": "16509"}), json!({"asn": 14618}), json!({"asnOrg": "AMAZON-02"})]
        {
            let remote = json!({"organization": organization});
            assert_eq!(at("198.51.100.7", remote.clone()), Some(Open::BlocksAmazon), "{remote}");
        }
        assert_eq!(
            at("198.51.100.7", json!({"organization": {"asn": "29073", "asnOrg": "Q"}})),
            None
        );
    }

    #[test]
    fn names_below_which_many_owners_are_are_not_blocked() {
        for (text, expected) in [
            ("com", Some(Open::BlocksSuffix)),
            ("co.uk", Some(Open::BlocksSuffix)),
            ("CO.UK.", Some(Open::BlocksSuffix)),
            ("s3.amazonaws.com", Some(Open::BlocksSuffix)),
            ("github.io", Some(Open::BlocksSuffix)),
            ("nosuchtopleveldomain", Some(Open::BlocksSuffix)),
            ("sts.amazonaws.com", Some(Open::BlocksAmazon)),
            ("amazonaws.com", Some(Open::BlocksAmazon)),
            ("signin.aws.amazon.com", Some(Open::BlocksAmazon)),
            ("x..co.uk", Some(Open::BlocksSuffix)),
            (".com", Some(Open::BlocksSuffix)),
            ("ip-10-0-0-1.eu-west-1.compute.internal", Some(Open::BlocksPrivate)),
            ("evil.example", None),
            ("a.b.evil.co.uk", None),
            ("evil-bucket.s3.amazonaws.com", None),
            ("evil.github.io", None),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }
}
