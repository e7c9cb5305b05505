//! Ids and times that stay as they are while nothing changes.

use std::fmt;
use std::str::FromStr;

use serde_json::json;
use uuid::{Builder, Uuid};

use crate::moment::Moment;

/// The namespace that the specification gives for ids of playbooks.
const PLAYBOOKS: Uuid = Uuid::from_u128(0xaa7c_af3a_d55a_4e9a_b34e_0562_15fb_a56a);

/// This project, as the maker of playbooks.
const IDENTITY: Uuid = Uuid::from_u128(0x6f0d_4f5e_91c6_4a37_9d52_3b1c_70ab_e214);

/// The ids of one playbook.
pub(super) struct Ids {
    playbook: Uuid,
}

impl Ids {
    /// The specification's way: version 5 over name and types, as canonical JSON.
    pub(super) fn of_playbook(name: &str, types: &[&str]) -> Self {
        // Canonical JSON sorts keys, and these are sorted; names of finding types are ASCII.
        let contributing = json!({ "name": name, "playbook_types": types }).to_string();
        Self { playbook: Uuid::new_v5(&PLAYBOOKS, contributing.as_bytes()) }
    }

    pub(super) fn playbook(&self) -> String {
        format!("playbook--{}", self.playbook)
    }

    /// The id of an object in the playbook, by its type and a name that no other has. The
    /// specification asks for version 4, which is random; these are made from the name, so that they
    /// stay, and have the form of version 4.
    pub(super) fn object(&self, kind: &str, name: &str) -> String {
        let hash = Uuid::new_v5(&self.playbook, format!("{kind}/{name}").as_bytes());
        let id = Builder::from_random_bytes(hash.into_bytes()).into_uuid();
        format!("{kind}--{id}")
    }
}

/// A moment in UTC, to the millisecond, not before the first playbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(Moment);

/// A text that is no such moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time in UTC from {first} on, such as 2026-12-31T12:00:00Z", first = Timestamp::default())]
pub struct BadTimestamp(String);

impl Default for Timestamp {
    /// When the playbooks first came to be.
    fn default() -> Self {
        Self(Moment::midnight(2026, 11, 1))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.with_milliseconds())
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = Moment::parse(text).map(Self).filter(|time| {
            let is_in_form = text == time.to_string() || text == time.0.to_string();
            is_in_form && *time >= Self::default()
        });
        time.ok_or_else(|| BadTimestamp(text.to_owned()))
    }
}

/// The id of a STIX identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityId(Uuid);

/// A text that is no such id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the id of a STIX identity: identity-- and a UUID")]
pub struct BadIdentity(String);

impl Default for IdentityId {
    /// This project.
    fn default() -> Self {
        Self(IDENTITY)
    }
}

impl fmt::Display for IdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("identity--{}", self.0))
    }
}

impl FromStr for IdentityId {
    type Err = BadIdentity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.strip_prefix("identity--").filter(|id| id.len() == 36);
        let id = id.and_then(|id| Uuid::try_parse(id).ok());
        let known = id.filter(|id| (1..=5).contains(&id.get_version_num()));
        known.map(Self).ok_or_else(|| BadIdentity(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_names() {
        let ids = Ids::of_playbook("Name", &["investigation"]);
        // Python: uuid.uuid5(uuid.UUID("aa7caf3a-d55a-4e9a-b34e-056215fba56a"),
        //     '{"name":"Name","playbook_types":["investigation"]}')
        assert_eq!(ids.playbook(), "playbook--8cdbf777-ee91-5dfd-8026-8886aad39874");
        let step = ids.object("action", "contain/0");
        assert_eq!(step, ids.object("action", "contain/0"));
        assert_ne!(step, ids.object("action", "contain/1"));
        assert_eq!(step.strip_prefix("action--").unwrap().as_bytes()[14], b'4', "{step}");
    }

    #[test]
    fn times_have_milliseconds_and_are_not_before_the_first() {
        let time = |text: &str| text.parse::<Timestamp>().map(|time| time.to_string());
        assert_eq!(time("2026-12-31T12:00:00Z").unwrap(), "2026-12-31T12:00:00.000Z");
        assert_eq!(time("2028-02-29T23:59:59.123Z").unwrap(), "2028-02-29T23:59:59.123Z");
        for bad in [
            "2026-10-31T12:00:00Z",
            "2027-02-29T12:00:00Z",
            "2027-01-01T24:00:00Z",
            "2027-01-01T12:00:00.1Z",
            "2027-01-01T12:00:00+01:00",
            "2027-01-01",
            "",
        ] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn identities_are_of_stix() {
        let id = |text: &str| text.parse::<IdentityId>().is_ok();
        assert!(id(&IdentityId::default().to_string()));
        assert!(!id("identity--1") && !id("playbook--6f0d4f5e-91c6-4a37-9d52-3b1c70abe214"));
        assert!(!id("identity--6f0d4f5e91c64a379d523b1c70abe214"));
    }
}
