//! The part of the catalogue that a run is about.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::catalogue::{CatalogueEntry, ProtectionPlan};
use crate::finding_type::FindingType;
use crate::guidance::{AttackEntry, library};
use crate::severity::SeverityLevel;

/// Which finding types a run is about. Values of one filter are alternatives; a finding type has to
/// pass every filter that is set.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    severities: Vec<SeverityFilter>,
    resources: Vec<String>,
    plans: Vec<ProtectionPlan>,
    tactics: Vec<String>,
    techniques: Vec<String>,
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
}

/// A filter that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSelection {
    /// Not a severity.
    #[error("{0:?} is not a severity; use critical, high, medium, low or variable")]
    Severity(String),
    /// Not a protection plan.
    #[error("{given:?} names no protection plan; they are: {}", plan_names())]
    Plan {
        /// What was given.
        given: String,
    },
    /// Not a tactic.
    #[error("{given:?} names no ATT&CK tactic of a finding type; they are: {}", tactic_names())]
    Tactic {
        /// What was given.
        given: String,
    },
    /// Not a technique.
    #[error("{given:?} is no ATT&CK technique of a finding type; `list --format csv` shows them")]
    Technique {
        /// What was given.
        given: String,
    },
    /// Not a pattern.
    #[error("the pattern {pattern:?} cannot be read: {reason}")]
    Pattern {
        /// What was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SeverityFilter {
    Level(SeverityLevel),
    Varies,
}

impl Selection {
    /// Limits to severities: a level, or `variable` for those that vary.
    pub fn severities(mut self, words: &[String]) -> Result<Self, BadSelection> {
        for word in words {
            let filter = match SeverityLevel::from_word(word) {
                Some(level) => SeverityFilter::Level(level),
                None if word.eq_ignore_ascii_case("variable") => SeverityFilter::Varies,
                None => return Err(BadSelection::Severity(word.clone())),
            };
            self.severities.push(filter);
        }
        Ok(self)
    }

    /// Limits to resources, by a word of the documented resource type (`ec2`, `container`) or by
    /// the resource in the finding type's name (`IAMUser`, `Runtime`), whatever the case.
    #[must_use]
    pub fn resources(mut self, words: &[String]) -> Self {
        self.resources.extend(words.iter().map(|word| word.trim().to_lowercase()));
        self
    }

    /// Limits to protection plans, by their name or a part of it (`s3`, `runtime`).
    pub fn plans(mut self, words: &[String]) -> Result<Self, BadSelection> {
        for word in words {
            let wanted = word.trim().to_lowercase();
            let exact =
                ProtectionPlan::ALL.iter().find(|plan| plan.as_str().to_lowercase() == wanted);
            let matching = |plan: &&ProtectionPlan| plan.as_str().to_lowercase().contains(&wanted);
            let plans: Vec<_> = match exact {
                Some(plan) => vec![*plan],
                None => ProtectionPlan::ALL.iter().filter(matching).copied().collect(),
            };
            if plans.is_empty() || wanted.is_empty() {
                return Err(BadSelection::Plan { given: word.clone() });
            }
            self.plans.extend(plans);
        }
        Ok(self)
    }

    /// Limits to ATT&CK tactics, by id (`TA0011`) or name (`command and control`).
    pub fn tactics(mut self, words: &[String]) -> Result<Self, BadSelection> {
        for word in words {
            let wanted = letters(word);
            let mut tactics = library().tactics();
            let tactic =
                tactics.find(|one| wanted == letters(&one.id) || wanted == letters(&one.name));
            match tactic {
                Some(tactic) => self.tactics.push(tactic.id.clone()),
                None => return Err(BadSelection::Tactic { given: word.clone() }),
            }
        }
        Ok(self)
    }

    /// Limits to ATT&CK techniques, by id; a technique stands for those below it as well.
    pub fn techniques(mut self, words: &[String]) -> Result<Self, BadSelection> {
        for word in words {
            let wanted = word.trim().to_ascii_uppercase();
            if !library().techniques().any(|technique| is_technique(technique, &wanted)) {
                return Err(BadSelection::Technique { given: word.clone() });
            }
            self.techniques.push(wanted);
        }
        Ok(self)
    }

    /// Limits to finding types whose name or slug one of the patterns fits.
    pub fn include(mut self, patterns: &[String]) -> Result<Self, BadSelection> {
        self.include = globs(patterns)?;
        Ok(self)
    }

    /// Leaves out finding types whose name or slug one of the patterns fits.
    pub fn exclude(mut self, patterns: &[String]) -> Result<Self, BadSelection> {
        self.exclude = globs(patterns)?;
        Ok(self)
    }

    /// Whether nothing is limited.
    pub fn is_everything(&self) -> bool {
        let facts =
            self.severities.is_empty() && self.resources.is_empty() && self.plans.is_empty();
        let attack = self.tactics.is_empty() && self.techniques.is_empty();
        facts && attack && self.include.is_none() && self.exclude.is_none()
    }

    /// Whether a finding type is selected.
    pub fn contains(&self, entry: &CatalogueEntry) -> bool {
        let passes = |empty: bool, fits: bool| empty || fits;
        passes(self.severities.is_empty(), self.severities.iter().any(|f| f.fits(entry)))
            && passes(
                self.resources.is_empty(),
                self.resources.iter().any(|w| is_resource(entry, w)),
            )
            && passes(self.plans.is_empty(), self.plans.contains(&entry.protection_plan))
            && self.fits_name(&entry.finding_type)
    }

    /// Whether a finding type of which only the name is known is selected.
    pub fn contains_name(&self, name: &FindingType) -> bool {
        let no_facts =
            self.severities.is_empty() && self.resources.is_empty() && self.plans.is_empty();
        no_facts && self.fits_name(name)
    }

    /// Whether a name passes the filters that need no more: patterns and ATT&CK.
    fn fits_name(&self, name: &FindingType) -> bool {
        let fits =
            |set: &GlobSet| set.is_match(name.as_str()) || set.is_match(name.slug().as_str());
        self.include.as_ref().is_none_or(fits)
            && !self.exclude.as_ref().is_some_and(fits)
            && self.fits_attack(name)
    }

    fn fits_attack(&self, name: &FindingType) -> bool {
        if self.tactics.is_empty() && self.techniques.is_empty() {
            return true;
        }
        let (tactics, techniques) = library().attack(name);
        let has_tactic = || tactics.iter().any(|tactic| self.tactics.contains(&tactic.id));
        let has_technique = || {
            let wanted = |one: &AttackEntry| self.techniques.iter().any(|w| is_technique(one, w));
            techniques.iter().any(|technique| wanted(technique))
        };
        (self.tactics.is_empty() || has_tactic()) && (self.techniques.is_empty() || has_technique())
    }
}

impl SeverityFilter {
    fn fits(self, entry: &CatalogueEntry) -> bool {
        let Some(severity) = &entry.severity else { return false };
        match self {
            Self::Level(level) => {
                severity.level == Some(level) || entry.signals.iter().any(|s| s.severity == level)
            }
            Self::Varies => severity.varies,
        }
    }
}

fn is_resource(entry: &CatalogueEntry, wanted: &str) -> bool {
    let documented = entry.resource_type.to_lowercase();
    let mut words = documented.split(|c: char| !c.is_alphanumeric());
    documented == *wanted
        || words.any(|word| word == wanted)
        || entry.finding_type.resource().to_lowercase() == *wanted
}

/// A text without case, spaces and dashes.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a technique is the wanted one or lies below it.
fn is_technique(technique: &AttackEntry, wanted: &str) -> bool {
    let rest = technique.id.strip_prefix(wanted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn tactic_names() -> String {
    let names: Vec<&str> = library().tactics().map(|tactic| tactic.name.as_str()).collect();
    names.join(", ")
}

fn globs(patterns: &[String]) -> Result<Option<GlobSet>, BadSelection> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let bad = |pattern: &str, reason: String| BadSelection::Pattern {
        pattern: pattern.to_owned(),
        reason,
    };
    let glob = |pattern: &String| -> Result<Glob, BadSelection> {
        let glob = GlobBuilder::new(pattern).case_insensitive(true).build();
        glob.map_err(|error| bad(pattern, error.kind().to_string()))
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(glob(pattern)?);
    }
    set.build().map(Some).map_err(|error| bad(&patterns.join(" "), error.kind().to_string()))
}

fn plan_names() -> String {
    ProtectionPlan::ALL.map(ProtectionPlan::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::builtin;

    fn count(selection: &Selection) -> usize {
        builtin::catalogue().entries.iter().filter(|entry| selection.contains(entry)).count()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn no_filter_is_everything() {
        assert!(Selection::default().is_everything());
        assert_eq!(count(&Selection::default()), 229);
    }

    #[test]
    fn filters_work_together() {
        let critical = Selection::default().severities(&words(&["critical"])).unwrap();
        assert_eq!(count(&critical), 5);
        let s3 = critical.include(&words(&["AttackSequence:S3/*"])).unwrap();
        assert_eq!(count(&s3), 1);
        assert!(!s3.is_everything());
    }

    #[test]
    fn plans_and_resources_by_a_part_of_their_name() {
        let runtime = Selection::default().plans(&words(&["runtime"])).unwrap();
        assert_eq!(count(&runtime), 46);
        let custom = Selection::default().plans(&words(&["Custom Detection Rules"])).unwrap();
        assert_eq!(count(&custom), 25);
        assert_eq!(count(&Selection::default().resources(&words(&["Lambda"]))), 9);
        assert!(count(&Selection::default().resources(&words(&["ec2"]))) >= 43);
        let none = Selection::default().exclude(&words(&["*"])).unwrap();
        assert_eq!(count(&none), 0);
    }

    #[test]
    fn attack_by_id_and_by_name() {
        let tactic = |word| count(&Selection::default().tactics(&words(&[word])).unwrap());
        assert!(tactic("TA0011") >= 10);
        assert_eq!(tactic("ta0011"), tactic("Command-and-Control"));
        let technique = |word| count(&Selection::default().techniques(&words(&[word])).unwrap());
        assert!(technique("T1071.004") > 0);
        assert!(technique("t1071") > technique("T1071.004"), "those below it as well");
        let both = Selection::default().tactics(&words(&["TA0011"])).unwrap();
        let both = both.techniques(&words(&["T1071.004"])).unwrap();
        assert!(!both.is_everything());
        let named = |name: &str| both.contains_name(&name.parse().unwrap());
        assert!(named("Backdoor:EC2/C&CActivity.B!DNS") && !named("Recon:EC2/Portscan"));
    }

    #[test]
    fn nonsense_is_refused_with_what_is_possible() {
        let error = Selection::default().severities(&words(&["urgent"])).unwrap_err();
        assert!(error.to_string().contains("critical, high"), "{error}");
        let error = Selection::default().plans(&words(&["quantum"])).unwrap_err();
        assert!(error.to_string().contains("Lambda Protection"), "{error}");
        let error = Selection::default().tactics(&words(&["TA9999"])).unwrap_err();
        assert!(error.to_string().contains("Command and Control"), "{error}");
        let error = Selection::default().techniques(&words(&["T107"])).unwrap_err();
        assert!(error.to_string().contains("T107"), "{error}");
        let error = Selection::default().include(&words(&["[a"])).unwrap_err();
        assert!(error.to_string().contains("[a"), "{error}");
    }
}
