//! The finding in AWS's console.

use serde_json::Value;

use crate::finding::path;
use crate::guidance::{Fit, ValueType};

/// The address of a finding in the console of its partition, as GuardDuty's own exports to Security
/// Hub have it. The console shows it to whoever is signed in to the finding's account, or to the
/// administrator account. None where Region or id could be anything else than that.
pub(super) fn url(finding: &Value) -> Option<String> {
    let text = |path| path::first(finding, path).and_then(Value::as_str);
    let region = text("region").filter(|region| ValueType::Region.fit(region) == Fit::Exact)?;
    let id = text("id").filter(|id| ValueType::FindingId.fit(id) != Fit::Unfit)?;
    let host = match text("partition").unwrap_or_else(|| partition(region)) {
        "aws" => format!("{region}.console.aws.amazon.com"),
        "aws-cn" => "console.amazonaws.cn".to_owned(),
        "aws-us-gov" => "console.amazonaws-us-gov.com".to_owned(),
        _ => return None,
    };
    Some(format!("https://{host}/guardduty/home?region={region}#/findings?macros=current&fId={id}"))
}

fn partition(region: &str) -> &'static str {
    match region {
        china if china.starts_with("cn-") => "aws-cn",
        gov if gov.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_partition_has_its_console() {
        let id = "a6c556fcbc9bea427a19f8b787099a0b";
        let of = |region: &str| url(&json!({"id": id, "region": region})).unwrap();
        assert_eq!(
            of("us-east-2"),
            format!(
                "https://us-east-2.console.aws.amazon.com/guardduty/home?region=us-east-2\
                 #/findings?macros=current&fId={id}"
            )
        );
        assert!(of("cn-north-1").starts_with("https://console.amazonaws.cn/guardduty/home?"));
        assert!(of("us-gov-west-1").starts_with("https://console.amazonaws-us-gov.com/guardduty/"));
    }

    #[test]
    fn what_is_no_region_or_id_makes_no_link() {
        for (region, id, partition) in [
            ("evil.example/#", "a", "aws"),
            ("us-east-1", "a)[x](y", "aws"),
            ("us-east-1", "a", "aws-iso"),
        ] {
            let finding = json!({"id": id, "region": region, "partition": partition});
            assert_eq!(url(&finding), None, "{finding}");
        }
        assert_eq!(url(&json!({"id": 7, "region": ["us-east-1"]})), None);
    }
}
