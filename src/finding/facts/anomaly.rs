//! What GuardDuty finds unusual, against what it has seen before.

use serde_json::Value;

use super::{Detail, Field, read};
use crate::finding::path;

/// Whom a profile of `service.additionalInfo` is about, as the end of a name says it.
const SCOPES: [(&str, &str); 5] = [
    ("AccountProfiling", "the account"),
    ("UserIdentityProfiling", "the user identity"),
    ("BucketProfiling", "the bucket"),
    ("ClusterProfiling", "the cluster"),
    ("Profiling", "its profile"),
];

/// How often something was seen, as the beginning of a name says it; the rarest first.
const FREQUENCIES: [(&str, Option<&str>); 4] = [
    ("unusual", None),
    ("rareProfiled", Some("rare")),
    ("infrequentProfiled", Some("infrequent")),
    ("frequentProfiled", Some("frequent")),
];

/// The features of `service.detection.anomaly`: by what they are grouped, each with one observation
/// or several.
pub(super) fn features(groups: &Value) -> Vec<Detail> {
    let mut details = Vec::new();
    for (group, features) in groups.as_object().into_iter().flatten() {
        for (feature, observed) in features.as_object().into_iter().flatten() {
            let observed =
                observed.as_array().map_or(std::slice::from_ref(observed), Vec::as_slice);
            details.extend(observed.iter().map(|one| feature_of(group, feature, one)));
        }
    }
    details
}

/// Whether a field of `service.additionalInfo` is about anomalies.
pub(super) fn tells(name: &str, value: &Value) -> bool {
    ["unusualBehavior", "profiledBehavior"].contains(&name) && value.is_object()
}

/// What such a field tells: the unusual, or what was seen before, and how often.
pub(super) fn told(name: &str, value: &Value) -> Vec<Detail> {
    let members = value.as_object().filter(|_| tells(name, value)).into_iter().flatten();
    let mut members: Vec<_> = members.collect();
    let rank = |name: &str| FREQUENCIES.iter().position(|(start, _)| name.starts_with(start));
    members.sort_by_key(|(name, _)| rank(name).unwrap_or(FREQUENCIES.len()));
    members.into_iter().filter_map(|(name, value)| profile(name, read::text(value)?)).collect()
}

fn feature_of(group: &str, feature: &str, observed: &Value) -> Detail {
    let list = |name, path| Field { name, values: read::texts(observed, path), is_list: true };
    let mut fields = vec![Field::one("", feature), Field::one("of", group)];
    fields.push(Field { is_list: false, ..list("how often", "profileSubtype") });
    fields.push(Field { is_list: false, ..list("counted by", "profileType") });
    fields.push(list("seen", "observations.text[]|observations.text"));
    fields.push(list("number", "observations.number[]|observations.number"));
    if path::first(observed, "profileType").is_none() {
        fields.push(Field { is_list: false, ..list("seen", "") });
    }
    fields.retain(|field| !field.values.is_empty());
    Detail::Fields(fields)
}

/// A field such as `rareProfiledASNsUserIdentityProfiling`; a name of another form stays as it is.
fn profile(name: &str, value: String) -> Option<Detail> {
    if value == "false" {
        return None;
    }
    let parts = FREQUENCIES.iter().find_map(|(start, how_often)| {
        let rest = name.strip_prefix(start)?;
        let scope = SCOPES.iter().find_map(|(end, scope)| Some((rest.strip_suffix(end)?, scope)));
        let (feature, scope) = scope?;
        (!feature.is_empty()).then_some((feature, *how_often, *scope))
    });
    let Some((feature, how_often, scope)) = parts else {
        return Some(Detail::Pair { key: name.to_owned(), value });
    };
    let mut fields = vec![Field::one("", feature), Field::one("for", scope)];
    fields.extend(how_often.map(|how_often| Field::one("how often", how_often)));
    fields.push(Field::one("seen", value));
    Some(Detail::Fields(fields))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(details: &[Detail]) -> Vec<String> {
        details.iter().map(|detail| serde_json::to_string(detail).unwrap()).collect()
    }

    #[test]
    fn the_unusual_of_the_model() {
        let behaviour = json!({"UserIdentity": {"api": {"profileType": "FREQUENCY",
            "profileSubtype": "UNSEEN", "observations": {"text": ["DeleteTrail"]}}}});
        assert_eq!(
            shown(&features(&behaviour)),
            [
                r#"{"value":"api","of":"UserIdentity","how often":"UNSEEN","counted by":"FREQUENCY","seen":["DeleteTrail"]}"#
            ]
        );
        let profiles = json!({"Account": {"asn": [
            {"profileType": "FREQUENCY", "profileSubtype": "RARE", "observations": {"text": ["64496"]}},
            {"profileType": "VOLUME", "profileSubtype": "AVERAGE", "observations": {"number": [3]}},
        ]}});
        assert_eq!(features(&profiles).len(), 2);
        for nothing in [json!(1), json!({"a": 1}), json!([])] {
            assert!(features(&nothing).is_empty());
        }
        assert_eq!(
            shown(&features(&json!({"a": {"b": "c"}}))),
            [r#"{"value":"b","of":"a","seen":"c"}"#]
        );
    }

    #[test]
    fn the_unusual_of_additional_info() {
        let unusual = json!({"unusualASNsUserIdentityProfiling": "64496", "isUnusualUserIdentity": "false",
            "unusualAPIsAccountProfiling": "", "mood": "odd"});
        assert_eq!(
            shown(&told("unusualBehavior", &unusual)),
            [
                r#"{"value":"ASNs","for":"the user identity","seen":"64496"}"#,
                r#"{"key":"mood","value":"odd"}"#,
            ]
        );
        assert!(told("context", &unusual).is_empty());
        assert!(!tells("unusualBehavior", &json!("text")));
    }
}
