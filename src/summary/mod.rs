//! Many findings at once: how many of each type and severity, and when.
//!
//! An export holds records; a finding that goes on is written again under the same id. Both are
//! counted. A finding counts with the severity that its latest record has. Exports hold active
//! findings only, so that nothing tells whether a finding is still open: there is only when it was
//! last seen.
//!
//! Memory grows with the number of distinct findings (some 60 bytes each) up to seven million, not of
//! records; of names, of which an attacker could make up as many as he likes, only so many are kept apart.

mod facts;
mod render;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;

use self::facts::Facts;
pub use self::render::{json, markdown, table};
use crate::finding::type_name::{Hints, resolve};
use crate::finding::{BadRecord, ClaimedType, Damage, json as values, read};
use crate::moment::Moment;
use crate::severity::SeverityLevel;
use crate::workspace::RunbookState;

/// How many bad records, and how many damaged ones, are kept to be listed.
const MAX_BAD: usize = 100;

/// How many findings are told apart: with more, the table of them would double to a GiB.
const MAX_FINDINGS: usize = 7_000_000;

/// How many types, accounts and regions are told apart; there are far fewer.
const MAX_NAMES: usize = 10_000;
/// What all others are counted as.
const MORE: &str = "(others)";
/// How much of the name of a type is looked at, in bytes: more than any name has.
const MAX_TYPE_NAME: usize = 300;
/// The same of an account or a region.
const MAX_NAME: usize = 64;

/// Counts of findings, as far as they were added.
#[derive(Debug, Default)]
pub struct Tally {
    records: u64,
    bad_records: u64,
    bad: Vec<(String, BadRecord)>,
    damaged_records: u64,
    damaged: Vec<(String, Damage)>,
    findings: HashMap<u128, Latest>,
    records_beyond: u64,
    types: Vec<OfType>,
    by_name: HashMap<String, u32>,
    accounts: BTreeMap<String, u64>,
    regions: BTreeMap<String, u64>,
}

/// What is remembered of a finding.
#[derive(Clone, Copy, Debug)]
struct Latest {
    updated: Option<Moment>,
    group: Group,
}

/// What findings are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Group {
    /// Which of the types.
    of_type: u32,
    level: Option<SeverityLevel>,
    is_sample: bool,
}

/// A type, with the records of it.
#[derive(Debug)]
struct OfType {
    finding_type: ClaimedType,
    groups: BTreeMap<(Option<SeverityLevel>, bool), Records>,
}

/// Records of one type and severity.
#[derive(Clone, Copy, Debug, Default)]
struct Records {
    count: u64,
    first: Option<Moment>,
    last: Option<Moment>,
}

impl Tally {
    /// Counts the findings of an input. `name` is what bad records are listed under.
    pub fn add(&mut self, name: &str, input: impl BufRead) {
        let mut frames = read::frames(input);
        let mut is_empty = true;
        loop {
            if let Some(line) = frames.line()
                && let Some(facts) = at_a_glance(frames.bytes(&line))
            {
                self.count(&facts);
                frames.take(&line);
                is_empty = false;
                continue;
            }
            let Some(frame) = frames.next() else { break };
            is_empty = false;
            if let Ok(range) = &frame.content
                && let Some(facts) = at_a_glance(frames.bytes(range))
            {
                self.count(&facts);
                continue;
            }
            for record in read::of_frame(&frames, frame) {
                match record {
                    Ok(finding) => {
                        self.count(&Facts::of(&finding));
                        self.add_damaged(name, finding.damage);
                    }
                    Err(bad) => self.add_bad(name, bad),
                }
            }
        }
        if let Some(bad) = read::at_end(&frames, is_empty) {
            self.add_bad(name, bad);
        }
    }

    /// The counts in the order in which they are read: most severe first, then the most findings.
    /// `runbook` says what there is for a type.
    pub fn summary(self, runbook: impl Fn(&ClaimedType) -> RunbookState) -> Summary {
        let mut findings: HashMap<Group, u64> = HashMap::new();
        for latest in self.findings.values() {
            *findings.entry(latest.group).or_default() += 1;
        }
        let (mut rows, mut samples) = (Vec::new(), Vec::new());
        for (of_type, here) in (0..).zip(&self.types) {
            let runbook = runbook(&here.finding_type);
            for (&(level, is_sample), records) in &here.groups {
                let group = Group { of_type, level, is_sample };
                let row = Row {
                    finding_type: here.finding_type.clone(),
                    level,
                    findings: findings.get(&group).copied().unwrap_or_default(),
                    records: records.count,
                    first_seen: records.first,
                    last_seen: records.last,
                    runbook,
                };
                if is_sample { samples.push(row) } else { rows.push(row) }
            }
        }
        for rows in [&mut rows, &mut samples] {
            rows.sort_by(|a, b| {
                let order = b.level.cmp(&a.level).then(b.findings.cmp(&a.findings));
                order.then_with(|| a.name().cmp(b.name()))
            });
        }
        Summary {
            records: self.records,
            findings: self.findings.len(),
            rows,
            samples,
            accounts: self.accounts,
            regions: self.regions,
            bad_records: self.bad_records,
            bad: self.bad,
            damaged_records: self.damaged_records,
            damaged: self.damaged,
            records_beyond: self.records_beyond,
        }
    }

    fn count(&mut self, facts: &Facts<'_>) {
        self.records += 1;
        let of_type = self.of_type(facts);
        let level = facts.severity.and_then(SeverityLevel::of_score);
        let group = Group { of_type, level, is_sample: facts.is_sample };
        let key = (level, facts.is_sample);
        self.types[of_type as usize].groups.entry(key).or_default().add(facts);
        let latest = Latest { updated: facts.updated, group };
        let is_full = self.findings.len() >= MAX_FINDINGS;
        match self.findings.entry(facts.key()) {
            Entry::Occupied(mut known) if known.get().updated <= latest.updated => {
                known.insert(latest);
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(_) if is_full => self.records_beyond += 1,
            Entry::Vacant(new) => {
                new.insert(latest);
            }
        }
        count_name(&mut self.accounts, facts.account.as_deref());
        count_name(&mut self.regions, facts.region.as_deref());
    }

    /// Each name is resolved once.
    fn of_type(&mut self, facts: &Facts<'_>) -> u32 {
        let mut name = cut(&facts.type_name, MAX_TYPE_NAME);
        if let Some(&known) = self.by_name.get(name) {
            return known;
        }
        if self.by_name.len() >= MAX_NAMES {
            name = MORE;
            if let Some(&known) = self.by_name.get(name) {
                return known;
            }
        }
        let number = u32::try_from(self.types.len()).expect("as many types do not fit into memory");
        let finding_type = resolve(name, &Hints::default());
        self.types.push(OfType { finding_type, groups: BTreeMap::new() });
        self.by_name.insert(name.to_owned(), number);
        number
    }

    fn add_bad(&mut self, name: &str, bad: BadRecord) {
        self.bad_records += 1;
        if self.bad.len() < MAX_BAD {
            self.bad.push((name.to_owned(), bad));
        }
    }

    fn add_damaged(&mut self, name: &str, damage: Option<Damage>) {
        let Some(damage) = damage else { return };
        self.damaged_records += 1;
        if self.damaged.len() < MAX_BAD {
            self.damaged.push((name.to_owned(), damage));
        }
    }
}

/// What is counted of a record, where that can be had without reading all of it. A record that may be
/// damaged is read in full, to tell what is.
fn at_a_glance(record: &[u8]) -> Option<Facts<'_>> {
    values::undamaged(record).and_then(Facts::at_a_glance)
}

impl Records {
    fn add(&mut self, facts: &Facts<'_>) {
        self.count += 1;
        self.first = [self.first, facts.first_seen].into_iter().flatten().min();
        self.last = self.last.max(facts.last_seen);
    }
}

fn count_name(counts: &mut BTreeMap<String, u64>, name: Option<&str>) {
    let Some(name) = name.map(|name| cut(name, MAX_NAME)) else { return };
    if let Some(count) = counts.get_mut(name) {
        *count += 1;
    } else {
        let name = if counts.len() < MAX_NAMES { name } else { MORE };
        *counts.entry(name.to_owned()).or_default() += 1;
    }
}

/// The beginning of a text that is longer than so many bytes.
fn cut(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

/// What an export holds.
#[derive(Debug)]
pub struct Summary {
    /// How many records were read.
    pub records: u64,
    /// How many findings those are about.
    pub findings: usize,
    /// Findings, by type and severity.
    pub rows: Vec<Row>,
    /// Findings that GuardDuty made up, by type and severity.
    pub samples: Vec<Row>,
    /// How many records each account has.
    pub accounts: BTreeMap<String, u64>,
    /// How many records each region has.
    pub regions: BTreeMap<String, u64>,
    /// How many records were no findings.
    pub bad_records: u64,
    /// The first of those, with the input that each is in.
    pub bad: Vec<(String, BadRecord)>,
    /// How many records of findings were damaged. They are counted.
    pub damaged_records: u64,
    /// The first of those, with the input that each is in.
    pub damaged: Vec<(String, Damage)>,
    /// How many records were counted without their finding, because there are too many findings.
    pub records_beyond: u64,
}

/// Findings of one type and severity.
#[derive(Debug)]
pub struct Row {
    /// Their type.
    pub finding_type: ClaimedType,
    /// Their severity; none where the findings have none, or one outside the scale.
    pub level: Option<SeverityLevel>,
    /// How many findings there are whose latest record has this severity.
    pub findings: u64,
    /// How many records there are.
    pub records: u64,
    /// When the activity was first seen.
    pub first_seen: Option<Moment>,
    /// When the activity was last seen.
    pub last_seen: Option<Moment>,
    /// What there is for the type in the folder of the runbooks.
    pub runbook: RunbookState,
}

impl Row {
    /// The name of the type, or what stands in its place.
    pub fn name(&self) -> &str {
        match &self.finding_type {
            ClaimedType::Unreadable(text) => text,
            known => known.name().map_or("", |name| name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_names_are_kept_apart() {
        let mut counts = BTreeMap::new();
        for number in 0..MAX_NAMES + 5 {
            count_name(&mut counts, Some(&number.to_string()));
        }
        count_name(&mut counts, Some("7"));
        count_name(&mut counts, Some(&"\u{e9}".repeat(100)));
        assert_eq!((counts.len(), counts[MORE], counts["7"]), (MAX_NAMES + 1, 6, 2));
        assert_eq!(cut(&"\u{e9}".repeat(100), 63).len(), 62);

        let mut tally = Tally::default();
        let record = |number| {
            let finding = serde_json::json!({
                "id": "x", "type": format!("A:B/C{number}"), "severity": 2, "accountId": "1",
                "region": "r", "updatedAt": "2026-01-01T00:00:00Z", "service": {}, "resource": {},
                "schemaVersion": "2.0",
            });
            format!("{finding}\n")
        };
        let records: String = (0..MAX_NAMES + 5).map(record).collect();
        tally.add("x", records.as_bytes());
        assert_eq!((tally.types.len(), tally.records), (MAX_NAMES + 1, MAX_NAMES as u64 + 5));
    }
}
