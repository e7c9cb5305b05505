//! MITRE ATT&CK: the tactics and techniques that guidance names
//! (<https://attack.mitre.org/matrices/enterprise/>).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::GuidanceError;

/// A tactic or a technique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttackEntry {
    /// Its id: `TA0011`, `T1071.004`.
    pub id: String,
    /// Its name as MITRE writes it.
    pub name: String,
    /// Its page.
    pub url: String,
}

/// The names of tactics and techniques.
#[derive(Clone, Debug, Default)]
pub(super) struct Attack {
    pub(super) tactics: BTreeMap<String, AttackEntry>,
    pub(super) techniques: BTreeMap<String, AttackEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    tactics: BTreeMap<String, String>,
    techniques: BTreeMap<String, String>,
}

impl Attack {
    /// Reads the file of names.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, GuidanceError> {
        let names: Names =
            toml::from_str(text).map_err(|error| GuidanceError::toml(file, text, 1, &error))?;
        let entries = |names: BTreeMap<String, String>, folder: &str| {
            let entry = |(id, name): (String, String)| {
                let path = id.replace('.', "/");
                let url = format!("https://attack.mitre.org/{folder}/{path}/");
                (id.clone(), AttackEntry { id, name, url })
            };
            names.into_iter().map(entry).collect()
        };
        Ok(Self {
            tactics: entries(names.tactics, "tactics"),
            techniques: entries(names.techniques, "techniques"),
        })
    }
}
