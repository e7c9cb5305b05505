//! What a template sees of a finding.

use std::collections::BTreeMap;

use serde::Serialize;

use super::attribution;
use super::markdown::{Style, escape, underlined_heading, write, write_inlines};
use crate::catalogue::{Catalogue, Finding};
use crate::guidance::{AttackEntry, Guidance, Origin, Placeholder, library};
use crate::guide::PageName;
use crate::page::custom_rules::Signal;

/// AWS's headings go below the `##` and `###` of the runbook.
const SECTION: Style = Style::Runbook { heading_shift: 1 };
const STEPS: Style = Style::Runbook { heading_shift: 2 };

/// The names that a template knows, in alphabetical order.
pub(super) const NAMES: [&str; 28] = [
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

/// The variables of a template. Texts are Markdown where they come from AWS, plain otherwise.
#[derive(Debug, Serialize)]
pub(super) struct Context<'a> {
    artifact: Option<&'a str>,
    attribution: Option<String>,
    aws: Option<AwsText>,
    classic: String,
    data_sources: &'a [String],
    detection_mechanism: Option<&'a str>,
    finding_type: &'a str,
    pub(super) guidance: Guidance<'static>,
    pub(super) overlays: Vec<String>,
    page: &'a str,
    placeholders: Vec<PlaceholderText>,
    protection_plan: &'a str,
    remediation_urls: Vec<String>,
    resource: &'a str,
    resource_type: &'a str,
    pub(super) severity: &'a str,
    severity_documented: &'a str,
    severity_text: String,
    severity_varies: bool,
    signals: &'a [Signal],
    pub(super) slug: String,
    status: &'static str,
    summary: Option<String>,
    tactics: Vec<&'static AttackEntry>,
    techniques: Vec<&'static AttackEntry>,
    threat_family: &'a str,
    threat_purpose: &'a str,
    title: &'a str,
    url: String,
    vars: &'a BTreeMap<String, toml::Value>,
}

/// AWS's text, as Markdown.
#[derive(Debug, Serialize)]
struct AwsText {
    description: String,
    remediation: String,
    steps: Vec<Steps>,
}

/// The steps of one remediation page, or of a section of one.
#[derive(Debug, Serialize)]
struct Steps {
    title: String,
    url: String,
    text: String,
}

/// A value that the runbook leaves open.
#[derive(Debug, Serialize)]
struct PlaceholderText {
    name: String,
    from: Vec<String>,
    what: &'static str,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        finding: &'a Finding,
        catalogue: &'a Catalogue,
        vars: &'a BTreeMap<String, toml::Value>,
        attribution: Attribution,
    ) -> Self {
        let name = &finding.finding_type;
        let guidance = library().guidance(name);
        let severity = finding.severity.as_ref();
        let url = catalogue.guide.link(&finding.place);
        let text = finding.text.as_ref();
        let pages = match attribution {
            _ if text.is_none() => Vec::new(),
            Attribution::None => Vec::new(),
            Attribution::Section => vec![&finding.place.page],
            Attribution::SectionAndSteps => pages(finding, catalogue),
        };
        Self {
            artifact: name.artifact(),
            attribution: attribution::paragraph(&catalogue.guide, &pages),
            aws: text.map(|text| AwsText {
                description: write(&text.description, SECTION),
                remediation: write(&text.remediation, SECTION),
                steps: steps(finding, catalogue),
            }),
            classic: classic(finding),
            data_sources: &finding.data_sources,
            detection_mechanism: name.detection_mechanism(),
            finding_type: name.as_str(),
            tactics: guidance.tactics.clone(),
            techniques: guidance.techniques.clone(),
            placeholders: placeholders(&guidance),
            overlays: Vec::new(),
            guidance,
            page: finding.place.page.as_str(),
            protection_plan: finding.protection_plan.as_str(),
            remediation_urls: finding
                .remediation_links
                .iter()
                .map(|link| catalogue.guide.link(link))
                .collect(),
            resource: name.resource(),
            resource_type: &finding.resource_type,
            severity: severity.map_or("Unknown", |severity| severity.word()),
            severity_documented: severity.map_or("", |severity| severity.documented.as_str()),
            severity_text: severity.map_or("Unknown".to_owned(), ToString::to_string),
            severity_varies: severity.is_some_and(|severity| severity.varies),
            signals: &finding.signals,
            slug: name.slug().as_str().to_owned(),
            status: if catalogue.retired.contains(name) { "retired" } else { "active" },
            summary: text
                .and_then(|text| text.summary.as_deref())
                .map(|summary| write_inlines(summary, SECTION)),
            threat_family: name.threat_family(),
            threat_purpose: name.threat_purpose(),
            title: name.as_str(),
            url,
            vars,
        }
    }
}

/// The placeholders that the guidance leaves open, with where findings of this type have them: a
/// finding with a sequence has its values there, others have no sequence.
fn placeholders(guidance: &Guidance) -> Vec<PlaceholderText> {
    let in_sequence = |path: &str| path.starts_with("service.detection.sequence.");
    let has_sequence = guidance.fields.iter().any(|field| in_sequence(&field.path));
    let places = |from: &[Origin]| -> Vec<String> {
        let fitting = from.iter().filter(|origin| in_sequence(&origin.path) == has_sequence);
        let fitting: Vec<String> = fitting.map(Origin::markdown).collect();
        match fitting.is_empty() && has_sequence {
            true => from.iter().map(Origin::markdown).collect(),
            false => fitting,
        }
    };
    let text = |one: &'static Placeholder| PlaceholderText {
        name: one.shown(),
        from: places(&one.from),
        what: &one.what,
    };
    guidance.placeholders(library()).into_iter().map(text).collect()
}

/// The pages whose text is in the runbook, each once.
fn pages<'a>(finding: &'a Finding, catalogue: &Catalogue) -> Vec<&'a PageName> {
    let mut pages = vec![&finding.place.page];
    for link in &finding.remediation_links {
        if catalogue.remediation.steps(link).is_some() && !pages.contains(&&link.page) {
            pages.push(&link.page);
        }
    }
    pages
}

/// The steps that the remediation part links to; a section is left out where its whole page stands.
fn steps(finding: &Finding, catalogue: &Catalogue) -> Vec<Steps> {
    let links = &finding.remediation_links;
    let whole = |page: &PageName| links.iter().any(|l| l.page == *page && l.anchor.is_none());
    let wanted = links.iter().filter(|link| link.anchor.is_none() || !whole(&link.page));
    let steps = wanted.filter_map(|link| {
        let steps = catalogue.remediation.steps(link)?;
        Some(Steps {
            title: write_inlines(steps.title, STEPS),
            url: catalogue.guide.link(link),
            text: write(steps.blocks, STEPS),
        })
    });
    steps.collect()
}

/// The finding's section as the Python tool wrote it; its facts where there is no section.
fn classic(finding: &Finding) -> String {
    let title = underlined_heading(&escape(finding.finding_type.as_str()), '-');
    let section = finding.text.as_ref().map(|text| write(&text.section, Style::Classic));
    let mut parts = vec![title];
    match section {
        Some(section) if !section.is_empty() => parts.push(section),
        _ => {
            let severity =
                finding.severity.as_ref().map_or("Unknown".to_owned(), ToString::to_string);
            parts.push(format!("**Default severity: {}**", escape(&severity)));
            let sources = escape(&finding.data_sources.join("; "));
            parts.push(format!("* **Data source:** {sources}"));
            if let Some(text) = finding.text.as_ref().filter(|text| !text.description.is_empty()) {
                parts.push(write(&text.description, Style::Classic));
            }
            let signal = |s: &Signal| format!("* {} ({})", escape(&s.name), s.severity);
            let signals: Vec<String> = finding.signals.iter().map(signal).collect();
            if !signals.is_empty() {
                parts.push(format!("Signals:\n\n{}", signals.join("\n")));
            }
        }
    }
    parts.join("\n\n")
}
