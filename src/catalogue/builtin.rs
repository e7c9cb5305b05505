//! The catalogue that comes with the program: the facts of every finding type, in a data file of
//! the project (`data/catalogue.json`), without AWS's text.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Catalogue, CatalogueEntry, ProtectionPlan, RemediationPages};
use crate::finding_type::FindingType;
use crate::guide::{CUSTOM_RULES_PAGE, GuideLink, GuideUrl, INDEX_PAGE, PageName, RETIRED_PAGE};
use crate::page::custom_rules::Signal;
use crate::severity::{Severity, SeverityLevel};

static DATA: LazyLock<CatalogueFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/catalogue.json"))
        .expect("the data file is tested to be readable")
});

/// The data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueFile {
    /// The active finding types, sorted by name.
    pub active: Vec<Facts>,
    /// The retired finding types, sorted by name.
    pub retired: Vec<RetiredType>,
}

/// The facts of an active finding type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its name.
    pub finding_type: FindingType,
    /// The resource type as documented.
    pub resource_type: String,
    /// The data sources or features as documented.
    pub data_sources: Vec<String>,
    /// The default severity as documented; none where the signals tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// The page that explains it.
    pub page: PageName,
    /// The place in that page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// The remediation pages that AWS sends the reader to, as `page` or `page#anchor`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remediation: Vec<String>,
    /// The signals of a finding type of Custom Detection Rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Signal>,
}

/// The facts of a retired finding type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetiredType {
    /// Its name.
    pub finding_type: FindingType,
    /// Its place on AWS's page of retired finding types.
    pub anchor: String,
    /// The default severity as documented.
    pub severity: String,
    /// The data source as documented; empty where none is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data_source: String,
}

/// The built-in catalogue.
pub fn catalogue() -> Catalogue {
    Catalogue {
        entries: facts().map(entry).collect(),
        failed: BTreeSet::new(),
        retired: retired().map(|retired| retired.finding_type.clone()).collect(),
        remediation: RemediationPages::default(),
        diagnostics: Vec::new(),
        guide: GuideUrl::default(),
    }
}

/// The facts of the active finding types, sorted by name.
pub fn facts() -> impl Iterator<Item = &'static Facts> {
    DATA.active.iter()
}

/// The retired finding types that are known by name, sorted.
pub fn retired() -> impl Iterator<Item = &'static RetiredType> {
    DATA.retired.iter()
}

/// A finding type with whatever is known of it: the facts of an active type, those of a retired one,
/// or the name alone.
pub fn entry_of(name: &FindingType) -> CatalogueEntry {
    if let Some(facts) = DATA.active.iter().find(|facts| facts.finding_type == *name) {
        return entry(facts);
    }
    let retired = retired().find(|retired| retired.finding_type == *name);
    let data_source = retired.map(|retired| retired.data_source.clone());
    let data_sources: Vec<String> =
        data_source.into_iter().filter(|source| !source.is_empty()).collect();
    let page = PageName::new(if retired.is_some() { RETIRED_PAGE } else { INDEX_PAGE });
    CatalogueEntry {
        finding_type: name.clone(),
        resource_type: name.resource().to_owned(),
        protection_plan: ProtectionPlan::of(name, &data_sources),
        data_sources,
        severity: retired.and_then(|retired| Severity::parse(&retired.severity)),
        signals: Vec::new(),
        place: GuideLink {
            page: page.expect("pages that are known by name have good names"),
            anchor: retired.map(|retired| retired.anchor.clone()),
        },
        remediation_links: Vec::new(),
        text: None,
    }
}

/// The pages that the guide is known to have: the index first, then every page that explains a
/// finding type or its remediation, each once. They are asked for at once, before the index has
/// told whether they are needed.
pub fn known_pages() -> Vec<PageName> {
    let fixed = [INDEX_PAGE, CUSTOM_RULES_PAGE, RETIRED_PAGE].into_iter().filter_map(PageName::new);
    let mut pages: Vec<PageName> = fixed.collect();
    let explaining = DATA.active.iter().map(|facts| facts.page.clone());
    let remediating = DATA.active.iter().flat_map(links).map(|link| link.page);
    for page in explaining.chain(remediating).collect::<BTreeSet<_>>() {
        if !pages.contains(&page) {
            pages.push(page);
        }
    }
    pages
}

/// The data file that describes a catalogue, for refreshing it from AWS's pages.
pub fn describe(catalogue: &Catalogue, retired: Vec<RetiredType>) -> CatalogueFile {
    CatalogueFile { active: catalogue.entries.iter().map(facts_of).collect(), retired }
}

fn entry(facts: &Facts) -> CatalogueEntry {
    let levels: Vec<SeverityLevel> = facts.signals.iter().map(|signal| signal.severity).collect();
    let plan = if facts.signals.is_empty() {
        ProtectionPlan::of(&facts.finding_type, &facts.data_sources)
    } else {
        ProtectionPlan::CustomDetectionRules
    };
    CatalogueEntry {
        finding_type: facts.finding_type.clone(),
        resource_type: facts.resource_type.clone(),
        data_sources: facts.data_sources.clone(),
        protection_plan: plan,
        severity: match &facts.severity {
            Some(documented) => Severity::parse(documented),
            None => Severity::of_signals(&levels),
        },
        signals: facts.signals.clone(),
        place: GuideLink { page: facts.page.clone(), anchor: facts.anchor.clone() },
        remediation_links: links(facts).collect(),
        text: None,
    }
}

fn facts_of(entry: &CatalogueEntry) -> Facts {
    let link = |link: &GuideLink| match &link.anchor {
        Some(anchor) => format!("{}#{anchor}", link.page),
        None => link.page.to_string(),
    };
    let own_severity = entry.severity.as_ref().filter(|_| entry.signals.is_empty());
    Facts {
        finding_type: entry.finding_type.clone(),
        resource_type: entry.resource_type.clone(),
        data_sources: entry.data_sources.clone(),
        severity: own_severity.map(|severity| severity.documented.clone()),
        page: entry.place.page.clone(),
        anchor: entry.place.anchor.clone(),
        remediation: entry.remediation_links.iter().map(link).collect(),
        signals: entry.signals.clone(),
    }
}

fn links(facts: &Facts) -> impl Iterator<Item = GuideLink> {
    facts.remediation.iter().filter_map(|link| {
        let (page, anchor) =
            link.split_once('#').map_or((link.as_str(), None), |(p, a)| (p, Some(a)));
        Some(GuideLink { page: PageName::new(page)?, anchor: anchor.map(str::to_owned) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_catalogue_is_complete_in_itself() {
        let catalogue = catalogue();
        assert_eq!(catalogue.entries.len(), 229);
        assert_eq!(catalogue.retired.len(), 21);
        assert!(
            catalogue.entries.iter().all(|f| f.severity.is_some() && !f.data_sources.is_empty())
        );
        assert!(catalogue.entries.is_sorted_by(|a, b| a.finding_type < b.finding_type));
        let active = |name: &FindingType| catalogue.entries.iter().any(|f| f.finding_type == *name);
        assert!(!catalogue.retired.iter().any(active), "a retired type is listed as active");
    }

    #[test]
    fn every_name_has_the_facts_that_are_known_of_it() {
        let of = |name: &str| entry_of(&name.parse().unwrap());
        assert_eq!(of("Recon:EC2/Portscan").resource_type, "Amazon EC2");
        let retired = of("Recon:IAMUser/UserPermissions");
        assert_eq!(retired.place.page.as_str(), RETIRED_PAGE);
        assert!(retired.severity.is_some() && retired.place.anchor.is_some());
        let new = of("Impact:EC2/NotYetThought.Of");
        assert_eq!((new.resource_type.as_str(), new.severity), ("EC2", None));
        assert_eq!(new.place.page.as_str(), INDEX_PAGE);
    }

    #[test]
    fn the_known_pages_are_each_asked_for_once_the_index_first() {
        let pages = known_pages();
        assert_eq!(pages[0].as_str(), INDEX_PAGE);
        assert_eq!(pages.iter().collect::<BTreeSet<_>>().len(), pages.len());
        assert!(pages.iter().any(|page| page.as_str() == "compromised-ec2"));
    }
}
