//! Reads the guide from a source: the index, the pages that it names, the remediation pages that
//! those link to.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::{Assembly, PageState, Pages, dangling_links, retired};
use super::{Catalogue, RemediationPages, builtin};
use crate::diagnostic::{Diagnostic, Problem};
use crate::guide::{CUSTOM_RULES_PAGE, GuideUrl, INDEX_PAGE, PageName, RETIRED_PAGE};
use crate::page::index::{self, IndexEntry, NoIndexTable};
use crate::page::{Page, custom_rules, html, markdown};
use crate::source::{PageError, PageFormat, PageResult, PageSource, RawPage};

/// Why a source gave no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not one page could be had: the source as a whole is out of reach.
    #[error("{0}")]
    Unreachable(PageError),
    /// The index could not be had, though other pages could.
    #[error("the list of finding types could not be read: {0}")]
    Index(PageError),
    /// The index was read, and it is not what it should be.
    #[error(transparent)]
    NoTable(#[from] NoIndexTable),
}

/// What came of reading the guide.
#[derive(Debug)]
pub struct Reading {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// How many pages were read.
    pub pages_read: usize,
}

/// Reads the guide. The index and all known pages are asked for at once, then whatever else the
/// index names, then whatever remediation pages are still missing; `on_page` is called for each
/// page as it arrives.
pub fn read(
    source: &PageSource,
    guide: &GuideUrl,
    on_page: &dyn Fn(&PageName),
) -> Result<Reading, ReadError> {
    let known = builtin::known_pages();
    let results = source.read(&known, on_page);
    let mut reader = GuideReader { guide, pages: BTreeMap::new() };
    let index = reader.keep_all_but_index(&known, results)?;
    let (rows, mut diagnostics) = reader.index(&index)?;

    let named = rows.iter().filter_map(|row| row.place.as_ref()).map(|place| &place.page);
    reader.fetch_missing(source, named.cloned().collect(), on_page);
    let index_name = &index.name;
    let mut assembly = Assembly::new(guide, &reader.pages, &rows);
    for row in &rows {
        assembly.add_entry(index_name, row);
    }
    if let Some((name, PageState::Read(page))) = reader.page(CUSTOM_RULES_PAGE) {
        let (rules, problems) = custom_rules::read(page);
        diagnostics.extend(problems);
        for rule in rules {
            assembly.add_custom_rule(name, rule);
        }
    }
    let Assembly { entries, failed, diagnostics: assembled, .. } = assembly;
    diagnostics.extend(assembled);

    let linked = entries.values().flat_map(|entry| &entry.remediation_links);
    let linked: BTreeSet<PageName> = linked.map(|link| link.page.clone()).collect();
    reader.fetch_missing(source, linked.clone(), on_page);
    diagnostics.extend(reader.failed_pages(&rows, &linked));
    let mut catalogue = Catalogue {
        entries: entries.into_values().collect(),
        failed,
        retired: reader.retired(),
        remediation: RemediationPages::default(),
        diagnostics,
        guide: guide.clone(),
    };
    let pages_read = 1 + reader.pages.values().filter(|s| matches!(s, PageState::Read(_))).count();
    catalogue.remediation = reader.into_remediation(&linked);
    let has = |link: &_| catalogue.remediation.steps(link).is_some();
    catalogue.diagnostics.extend(dangling_links(catalogue.entries.iter(), has));
    catalogue.diagnostics.sort();
    Ok(Reading { catalogue, pages_read })
}

struct GuideReader<'a> {
    guide: &'a GuideUrl,
    pages: Pages,
}

impl GuideReader<'_> {
    /// Keeps the pages of the first round; gives back the index, which comes first.
    fn keep_all_but_index(
        &mut self,
        names: &[PageName],
        results: Vec<PageResult>,
    ) -> Result<RawPage, ReadError> {
        let any_page = results.iter().any(Result::is_ok);
        let mut results = names.iter().zip(results);
        let (_, index) = results.next().expect("the index is among the known pages");
        for (name, result) in results {
            self.keep(name, result);
        }
        match index {
            Ok(index) => Ok(index),
            Err(error) if any_page => Err(ReadError::Index(error)),
            Err(error) => Err(ReadError::Unreachable(error)),
        }
    }

    fn keep(&mut self, name: &PageName, result: PageResult) {
        let state = match result.and_then(|raw| self.parse(&raw)) {
            Ok(page) => PageState::Read(page),
            Err(error @ PageError::Missing { .. }) => PageState::Missing(error.to_string()),
            Err(error) => PageState::Failed(error.to_string()),
        };
        self.pages.insert(name.clone(), state);
    }

    /// The page in the document model. One that was cut is not taken in part: a runbook must not
    /// lose what the page has further down.
    fn parse(&self, raw: &RawPage) -> Result<Page, PageError> {
        let page = match raw.format {
            PageFormat::Html => html::read(&raw.name, self.guide, &raw.text),
            PageFormat::Markdown => markdown::read(&raw.name, self.guide, &raw.text),
        };
        match page.cut {
            None => Ok(page),
            Some(reason) => Err(PageError::Unreadable {
                location: raw.name.to_string(),
                reason: reason.to_owned(),
            }),
        }
    }

    fn index(&self, raw: &RawPage) -> Result<(Vec<IndexEntry>, Vec<Diagnostic>), ReadError> {
        let page = self.parse(raw).map_err(ReadError::Index)?;
        Ok(index::read(&page, self.guide)?)
    }

    fn fetch_missing(
        &mut self,
        source: &PageSource,
        names: BTreeSet<PageName>,
        on_page: &dyn Fn(&PageName),
    ) {
        let is_new =
            |name: &PageName| !self.pages.contains_key(name) && name.as_str() != INDEX_PAGE;
        let names: Vec<PageName> = names.into_iter().filter(is_new).collect();
        if names.is_empty() {
            return;
        }
        let results = source.read(&names, on_page);
        for (name, result) in names.iter().zip(results) {
            self.keep(name, result);
        }
    }

    fn page(&self, name: &str) -> Option<(&PageName, &PageState)> {
        self.pages.get_key_value(&PageName::new(name)?)
    }

    /// One report for each page that the source has, that was needed, and that could not be read.
    fn failed_pages(&self, entries: &[IndexEntry], linked: &BTreeSet<PageName>) -> Vec<Diagnostic> {
        let named = |name: &PageName| {
            let mut places = entries.iter().filter_map(|entry| entry.place.as_ref());
            places.any(|place| place.page == *name)
        };
        let needed = |name: &PageName| {
            named(name) || linked.contains(name) || name.as_str() == CUSTOM_RULES_PAGE
        };
        let failed = self.pages.iter().filter_map(|(name, state)| match state {
            PageState::Failed(reason) if needed(name) => Some(Diagnostic {
                page: name.clone(),
                anchor: None,
                finding_type: None,
                problem: Problem::PageUnavailable(reason.clone()),
            }),
            _ => None,
        });
        failed.collect()
    }

    /// What is retired: the built-in list, and what AWS's page of retired types names.
    fn retired(&self) -> BTreeSet<crate::finding_type::FindingType> {
        let mut types: BTreeSet<_> =
            builtin::retired().map(|retired| retired.finding_type.clone()).collect();
        if let Some((_, PageState::Read(page))) = self.page(RETIRED_PAGE) {
            types.extend(retired(page));
        }
        types
    }

    fn into_remediation(self, linked: &BTreeSet<PageName>) -> RemediationPages {
        let pages = self.pages.into_iter().filter_map(|(name, state)| match state {
            PageState::Read(page) if linked.contains(&name) => Some((name, page)),
            _ => None,
        });
        RemediationPages(pages.collect())
    }
}
