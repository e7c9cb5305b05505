//! What the arguments and the configuration file mean together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{PagesFormat, SharedArgs};
use super::config::{Config, ConfigPages};
use super::error::CliError;
use crate::catalogue::Selection;
use crate::fs;
use crate::runbook::{Renderer, Template};
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
    template: String,
    attribution: bool,
    vars: BTreeMap<String, toml::Value>,
}

impl Settings {
    pub(super) fn new(args: &SharedArgs, no_attribution: bool) -> Result<Self, CliError> {
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
            (Some(template), _) => template.clone(),
            (None, Some(own)) if !is_built_in(own) => {
                config.resolve(Path::new(own)).to_string_lossy().into_owned()
            }
            (None, Some(built_in)) => built_in.clone(),
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
            template,
            attribution: !no_attribution && config.attribution.unwrap_or(true),
            vars: config.vars,
        })
    }

    /// The name by which the workspace records the configured template: a file by its path.
    pub(super) fn template_name(&self) -> &str {
        &self.template
    }

    /// A renderer for a template by its name.
    pub(super) fn renderer(&self, template: &str) -> Result<Renderer, CliError> {
        let template = match template {
            "runbook" => Template::Runbook,
            "classic" => Template::Classic,
            file => {
                let text = fs::read_to_string(Path::new(file)).map_err(|error| {
                    CliError::usage(format!("the template cannot be used: {error}"))
                        .hint("--template takes `runbook`, `classic`, or the path of a file")
                })?;
                Template::Own { name: file.to_owned(), text }
            }
        };
        Ok(Renderer::new(template, self.vars.clone(), self.attribution)?)
    }
}

fn is_built_in(template: &str) -> bool {
    [Template::Runbook.name(), Template::Classic.name()].contains(&template)
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
        .include(&either(&args.include, &config.include))?
        .exclude(&either(&args.exclude, &config.exclude))?;
    Ok(selection)
}

fn platform_cache() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.cache_dir().join("guardduty-runbooks"))
}
