//! What the arguments and the configuration file mean together.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::args::{PagesFormat, SharedArgs};
use super::config::{Config, ConfigPages};
use super::error::CliError;
use super::overlays;
use super::printer::Printer;
use crate::fs::{self, Kind};
use crate::runbook::{Overlays, Renderer, Template};
use crate::selection::Selection;
use crate::source::site::DEFAULT_TIMEOUT;
use crate::source::{PageFormat, SourceSpec};

/// What a run is to do, defaults filled in.
pub(super) struct Settings {
    pub(super) outdir: PathBuf,
    pub(super) source: SourceSpec,
    pub(super) pages: PageFormat,
    pub(super) cache_dir: Option<PathBuf>,
    pub(super) refresh: bool,
    pub(super) timeout: Duration,
    pub(super) jobs: Option<usize>,
    pub(super) user_agent: Option<String>,
    pub(super) selection: Selection,
    pub(super) strict: bool,
    /// Whether the command line names a template, rather than configuration or default.
    pub(super) template_was_asked_for: bool,
    template: String,
    attribution: bool,
    vars: BTreeMap<String, toml::Value>,
    pub(super) overlays: Overlays,
}

impl Settings {
    pub(super) fn new(args: &SharedArgs) -> Result<Self, CliError> {
        let config = Config::find(args.config.as_deref(), &args.outdir)?;
        let source = match (&args.source.source, &config.source) {
            (Some(source), _) => parse_source(source),
            (None, Some(source)) => match parse_source(source) {
                SourceSpec::Folder(folder) => SourceSpec::Folder(config.resolve(&folder)),
                other => other,
            },
            (None, None) => SourceSpec::Auto,
        };
        let template = match (&args.template, &config.template) {
            (Some(template), _) => template_name(template, Path::new(""), &args.outdir),
            (None, Some(template)) => {
                template_name(template, &config.resolve(Path::new("")), &args.outdir)
            }
            (None, None) => Template::Runbook.name().to_owned(),
        };
        let configured_cache = config.cache_dir.as_ref().map(|folder| config.resolve(folder));
        let timeout = args.source.timeout.or(config.timeout).map(Duration::from_secs);
        Ok(Self {
            outdir: args.outdir.clone(),
            source,
            pages: pages(args.source.pages, config.pages),
            cache_dir: args.source.cache_dir.clone().or(configured_cache).or_else(platform_cache),
            refresh: args.source.refresh,
            timeout: timeout.unwrap_or(DEFAULT_TIMEOUT),
            jobs: args.source.jobs.or(config.jobs).map(usize::from),
            user_agent: args.source.user_agent.clone().or_else(|| config.user_agent.clone()),
            selection: selection(args, &config)?,
            strict: args.strict || config.strict.unwrap_or(false),
            template_was_asked_for: args.template.is_some(),
            template,
            attribution: !args.no_attribution && config.attribution.unwrap_or(true),
            overlays: overlays::read(config.folder.as_deref().unwrap_or(&args.outdir))?,
            vars: config.vars,
        })
    }

    /// The name by which the workspace records the configured template: that of a built-in one, or
    /// a file's path as seen from the folder of the runbooks.
    pub(super) fn template_name(&self) -> &str {
        &self.template
    }

    /// Warns where a folder of runbooks was named that is not there, because the built-in runbooks
    /// then take its place. With `--strict` that is an error.
    pub(super) fn warn_of_missing_folder(&self, printer: &Printer) -> Result<(), CliError> {
        if fs::kind(&self.outdir)? != Kind::Missing {
            return Ok(());
        }
        let folder = self.outdir.display();
        let message =
            format!("the folder {folder} does not exist; the built-in runbooks take its place");
        if self.strict {
            return Err(CliError::usage(&message).hint("--outdir names the folder of the runbooks"));
        }
        printer.warning(message);
        Ok(())
    }

    /// A renderer for a template by the name that the workspace records.
    pub(super) fn renderer(&self, template: &str) -> Result<Renderer, CliError> {
        let template = match template {
            "runbook" => Template::Runbook,
            "classic" => Template::Classic,
            file => {
                let path = template_path(file, &self.outdir);
                let text = fs::read_to_string(&path).map_err(|error| {
                    CliError::usage(&format_args!("the template cannot be used: {error}"))
                        .hint("--template takes `runbook`, `classic`, or the path of a file")
                })?;
                Template::Own { name: file.to_owned(), text }
            }
        };
        let renderer = Renderer::new(template, self.vars.clone(), self.attribution)?;
        Ok(renderer.with_overlays(&self.overlays)?)
    }
}

/// The name of a template that was given as seen from a folder: a built-in one, or a file's path
/// as seen from the folder of the runbooks, which stays right wherever the program runs.
fn template_name(given: &str, from: &Path, outdir: &Path) -> String {
    if [Template::Runbook.name(), Template::Classic.name()].contains(&given) {
        return given.to_owned();
    }
    let file = from.join(given);
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let relative = pathdiff::diff_paths(absolute(&file), absolute(outdir)).unwrap_or(file);
    relative.to_string_lossy().replace('\\', "/")
}

/// The file of that name. The folder need not exist yet, and may be a link, so that `..` is its parent
/// by name, as it was when the name was made.
fn template_path(name: &str, outdir: &Path) -> PathBuf {
    let mut path = std::path::absolute(outdir).unwrap_or_else(|_| outdir.to_owned());
    for component in Path::new(name).components() {
        match component {
            Component::ParentDir => drop(path.pop()),
            component => path.push(component),
        }
    }
    path
}

fn parse_source(text: &str) -> SourceSpec {
    let Ok(source) = text.parse();
    source
}

fn pages(args: Option<PagesFormat>, config: Option<ConfigPages>) -> PageFormat {
    match (args, config) {
        (Some(PagesFormat::Markdown), _) | (None, Some(ConfigPages::Markdown)) => {
            PageFormat::Markdown
        }
        _ => PageFormat::Html,
    }
}

/// A filter of the command line takes the place of the same filter of the configuration file.
fn selection(args: &SharedArgs, config: &Config) -> Result<Selection, CliError> {
    let args = &args.selection;
    let either = |args: &'_ [String], config: &'_ [String]| -> Vec<String> {
        if args.is_empty() { config.to_vec() } else { args.to_vec() }
    };
    let selection = Selection::default()
        .severities(&either(&args.severity, &config.severity))?
        .resources(&either(&args.resource, &config.resource))
        .plans(&either(&args.protection_plan, &config.protection_plan))?
        .tactics(&either(&args.tactic, &config.tactic))?
        .techniques(&either(&args.technique, &config.technique))?
        .include(&either(&args.include, &config.include))?
        .exclude(&either(&args.exclude, &config.exclude))?;
    Ok(selection)
}

fn platform_cache() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.cache_dir().join("guardduty-runbooks"))
}
