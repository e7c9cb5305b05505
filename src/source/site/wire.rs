//! The wire: which connection carries a request.
//!
//! All requests of a run go to one host. Over `https` they share one connection if the host speaks
//! HTTP/2, and that must not wait for the first answer to be found out: the client is told that
//! it does. Only when the first connection shows that it does not, the run goes on over HTTP/1.1.

use std::cell::{Cell, OnceCell};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use url::Url;

use super::fault::{Break, Cause, Fault};
use crate::source::PageFormat;

/// The most connections over HTTP/1.1.
pub(super) const MAX_CONNECTIONS: usize = 8;

/// How long an HTTP/2 connection may be silent before it is asked whether it still lives, and how
/// long it has for the answer.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// How long connections and answers may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For a connection, from the look-up of the name to the end of the TLS handshake.
    pub(super) connect: Duration,
    /// For the next piece of an answer.
    pub(super) read: Duration,
}

/// The connections to a site, and what is known about it.
#[derive(Debug)]
pub(super) struct Wire {
    user_agent: HeaderValue,
    accept: HeaderValue,
    patience: Patience,
    plain: OnceCell<Client>,
    http1: OnceCell<Client>,
    http2: OnceCell<Client>,
    site: watch::Sender<Site>,
    requests: Cell<u64>,
    permits: Semaphore,
}

/// An answer; while it is held, the connection that it came over counts as busy.
pub(super) struct Answer<'w> {
    pub(super) response: Response,
    _permit: Option<SemaphorePermit<'w>>,
}

/// What is known about the site.
#[derive(Debug, Default)]
struct Site {
    answered: bool,
    speaks_http2: bool,
    /// It was spoken to in HTTP/2, and did not understand.
    only_http1: bool,
    /// Why it has been given up.
    lost: Option<Break>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// `http`, always HTTP/1.1.
    Plain,
    /// `https` over HTTP/1.1.
    Http1,
    /// `https` over HTTP/2.
    Http2,
}

impl Wire {
    pub(super) fn new(
        user_agent: HeaderValue,
        format: PageFormat,
        patience: Patience,
        connections: usize,
    ) -> Self {
        let accept = match format {
            PageFormat::Html => "text/html,application/xhtml+xml",
            PageFormat::Markdown => "text/markdown,text/plain;q=0.9",
        };
        Self {
            user_agent,
            accept: HeaderValue::from_static(accept),
            patience,
            plain: OnceCell::new(),
            http1: OnceCell::new(),
            http2: OnceCell::new(),
            site: watch::Sender::default(),
            requests: Cell::new(0),
            permits: Semaphore::new(connections.clamp(1, MAX_CONNECTIONS)),
        }
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn ask(&self, url: &Url, headers: &HeaderMap) -> Result<Answer<'_>, Fault> {
        loop {
            let line = self.line(url);
            let permit = match line {
                Line::Http2 => None,
                Line::Plain | Line::Http1 => {
                    Some(self.permits.acquire().await.expect("nobody closes it"))
                }
            };
            if let Some(response) = self.ask_over(line, url, headers).await? {
                return Ok(Answer { response, _permit: permit });
            }
        }
    }

    /// Whether the site has answered anything in this run.
    pub(super) fn has_answered(&self) -> bool {
        self.site.borrow().answered
    }

    /// Gives the site up for the rest of the run, if the fault shows that it cannot be reached and
    /// nothing says otherwise: requests that wait for a connection end with the same fault.
    pub(super) fn give_up(&self, fault: &Fault) {
        if let Fault::Connection(fault @ Break { opening: true, .. }) = fault
            && !self.has_answered()
        {
            self.site.send_modify(|site| {
                site.lost.get_or_insert_with(|| fault.clone());
            });
        }
    }

    /// How many requests have been made.
    pub(super) fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// The answer, or none where the line turned out not to be one that the site speaks.
    async fn ask_over(
        &self,
        line: Line,
        url: &Url,
        headers: &HeaderMap,
    ) -> Result<Option<Response>, Fault> {
        self.check_lost()?;
        let client = self.client(line)?;
        self.requests.set(self.requests.get() + 1);
        let answer = pin!(client.get(url.clone()).headers(headers.clone()).send());
        match select(answer, pin!(self.useless(line))).await {
            Either::Left((Ok(response), _)) => {
                self.site.send_modify(|site| {
                    site.answered = true;
                    site.speaks_http2 |= line == Line::Http2;
                });
                Ok(Some(response))
            }
            Either::Left((Err(error), _)) => self.failed(line, Fault::of(&error)),
            Either::Right(_) => {
                self.was_not_sent();
                self.check_lost().map(|()| None)
            }
        }
    }

    fn line(&self, url: &Url) -> Line {
        match url.scheme() {
            "https" if self.site.borrow().only_http1 => Line::Http1,
            "https" => Line::Http2,
            _ => Line::Plain,
        }
    }

    /// Waits until a request over a line has become pointless.
    async fn useless(&self, line: Line) {
        let useless = |site: &Site| site.lost.is_some() || (line == Line::Http2 && site.only_http1);
        self.site.subscribe().wait_for(useless).await.expect("this holds the sender");
    }

    fn check_lost(&self) -> Result<(), Fault> {
        match &self.site.borrow().lost {
            Some(fault) => Err(Fault::Connection(fault.clone())),
            None => Ok(()),
        }
    }

    fn failed(&self, line: Line, fault: Fault) -> Result<Option<Response>, Fault> {
        if matches!(fault, Fault::Connection(Break { opening: true, .. })) {
            self.was_not_sent();
        }
        // A host without HTTP/2 refuses it in the handshake, or takes the first bytes for nonsense
        // and hangs up.
        let broken = matches!(fault, Fault::Connection(Break { cause: Cause::Broken, .. }));
        if !broken || line != Line::Http2 || self.site.borrow().speaks_http2 {
            return Err(fault);
        }
        self.site.send_modify(|site| site.only_http1 = true);
        Ok(None)
    }

    fn was_not_sent(&self) {
        self.requests.set(self.requests.get() - 1);
    }

    fn client(&self, line: Line) -> Result<&Client, Fault> {
        let cell = match line {
            Line::Plain => &self.plain,
            Line::Http1 => &self.http1,
            Line::Http2 => &self.http2,
        };
        if cell.get().is_none() {
            let built = self.builder(line).build();
            let built = match line {
                // Without root certificates on the system, plain HTTP still works.
                Line::Plain => built.or_else(|_| self.builder(line).tls_certs_only([]).build()),
                Line::Http1 | Line::Http2 => built,
            };
            let client = built.map_err(|error| Fault::of(&error))?;
            cell.set(client).expect("it was just seen to be empty");
        }
        Ok(cell.get().expect("it was just filled"))
    }

    fn builder(&self, line: Line) -> ClientBuilder {
        // One that the program has chosen already stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let headers = HeaderMap::from_iter([
            (ACCEPT, self.accept.clone()),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            (ACCEPT_LANGUAGE, HeaderValue::from_static("en")),
        ]);
        let builder = Client::builder()
            .user_agent(self.user_agent.clone())
            .default_headers(headers)
            .redirect(Policy::none())
            .connect_timeout(self.patience.connect)
            .read_timeout(self.patience.read);
        match line {
            Line::Plain | Line::Http1 => builder.http1_only(),
            Line::Http2 => builder
                .http2_prior_knowledge()
                // A connection that has died silently would take every later attempt with it.
                .http2_keep_alive_interval(KEEP_ALIVE)
                .http2_keep_alive_timeout(KEEP_ALIVE),
        }
    }
}
