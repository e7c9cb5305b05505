//! What a finding offers for a placeholder.

use serde_json::Value;

use super::json::REPLACEMENT;
use super::path;
use super::provenance::Provenance;
use crate::guidance::Placeholder;

/// A value that a finding offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The value, as the finding has it.
    pub text: String,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Whether the object that has it is of the kind that the placeholder stands for.
    pub is_of_kind: bool,
}

/// The values that a finding has for a placeholder, the likeliest first. They are as the finding has
/// them; whether one may stand in a command, the placeholder's needs and its type say.
pub fn candidates(placeholder: &Placeholder, finding: &Value) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for origin in &placeholder.from {
        for located in path::located(finding, &origin.path) {
            let text = match located.value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => continue,
            };
            let named = placeholder.needs.arn.as_ref().is_none_or(|arn| arn.is_met_by(&text));
            // A damaged text is none of which a part could be trusted: as a whole it fits nothing.
            let is_damaged = text.contains(REPLACEMENT);
            let part = if is_damaged { Some(text.as_str()) } else { origin.part.of(&text) };
            let is_value = |part: &&str| !placeholder.value_type.is_no_value(part);
            let Some(part) = part.filter(is_value) else { continue };
            candidates.push(Candidate {
                provenance: Provenance::of(finding, &located.at, &text),
                text: part.to_owned(),
                is_of_kind: located.is_chosen && (named || is_damaged),
            });
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
        let candidates = candidates(&library().placeholders[name], finding).into_iter();
        candidates.filter(|one| one.is_of_kind).map(|one| one.text).collect()
    }

    #[test]
    fn values_come_in_the_order_of_the_places() {
        let finding = json!({"resource": {"instanceDetails": {"networkInterfaces": [
            {"vpcId": "vpc-1"}, {"vpcId": "vpc-2"}, {"vpcId": null}, {"vpcId": ["x"]},
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
    fn the_word_null_is_no_value_but_of_a_version() {
        let object = json!({"key": "null", "versionId": "null"});
        let finding = json!({"resource": {"s3BucketDetails": [{"s3ObjectDetails": [object]}]}});
        assert!(of("object_key", &finding).is_empty());
        assert_eq!(of("object_version_id", &finding), ["null"]);
    }

    #[test]
    fn of_a_damaged_text_no_part_is_taken() {
        let finding = json!({"resource": {"instanceDetails": {"iamInstanceProfile":
            {"arn": "arn:aws:iam::11112222\u{fffd}333:instance-profile/front"}}}});
        let whole = "arn:aws:iam::11112222\u{fffd}333:instance-profile/front";
        assert_eq!(of("instance_profile_name", &finding), [whole]);
    }

    #[test]
    fn an_object_of_another_kind_is_told_apart() {
        let key = |user_type: &str| {
            let key = json!({"userType": user_type, "userName": "deploy"});
            json!({"resource": {"accessKeyDetails": key}})
        };
        assert_eq!(of("role_name", &key("AssumedRole")), ["deploy"]);
        assert!(of("role_name", &key("IAMUser")).is_empty());
        assert!(!candidates(&library().placeholders["role_name"], &key("IAMUser")).is_empty());
        let profile = |arn: &str| json!({"resource": {"instanceDetails": {"iamInstanceProfile": {"arn": arn}}}});
        let role = profile("arn:aws:iam::111122223333:role/front");
        assert!(of("instance_profile_name", &role).is_empty());
    }
}
