//! What is counted of a record, read without building the record.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Deserialize;
use serde_json::Value;

use crate::finding::Finding;
use crate::finding::sample::SampleMark;
use crate::moment::Moment;

/// What is counted of a record.
#[derive(Debug, PartialEq)]
pub(super) struct Facts<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) type_name: Cow<'a, str>,
    pub(super) severity: Option<f64>,
    pub(super) account: Option<Cow<'a, str>>,
    pub(super) region: Option<Cow<'a, str>>,
    pub(super) first_seen: Option<Moment>,
    pub(super) last_seen: Option<Moment>,
    pub(super) updated: Option<Moment>,
    pub(super) is_sample: bool,
}

impl<'a> Facts<'a> {
    /// Reads them from a record in GuardDuty's own form, alone or in an EventBridge event; none for
    /// any other, which then has to be read in full.
    pub(super) fn at_a_glance(record: &'a str) -> Option<Self> {
        let record: Glance<'a> = serde_json::from_str(record).ok()?;
        let is_foreign = |source: &Text<'_>| source.0 != "aws.guardduty";
        if record.source.as_ref().is_some_and(is_foreign) {
            return None;
        }
        let (finding, region) = match record.detail {
            Some(detail) => (*detail, record.region),
            None => (record, None),
        };
        let service = finding.service?;
        let info = service.additional_info;
        let title = finding.title.as_ref();
        let (sample, value) =
            info.as_ref().map_or((None, None), |info| (info.sample.as_ref(), info.value.as_ref()));
        let is_sample =
            SampleMark::from(title.map(Text::as_str), sample, value.map(Text::as_str)).is_some();
        let time = |text: Option<Text<'_>>| text.and_then(|text| Moment::parse(&text.0));
        let updated = time(finding.updated_at);
        Some(Self {
            id: finding.id?.0,
            type_name: Some(finding.type_name?.0).filter(|name| name.contains(':'))?,
            severity: finding.severity,
            account: finding.account_id.map(|text| text.0),
            region: finding.region.or(region).map(|text| text.0),
            first_seen: time(service.event_first_seen).or_else(|| time(finding.created_at)),
            last_seen: time(service.event_last_seen).or(updated),
            updated,
            is_sample,
        })
    }

    /// Of a finding that was read in full.
    pub(super) fn of(finding: &'a Finding) -> Self {
        let json = &finding.json;
        let value = |pointer: &str| json.pointer(pointer);
        let text = |pointer: &str| value(pointer).and_then(Value::as_str).map(Cow::Borrowed);
        let time = |pointer: &str| value(pointer).and_then(Moment::of);
        let updated = time("/updatedAt");
        Self {
            id: text("/id").unwrap_or_else(|| Cow::Owned(json.to_string())),
            type_name: text("/type").unwrap_or_default(),
            severity: value("/severity").and_then(Value::as_f64),
            account: text("/accountId"),
            region: text("/region"),
            first_seen: time("/service/eventFirstSeen").or_else(|| time("/createdAt")),
            last_seen: time("/service/eventLastSeen").or(updated),
            updated,
            is_sample: finding.is_sample(),
        }
    }

    /// What tells findings apart, in 128 bits. GuardDuty's ids are as many bits in hexadecimal.
    pub(super) fn key(&self) -> u128 {
        let is_plain = self.id.len() == 32 && self.id.bytes().all(|b| b.is_ascii_hexdigit());
        match u128::from_str_radix(&self.id, 16) {
            Ok(number) if is_plain => number,
            _ => u128::from(self.hash(1)) << 64 | u128::from(self.hash(2)),
        }
    }

    fn hash(&self, seed: u8) -> u64 {
        let mut hasher = DefaultHasher::new();
        (seed, &self.id).hash(&mut hasher);
        hasher.finish()
    }
}

/// A record of which only what is counted is looked at.
#[derive(Deserialize)]
struct Glance<'a> {
    #[serde(borrow, alias = "Id")]
    id: Option<Text<'a>>,
    #[serde(borrow, rename = "type", alias = "Type")]
    type_name: Option<Text<'a>>,
    #[serde(alias = "Severity")]
    severity: Option<f64>,
    #[serde(borrow, rename = "accountId", alias = "AccountId")]
    account_id: Option<Text<'a>>,
    #[serde(borrow, alias = "Region")]
    region: Option<Text<'a>>,
    #[serde(borrow, alias = "Title")]
    title: Option<Text<'a>>,
    #[serde(borrow, rename = "createdAt", alias = "CreatedAt")]
    created_at: Option<Text<'a>>,
    #[serde(borrow, rename = "updatedAt", alias = "UpdatedAt")]
    updated_at: Option<Text<'a>>,
    #[serde(borrow, alias = "Service")]
    service: Option<Service<'a>>,
    /// Of an EventBridge event.
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow)]
    detail: Option<Box<Glance<'a>>>,
}

#[derive(Deserialize)]
struct Service<'a> {
    #[serde(borrow, rename = "eventFirstSeen", alias = "EventFirstSeen")]
    event_first_seen: Option<Text<'a>>,
    #[serde(borrow, rename = "eventLastSeen", alias = "EventLastSeen")]
    event_last_seen: Option<Text<'a>>,
    #[serde(borrow, rename = "additionalInfo", alias = "AdditionalInfo")]
    additional_info: Option<AdditionalInfo<'a>>,
}

#[derive(Deserialize)]
struct AdditionalInfo<'a> {
    sample: Option<Value>,
    #[serde(borrow, alias = "Value")]
    value: Option<Text<'a>>,
}

/// Text that stays where it was read, unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::read;

    /// A finding of every native shape gives the same whether it was read in full or not.
    #[test]
    fn a_glance_sees_what_a_full_reading_sees() {
        let camel = r#"{"id":"8c258d654378414b9bc26f61a93eb816","type":"Recon:EC2/Portscan","severity":5,
            "accountId":"1","region":"eu-west-1","title":"T","updatedAt":"2025-02-25 20:40:06.721",
            "service":{"eventFirstSeen":"2025-02-25T20:40:06Z","additionalInfo":{"sample":true}}}"#;
        let title = r#"{"Id":"x","Type":"Recon:EC2/Portscan","Severity":8.5,"CreatedAt":"2025-02-25T20:40:06Z",
            "Service":{"AdditionalInfo":{"Type":"default","Value":"{\"sample\":true}"}}}"#;
        let finding = format!(
            r#"{{"id":"other","source":"aws.guardduty","region":"us-east-1","detail":{}}}"#,
            camel.replace("eu-west-1", "eu\\u002dwest-1")
        );
        for record in [camel, title, &finding] {
            let in_full = read(record.as_bytes()).next().unwrap().unwrap();
            assert_eq!(Facts::at_a_glance(record), Some(Facts::of(&in_full)), "{record}");
            assert!(in_full.is_sample());
        }
    }

    #[test]
    fn anything_else_is_left_to_a_full_reading() {
        for record in [
            r#"{"type":"Recon:EC2/Portscan","service":{}}"#,
            r#"{"id":"x","type":"Recon:EC2/Portscan","severity":"5","service":{}}"#,
            r#"{"source":"aws.ec2","detail":{"id":"x","type":"Recon:EC2/Portscan","service":{}}}"#,
            r#"{"Id":"x","Type":"a","Types":[],"Severity":{"Label":"LOW"}}"#,
            r#"{"id":"x","type":"Recon:EC2/Portscan","service":{}"#,
        ] {
            assert_eq!(Facts::at_a_glance(record), None, "{record}");
        }
    }
}
