//! What the arguments and the configuration file mean together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{PagesFormat, SelectionArgs, SharedArgs};
use super::config::{Config, ConfigFile, ConfigPages};
use super::confines::Confines;
use super::error::CliError;
use super::overlays;
use super::printer::Printer;
use super::templates::Templates;
use crate::fs::{self, Kind};
use crate::runbook::{Overlays, Renderer};
use crate::selection::{BadSelection, Selection};
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
    pub(super) templates: Templates,
    attribution: bool,
    vars: BTreeMap<String, toml::Value>,
    pub(super) overlays: Overlays,
    /// The folder that pages from a folder stay in; none where the user named the source.
    pub(super) source_confines: Option<Confines>,
    configuration: Option<ConfigFile>,
}

impl Settings {
    pub(super) fn new(args: &SharedArgs) -> Result<Self, CliError> {
        let config = Config::find(args.config.as_deref(), &args.outdir)?;
        let configured_cache = config.cache_dir.as_ref();
        let configured_cache = configured_cache.map(|folder| config.resolve("cache-dir", folder));
        let timeout = args.source.timeout.or(config.timeout).map(Duration::from_secs);
        Ok(Self {
            outdir: args.outdir.clone(),
            source: source(args, &config)?,
            pages: pages(args.source.pages, config.pages),
            cache_dir: args
                .source
                .cache_dir
                .clone()
                .or(configured_cache.transpose()?)
                .or_else(platform_cache),
            refresh: args.source.refresh,
            timeout: timeout.unwrap_or(DEFAULT_TIMEOUT),
            jobs: args.source.jobs.or(config.jobs).map(usize::from),
            user_agent: args.source.user_agent.clone().or_else(|| config.user_agent.clone()),
            selection: selection(args, &config)?,
            strict: args.strict || config.strict.unwrap_or(false),
            template_was_asked_for: args.template.is_some(),
            templates: Templates::new(args.template.as_deref(), &config, &args.outdir)?,
            attribution: !args.no_attribution && config.attribution.unwrap_or(true),
            overlays: own_steps(config.file.as_ref(), &args.outdir)?,
            source_confines: source_confines(args, &config),
            vars: config.vars,
            configuration: config.file,
        })
    }

    /// The configuration file in force, if there is one.
    pub(super) fn configuration(&self) -> Option<&Path> {
        self.configuration.as_ref().map(|file| file.path.as_path())
    }

    /// Names the configuration file in an error that may stem from it.
    pub(super) fn blamed(&self, error: CliError) -> CliError {
        match self.configuration() {
            Some(file) if error.may_stem_from_configuration() => {
                error.hint(format!("the configuration in force is {}", file.display()))
            }
            _ => error,
        }
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
        let template = self.templates.read(template)?;
        let renderer = Renderer::new(template, self.vars.clone(), self.attribution)?;
        Ok(renderer.with_overlays(&self.overlays)?)
    }
}

/// The source that was asked for; a folder of the configuration as its file has it.
fn source(args: &SharedArgs, config: &Config) -> Result<SourceSpec, CliError> {
    Ok(match (&args.source.source, &config.source) {
        (Some(source), _) => parse_source(source),
        (None, Some(source)) => match parse_source(source) {
            SourceSpec::Folder(folder) => SourceSpec::Folder(config.resolve("source", &folder)?),
            other => other,
        },
        (None, None) => SourceSpec::Auto,
    })
}

fn source_confines(args: &SharedArgs, config: &Config) -> Option<Confines> {
    let file = config.file.as_ref().filter(|_| args.source.source.is_none());
    file.and_then(|file| file.confines.clone())
}

/// The team's own steps: those beside the configuration file, without one those in the folder of the
/// runbooks, which nobody has named either.
fn own_steps(file: Option<&ConfigFile>, outdir: &Path) -> Result<Overlays, CliError> {
    match file {
        Some(file) => overlays::read(&file.folder, file.confines.as_ref()),
        None if fs::is_folder(&outdir.join(overlays::FOLDER)) => {
            overlays::read(outdir, Some(&Confines::of(outdir)?))
        }
        None => Ok(Overlays::default()),
    }
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
    let of = |filters: &SelectionArgs| -> Result<Selection, BadSelection> {
        Selection::default()
            .severities(&filters.severity)?
            .resources(&filters.resource)
            .plans(&filters.protection_plan)?
            .tactics(&filters.tactic)?
            .techniques(&filters.technique)?
            .include(&filters.include)?
            .exclude(&filters.exclude)
    };
    of(&args.selection)?;
    let either = |args: &'_ [String], config: &'_ [String]| -> Vec<String> {
        if args.is_empty() { config.to_vec() } else { args.to_vec() }
    };
    let args = &args.selection;
    let both = SelectionArgs {
        severity: either(&args.severity, &config.severity),
        resource: either(&args.resource, &config.resource),
        protection_plan: either(&args.protection_plan, &config.protection_plan),
        tactic: either(&args.tactic, &config.tactic),
        technique: either(&args.technique, &config.technique),
        include: either(&args.include, &config.include),
        exclude: either(&args.exclude, &config.exclude),
    };
    // Those of the command line are right, so that it is the configuration that is not.
    of(&both).map_err(|error| match &config.file {
        Some(file) => CliError::usage(&format_args!("{}: {error}", file.path.display())),
        None => error.into(),
    })
}

fn platform_cache() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.cache_dir().join("guardduty-runbooks"))
}
