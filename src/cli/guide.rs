//! Reads the guide from the source that the settings name.

use std::path::Path;

use super::error::CliError;
use super::printer::Printer;
use super::settings::Settings;
use crate::catalogue::{self, Catalogue, ReadError, Reading, builtin};
use crate::guide::{GuideUrl, PageName};
use crate::source::folder::FolderReader;
use crate::source::site::SiteOptions;
use crate::source::{PageError, PageFormat, PageSource, SourceSpec};
use url::Url;

/// The catalogue of a run and where it comes from.
pub(super) struct Guide {
    pub(super) catalogue: Catalogue,
    /// In words, for the summary.
    pub(super) source: String,
    /// Whether it is the built-in catalogue because the site could not be reached.
    pub(super) is_fallback: bool,
}

/// Reads the guide. With `may_fall_back`, a site that cannot be reached at all is replaced by the
/// built-in catalogue where the source is `auto`.
pub(super) fn read(
    settings: &Settings,
    may_fall_back: bool,
    printer: &Printer,
) -> Result<Guide, CliError> {
    let source = settings.source.to_string();
    match &settings.source {
        SourceSpec::Builtin => {
            Ok(Guide { catalogue: builtin::catalogue(), source, is_fallback: false })
        }
        SourceSpec::Folder(folder) => {
            let pages = PageSource::Folder(pages_in(folder, settings)?);
            let reading = read_pages(&pages, &GuideUrl::default(), printer, &source)?;
            Ok(Guide { catalogue: reading.catalogue, source, is_fallback: false })
        }
        SourceSpec::Auto | SourceSpec::Site | SourceSpec::Url(_) => {
            match read_site(settings, printer, &source)? {
                Ok(reading) => {
                    Ok(Guide { catalogue: reading.catalogue, source, is_fallback: false })
                }
                Err(ReadError::Unreachable(cause))
                    if may_fall_back && settings.source == SourceSpec::Auto =>
                {
                    printer.warning(format_args!(
                        "AWS's documentation site could not be reached, so the built-in catalogue \
                         takes its place, which has no text of AWS's; the next run that reaches \
                         the site adds it\n  {cause}"
                    ));
                    let source = SourceSpec::Builtin.to_string();
                    Ok(Guide { catalogue: builtin::catalogue(), source, is_fallback: true })
                }
                Err(error) => Err(without_site(error, settings)),
            }
        }
    }
}

/// The pages of a folder, which lead no further than the configuration may that named it.
fn pages_in(folder: &Path, settings: &Settings) -> Result<FolderReader, CliError> {
    let pages = FolderReader::new(folder)?;
    Ok(match &settings.source_confines {
        Some(confines) => pages.within(confines.folder()),
        None => pages,
    })
}

fn without_site(error: ReadError, settings: &Settings) -> CliError {
    let is_live = matches!(settings.source, SourceSpec::Auto | SourceSpec::Site);
    let unreachable = matches!(error, ReadError::Unreachable(_));
    let error = CliError::from(error);
    if is_live && unreachable {
        return error
            .hint("`--source builtin` works without network, a folder of saved pages as well");
    }
    error
}

/// Reads a site at the places where it may have the guide, in the format that was asked for; as
/// Markdown where the HTML has no table that can be understood.
fn read_site(
    settings: &Settings,
    printer: &Printer,
    source: &str,
) -> Result<Result<Reading, ReadError>, CliError> {
    let mut last = None;
    for url in settings.source.guide_urls() {
        let mut no_table = None;
        let outcome = match read_format(settings, &url, settings.pages, printer, source)? {
            Err(ReadError::NoTable(error)) if settings.pages == PageFormat::Html => {
                printer.warning(format_args!("{error}; trying the site's Markdown pages"));
                no_table = Some(error);
                read_format(settings, &url, PageFormat::Markdown, printer, source)?
            }
            outcome => outcome,
        };
        let elsewhere = matches!(
            outcome,
            Err(ReadError::Unreachable(PageError::Missing { .. })
                | ReadError::Index(PageError::Missing { .. }))
        );
        // What is wrong with the page tells more than what was wrong with its Markdown.
        let outcome = match no_table {
            Some(error) => outcome.or(Err(ReadError::NoTable(error))),
            None => outcome,
        };
        if !elsewhere {
            return Ok(outcome);
        }
        last = last.or(Some(outcome));
    }
    Ok(last.expect("a site has one place at least"))
}

fn read_format(
    settings: &Settings,
    url: &Url,
    format: PageFormat,
    printer: &Printer,
    source: &str,
) -> Result<Result<Reading, ReadError>, CliError> {
    let pages = PageSource::site(SiteOptions {
        guide: url.clone(),
        format,
        cache_dir: settings.cache_dir.clone(),
        refresh: settings.refresh,
        timeout: settings.timeout,
        user_agent: settings.user_agent.clone(),
        jobs: settings.jobs,
    })?;
    let guide = GuideUrl::at_aws(url).unwrap_or_default();
    let outcome = read_pages(&pages, &guide, printer, source);
    if let PageSource::Site(reader) = &pages {
        let traffic = reader.traffic();
        printer.detail(format_args!(
            "{} requests, {} pages unchanged, {} bytes received, {} repeated",
            traffic.requests, traffic.not_modified, traffic.body_bytes, traffic.retries
        ));
        if let Some(warning) = reader.cache_warning() {
            printer.warning(warning);
        }
    }
    Ok(outcome)
}

fn read_pages(
    pages: &PageSource,
    guide: &GuideUrl,
    printer: &Printer,
    source: &str,
) -> Result<Reading, ReadError> {
    let counter = printer.page_counter(source);
    let outcome = catalogue::read(pages, guide, &|_: &PageName| counter.inc(1));
    counter.finish_and_clear();
    if let Ok(reading) = &outcome {
        printer.detail(format_args!("read {} pages from {source}", reading.pages_read));
    }
    outcome
}
