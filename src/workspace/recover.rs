//! What an interrupted run left: which steps it had done, and what the manifest would have said.
//!
//! For each file a run writes `pristine/<slug>.md.next`, then the file, then `.next` becomes
//! pristine. A `.next` that is still there means that the run ended in between: where the file
//! holds what was to be written, the last step is made up for, else the `.next` is dropped and
//! the runbook is as it was before.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::manifest::{Journal, ManifestEntry, Status};
use super::state::{Existing, OnDisk, Recovery, State, Tracked};
use super::upstream::Origin;
use crate::text::{front_matter, subject};

/// Decides what an interrupted run left; without one, the state as it is on disk.
pub(crate) fn recover(disk: OnDisk) -> State {
    let OnDisk { files, mut pristine, next, manifest, journal, own_names, folds_reviews, rescues } =
        disk;
    let journal = journal.unwrap_or_default();
    let mut recovery = Vec::new();
    for (slug, next) in next {
        if was_written(&slug, files.get(&format!("{slug}.md")), &next, &journal) {
            pristine.insert(slug.clone(), next);
            recovery.push(Recovery::Finish(slug));
        } else {
            recovery.push(Recovery::Discard(slug));
        }
    }
    let mut entries = manifest.clone().unwrap_or_default().entries;
    entries.extend(planned_entries(&journal, &pristine));
    let mut orphans = BTreeMap::new();
    for (slug, text) in &pristine {
        if entries.contains_key(slug) {
            continue;
        }
        match rebuilt_entry(slug, text) {
            Some(entry) => drop(entries.insert(slug.clone(), entry)),
            None => drop(orphans.insert(slug.clone(), text.clone())),
        }
    }
    let track = |(slug, entry): (String, ManifestEntry)| {
        let pristine = pristine.get(&slug).cloned();
        (slug, Tracked { entry, pristine })
    };
    let tracked = entries.into_iter().map(track).collect();
    State {
        files,
        tracked,
        orphans,
        recovery,
        rescues,
        manifest_on_disk: manifest,
        own_names,
        folds_reviews,
    }
}

fn was_written(slug: &str, file: Option<&Existing>, next: &str, journal: &Journal) -> bool {
    let Some(Existing::File { bytes, .. }) = file else { return false };
    let planned = journal.entries.get(slug).is_some_and(|planned| planned.wrote(bytes));
    planned || file.and_then(Existing::text).is_some_and(|shaped| shaped.text == next)
}

/// The entries of an interrupted run whose pristine copies are in place.
fn planned_entries(
    journal: &Journal,
    pristine: &BTreeMap<String, Arc<str>>,
) -> Vec<(String, ManifestEntry)> {
    let in_place = journal.entries.iter().filter_map(|(slug, planned)| {
        let entry = planned.entry_for(pristine.get(slug).map(AsRef::as_ref))?;
        (entry.finding_type.slug().as_str() == slug).then(|| (slug.clone(), entry.clone()))
    });
    in_place.collect()
}

/// What the manifest would say about a pristine copy, read from its text; none where that does not
/// tell the template. Whether AWS's text is in it cannot be told for certain, so that it counts as
/// AWS's and is never replaced by less.
fn rebuilt_entry(slug: &str, pristine: &str) -> Option<ManifestEntry> {
    let finding_type = subject::finding_type(pristine)?;
    let has = |key| front_matter::value(pristine, key).is_some();
    let template = if subject::setext_title(pristine).is_some() {
        "classic"
    } else if has("threat_purpose") && has("protection_plan") {
        "runbook"
    } else {
        return None;
    };
    let status = match front_matter::value(pristine, "status") {
        Some("retired") => Status::Retired,
        _ => Status::Active,
    };
    let entry =
        ManifestEntry { finding_type, template: template.into(), origin: Origin::Aws, status };
    (entry.finding_type.slug().as_str() == slug).then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_templates_of_the_program_are_told_by_their_text() {
        let entry = |text: &str| rebuilt_entry("trojan-ec2-y", text);
        let template = |text: &str| entry(text).map(|entry| entry.template);
        assert_eq!(template("Trojan:EC2/Y\n---\n").as_deref(), Some("classic"));
        let front = "---\nfinding_type: Trojan:EC2/Y\nthreat_purpose: x\nprotection_plan: x\n";
        assert_eq!(template(&format!("{front}---\n")).as_deref(), Some("runbook"));
        let retired = entry(&format!("{front}status: retired\n---\n")).unwrap();
        assert_eq!((retired.status, retired.origin), (Status::Retired, Origin::Aws));
        assert_eq!(template("# Trojan:EC2/Y\n"), None);
        assert_eq!(template("Trojan:EC2/Other\n---\n"), None);
    }
}
