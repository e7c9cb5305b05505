//! What a finding offers for a placeholder.

use serde_json::Value;

use super::json::REPLACEMENT;
use super::path;
use crate::guidance::Placeholder;

/// The values that a finding has for a placeholder: each once, the likeliest first. They are as
/// the finding has them; whether one may stand in a command, the placeholder's type says.
pub fn candidates(placeholder: &Placeholder, finding: &Value) -> Vec<String> {
    let mut candidates: Vec<String> = Vec::new();
    for origin in &placeholder.from {
        for value in path::all(finding, &origin.path) {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => continue,
            };
            // A damaged text is none of which a part could be trusted: as a whole it fits nothing.
            let is_damaged = text.contains(REPLACEMENT);
            let part = if is_damaged { Some(text.as_str()) } else { origin.part.of(&text) };
            if let Some(part) = part.filter(|part| !candidates.iter().any(|one| one == part)) {
                candidates.push(part.to_owned());
            }
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::guidance::library;

    fn of(name: &str, finding: &Value) -> Vec<String> {
        candidates(&library().placeholders[name], finding)
    }

    #[test]
    fn each_value_once_in_the_order_of_the_places() {
        let finding = json!({"resource": {"instanceDetails": {"networkInterfaces": [
            {"vpcId": "vpc-1"}, {"vpcId": "vpc-2"}, {"vpcId": "vpc-1"}, {"vpcId": null}, {"vpcId": ["x"]},
        ]}, "eksClusterDetails": {"vpcId": "vpc-3"}}});
        assert_eq!(of("vpc_id", &finding), ["vpc-1", "vpc-2", "vpc-3"]);
        assert!(of("vpc_id", &json!({"resource": "none"})).is_empty());
    }

    #[test]
    fn numbers_are_values_and_names_come_out_of_arns() {
        let finding = json!({
            "resource": {"instanceDetails": {"iamInstanceProfile":
                {"arn": "arn:aws:iam::111122223333:instance-profile/web/front"}}},
            "service": {"runtimeDetails": {"process": {"pid": 4711}}},
        });
        assert_eq!(of("process_pid", &finding), ["4711"]);
        assert_eq!(of("instance_profile_name", &finding), ["front"]);
    }

    #[test]
    fn no_part_comes_out_of_a_damaged_arn() {
        let damaged = "arn:aws:iam::11112222333\u{fffd}:instance-profile/web/front";
        let finding =
            json!({"resource": {"instanceDetails": {"iamInstanceProfile": {"arn": damaged}}}});
        assert_eq!(of("instance_profile_name", &finding), [damaged]);
    }

    #[test]
    fn a_user_is_no_role_and_a_pod_no_deployment() {
        let key = |user_type: &str| json!({"resource": {"accessKeyDetails": {"userType": user_type, "userName": "deploy"}}});
        assert_eq!(of("role_name", &key("AssumedRole")), ["deploy"]);
        assert!(of("role_name", &key("IAMUser")).is_empty());
        let workload = |kind: &str| {
            json!({"resource": {"kubernetesDetails": {"kubernetesWorkloadDetails":
                {"type": kind, "name": "web-1"}}}})
        };
        assert_eq!(of("pod_name", &workload("pods")), ["web-1"]);
        assert!(of("pod_name", &workload("deployments")).is_empty());
    }

    #[test]
    fn the_resources_of_a_sequence_are_told_apart_by_their_type() {
        let finding = json!({"service": {"detection": {"sequence": {
            "resources": [
                {"resourceType": "ACCESS_KEY", "uid": "ASIAIOSFODNN7EXAMPLE",
                    "data": {"accessKey": {"userName": "deploy", "userType": "AssumedRole"}}},
                {"resourceType": "S3_BUCKET", "name": "logs", "uid": "arn:aws:s3:::logs"},
                {"resourceType": "EC2_INSTANCE", "uid": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"},
            ],
            "endpoints": [{"ip": "192.0.2.7", "port": 443}, {"domain": "c2.example"}],
        }}}});
        assert_eq!(of("bucket_name", &finding), ["logs"]);
        assert_eq!(of("bucket_arn", &finding), ["arn:aws:s3:::logs"]);
        assert_eq!(of("access_key_id", &finding), ["ASIAIOSFODNN7EXAMPLE"]);
        assert_eq!(of("role_name", &finding), ["deploy"]);
        assert_eq!(of("instance_id", &finding), ["i-1"]);
        assert_eq!(of("remote_ip", &finding), ["192.0.2.7"]);
        assert_eq!(of("remote_port", &finding), ["443"]);
        assert_eq!(of("domain", &finding), ["c2.example"]);
    }
}
