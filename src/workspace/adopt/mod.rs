//! Takes over a folder that the Python tool wrote.
//!
//! A file is one of that tool's if its setext title is the name of a finding type. What people
//! edited in it can only be told from what the tool had written, its base; where that is unknown,
//! the file stays as it is. Files get the name of their type where they have another one (the
//! Python tool wrote names with trailing dashes, with whole sentences, and the bare name `.md`).

mod history;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::action::{Action, ActionKind, Base, Effects, FileEffect, Plan};
use super::manifest::{ManifestEntry, Status};
use super::state::{Existing, State};
use super::upstream::Origin;
use crate::finding_type::FindingType;
use crate::fs::{self, FsError};
use crate::guide::GUIDE_URL;
use crate::text::shape::Shaped;
use crate::text::subject;

/// Where the texts may be as the Python tool wrote them.
#[derive(Clone, Debug, Default)]
pub struct Bases {
    /// The texts of a folder that the person named, by finding type.
    pub folder: BTreeMap<FindingType, String>,
    /// The first version of each file in git, by the file's name.
    pub history: BTreeMap<String, String>,
    /// What the `classic` template gives today, without attribution.
    pub classic: BTreeMap<FindingType, String>,
}

/// What an adoption does, and which files it leaves alone.
#[derive(Clone, Debug)]
pub struct Adoption {
    /// The files that are taken over.
    pub plan: Plan,
    /// The files that read as the Python tool's and are not taken over, sorted by name.
    pub left: Vec<LeftAlone>,
}

/// A file that is not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAlone {
    /// Its name.
    pub file: String,
    /// The finding type that its title names.
    pub finding_type: FindingType,
    /// Why.
    pub reason: LeftReason,
}

/// Why a file is not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftReason {
    /// What the Python tool had written is unknown, so that edits cannot be told apart.
    BaseUnknown,
    /// The name of its finding type belongs to another file.
    NameTaken(String),
}

impl LeftReason {
    /// Why, and what to do about it.
    pub fn message(&self) -> String {
        match self {
            Self::BaseUnknown => "what the Python tool had written is unknown: name a folder with \
                                  its untouched output by --base"
                .to_owned(),
            Self::NameTaken(name) => {
                format!("{name} exists; move what you need into it and remove this file")
            }
        }
    }
}

/// A file that reads as the Python tool's.
struct Candidate<'s> {
    name: &'s str,
    bytes: &'s [u8],
    text: String,
    finding_type: FindingType,
}

impl Bases {
    /// Reads the folder that the person named, if any, and the history of each file that may be
    /// taken over. Without git, or outside a repository, there is no history.
    pub fn read(folder: &Path, state: &State, named: Option<&Path>) -> Result<Self, FsError> {
        let files = candidates(state).into_iter().map(|candidate| candidate.name);
        Ok(Self {
            folder: named.map(texts_by_type).transpose()?.unwrap_or_default(),
            history: history::first_versions(folder, files),
            classic: BTreeMap::new(),
        })
    }

    /// The text as the Python tool wrote it, in the order of trust.
    fn find(&self, candidate: &Candidate<'_>) -> Option<(Base, String)> {
        let is_of_type =
            |text: &&String| subject::setext_title(text).as_ref() == Some(&candidate.finding_type);
        if let Some(text) = self.folder.get(&candidate.finding_type) {
            return Some((Base::Folder, text.clone()));
        }
        if let Some(text) = self.history.get(candidate.name).filter(is_of_type) {
            return Some((Base::History, text.clone()));
        }
        let today = self.classic.get(&candidate.finding_type)?;
        let unedited = without_white_space(today) == without_white_space(&candidate.text);
        unedited.then(|| (Base::TodaysText, candidate.text.clone()))
    }
}

/// Decides which files are taken over.
pub(crate) fn plan(state: &State, bases: &Bases) -> Adoption {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut left = Vec::new();
    let mut actions = Vec::new();
    for candidate in candidates(state) {
        let own_name = candidate.finding_type.slug().file_name();
        let leave = |reason| LeftAlone {
            file: candidate.name.to_owned(),
            finding_type: candidate.finding_type.clone(),
            reason,
        };
        let is_renamed = candidate.name != own_name;
        if taken.contains(&own_name) || (is_renamed && state.files.contains_key(&own_name)) {
            left.push(leave(LeftReason::NameTaken(own_name)));
        } else if let Some((base, text)) = bases.find(&candidate) {
            actions.push(adopt(&candidate, is_renamed, base, text));
            taken.insert(own_name);
        } else {
            left.push(leave(LeftReason::BaseUnknown));
        }
    }
    actions.sort_by(|a, b| a.slug.cmp(&b.slug));
    left.sort_by(|a, b| a.file.cmp(&b.file));
    Adoption { plan: Plan { actions, recovery: state.recovery.clone() }, left }
}

/// The files that the tool does not know and that read as the Python tool's; those that have their
/// type's name first.
fn candidates(state: &State) -> Vec<Candidate<'_>> {
    let mut candidates: Vec<Candidate<'_>> = state
        .files
        .iter()
        .filter_map(|(name, file)| {
            name.strip_suffix(".md").filter(|slug| !state.tracked.contains_key(*slug))?;
            let Existing::File { bytes, .. } = file else { return None };
            let text = Shaped::read(bytes)?.text;
            let finding_type = subject::setext_title(&text)?;
            // A runbook of ours that somebody renamed is not taken over once more.
            let own = finding_type.slug();
            let is_renamed = state.tracked.contains_key(own.as_str())
                && !state.files.contains_key(&own.file_name());
            (!is_renamed).then_some(Candidate { name, bytes, text, finding_type })
        })
        .collect();
    candidates.sort_by_key(|candidate| {
        (candidate.name != candidate.finding_type.slug().file_name(), candidate.name)
    });
    candidates
}

fn adopt(candidate: &Candidate<'_>, is_renamed: bool, base: Base, text: String) -> Action {
    let renamed_from = is_renamed.then(|| candidate.name.to_owned());
    let from = renamed_from.clone();
    let file = from.map(|from| FileEffect::Rename { from, bytes: candidate.bytes.to_owned() });
    let entry = ManifestEntry {
        finding_type: candidate.finding_type.clone(),
        template: "classic".to_owned(),
        origin: Origin::Aws,
        status: Status::Active,
    };
    Action {
        slug: candidate.finding_type.slug(),
        finding_type: candidate.finding_type.clone(),
        kind: ActionKind::Adopt { renamed_from, base },
        upstream_changed: false,
        pristine: None,
        upstream: None,
        effects: Effects { file, pristine: Some(text.into()), entry: Some(entry) },
    }
}

fn texts_by_type(folder: &Path) -> Result<BTreeMap<FindingType, String>, FsError> {
    let mut texts = BTreeMap::new();
    let missing = || fs::at("list", folder)(std::io::ErrorKind::NotFound.into());
    for name in fs::names_in(folder)?.ok_or_else(missing)? {
        let path = folder.join(&name);
        if name.strip_suffix(".md").is_none() || fs::is_folder(&path) {
            continue;
        }
        let file = fs::read_regular(&path)?;
        let text = file.and_then(|file| Shaped::read(&file.bytes)).map(|shaped| shaped.text);
        texts.extend(text.and_then(|text| Some((subject::setext_title(&text)?, text))));
    }
    Ok(texts)
}

/// A text without white space, with the links absolute that the Python tool left relative.
fn without_white_space(text: &str) -> String {
    let absolute = text.replace("](./", &format!("]({GUIDE_URL}"));
    absolute.split_whitespace().collect()
}

#[cfg(test)]
mod tests;
