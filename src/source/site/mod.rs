//! The site reader: pages from the live documentation site, or from a mirror of it.
//!
//! All pages are asked for at once. A page goes through these rooms: `retry` asks until an attempt
//! succeeds or time is up; an attempt follows redirects (`redirect`) and asks with the validators
//! of what is stored (`cache`); `wire` chooses the connection, which a `client` makes; `body` reads
//! the answer; `fault` puts what went wrong into words.

mod body;
mod cache;
mod client;
mod fault;
mod redirect;
mod retry;
mod wire;

use std::cell::{Cell, OnceCell};
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use reqwest::header::{
    HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION, RETRY_AFTER,
};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;
use url::Url;

use self::cache::{Cache, MAX_CACHE_BYTES, Stored, Validators};
use self::client::{Clients, Patience};
use self::fault::Fault;
use self::redirect::MAX_REDIRECTS;
use self::retry::Pace;
use self::wire::{Answer, Wire};
use super::{MAX_ALL_PAGES, PageFormat, PageResult, RawPage};
use crate::guide::PageName;

/// How long the reading of all pages together may take, unless told otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);

/// How the program names itself to a site, unless told otherwise.
pub const DEFAULT_USER_AGENT: &str = concat!("guardduty-runbooks/", env!("CARGO_PKG_VERSION"));

/// The most connections to a site that does not speak HTTP/2.
const MAX_CONNECTIONS: usize = 8;

/// How to read a site.
#[derive(Clone, Debug)]
pub struct SiteOptions {
    /// The folder that holds the guide's pages; ends in `/`.
    pub guide: Url,
    /// Whether pages are asked for as HTML or as Markdown.
    pub format: PageFormat,
    /// Where pages are kept to be revalidated; none: nowhere.
    pub cache_dir: Option<PathBuf>,
    /// Whether every page is read whole, whatever is stored.
    pub refresh: bool,
    /// The time that all pages have together, from the first call on; a day at most.
    pub timeout: Duration,
    /// How the program names itself; none: [`DEFAULT_USER_AGENT`].
    pub user_agent: Option<String>,
    /// How many connections there may be where the site does not speak HTTP/2: 1 to 8; none: 8.
    pub jobs: Option<usize>,
}

impl SiteOptions {
    /// The options of a plain run: HTML, within [`DEFAULT_TIMEOUT`], nothing stored.
    pub fn new(guide: Url) -> Self {
        Self {
            guide,
            format: PageFormat::Html,
            cache_dir: None,
            refresh: false,
            timeout: DEFAULT_TIMEOUT,
            user_agent: None,
            jobs: None,
        }
    }
}

/// Why a site cannot even be asked.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The address cannot be that of a folder with pages.
    #[error("{url} is not the address of a guide: {reason}")]
    Guide {
        /// The address, without credentials.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The user agent cannot be sent.
    #[error("the user agent {0:?} is empty or holds characters that cannot be sent")]
    UserAgent(String),
    /// The system does not let the program wait for the network.
    #[error("the network cannot be used: {0}")]
    Network(#[source] std::io::Error),
}

/// What has gone over the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests made, with redirects and repeats.
    pub requests: u64,
    /// Answers that said that the stored page still holds.
    pub not_modified: u64,
    /// Bytes of pages received, as they came over the network: compressed, without headers.
    pub body_bytes: u64,
    /// Attempts at a page after its first.
    pub retries: u64,
}

/// Reads pages from a site.
///
/// It keeps its connections, and the deadline, from one call to the next.
#[derive(Debug)]
pub struct SiteReader {
    guide: Url,
    format: PageFormat,
    refresh: bool,
    timeout: Duration,
    wire: Wire,
    cache: Option<Cache>,
    deadline: OnceCell<Instant>,
    not_modified: Cell<u64>,
    body_bytes: Cell<u64>,
    /// Bytes of pages after decompression.
    page_bytes: Cell<u64>,
    retries: Cell<u64>,
    /// There until the reader is dropped.
    runtime: Option<Runtime>,
}

impl SiteReader {
    /// A reader for a site. Nothing is asked for yet.
    pub fn new(options: SiteOptions) -> Result<Self, SiteError> {
        check_guide(&options.guide)?;
        let user_agent = options.user_agent.unwrap_or_else(|| DEFAULT_USER_AGENT.to_owned());
        let user_agent = match HeaderValue::from_str(&user_agent) {
            Ok(value) if !user_agent.trim().is_empty() => value,
            _ => return Err(SiteError::UserAgent(user_agent)),
        };
        let timeout = options.timeout.min(Duration::from_hours(24));
        // A request waits for its connection first, so that silence then has to be noticed first.
        let patience = Patience {
            connect: (timeout / 4).min(Duration::from_secs(5)),
            read: (timeout / 3).min(Duration::from_secs(15)),
        };
        let connections = options.jobs.unwrap_or(MAX_CONNECTIONS).clamp(1, MAX_CONNECTIONS);
        let clients = Clients::new(user_agent, options.format, patience, connections);
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Self {
            wire: Wire::new(clients, connections),
            guide: options.guide,
            format: options.format,
            refresh: options.refresh,
            timeout,
            cache: options.cache_dir.map(|folder| Cache::new(folder, MAX_CACHE_BYTES)),
            deadline: OnceCell::new(),
            not_modified: Cell::default(),
            body_bytes: Cell::default(),
            page_bytes: Cell::default(),
            retries: Cell::default(),
            runtime: Some(runtime.map_err(SiteError::Network)?),
        })
    }

    /// Asks for all pages at once and gives what came of each, in the order of the names.
    /// `on_page` is called as each is done, whatever came of it.
    ///
    /// # Panics
    ///
    /// Within an asynchronous runtime, because it waits.
    pub fn read(&self, names: &[PageName], on_page: &dyn Fn(&PageName)) -> Vec<PageResult> {
        let deadline = *self.deadline.get_or_init(|| Instant::now() + self.timeout);
        let pages = names.iter().map(|name| async move {
            let url = self.address(name);
            let (result, attempts) = self.page(&url, deadline).await;
            on_page(name);
            (url, result, attempts)
        });
        let runtime = self.runtime.as_ref().expect("there until the reader is dropped");
        let pages = runtime.block_on(join_all(pages));
        if let Some(cache) = &self.cache {
            cache.prune();
        }
        // Only now is it known whether anything was answered.
        let answered = self.wire.has_answered();
        let finish = |(name, (url, result, attempts)): (&PageName, (Url, Result<_, Fault>, _))| {
            let body: Vec<u8> =
                result.map_err(|fault| fault.into_error(shown(&url), attempts, answered))?;
            let text = String::from_utf8(body)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            Ok(RawPage { name: name.clone(), format: self.format, text })
        };
        names.iter().zip(pages).map(finish).collect()
    }

    /// What has gone over the network so far.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.wire.requests(),
            not_modified: self.not_modified.get(),
            body_bytes: self.body_bytes.get(),
            retries: self.retries.get(),
        }
    }

    /// Why pages could not be kept for the next run, where they could not. Their reading does not
    /// suffer from that.
    pub fn cache_warning(&self) -> Option<String> {
        self.cache.as_ref()?.warning()
    }

    fn address(&self, name: &PageName) -> Url {
        let file = format!("{name}.{}", self.format.extension());
        self.guide.join(&file).expect("a page's name is a path segment")
    }

    async fn page(&self, url: &Url, deadline: Instant) -> (Result<Vec<u8>, Fault>, u32) {
        // Pauses follow the deadline: for the usual minute they begin at 0.3 s.
        let first_pause = (self.timeout / 200).min(Duration::from_millis(300));
        let pace = Pace { deadline, allowed: self.timeout, first_pause };
        let (result, attempts) = pace
            .attempts(
                || self.attempt(url, pace),
                || self.wire.has_answered(),
                || self.retries.set(self.retries.get() + 1),
            )
            .await;
        if let Err(fault) = &result {
            self.wire.give_up(fault);
        }
        (result, attempts)
    }

    async fn attempt(&self, start: &Url, pace: Pace) -> Result<Vec<u8>, Fault> {
        let mut url = start.clone();
        for _ in 0..=MAX_REDIRECTS {
            let stored = self.stored(&url);
            let validators = stored.as_ref().map(|stored| &stored.validators);
            let answer = self.wire.ask(&url, &conditions(validators)).await?;
            let headers = answer.response.headers();
            match (answer.response.status().as_u16(), stored) {
                (200, _) => return self.whole(&url, answer).await,
                (304, Some(stored)) => return Ok(self.unchanged(&url, stored)),
                (301 | 302 | 303 | 307 | 308, _) => {
                    url = redirect::target(&url, headers.get(LOCATION))?;
                }
                _ => return Err(refusal(answer.response.status(), headers, pace)),
            }
        }
        let (from, to) = (shown(start), shown(&url));
        Err(Fault::Final(format!(
            "it redirects more than {MAX_REDIRECTS} times, from {from} to {to}"
        )))
    }

    fn stored(&self, url: &Url) -> Option<Stored> {
        if self.refresh {
            return None;
        }
        self.cache.as_ref()?.load(url)
    }

    fn unchanged(&self, url: &Url, stored: Stored) -> Vec<u8> {
        self.not_modified.set(self.not_modified.get() + 1);
        if let Some(cache) = &self.cache {
            cache.keep(url);
        }
        stored.body
    }

    async fn whole(&self, url: &Url, answer: Answer<'_>) -> Result<Vec<u8>, Fault> {
        let validators = Validators::of(answer.response.headers());
        let more = |sum: &Cell<u64>, length: usize| {
            sum.set(sum.get() + length as u64);
            sum.get() <= MAX_ALL_PAGES
        };
        let received = |length| more(&self.body_bytes, length);
        let body = body::read(answer.response, self.format, received).await?;
        if !more(&self.page_bytes, body.len()) {
            return Err(body::all_too_long());
        }
        if let (Some(cache), Some(validators)) = (&self.cache, validators) {
            cache.store(url, &validators, &body);
        }
        Ok(body)
    }
}

impl Drop for SiteReader {
    fn drop(&mut self) {
        // A name look-up cannot be stopped and may take long; the program does not wait for it.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn check_guide(url: &Url) -> Result<(), SiteError> {
    let reason = if !matches!(url.scheme(), "http" | "https") {
        "it begins with neither http nor https"
    } else if !url.path().ends_with('/') {
        "it does not end in /"
    } else if url.query().is_some() || url.fragment().is_some() {
        "it has a query or a fragment"
    } else {
        return Ok(());
    };
    Err(SiteError::Guide { url: shown(url), reason })
}

/// The headers that ask for a page only if it has changed.
fn conditions(validators: Option<&Validators>) -> HeaderMap {
    let header = |name: HeaderName, value: Option<&String>| {
        Some((name, HeaderValue::from_str(value?).ok()?))
    };
    let Some(validators) = validators else { return HeaderMap::new() };
    let none_match = header(IF_NONE_MATCH, validators.etag.as_ref());
    let modified_since = header(IF_MODIFIED_SINCE, validators.last_modified.as_ref());
    none_match.into_iter().chain(modified_since).collect()
}

fn refusal(status: StatusCode, headers: &HeaderMap, pace: Pace) -> Fault {
    let reason = format!("it answered {status}");
    match status.as_u16() {
        404 | 410 => Fault::Missing,
        403 | 405 => Fault::Wall(status),
        202 if headers.contains_key("x-amzn-waf-action") => Fault::Wall(status),
        // A 304 comes here where nothing is stored: it answers a question that was not asked.
        304 | 408 | 429 | 500.. => pace.passing(reason, headers.get(RETRY_AFTER)),
        _ => Fault::Final(reason),
    }
}

/// An address as it may be shown and stored: without credentials.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // What cannot have credentials has none.
    let _ = (url.set_username(""), url.set_password(None));
    url.into()
}
