//! The catalogue: the set of finding types with their facts, and AWS's text where there is any.
//!
//! [`read()`] makes it from a source's pages, [`builtin`] holds the one that comes with the program.

mod assemble;
pub mod builtin;
pub mod lookup;
mod plan;
mod read;

use std::collections::{BTreeMap, BTreeSet};

pub use plan::ProtectionPlan;
pub use read::{ReadError, Reading, read};

use crate::diagnostic::Diagnostic;
use crate::finding_type::FindingType;
use crate::guide::{GuideLink, GuideUrl, PageName};
use crate::page::custom_rules::Signal;
use crate::page::section::{FindingText, Section, section_with_anchor};
use crate::page::{Block, Inline, Page};
use crate::severity::Severity;

/// A finding type with its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// Its name.
    pub finding_type: FindingType,
    /// The resource that is affected, as documented: `Amazon EC2`.
    pub resource_type: String,
    /// The data sources or features that it comes from, as documented.
    pub data_sources: Vec<String>,
    /// The protection plan that has to be on.
    pub protection_plan: ProtectionPlan,
    /// The default severity; none where no source gave one that is understood.
    pub severity: Option<Severity>,
    /// The signals of a finding type of Custom Detection Rules.
    pub signals: Vec<Signal>,
    /// Where the guide explains it.
    pub place: GuideLink,
    /// The remediation pages that AWS's text sends the reader to.
    pub remediation_links: Vec<GuideLink>,
    /// AWS's text; none without a source of pages, and where no page explains the type.
    pub text: Option<FindingText>,
}

/// The set of finding types that a source knows.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The finding types, sorted by name.
    pub entries: Vec<CatalogueEntry>,
    /// Finding types that the source knows and whose page could not be read this time.
    pub failed: BTreeSet<FindingType>,
    /// Finding types that AWS has retired.
    pub retired: BTreeSet<FindingType>,
    /// The remediation pages that the finding types link to.
    pub remediation: RemediationPages,
    /// What was not as expected.
    pub diagnostics: Vec<Diagnostic>,
    /// The address of the guide, for links.
    pub guide: GuideUrl,
}

impl Catalogue {
    /// Whether AWS's text is in it, rather than the built-in facts alone.
    pub fn has_aws_text(&self) -> bool {
        self.entries.iter().any(|entry| entry.text.is_some())
    }

    /// Whether the list of finding types was understood to the last row.
    pub fn index_was_whole(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::concerns_index)
    }
}

/// The remediation pages of the guide that a source gave.
#[derive(Clone, Debug, Default)]
pub struct RemediationPages(BTreeMap<PageName, Page>);

/// The steps that a link into a remediation page leads to.
#[derive(Clone, Copy, Debug)]
pub struct RemediationSteps<'p> {
    /// The heading above them.
    pub title: &'p [Inline],
    /// The steps.
    pub blocks: &'p [Block],
}

impl RemediationPages {
    /// The steps behind a link: the whole page, or the section that the anchor names; none where
    /// the source has no such page or place.
    pub fn steps(&self, link: &GuideLink) -> Option<RemediationSteps<'_>> {
        let page = self.0.get(&link.page)?;
        match &link.anchor {
            Some(anchor) if Some(anchor.as_str()) != title_anchor(page) => {
                let Section { heading, blocks, .. } = section_with_anchor(page, anchor)?;
                Some(RemediationSteps { title: heading, blocks })
            }
            _ => {
                let at = page.blocks.iter().position(|b| matches!(b, Block::Heading { .. }))?;
                let Block::Heading { text, .. } = &page.blocks[at] else { return None };
                Some(RemediationSteps { title: text, blocks: &page.blocks[at + 1..] })
            }
        }
    }
}

fn title_anchor(page: &Page) -> Option<&str> {
    page.blocks.iter().find_map(|block| match block {
        Block::Heading { level: 1, anchor, .. } => anchor.as_deref(),
        _ => None,
    })
}
