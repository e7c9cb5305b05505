//! Reads a row of the tables from a finding.

use serde_json::Value;

use super::rows::{Kind, Row};
use super::{Detail, Fact, Field, anomaly, info, lineage};
use crate::finding::path;
use crate::severity::SeverityLevel;

/// What a finding says on each row; rows of which it has nothing are left out.
pub(super) fn facts(rows: &[Row], finding: &Value) -> Vec<Fact> {
    rows.iter().filter_map(|row| fact(row, finding)).collect()
}

fn fact(row: &Row, finding: &Value) -> Option<Fact> {
    let values: Vec<Detail> = match row.kind {
        Kind::Sample => vec![info::sample(finding)],
        _ => bases(row, finding).flat_map(|base| details(row, base)).collect(),
    };
    (!values.is_empty()).then_some(Fact { label: row.label, values })
}

/// The fields of each thing that a row is about.
pub(super) fn fields(row: &Row, base: &Value) -> Vec<Field> {
    let field = |&(name, path): &(&'static str, &'static str)| {
        let values = texts(base, path);
        (!values.is_empty()).then(|| Field { name, values, is_list: path.contains("[]") })
    };
    row.parts.iter().filter_map(field).collect()
}

/// The things that a row is about.
pub(super) fn bases<'v>(row: &Row, finding: &'v Value) -> impl Iterator<Item = &'v Value> {
    let bases = if row.base.is_empty() { vec![finding] } else { path::all(finding, row.base) };
    bases.into_iter()
}

/// The texts that a path leads to; of several paths, those of the first that leads anywhere.
pub(super) fn texts(base: &Value, paths: &str) -> Vec<String> {
    let texts = |path: &str| -> Vec<String> {
        let found = if path.is_empty() { vec![base] } else { path::all(base, path) };
        found.into_iter().filter_map(text).collect()
    };
    paths.split('|').map(texts).find(|texts| !texts.is_empty()).unwrap_or_default()
}

/// A value as text; an object or a list that stands where a text should be is shown as JSON. None
/// where it says nothing.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.trim().is_empty()).then(|| text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(members) => (!members.is_empty()).then(|| value.to_string()),
        Value::Object(members) => (!members.is_empty()).then(|| value.to_string()),
    }
}

/// A number of GuardDuty's scale, with its level.
pub(super) fn severity(value: &Value) -> Option<Vec<Field>> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    let level = number.and_then(SeverityLevel::of_score);
    let level = level.map(|level| Field::one("level", level.as_str()));
    Some([Field::one("", text(value)?)].into_iter().chain(level).collect())
}

fn details(row: &Row, base: &Value) -> Vec<Detail> {
    match row.kind {
        Kind::Fields if row.parts == [("", "")] => {
            texts(base, "").into_iter().map(Detail::Text).collect()
        }
        Kind::Fields => {
            let fields = fields(row, base);
            if fields.is_empty() { Vec::new() } else { vec![Detail::Fields(fields)] }
        }
        Kind::Pairs => pair(row, base).into_iter().collect(),
        Kind::Map => info::flatten(base),
        Kind::Severity => severity(base).map(Detail::Fields).into_iter().collect(),
        Kind::Role => text(base).map(role).into_iter().collect(),
        Kind::Lineage => lineage::of(row, base),
        Kind::Anomaly => anomaly::features(base),
        Kind::Told(about) => info::told(base, about),
        Kind::Info => info::rest(base),
        Kind::Sample => Vec::new(),
    }
}

fn pair(row: &Row, base: &Value) -> Option<Detail> {
    let mut sides = row.parts.iter().map(|(_, path)| texts(base, path).into_iter().next());
    let (key, value) = (sides.next()??, sides.next()?);
    Some(Detail::Pair { key, value: value.unwrap_or_default() })
}

fn role(role: String) -> Detail {
    match role.as_str() {
        "TARGET" => Detail::Words("was the target"),
        "ACTOR" => Detail::Words("did it (the finding names it as the actor)"),
        _ => Detail::Text(role),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_of_another_kind_is_shown_as_it_is() {
        assert_eq!(text(&json!("a")), Some("a".to_owned()));
        assert_eq!(text(&json!(1.5)), Some("1.5".to_owned()));
        assert_eq!(text(&json!(false)), Some("false".to_owned()));
        assert_eq!(text(&json!({"a": [1]})), Some(r#"{"a":[1]}"#.to_owned()));
        for nothing in [json!(null), json!(""), json!(" \n"), json!([]), json!({})] {
            assert_eq!(text(&nothing), None);
        }
    }

    #[test]
    fn severities_have_their_level() {
        let shown = |value: Value| -> Vec<String> {
            severity(&value).unwrap().into_iter().flat_map(|field| field.values).collect()
        };
        assert_eq!(shown(json!(8)), ["8", "High"]);
        assert_eq!(shown(json!("3.9")), ["3.9", "Low"]);
        assert_eq!(shown(json!(11)), ["11"]);
        assert_eq!(shown(json!("urgent")), ["urgent"]);
    }
}
