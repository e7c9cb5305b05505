//! What every run over a workspace begins with: read the guide, take the lock, load the folder,
//! render upstream.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CliError;
use super::guide::{self, Guide};
use super::names;
use super::overlays;
use super::printer::Printer;
use super::settings::Settings;
use crate::catalogue::{Catalogue, CatalogueEntry};
use crate::finding_type::FindingType;
use crate::runbook::{Renderer, Rendering};
use crate::workspace::{Lock, Origin, Rendered, Scope, Upstream, Workspace};

/// How a run goes about it.
#[derive(Clone, Debug, Default)]
pub(super) struct RunOptions {
    /// Whether the built-in catalogue takes the place of a site that cannot be reached.
    pub(super) may_fall_back: bool,
    /// Whether nothing is written, so that no lock is needed.
    pub(super) read_only: bool,
    /// Whether the template that was asked for takes the place of the recorded ones.
    pub(super) change_template: bool,
    /// Whether it is accepted that many types vanish at once.
    pub(super) allow_shrink: bool,
    /// The finding types that were named, as name or file name; none: all.
    pub(super) named: Vec<String>,
}

/// A run that is ready to be planned.
pub(super) struct Run {
    pub(super) guide: Guide,
    pub(super) workspace: Workspace,
    pub(super) upstream: Upstream,
    /// Held until the run ends.
    _lock: Option<Lock>,
}

impl Run {
    pub(super) fn prepare(
        options: &RunOptions,
        settings: &Settings,
        printer: &Printer,
    ) -> Result<Self, CliError> {
        let guide = guide::read(settings, options.may_fall_back, printer)?;
        let lock = if options.read_only { None } else { Some(Lock::take(&settings.outdir)?) };
        let workspace = Workspace::load(&settings.outdir)?;
        Self::over(workspace, guide, lock, options, settings, printer)
    }

    /// A run over a folder that was loaded already.
    pub(super) fn over(
        workspace: Workspace,
        guide: Guide,
        lock: Option<Lock>,
        options: &RunOptions,
        settings: &Settings,
        printer: &Printer,
    ) -> Result<Self, CliError> {
        let scope = scope(&guide.catalogue, &workspace, settings, &options.named)?;
        overlays::warn_of_unknown(&settings.overlays, &guide.catalogue, printer);
        if !guide.catalogue.entries.iter().any(|entry| scope.contains(&entry.finding_type)) {
            printer.warning("no finding type fits the filters");
        }
        let upstream = upstream(&guide, scope, settings, &workspace, options)?;
        Ok(Self { guide, workspace, upstream, _lock: lock })
    }

    /// The findings that the run is about.
    pub(super) fn entries(&self) -> Vec<&CatalogueEntry> {
        let entries = self.guide.catalogue.entries.iter();
        entries.filter(|entry| self.upstream.scope.contains(&entry.finding_type)).collect()
    }
}

/// The finding types that the filters and the names on the command line leave.
fn scope(
    catalogue: &Catalogue,
    workspace: &Workspace,
    settings: &Settings,
    named: &[String],
) -> Result<Scope, CliError> {
    let selection = &settings.selection;
    if selection.is_everything() && named.is_empty() {
        return Ok(Scope::Everything);
    }
    let selected = catalogue.entries.iter().filter(|entry| selection.contains(entry));
    let selected = selected.map(|entry| &entry.finding_type);
    // Of these only the name is known: a page that failed, a runbook whose type is gone.
    let failed = catalogue.failed.iter();
    let tracked = workspace.tracked_types().filter(|name| !is_listed(catalogue, name));
    let by_name = failed.chain(tracked).filter(|name| selection.contains_name(name));
    let mut types: BTreeSet<FindingType> = selected.chain(by_name).cloned().collect();
    if !named.is_empty() {
        types = names::named(named, types.iter())?;
    }
    Ok(Scope::Only(types))
}

fn is_listed(catalogue: &Catalogue, name: &FindingType) -> bool {
    catalogue.entries.binary_search_by(|entry| entry.finding_type.cmp(name)).is_ok()
}

/// Renders the findings in scope, each through the template that the workspace has recorded for
/// it, new ones through the configured one. A recorded template that nothing names is not read.
fn upstream(
    guide: &Guide,
    scope: Scope,
    settings: &Settings,
    workspace: &Workspace,
    options: &RunOptions,
) -> Result<Upstream, CliError> {
    let catalogue = &guide.catalogue;
    let in_scope = catalogue.entries.iter().filter(|f| scope.contains(&f.finding_type));
    let with_template = in_scope.map(|entry| {
        let recorded = workspace.recorded_template(&entry.finding_type.slug());
        let recorded = recorded.filter(|_| !options.change_template);
        (entry, recorded.unwrap_or_else(|| settings.templates.name()))
    });
    let (entries, unnamed): (Vec<_>, Vec<_>) =
        with_template.partition(|(_, template)| settings.templates.has(template));
    let templates: BTreeSet<&str> = entries.iter().map(|(_, template)| *template).collect();
    let renderers: Vec<(&str, Renderer)> = templates
        .into_iter()
        .map(|template| Ok((template, settings.renderer(template)?)))
        .collect::<Result<_, CliError>>()?;
    let renderings: BTreeMap<&str, Rendering<'_>> = renderers
        .iter()
        .map(|(template, renderer)| (*template, renderer.over(catalogue)))
        .collect();
    let mut runbooks = Vec::new();
    for (entry, template) in entries {
        let text = renderings[template].render(entry)?;
        runbooks.push(Rendered {
            finding_type: entry.finding_type.clone(),
            text: workspace.remembered(&entry.finding_type.slug(), text),
            origin: if entry.text.is_some() { Origin::Aws } else { Origin::Builtin },
            template: template.to_owned(),
        });
    }
    Ok(Upstream {
        runbooks,
        scope,
        active: catalogue.entries.iter().map(|entry| entry.finding_type.clone()).collect(),
        retired: catalogue.retired.clone(),
        index_was_whole: catalogue.index_was_whole() && !guide.is_fallback,
        failed: catalogue.failed.clone(),
        unnamed_templates: unnamed
            .into_iter()
            .map(|(entry, template)| (entry.finding_type.clone(), template.to_owned()))
            .collect(),
        allow_shrink: options.allow_shrink,
    })
}
