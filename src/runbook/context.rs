//! What a template sees of a finding type.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use minijinja::value::{Serde, Value};

use super::attribution;
use super::markdown::{Style, escape, underlined_heading, write, write_inlines};
use super::shared::{Shared, mapping};
use crate::catalogue::CatalogueEntry;
use crate::finding_type::Slug;
use crate::guidance::{Guidance, library};
use crate::guide::{GuideLink, PageName};
use crate::page::custom_rules::Signal;
use crate::page::section::FindingText;

/// AWS's headings go below the `##` and `###` of the runbook.
const SECTION: Style = Style::Runbook { heading_shift: 1 };

/// The names that a template knows, in alphabetical order.
pub(super) const NAMES: [&str; 30] = [
    "artifact",
    "attribution",
    "aws",
    "classic",
    "data_sources",
    "detection_mechanism",
    "finding_type",
    "guidance",
    "overlays",
    "page",
    "placeholders",
    "protection_plan",
    "remediation_urls",
    "resource",
    "resource_type",
    "severity",
    "severity_documented",
    "severity_text",
    "severity_varies",
    "signals",
    "slug",
    "status",
    "summary",
    "tactics",
    "techniques",
    "threat_family",
    "threat_purpose",
    "title",
    "url",
    "vars",
];

/// Whose text the paragraph that names source and licence covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribution {
    /// There is no such paragraph.
    None,
    /// The section of the finding type.
    Section,
    /// The section and the remediation steps that it links to.
    SectionAndSteps,
}

/// What the templates see of one finding type. Each variable is made when it is asked for: texts are
/// Markdown where they come from AWS, plain otherwise.
pub(super) struct Context<'a> {
    entry: &'a CatalogueEntry,
    shared: &'a Shared<'a>,
    vars: &'a Value,
    attribution: Attribution,
    /// Composed when something of it is asked for first: `classic` needs none.
    guidance: OnceCell<Guidance<'static>>,
    pub(super) overlays: Vec<String>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        entry: &'a CatalogueEntry,
        shared: &'a Shared<'a>,
        vars: &'a Value,
        attribution: Attribution,
    ) -> Self {
        let (guidance, overlays) = (OnceCell::new(), Vec::new());
        Self { entry, shared, vars, attribution, guidance, overlays }
    }

    /// What there is to do about a finding of the type.
    pub(super) fn guidance(&self) -> &Guidance<'static> {
        self.guidance.get_or_init(|| library().guidance(&self.entry.finding_type))
    }

    /// These variables, as a template takes them.
    pub(super) fn values(&self, names: &BTreeSet<&'static str>) -> Value {
        mapping(names.iter().map(|name| (*name, self.value(name))))
    }

    /// The word for the level of the severity.
    pub(super) fn severity(&self) -> &'a str {
        self.entry.severity.as_ref().map_or("Unknown", |severity| severity.word())
    }

    /// The name of the runbook's file, without ending.
    pub(super) fn slug(&self) -> Slug {
        self.entry.finding_type.slug()
    }

    fn value(&self, name: &str) -> Value {
        let CatalogueEntry { finding_type, severity, place, text, .. } = self.entry;
        let guide = &self.shared.catalogue.guide;
        match name {
            "artifact" => finding_type.artifact().into(),
            "attribution" => attribution::paragraph(guide, &self.pages()).into(),
            "aws" => text.as_ref().map(|text| self.aws(text)).into(),
            "classic" => classic(self.entry).into(),
            "data_sources" => self.entry.data_sources.iter().map(Value::from).collect(),
            "detection_mechanism" => finding_type.detection_mechanism().into(),
            "finding_type" | "title" => finding_type.as_str().into(),
            "guidance" => self.shared.guidance(self.guidance()),
            "overlays" => self.overlays.iter().map(Value::from).collect(),
            "page" => place.page.as_str().into(),
            "placeholders" => self.shared.placeholders(self.guidance()),
            "protection_plan" => self.entry.protection_plan.as_str().into(),
            "remediation_urls" => {
                self.entry.remediation_links.iter().map(|link| guide.link(link)).collect()
            }
            "resource" => finding_type.resource().into(),
            "resource_type" => self.entry.resource_type.as_str().into(),
            "severity" => self.severity().into(),
            "severity_documented" => {
                severity.as_ref().map_or("", |severity| severity.documented.as_str()).into()
            }
            "severity_text" => severity_text(self.entry).into(),
            "severity_varies" => severity.as_ref().is_some_and(|severity| severity.varies).into(),
            "signals" => Serde(&self.entry.signals).into(),
            "slug" => self.slug().as_str().into(),
            "status" => {
                let is_retired = self.shared.catalogue.retired.contains(finding_type);
                if is_retired { "retired" } else { "active" }.into()
            }
            "summary" => {
                let summary = text.as_ref().and_then(|text| text.summary.as_deref());
                summary.map(|summary| write_inlines(summary, SECTION)).into()
            }
            "tactics" => Serde(&self.guidance().tactics).into(),
            "techniques" => Serde(&self.guidance().techniques).into(),
            "threat_family" => finding_type.threat_family().into(),
            "threat_purpose" => finding_type.threat_purpose().into(),
            "url" => guide.link(place).into(),
            "vars" => self.vars.clone(),
            _ => Value::UNDEFINED,
        }
    }

    /// AWS's text, as Markdown.
    fn aws(&self, text: &FindingText) -> Value {
        let steps = self.steps().filter_map(|link| self.shared.steps(link));
        mapping([
            ("description", Value::from(write(&text.description, SECTION))),
            ("remediation", Value::from(write(&text.remediation, SECTION))),
            ("steps", steps.collect()),
        ])
    }

    /// The places whose steps the remediation part links to; a section is left out where its whole
    /// page stands.
    fn steps(&self) -> impl Iterator<Item = &'a GuideLink> {
        let links = &self.entry.remediation_links;
        let whole = |page: &PageName| links.iter().any(|l| l.page == *page && l.anchor.is_none());
        links.iter().filter(move |link| link.anchor.is_none() || !whole(&link.page))
    }

    /// The pages whose text the paragraph on source and licence covers, each once.
    fn pages(&self) -> Vec<&'a PageName> {
        let CatalogueEntry { place, text, remediation_links, .. } = self.entry;
        if text.is_none() || self.attribution == Attribution::None {
            return Vec::new();
        }
        let mut pages = vec![&place.page];
        if self.attribution == Attribution::SectionAndSteps {
            for link in remediation_links {
                let is_there = self.shared.catalogue.remediation.steps(link).is_some();
                if is_there && !pages.contains(&&link.page) {
                    pages.push(&link.page);
                }
            }
        }
        pages
    }
}

fn severity_text(entry: &CatalogueEntry) -> String {
    entry.severity.as_ref().map_or("Unknown".to_owned(), ToString::to_string)
}

/// The section of the finding type as the Python tool wrote it; its facts where there is no section.
fn classic(entry: &CatalogueEntry) -> String {
    let title = underlined_heading(&escape(entry.finding_type.as_str()), '-');
    let section = entry.text.as_ref().map(|text| write(&text.section, Style::Classic));
    let mut parts = vec![title];
    match section {
        Some(section) if !section.is_empty() => parts.push(section),
        _ => {
            let severity = severity_text(entry);
            parts.push(format!("**Default severity: {}**", escape(&severity)));
            let sources = escape(&entry.data_sources.join("; "));
            parts.push(format!("* **Data source:** {sources}"));
            if let Some(text) = entry.text.as_ref().filter(|text| !text.description.is_empty()) {
                parts.push(write(&text.description, Style::Classic));
            }
            let signal = |s: &Signal| format!("* {} ({})", escape(&s.name), s.severity);
            let signals: Vec<String> = entry.signals.iter().map(signal).collect();
            if !signals.is_empty() {
                parts.push(format!("Signals:\n\n{}", signals.join("\n")));
            }
        }
    }
    parts.join("\n\n")
}
