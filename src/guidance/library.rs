//! The whole guidance: every data file, read and checked against each other.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::GuidanceError;
use super::attack::{Attack, AttackEntry};
use super::common::Common;
use super::compose::FirstLook;
use super::document::is_id;
use super::family::Family;
use super::finding_type_guidance::{self, FindingTypeGuidance};
use super::kind::Kind;
use super::lake::Lake;
use super::placeholder::{self, Placeholder};
use super::step::Step;
use crate::finding_type::FindingType;

/// The data files, by their path below `guidance/`; the build script lists them.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/guidance_files.rs"));

static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| Library::read(FILES).expect("the data files are tested to be readable"));

/// The text of one data file, by its path below `guidance/`.
#[cfg(feature = "site")]
pub(crate) fn data_file(path: &str) -> Option<&'static str> {
    FILES.iter().find(|(file, _)| *file == path).map(|(_, text)| *text)
}

/// The guidance that comes with the program. It is read when it is asked for first.
pub fn library() -> &'static Library {
    &LIBRARY
}

/// Guidance for finding types, in layers: kinds of resources, threat families, and what only one
/// type has to say.
#[derive(Clone, Debug)]
pub struct Library {
    /// What every runbook has.
    pub common: Common,
    /// Kinds of resources, by id.
    pub kinds: BTreeMap<String, Kind>,
    /// Threat families, by id.
    pub families: BTreeMap<String, Family>,
    /// Finding types.
    pub types: BTreeMap<FindingType, FindingTypeGuidance>,
    /// Placeholders, by name.
    pub placeholders: BTreeMap<String, Placeholder>,
    pub(super) attack_names: Attack,
    /// By the id of the kind.
    pub(super) first_looks: BTreeMap<String, FirstLook>,
    /// Where the kind is not known.
    pub(super) first_look_anywhere: FirstLook,
    pub(super) lake: Lake,
}

impl Library {
    /// Reads data files, given by path and text. What a file says of another has to be there.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, GuidanceError> {
        let common = files.iter().find(|(file, _)| *file == "common.md");
        let common = common.ok_or_else(|| GuidanceError::new("common.md", 1, "it is missing"))?;
        let common = Common::read("common.md", &placeholder::show(common.0, common.1)?)?;
        let mut library = Self {
            first_look_anywhere: FirstLook::new(&common, None),
            first_looks: BTreeMap::new(),
            lake: Lake::default(),
            common,
            kinds: BTreeMap::new(),
            families: BTreeMap::new(),
            types: BTreeMap::new(),
            placeholders: BTreeMap::new(),
            attack_names: Attack::default(),
        };
        for (file, text) in files.iter().filter(|(file, _)| *file != "common.md") {
            library.add(file, &placeholder::show(file, text)?)?;
        }
        library.check_names()?;
        library.lake = Lake::new(library.steps());
        Ok(library)
    }

    /// The tactic or technique with an id.
    pub fn attack_entry(&self, id: &str) -> Option<&AttackEntry> {
        self.attack_names.tactics.get(id).or_else(|| self.attack_names.techniques.get(id))
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), GuidanceError> {
        let (folder, name) = file.split_once('/').unwrap_or(("", file));
        let id = name.strip_suffix(".md").filter(|id| is_id(id));
        match (folder, name, id) {
            ("kinds", _, Some(id)) => {
                let kind = Kind::read(id, file, text)?;
                self.first_looks.insert(id.to_owned(), FirstLook::new(&self.common, Some(&kind)));
                self.kinds.insert(id.to_owned(), kind);
            }
            ("families", _, Some(id)) => {
                self.families.insert(id.to_owned(), Family::read(id, file, text)?);
            }
            ("types", _, None) => {
                for own in finding_type_guidance::read(file, text)? {
                    let line = own.place.1;
                    let twice = format!("{} stands here for the second time", own.finding_type);
                    if self.types.insert(own.finding_type.clone(), own).is_some() {
                        return Err(GuidanceError::new(file, line, twice));
                    }
                }
            }
            ("", "placeholders.toml", _) => {
                let declared = placeholder::read(file, text)?.into_iter();
                self.placeholders = declared.map(|one| (one.name.clone(), one)).collect();
            }
            ("", "attack.toml", _) => self.attack_names = Attack::read(file, text)?,
            _ => return Err(GuidanceError::new(file, 1, "the guidance has no such file")),
        }
        Ok(())
    }

    /// All steps that guidance can have and that hold queries.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        let looks = self.first_looks.values().flat_map(|look| &look.scope);
        let kinds = self.kinds.values().flat_map(Kind::steps);
        let families = self.families.values().flat_map(|family| &family.investigate);
        let types = self.types.values().flat_map(|own| &own.investigate);
        looks.chain(kinds).chain(&self.common.shared).chain(families).chain(types)
    }

    /// Finds names of kinds, families, shared steps, tactics and techniques that nothing has.
    fn check_names(&self) -> Result<(), GuidanceError> {
        for kind in self.kinds.values() {
            let is_unknown = |id: &&String| self.common.shared.iter().all(|step| step.id != **id);
            if let Some(id) = kind.shared.iter().find(is_unknown) {
                let reason = format!("the shared step {id:?} is unknown");
                return Err(GuidanceError::new(&format!("kinds/{}.md", kind.id), 1, reason));
            }
        }
        for own in self.types.values() {
            let (file, line) = &own.place;
            let unknown = |what: &str, name: &str| {
                let reason = format!("{}: the {what} {name:?} is unknown", own.finding_type);
                Err(GuidanceError::new(file, *line, reason))
            };
            if !self.kinds.contains_key(&own.kind) {
                return unknown("kind", &own.kind);
            }
            if !self.families.contains_key(&own.family) {
                return unknown("family", &own.family);
            }
            let names = &self.attack_names;
            if let Some(id) = own.tactics.iter().find(|id| !names.tactics.contains_key(*id)) {
                return unknown("tactic", id);
            }
            if let Some(id) = own.techniques.iter().find(|id| !names.techniques.contains_key(*id)) {
                return unknown("technique", id);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: &str = "+++\n+++\n\n## First move\n\nLook.\n\n## Alone\n\n### a: A\n\nX.\n\n\
        ## Cluster\n\n### k: K\n\nX.\n\n## Trail\n\n### b: B\n\nX.\n\n## Account\n\nX.\n\n## Suppression\n\n### c: C\n\nX.\n\n\
        ## Escalate\n\n- X.\n\n## Close\n\n### d: D\n\nX.\n\n## Lake\n\n### l: L\n\nX.\n\n## Insights\n\n### i: I\n\nX.\n";
    const KIND: &str = "+++\ntitle = \"K\"\nresources = [\"EC2\"]\n+++\n\n## Scope\n\n## Collect\n\n\
        ## Contain\n\n## Eradicate\n\n## Recover\n\n## Close\n\n- Done.\n";
    const FAMILY: &str = "+++\ntitle = \"F\"\npurposes = []\nkinds = [\"k\"]\n+++\n\n## First move\n\n\
        Go.\n\n## Triage\n\n## Investigate\n\n## Benign causes\n\n- None.\n\n## Suppression\n\nNo.\n";
    const TYPE: &str = "[[type]]\nname = \"A:EC2/B\"\nkind = \"k\"\nfamily = \"f\"\nsummary = \"S.\"\n\
        tactics = [\"TA1\"]\ntechniques = []\ndo_not_suppress = \"no\"\nquestion = []\n";
    const ATTACK: &str = "[tactics]\nTA1 = \"T\"\n[techniques]\n";

    fn read(own: &str) -> Result<Library, GuidanceError> {
        Library::read(&[
            ("types/t.toml", own),
            ("families/f.md", FAMILY),
            ("kinds/k.md", KIND),
            ("attack.toml", ATTACK),
            ("common.md", COMMON),
        ])
    }

    #[test]
    fn every_data_file_of_the_program_can_be_read() {
        let (common, others): (Vec<_>, Vec<_>) =
            FILES.iter().partition(|(file, _)| *file == "common.md");
        let mut library = Library::read(&common).unwrap();
        let mut add =
            |(file, text): &(&str, &str)| library.add(file, &placeholder::show(file, text)?);
        let faults: Vec<String> = others
            .iter()
            .filter_map(|file| add(file).err())
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{} files cannot be read:\n{}", faults.len(), faults.join("\n"));
        Library::read(FILES).unwrap_or_else(|fault| panic!("{fault}"));
    }

    #[test]
    fn layers_are_put_together() {
        let library = read(TYPE).unwrap();
        let guidance = library.guidance(&"A:EC2/B".parse().unwrap());
        assert_eq!((guidance.kind, guidance.family), (Some("k"), Some("f")));
        assert_eq!((guidance.summary, guidance.first_move), (Some("S."), "Go."));
        assert_eq!(guidance.suppression.never.as_deref(), Some("No."));
        assert_eq!(guidance.tactics[0].url, "https://attack.mitre.org/tactics/TA1/");
    }

    #[test]
    fn what_does_not_fit_together_is_named_with_file_and_line() {
        for (from, to, expected) in [
            ("\"k\"", "\"x\"", ":2: A:EC2/B: the kind \"x\" is unknown"),
            ("\"f\"", "\"x\"", ":2: A:EC2/B: the family \"x\" is unknown"),
            ("TA1", "TA2", ":2: A:EC2/B: the tactic \"TA2\" is unknown"),
            ("= []\ndo", "= [\"T1\"]\ndo", ":2: A:EC2/B: the technique \"T1\" is unknown"),
            ("A:EC2/B", "A/B", ":2: \"A/B\" is not a finding type"),
            ("summary", "sumary", ":5: unknown field `sumary`"),
            ("do_not_suppress = \"no\"\n", "", ":2: A:EC2/B: it needs either"),
            ("S.", "{{x}}", ":5: `{{` begins a placeholder"),
        ] {
            let error = read(&TYPE.replace(from, to)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("guidance/types/t.toml{expected}")), "{error}");
        }
        let kind = KIND.replace("[\"EC2\"]", "[]\nshared = [\"x\"]");
        let error = Library::read(&[("common.md", COMMON), ("kinds/k.md", &kind)]).unwrap_err();
        assert_eq!(error.to_string(), "guidance/kinds/k.md:1: the shared step \"x\" is unknown");
        let error = read(&TYPE.repeat(2)).unwrap_err().to_string();
        assert_eq!(error, "guidance/types/t.toml:11: A:EC2/B stands here for the second time");
        let error = Library::read(&[("common.md", COMMON), ("kind/k.md", KIND)]).unwrap_err();
        assert_eq!(error.to_string(), "guidance/kind/k.md:1: the guidance has no such file");
    }
}
