//! The pages of the site, from templates.

use std::sync::LazyLock;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use super::article::{Heading, escaped};
use super::build::Page;
use super::entry::{Level, SiteEntry};
use super::overview::{Overview, overview as overview_of};
use crate::jinja;

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    // Their names end in `.html`, so that everything is escaped that is not marked as HTML.
    let mut templates = jinja::environment();
    for (name, text) in [
        ("frame.html", include_str!("assets/frame.html.jinja")),
        ("overview.html", include_str!("assets/overview.html.jinja")),
        ("runbook.html", include_str!("assets/runbook.html.jinja")),
    ] {
        templates.add_template(name, text).expect("the templates are tested");
    }
    templates
});

/// What a template sees of a runbook.
#[derive(Debug, Serialize)]
pub(super) struct EntryView<'p> {
    finding_type: &'p str,
    /// The same as HTML that may break behind its parts.
    breakable: String,
    slug: &'p str,
    /// The level for classes and filters: `high`.
    level: String,
    /// The letter that stands for it: `H`.
    letter: &'p str,
    level_name: &'p str,
    severity: &'p str,
    resource: &'p str,
    /// The resource as it stands in an address.
    resource_query: String,
    plan: &'p str,
    tactics: Vec<AttackView<'p>>,
    techniques: Vec<AttackView<'p>>,
    tactic_ids: String,
    is_retired: bool,
    source: Option<&'p str>,
    lead: &'p str,
}

#[derive(Debug, Serialize)]
struct AttackView<'p> {
    id: &'p str,
    name: &'p str,
    url: &'p str,
}

#[derive(Debug, Serialize)]
struct HeadingView<'p> {
    level: u8,
    id: &'p str,
    text: &'p str,
}

/// What the template of a runbook's page sees.
#[derive(Debug, Serialize)]
struct RunbookView<'p> {
    entry: EntryView<'p>,
    outline: Vec<HeadingView<'p>>,
    article: &'p str,
}

/// What the template of the first page sees.
#[derive(Debug, Serialize)]
struct OverviewView<'p> {
    overview: Overview<'p>,
}

/// What every page has around its content.
#[derive(Debug, Serialize)]
struct FrameView<'p> {
    /// The kind of page, which names its script.
    kind: &'p str,
    title: &'p str,
    content: &'p str,
}

impl<'p> EntryView<'p> {
    pub(super) fn new(page: &'p Page) -> Self {
        let SiteEntry { finding_type, slug, level, severity, resource, plan, .. } = &page.entry;
        let tactics = attack(&page.entry.tactics);
        Self {
            finding_type: finding_type.as_str(),
            breakable: breakable(finding_type.as_str()),
            slug: slug.as_str(),
            level: level_class(*level),
            letter: &level.as_str()[..1],
            level_name: level.as_str(),
            severity,
            resource,
            resource_query: resource.replace(' ', "+"),
            plan,
            tactic_ids: tactics.iter().map(|tactic| tactic.id).collect::<Vec<_>>().join(" "),
            tactics,
            techniques: attack(&page.entry.techniques),
            is_retired: page.entry.is_retired,
            source: page.entry.source.as_deref(),
            lead: page.article.lead.as_deref().unwrap_or_default(),
        }
    }
}

/// The page of a runbook.
pub(super) fn runbook(page: &Page) -> String {
    let outline = page.article.outline.iter().filter(|heading| heading.level <= 3);
    let outline =
        outline.map(|Heading { level, id, text }| HeadingView { level: *level, id, text });
    let (entry, outline) = (EntryView::new(page), outline.collect());
    let title = format!("{} · GuardDuty runbooks", entry.finding_type);
    let view = RunbookView { entry, outline, article: &page.article.html };
    framed("runbook", &title, &view)
}

/// The first page.
pub(super) fn overview(pages: &[Page]) -> String {
    framed("overview", "GuardDuty runbooks", &OverviewView { overview: overview_of(pages) })
}

/// The word for a level in classes, filters and addresses.
pub(super) fn level_class(level: Level) -> String {
    level.as_str().to_ascii_lowercase()
}

fn breakable(finding_type: &str) -> String {
    let parts = finding_type.split_inclusive([':', '/', '.']);
    parts.map(escaped).collect::<Vec<_>>().join("<wbr>")
}

fn attack(list: &[crate::guidance::AttackEntry]) -> Vec<AttackView<'_>> {
    list.iter().map(|one| AttackView { id: &one.id, name: &one.name, url: &one.url }).collect()
}

/// A page of a kind, whose content the template of that name gives.
fn framed(kind: &str, title: &str, content: &impl Serialize) -> String {
    let content = render(&format!("{kind}.html"), content);
    render("frame.html", &FrameView { kind, title, content: &content })
}

fn render(template: &str, view: &impl Serialize) -> String {
    let template = TEMPLATES.get_template(template).expect("it was added above");
    template.render(Serde(view)).expect("the templates are tested to know every variable")
}
