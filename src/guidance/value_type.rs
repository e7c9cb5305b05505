//! The types of values that can stand in a command, each with a grammar that holds no character
//! with a meaning to a shell, to SQL or to JSON.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Deserialize;

/// What kind of value a placeholder stands for.
///
/// Every type has two grammars. A value outside the loose one must never get into a command. One
/// within it is harmless, and is what AWS makes if it is within the exact one too: AWS's sample
/// findings have accounts of 13 digits and instances called `GeneratedFindingInstanceId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// An access key: `AKIA…`, `ASIA…`.
    AccessKeyId,
    /// An AWS account: twelve digits.
    AccountId,
    /// The name of an API call: `RunInstances`.
    ApiName,
    /// The name of a resource of any service.
    Arn,
    /// The name of an S3 bucket.
    BucketName,
    /// The mark of a case in the team's own system.
    CaseId,
    /// A range of addresses: `192.0.2.0/24`.
    Cidr,
    /// A container as its runtime knows it: 64 hexadecimal digits.
    ContainerId,
    /// A container's image with registry, tag or digest.
    ContainerImage,
    /// A day as it names a partition: `2026/01/31`.
    Day,
    /// A GuardDuty detector: 32 hexadecimal digits.
    DetectorId,
    /// A domain name.
    DomainName,
    /// An EC2 instance: `i-…`.
    Ec2InstanceId,
    /// A GuardDuty finding: 32 hexadecimal digits.
    FindingId,
    /// The name of a Lambda function, without account, Region or version.
    FunctionName,
    /// The name of an IAM user, role or policy.
    IamName,
    /// A name of letters, digits, `.`, `_` and `-`, in which nothing is a path or an ARN.
    Identifier,
    /// A machine image: `ami-…`.
    ImageId,
    /// A whole number.
    Integer,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// An IPv4 address.
    Ipv4Address,
    /// An IPv6 address.
    Ipv6Address,
    /// The name of an object of Kubernetes.
    KubernetesName,
    /// The name of a role or a binding of Kubernetes, which may have colons.
    KubernetesRbacName,
    /// A user of Kubernetes: `system:serviceaccount:default:app`.
    KubernetesUser,
    /// A key that does not run out, of a user or of root: `AKIA…`.
    LongTermAccessKeyId,
    /// The name of a resource that AWS lets people choose.
    Name,
    /// A network ACL: `acl-…`.
    NetworkAclId,
    /// A network interface: `eni-…`.
    NetworkInterfaceId,
    /// The key of an S3 object.
    ObjectKey,
    /// A version of an S3 object; `null` where the bucket has no versions.
    ObjectVersionId,
    /// A partition of AWS: `aws`, `aws-cn`, `aws-us-gov`.
    Partition,
    /// A port of TCP or UDP.
    Port,
    /// Who made a call, as IAM counts: `AROA…:session`.
    PrincipalId,
    /// An AWS Region: `eu-central-1`.
    Region,
    /// The id of a resource of any service.
    ResourceId,
    /// A security group: `sg-…`.
    SecurityGroupId,
    /// A SHA-256: 64 hexadecimal digits.
    Sha256,
    /// An EBS snapshot: `snap-…`.
    SnapshotId,
    /// A subnet: `subnet-…`.
    SubnetId,
    /// A table of Athena, with or without its database.
    TableName,
    /// A moment in UTC (RFC 3339): `2026-01-31T12:00:00Z`.
    Time,
    /// A UUID.
    Uuid,
    /// An EBS volume: `vol-…`.
    VolumeId,
    /// A VPC: `vpc-…`.
    VpcId,
    /// A kind of workload of Kubernetes, as GuardDuty and `kubectl` name it: `deployments`.
    WorkloadKind,
}

/// The kinds of workload that findings name.
const WORKLOAD_KINDS: [&str; 8] = [
    "cronjobs",
    "daemonsets",
    "deployments",
    "jobs",
    "pods",
    "replicasets",
    "replicationcontrollers",
    "statefulsets",
];

/// AWS's partitions
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"];

/// How a value meets the grammar of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// In AWS's own format.
    Exact,
    /// Harmless in a command, but not in AWS's own format.
    Loose,
    /// Not to be put into a command.
    Unfit,
}

/// The loose grammar: ASCII letters, digits, and these characters, up to this length in bytes.
struct Loose {
    also: &'static str,
    max: usize,
}

impl ValueType {
    /// Every type.
    pub const ALL: [Self; 46] = [
        Self::AccessKeyId,
        Self::AccountId,
        Self::ApiName,
        Self::Arn,
        Self::BucketName,
        Self::CaseId,
        Self::Cidr,
        Self::ContainerId,
        Self::ContainerImage,
        Self::Day,
        Self::DetectorId,
        Self::DomainName,
        Self::Ec2InstanceId,
        Self::FindingId,
        Self::FunctionName,
        Self::IamName,
        Self::Identifier,
        Self::ImageId,
        Self::Integer,
        Self::IpAddress,
        Self::Ipv4Address,
        Self::Ipv6Address,
        Self::KubernetesName,
        Self::KubernetesRbacName,
        Self::KubernetesUser,
        Self::LongTermAccessKeyId,
        Self::Name,
        Self::NetworkAclId,
        Self::NetworkInterfaceId,
        Self::ObjectKey,
        Self::ObjectVersionId,
        Self::Partition,
        Self::Port,
        Self::PrincipalId,
        Self::Region,
        Self::ResourceId,
        Self::SecurityGroupId,
        Self::Sha256,
        Self::SnapshotId,
        Self::SubnetId,
        Self::TableName,
        Self::Time,
        Self::Uuid,
        Self::VolumeId,
        Self::VpcId,
        Self::WorkloadKind,
    ];

    /// How a value meets the grammar. A value that fits is not empty, does not begin with `-`, and names
    /// no file to a command: not by `file://…` (as for the AWS CLI), not by `@…` (as for curl), not by a
    /// path from the root or through `.` and `..`.
    pub fn fit(self, value: &str) -> Fit {
        let loose = self.loose();
        let allowed =
            |c: char| c.is_ascii_alphanumeric() || (c.is_ascii() && loose.also.contains(c));
        let fits = !value.is_empty()
            && value.len() <= loose.max
            && value.chars().all(allowed)
            && !value.starts_with(['-', '@', '/'])
            && !value.contains("://")
            && !value.split(['/', ':']).any(|segment| segment == "." || segment == "..");
        match fits {
            false => Fit::Unfit,
            true if self.is_exact(value) => Fit::Exact,
            true if self.is_closed() || self.is_of_session(value) => Fit::Unfit,
            true => Fit::Loose,
        }
    }

    /// Whether only values in AWS's own format are harmless: what else fits the loose grammar would
    /// name something else. AWS's samples have these in that format too.
    fn is_closed(self) -> bool {
        matches!(
            self,
            Self::Cidr
                | Self::Day
                | Self::Integer
                | Self::IpAddress
                | Self::Ipv4Address
                | Self::Ipv6Address
                | Self::Partition
                | Self::Port
                | Self::Time
                | Self::Uuid
                | Self::WorkloadKind
        )
    }

    /// Whether a key is a session's where a long-term one is needed.
    fn is_of_session(self, value: &str) -> bool {
        self == Self::LongTermAccessKeyId && value.starts_with("ASIA")
    }

    /// Whether a text stands for no value, as some exports write it: `null`.
    pub(crate) fn is_no_value(self, text: &str) -> bool {
        text == "null" && self != Self::ObjectVersionId
    }

    fn loose(self) -> Loose {
        let (also, max) = match self {
            Self::AccessKeyId | Self::LongTermAccessKeyId | Self::ApiName => ("._", 128),
            Self::AccountId | Self::Integer | Self::Port => ("", 20),
            Self::Arn => (":/._+=,@-", 2048),
            Self::CaseId => ("._-", 40),
            Self::ContainerId | Self::DetectorId | Self::FindingId | Self::Sha256 => ("_-", 128),
            Self::ContainerImage | Self::KubernetesUser => (":/._@-", 512),
            Self::Day => ("/", 10),
            Self::DomainName | Self::KubernetesName => ("._-", 253),
            Self::FunctionName => ("_-", 64),
            Self::BucketName | Self::Identifier | Self::ObjectVersionId => ("._-", 255),
            Self::KubernetesRbacName => (":._-", 253),
            Self::WorkloadKind => ("", 32),
            Self::Ec2InstanceId
            | Self::ImageId
            | Self::NetworkAclId
            | Self::NetworkInterfaceId
            | Self::SecurityGroupId
            | Self::SnapshotId
            | Self::SubnetId
            | Self::VolumeId
            | Self::VpcId
            | Self::Uuid
            | Self::Partition
            | Self::Region => ("-", 64),
            Self::IamName => ("+=,.@_-", 128),
            Self::Cidr => (":./", 49),
            Self::IpAddress | Self::Ipv4Address | Self::Ipv6Address => (":.", 45),
            Self::Name => (":/._+=,@-", 255),
            Self::ObjectKey => ("/._+=,:@-", 1024),
            Self::PrincipalId => (":+=,.@_-", 256),
            Self::ResourceId => (":._-", 256),
            Self::TableName => ("._", 255),
            Self::Time => (":.-", 35),
        };
        Loose { also, max }
    }

    fn is_exact(self, value: &str) -> bool {
        match self {
            Self::AccessKeyId => {
                let known = value.starts_with("AKIA") || value.starts_with("ASIA");
                known && (16..=128).contains(&value.len()) && every(value, is_upper)
            }
            Self::LongTermAccessKeyId => {
                value.starts_with("AKIA") && Self::AccessKeyId.is_exact(value)
            }
            Self::AccountId => value.len() == 12 && is_digits(value),
            Self::ApiName => every(value, |b| b.is_ascii_alphanumeric()),
            Self::Arn => is_arn(value),
            Self::BucketName => (3..=63).contains(&value.len()) && every(value, is_bucket),
            Self::Cidr => is_cidr(value),
            Self::ContainerId | Self::Sha256 => value.len() == 64 && is_hex(value),
            Self::Day => is_shape(value, "dddd/dd/dd"),
            Self::DetectorId | Self::FindingId => value.len() == 32 && is_hex(value),
            Self::DomainName => is_domain(value),
            Self::Ec2InstanceId => is_id(value, "i-"),
            Self::ImageId => is_id(value, "ami-"),
            Self::Integer => is_digits(value),
            Self::IpAddress => value.parse::<IpAddr>().is_ok(),
            Self::Ipv4Address => value.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6Address => value.parse::<Ipv6Addr>().is_ok(),
            Self::KubernetesName => every(value, |b| b.is_ascii_digit() || is_lower(b)),
            Self::NetworkAclId => is_id(value, "acl-"),
            Self::NetworkInterfaceId => is_id(value, "eni-"),
            Self::Partition => PARTITIONS.contains(&value),
            Self::Port => value.parse::<u16>().is_ok(),
            Self::PrincipalId => {
                let id = value.split(':').next().unwrap_or_default();
                (12..=128).contains(&id.len()) && every(id, is_upper)
            }
            Self::Region => is_region(value),
            Self::SecurityGroupId => is_id(value, "sg-"),
            Self::SnapshotId => is_id(value, "snap-"),
            Self::SubnetId => is_id(value, "subnet-"),
            Self::Time => value.len() >= 20 && is_shape(&value[..19], "dddd-dd-ddTdd:dd:dd"),
            Self::Uuid => is_uuid(value),
            Self::VolumeId => is_id(value, "vol-"),
            Self::VpcId => is_id(value, "vpc-"),
            Self::WorkloadKind => WORKLOAD_KINDS.contains(&value),
            // People choose these.
            Self::CaseId
            | Self::ContainerImage
            | Self::FunctionName
            | Self::IamName
            | Self::Identifier
            | Self::KubernetesRbacName
            | Self::KubernetesUser
            | Self::Name
            | Self::ObjectKey
            | Self::ObjectVersionId
            | Self::ResourceId
            | Self::TableName => true,
        }
    }
}

fn every(value: &str, fits: impl Fn(u8) -> bool) -> bool {
    value.bytes().all(fits)
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || b".-".contains(&byte)
}

fn is_bucket(byte: u8) -> bool {
    byte.is_ascii_digit() || is_lower(byte)
}

fn is_digits(value: &str) -> bool {
    every(value, |byte| byte.is_ascii_digit())
}

fn is_hex(value: &str) -> bool {
    every(value, |byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The ids of EC2: a prefix and 8 or 17 hexadecimal digits.
fn is_id(value: &str, prefix: &str) -> bool {
    value.strip_prefix(prefix).is_some_and(|rest| [8, 17].contains(&rest.len()) && is_hex(rest))
}

fn is_arn(value: &str) -> bool {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    parts.len() == 6 && parts[0] == "arn" && [1, 2, 5].iter().all(|at| !parts[*at].is_empty())
}

fn is_region(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    parts.len() >= 3
        && parts.last().is_some_and(|part| is_digits(part))
        && parts[..parts.len() - 1].iter().all(|part| every(part, |b| b.is_ascii_lowercase()))
}

fn is_domain(value: &str) -> bool {
    let label = |label: &str| (1..=63).contains(&label.len()) && !label.ends_with('-');
    let value = value.strip_suffix('.').unwrap_or(value);
    value.contains('.') && value.split('.').all(label)
}

fn is_cidr(value: &str) -> bool {
    let parts = value.split_once('/');
    parts.is_some_and(|(address, bits)| {
        let longest = match address.parse() {
            Ok(IpAddr::V4(_)) => 32,
            Ok(IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        is_digits(bits) && bits.parse::<u8>().is_ok_and(|bits| bits <= longest)
    })
}

fn is_uuid(value: &str) -> bool {
    let lengths: Vec<usize> = value.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && is_hex(&value.to_ascii_lowercase().replace('-', ""))
}

/// Whether a value has a shape in which `d` stands for a digit.
fn is_shape(value: &str, shape: &str) -> bool {
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        _ => byte == wanted,
    };
    value.len() == shape.len() && value.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn aws_format_is_exact_and_what_samples_have_is_loose() {
        use ValueType::*;
        for (value_type, exact, loose) in [
            (AccountId, "123456789012", "1234567890123"),
            (Ec2InstanceId, "i-0123456789abcdef0", "GeneratedFindingInstanceId"),
            (Ec2InstanceId, "i-99999999", "i-9999999999"),
            (AccessKeyId, "ASIAIOSFODNN7EXAMPLE", "GeneratedFindingAccessKeyId"),
            (PrincipalId, "AROAEXAMPLEEXAMPLE:i-0123456789abcdef0", "GeneratedFindingPrincipalId"),
            (Arn, "arn:aws-cn:iam::123456789012:role/a/b", "GeneratedFindingArn"),
            (BucketName, "logs.example", "Bucket_1"),
            (DomainName, "_a.example.com", "GeneratedFindingDomainName"),
            (Region, "us-gov-west-1", "GLOBAL"),
            (LongTermAccessKeyId, "AKIAIOSFODNN7EXAMPLE", "GeneratedFindingAccessKeyId"),
        ] {
            assert_eq!(value_type.fit(exact), Fit::Exact, "{value_type:?} {exact}");
            assert_eq!(value_type.fit(loose), Fit::Loose, "{value_type:?} {loose}");
        }
    }

    #[test]
    fn some_types_know_only_their_exact_form() {
        use ValueType::*;
        for (value_type, exact, unfit) in [
            (Time, "2026-01-31T23:00:00.123Z", "today"),
            (Day, "2026/01/31", "2026"),
            (IpAddress, "2001:db8::1", "999.1.1.1"),
            (Ipv4Address, "192.0.2.1", "2001:db8::1"),
            (Ipv6Address, "2001:db8::1", "192.0.2.1"),
            (Port, "65535", "70000"),
            (Integer, "0", "a7"),
            (Cidr, "192.0.2.0/24", "192.0.2.0/33"),
            (Cidr, "2001:db8::/128", "192.0.2.0"),
            (Uuid, "6C0F2A7E-0d1b-4c0e-9a3f-111111111111", "6c0f2a7e"),
            (Partition, "aws-us-gov", "aws-mine"),
            (WorkloadKind, "deployments", "secrets"),
        ] {
            assert_eq!(value_type.fit(exact), Fit::Exact, "{value_type:?} {exact}");
            assert_eq!(value_type.fit(unfit), Fit::Unfit, "{value_type:?} {unfit}");
        }
        assert_eq!(
            FunctionName.fit("arn:aws:lambda:eu-west-1:111122223333:function:f"),
            Fit::Unfit
        );
        assert_eq!(FunctionName.fit("f:3"), Fit::Unfit);
        assert_eq!(LongTermAccessKeyId.fit("ASIAIOSFODNN7EXAMPLE"), Fit::Unfit);
    }

    #[test]
    fn no_path_leads_elsewhere() {
        for value_type in ValueType::ALL {
            for value in ["/a", "..", ".", "a/../b", "../a", "a/..", "./a", "a/./b", "a:../b", "@a"]
            {
                assert_eq!(value_type.fit(value), Fit::Unfit, "{value_type:?} {value}");
            }
        }
        assert_eq!(ValueType::ObjectKey.fit("a/..b/c.d"), Fit::Exact);
    }

    #[test]
    fn options_files_and_other_languages_do_not_fit() {
        for value_type in ValueType::ALL {
            for value in
                ["", "-o", "--profile", "a b", "a'b", "file:///etc/passwd", "ä", "a\u{202e}b"]
            {
                assert_eq!(value_type.fit(value), Fit::Unfit, "{value_type:?} {value:?}");
            }
            assert_eq!(value_type.fit(&"a".repeat(5000)), Fit::Unfit);
        }
    }

    proptest! {
        #[test]
        fn what_fits_means_nothing_to_a_shell_to_sql_or_to_json(value in r"[ -~\n]{0,12}") {
            for value_type in ValueType::ALL {
                if value_type.fit(&value) != Fit::Unfit {
                    let meaning = "'\"`\\$;&|<>(){}[]*?!#~^% \t\n\r";
                    prop_assert!(!value.contains(|c| meaning.contains(c)), "{value_type:?} {value:?}");
                }
            }
        }
    }

    #[test]
    fn no_damaged_value_fits_anything() {
        for value_type in ValueType::ALL {
            for damaged in [
                "\u{fffd}",
                "i-0123456789abcde\u{fffd}",
                "\u{fffd}a",
                "192.0.2.\u{fffd}",
                "a\u{fffd}b",
            ] {
                assert_eq!(value_type.fit(damaged), Fit::Unfit, "{value_type:?}: {damaged}");
            }
        }
    }
}
