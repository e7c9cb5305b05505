//! The name of the file of a case: it sorts by time, says what it is about, and stays the same when
//! the finding is updated.

use std::fmt;

use serde_json::Value;

use crate::finding::path;
use crate::finding_type::FindingType;
use crate::guidance::{Fit, ValueType};
use crate::hash::sha256;
use crate::moment::Moment;

/// The name of the file of a case, `20250822T014009Z-recon-ec2-portscan-66dbf3e4e4aa4d43.md`: when
/// the finding was created, its type, its id. Nothing in it can leave a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseName(String);

impl CaseName {
    /// The name for a finding; none where the finding has no id. An id that could be something else
    /// than a part of a file's name, or differs from another one by case alone, is replaced by its
    /// hash.
    pub fn of(finding: &Value, finding_type: &FindingType) -> Option<Self> {
        let id = path::first(finding, "id").and_then(Value::as_str).filter(|id| !id.is_empty())?;
        let id = match ValueType::FindingId.fit(id) {
            Fit::Exact => id.to_owned(),
            Fit::Loose if id.len() <= 64 && !has_capitals(id) => id.to_owned(),
            _ => sha256(id.as_bytes())[..32].to_owned(),
        };
        let times = ["createdAt", "service.eventFirstSeen", "updatedAt"];
        let time = times.iter().find_map(|at| Moment::of(path::first(finding, at)?));
        let time = time.map_or("undated".to_owned(), |time| {
            time.to_string().chars().filter(char::is_ascii_alphanumeric).collect()
        });
        Some(Self(format!("{time}-{}-{id}.md", finding_type.slug())))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn has_capitals(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_uppercase())
}

impl fmt::Display for CaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name(finding: &Value) -> Option<String> {
        let portscan = "Recon:EC2/Portscan".parse().unwrap();
        CaseName::of(finding, &portscan).map(|name| name.to_string())
    }

    #[test]
    fn a_name_has_time_type_and_id() {
        let mut finding = json!({
            "id": "66dbf3e4e4aa4d4388cd6feed863bc8b",
            "createdAt": "2025-08-22T01:40:09.960Z",
            "updatedAt": "2025-08-23T01:40:09.960Z",
        });
        let expected = "20250822T014009Z-recon-ec2-portscan-66dbf3e4e4aa4d4388cd6feed863bc8b.md";
        assert_eq!(name(&finding).unwrap(), expected);
        finding["updatedAt"] = json!("2025-09-01T00:00:00Z");
        assert_eq!(name(&finding).unwrap(), expected);
    }

    #[test]
    fn what_is_missing_is_made_up_for_and_an_id_leads_nowhere() {
        assert_eq!(name(&json!({"id": "x-1"})).unwrap(), "undated-recon-ec2-portscan-x-1.md");
        assert_eq!(name(&json!({"id": ""})), None);
        assert_eq!(name(&json!({"id": 7})), None);
        for id in ["X-1", "../../etc/passwd", "a/b", "é", "a\n", &*"x".repeat(300)] {
            let name = name(&json!({ "id": id })).unwrap();
            let hash = name.strip_prefix("undated-recon-ec2-portscan-").unwrap();
            assert_eq!(hash.len(), 32 + 3, "{name}");
        }
    }
}
