//! Joins what the index says with what the pages say. Pure: pages in, entries and diagnostics out.

use std::collections::{BTreeMap, BTreeSet};

use super::{CatalogueEntry, ProtectionPlan};
use crate::diagnostic::{Diagnostic, Problem};
use crate::finding_type::{FindingType, Slug};
use crate::guide::{GuideLink, GuideUrl, PageName};
use crate::page::custom_rules::CustomRuleEntry;
use crate::page::index::IndexEntry;
use crate::page::section::{FindingText, Section, sections};
use crate::page::{Page, plain_text};
use crate::severity::{Severity, SeverityLevel};

/// What is known of a page that was asked for.
pub(super) enum PageState {
    /// It was read.
    Read(Page),
    /// The source has no such page.
    Missing(String),
    /// The source has it, and it could not be read.
    Failed(String),
}

/// The pages that were asked for.
pub(super) type Pages = BTreeMap<PageName, PageState>;

pub(super) struct Assembly<'a> {
    guide: &'a GuideUrl,
    pages: &'a Pages,
    /// The sections of the pages that were read, by page.
    sections: BTreeMap<&'a PageName, Sections<'a>>,
    /// The names that rows of the index give, so that no heading takes another row's name.
    named: BTreeSet<FindingType>,
    pub(super) entries: BTreeMap<FindingType, CatalogueEntry>,
    /// Whose file has which name.
    slugs: BTreeMap<Slug, FindingType>,
    pub(super) failed: BTreeSet<FindingType>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The sections of a page, by what they are looked for.
#[derive(Default)]
struct Sections<'a> {
    /// By the finding type that the heading names, in the order of the page.
    by_name: BTreeMap<FindingType, Vec<Section<'a>>>,
    /// The first with each anchor, with the finding type that its heading names, if it names one.
    by_anchor: BTreeMap<&'a str, (Option<FindingType>, Section<'a>)>,
}

impl<'a> Sections<'a> {
    fn of(page: &'a Page) -> Self {
        let mut all = Self::default();
        for section in sections(page) {
            let name = section.finding_type();
            if let Some(name) = &name {
                all.by_name.entry(name.clone()).or_default().push(section);
            }
            if let Some(anchor) = section.anchor {
                all.by_anchor.entry(anchor).or_insert((name, section));
            }
        }
        all
    }
}

impl<'a> Assembly<'a> {
    pub(super) fn new(guide: &'a GuideUrl, pages: &'a Pages, entries: &[IndexEntry]) -> Self {
        let read = pages.iter().filter_map(|(name, state)| match state {
            PageState::Read(page) => Some((name, Sections::of(page))),
            _ => None,
        });
        Self {
            guide,
            pages,
            sections: read.collect(),
            named: entries.iter().filter_map(|entry| entry.finding_type.clone()).collect(),
            entries: BTreeMap::new(),
            slugs: BTreeMap::new(),
            failed: BTreeSet::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Adds the finding type of a row of the index.
    pub(super) fn add_entry(&mut self, index: &PageName, entry: &IndexEntry) {
        let place = entry.place.clone().unwrap_or(GuideLink { page: index.clone(), anchor: None });
        let section = self.section(entry, &place);
        let heading = section.as_ref().and_then(Section::finding_type);
        let name = heading.filter(|_| section.is_some()).or_else(|| entry.finding_type.clone());
        let Some(name) = name else {
            self.report(index, None, None, Problem::NotAFindingType(entry.name.clone()));
            return;
        };
        if name.as_str() != entry.name {
            let problem = Problem::NameDiffers(entry.name.clone());
            self.report(&place.page, place.anchor.clone(), Some(&name), problem);
        }
        let text = section.map(|section| FindingText::read(&section, self.guide));
        if text.is_none() && !self.explain_missing_text(&place, &name) {
            self.failed.insert(name);
            return;
        }
        let entry = self.entry(name, entry, place, text);
        self.add(entry);
    }

    /// Adds a finding type of Custom Detection Rules.
    pub(super) fn add_custom_rule(&mut self, page: &PageName, entry: CustomRuleEntry) {
        let levels: Vec<SeverityLevel> = entry.signals.iter().map(|s| s.severity).collect();
        let text = FindingText { description: entry.description, ..FindingText::default() };
        self.add(CatalogueEntry {
            resource_type: entry.finding_type.resource().to_owned(),
            finding_type: entry.finding_type,
            data_sources: vec![entry.data_source],
            protection_plan: ProtectionPlan::CustomDetectionRules,
            severity: Severity::of_signals(&levels),
            signals: entry.signals,
            place: GuideLink { page: page.clone(), anchor: entry.anchor },
            remediation_links: Vec::new(),
            text: Some(text),
        });
    }

    fn add(&mut self, entry: CatalogueEntry) {
        let slug = entry.finding_type.slug();
        let other = self.slugs.get(&slug).cloned();
        let (page, anchor) = (&entry.place.page.clone(), entry.place.anchor.clone());
        match other {
            None => {
                self.slugs.insert(slug, entry.finding_type.clone());
                self.entries.insert(entry.finding_type.clone(), entry);
            }
            Some(other) if other == entry.finding_type => {
                self.report(page, anchor, Some(&other), Problem::SectionTwice);
            }
            Some(other) => {
                self.report(page, anchor, Some(&entry.finding_type), Problem::SameFile(other));
            }
        }
    }

    /// The section that explains a row's finding type: the one whose heading has the row's name,
    /// else the one that the row links to, unless its heading is another row's name.
    fn section(&mut self, entry: &IndexEntry, place: &GuideLink) -> Option<Section<'a>> {
        let sections = self.sections.get(&place.page)?;
        let linked = |section: &Section<'a>| {
            section.anchor.is_some() && section.anchor == place.anchor.as_deref()
        };
        let name = entry.finding_type.as_ref();
        let by_name =
            name.and_then(|name| sections.by_name.get(name)).map_or(&[][..], Vec::as_slice);
        // The first of the longest.
        let best = by_name.iter().rev().max_by_key(|section| section.blocks.len());
        if let Some(best) = best.copied() {
            let right = by_name.iter().any(linked);
            if by_name.len() > 1 {
                self.report(&place.page, place.anchor.clone(), name, Problem::SectionTwice);
            } else if !right {
                self.report(&place.page, place.anchor.clone(), name, Problem::AnchorWrong);
            }
            return Some(best);
        }
        let (heading, section) = sections.by_anchor.get(place.anchor.as_deref()?)?;
        (!self.named.contains(heading.as_ref()?)).then_some(*section)
    }

    /// Reports why there is no text; whether the runbook is to be written without it.
    fn explain_missing_text(&mut self, place: &GuideLink, name: &FindingType) -> bool {
        match self.pages.get(&place.page) {
            // Reported once for the page.
            Some(PageState::Failed(_)) => return false,
            Some(PageState::Missing(reason)) => {
                let problem = Problem::PageUnavailable(reason.clone());
                self.report(&place.page, None, Some(name), problem);
            }
            _ => {
                self.report(&place.page, place.anchor.clone(), Some(name), Problem::SectionMissing);
            }
        }
        true
    }

    fn entry(
        &mut self,
        finding_type: FindingType,
        entry: &IndexEntry,
        mut place: GuideLink,
        text: Option<FindingText>,
    ) -> CatalogueEntry {
        let of_section = |get: fn(&FindingText) -> &str| text.as_ref().map_or("", get);
        let section_severity = of_section(|text| text.severity.as_str()).to_owned();
        let severity = self.severity(&finding_type, &place, &entry.severity, &section_severity);
        let mut data_sources = entry.data_sources.clone();
        if let (true, Some(text)) = (data_sources.is_empty(), &text) {
            data_sources.clone_from(&text.data_sources);
        }
        if data_sources.is_empty() {
            let problem = Problem::DataSourceMissing;
            self.report(&place.page, place.anchor.clone(), Some(&finding_type), problem);
        }
        if let Some(text) = &text
            && text.description.is_empty()
            && text.summary.as_deref().is_none_or(|summary| plain_text(summary).is_empty())
        {
            let problem = Problem::DescriptionMissing;
            self.report(&place.page, place.anchor.clone(), Some(&finding_type), problem);
        }
        let resource_type = match entry.resource_type.as_str() {
            "" => finding_type.resource().to_owned(),
            documented => documented.to_owned(),
        };
        if let Some(anchor) = self.anchor_by_name(&place.page, &finding_type) {
            place.anchor = Some(anchor);
        }
        CatalogueEntry {
            protection_plan: ProtectionPlan::of(&finding_type, &data_sources),
            finding_type,
            resource_type,
            data_sources,
            severity,
            signals: Vec::new(),
            place,
            remediation_links: text
                .as_ref()
                .map(|t| t.remediation_links.clone())
                .unwrap_or_default(),
            text,
        }
    }

    /// The anchor that the page itself has for a finding type, which a typo in the index does not.
    fn anchor_by_name(&self, page: &PageName, name: &FindingType) -> Option<String> {
        let sections = self.sections.get(page)?;
        let section = sections.by_name.get(name)?.first()?;
        section.anchor.map(str::to_owned)
    }

    /// The severity of the index; that of the section where the index gives none that is understood,
    /// or where only the section says that it varies.
    fn severity(
        &mut self,
        name: &FindingType,
        place: &GuideLink,
        index: &str,
        section: &str,
    ) -> Option<Severity> {
        let (of_index, of_section) = (Severity::parse(index), Severity::parse(section));
        let problem = match (&of_index, &of_section) {
            (None, None) => {
                let wording = if index.is_empty() { section } else { index };
                Some(Problem::SeverityMissing(wording.to_owned()))
            }
            (Some(one), Some(other)) if one.level != other.level => {
                Some(Problem::SeverityDiffers {
                    index: index.to_owned(),
                    section: section.to_owned(),
                })
            }
            _ => None,
        };
        if let Some(problem) = problem {
            self.report(&place.page, place.anchor.clone(), Some(name), problem);
        }
        match (of_index, of_section) {
            (Some(one), Some(other)) if one.level == other.level && !one.varies => Some(other),
            (of_index, of_section) => of_index.or(of_section),
        }
    }

    fn report(
        &mut self,
        page: &PageName,
        anchor: Option<String>,
        finding_type: Option<&FindingType>,
        problem: Problem,
    ) {
        let finding_type = finding_type.cloned();
        self.diagnostics.push(Diagnostic { page: page.clone(), anchor, finding_type, problem });
    }
}

/// The retired finding types that AWS's page of them names.
pub(super) fn retired(page: &Page) -> BTreeSet<FindingType> {
    sections(page).filter_map(|section| section.finding_type()).collect()
}

/// Links to remediation pages or places that the source does not have, one report a link.
pub(super) fn dangling_links<'f>(
    entries: impl Iterator<Item = &'f CatalogueEntry>,
    has: impl Fn(&GuideLink) -> bool,
) -> Vec<Diagnostic> {
    let mut dangling: BTreeMap<&GuideLink, (usize, &PageName)> = BTreeMap::new();
    for entry in entries {
        for link in entry.remediation_links.iter().filter(|link| !has(link)) {
            dangling.entry(link).or_insert((0, &entry.place.page)).0 += 1;
        }
    }
    let report = |(link, (linked_from, page)): (&GuideLink, (usize, &PageName))| Diagnostic {
        page: page.clone(),
        anchor: None,
        finding_type: None,
        problem: Problem::LinkedPageMissing { link: link.clone(), linked_from },
    };
    dangling.into_iter().map(report).collect()
}
