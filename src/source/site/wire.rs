//! The wire: which connection carries a request.
//!
//! All requests of a run go to one host. Over `https` they share one connection if the host speaks
//! HTTP/2, and that must not wait for the first answer to be found out: the client is told that
//! it does. When the first connection breaks, the run goes on over HTTP/1.1; when that breaks too,
//! over HTTP/2 again; and so on, until an answer has proved one of them.

use std::cell::{Cell, RefCell};
use std::pin::pin;

use futures_util::future::{Either, select};
use reqwest::header::HeaderMap;
use reqwest::{Client, Response};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use url::Url;

use super::client::Clients;
use super::fault::{Break, Cause, Fault};

/// The connections to a site, and what is known about it.
#[derive(Debug)]
pub(super) struct Wire {
    clients: Clients,
    site: watch::Sender<Site>,
    requests: Cell<u64>,
    /// As many as connections over HTTP/1.1 are free.
    permits: Semaphore,
    /// The connections over HTTP/1.1 that are free; the one that was used last is taken first.
    free: RefCell<Vec<usize>>,
}

/// An answer; while it is held, the connection that it came over is busy.
pub(super) struct Answer<'w> {
    pub(super) response: Response,
    _connection: Option<Connection<'w>>,
}

/// A connection over HTTP/1.1, taken for one request and given back when dropped.
struct Connection<'w> {
    wire: &'w Wire,
    number: usize,
    _permit: SemaphorePermit<'w>,
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        self.wire.free.borrow_mut().push(self.number);
    }
}

/// What is known about the site.
#[derive(Debug, Default)]
struct Site {
    answered: bool,
    /// Over `https`, it is asked in HTTP/1.1.
    http1: bool,
    /// Over `https`, it has answered in the version in which it is asked.
    proven: bool,
    /// Why the last connection could not be made.
    last_failure: Option<Break>,
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
    /// Connections through these clients, of which `connections` are for HTTP/1.1.
    pub(super) fn new(clients: Clients, connections: usize) -> Self {
        Self {
            clients,
            site: watch::Sender::default(),
            requests: Cell::new(0),
            permits: Semaphore::new(connections),
            free: RefCell::new((0..connections).rev().collect()),
        }
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn ask(&self, url: &Url, headers: &HeaderMap) -> Result<Answer<'_>, Fault> {
        loop {
            let line = self.line(url);
            let connection = match line {
                Line::Http2 => None,
                Line::Plain | Line::Http1 => Some(self.connection().await),
            };
            if self.line(url) != line {
                continue;
            }
            self.check_lost()?;
            let client = match &connection {
                Some(connection) => self.clients.http1(connection.number),
                None => self.clients.http2()?,
            };
            if let Some(response) = self.ask_over(line, client, url, headers).await? {
                return Ok(Answer { response, _connection: connection });
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

    async fn connection(&self) -> Connection<'_> {
        let permit = self.permits.acquire().await.expect("nobody closes it");
        let number = self.free.borrow_mut().pop().expect("one is free for each permit");
        Connection { wire: self, number, _permit: permit }
    }

    /// The answer, or none where the line turned out not to be one that the site speaks.
    async fn ask_over(
        &self,
        line: Line,
        client: &Client,
        url: &Url,
        headers: &HeaderMap,
    ) -> Result<Option<Response>, Fault> {
        self.requests.set(self.requests.get() + 1);
        let answer = pin!(client.get(url.clone()).headers(headers.clone()).send());
        match select(answer, pin!(self.useless(line))).await {
            Either::Left((Ok(response), _)) => {
                self.site.send_modify(|site| {
                    site.answered = true;
                    site.proven |= line != Line::Plain;
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
            "https" if self.site.borrow().http1 => Line::Http1,
            "https" => Line::Http2,
            _ => Line::Plain,
        }
    }

    /// Waits until a request over a line has become pointless.
    async fn useless(&self, line: Line) {
        let useless = |site: &Site| site.lost.is_some() || (line == Line::Http2 && site.http1);
        self.site.subscribe().wait_for(useless).await.expect("this holds the sender");
    }

    fn check_lost(&self) -> Result<(), Fault> {
        match &self.site.borrow().lost {
            Some(fault) => Err(Fault::Connection(fault.clone())),
            None => Ok(()),
        }
    }

    /// What a failure on a line means: none where the site is to be asked over another one.
    fn failed(&self, line: Line, fault: Fault) -> Result<Option<Response>, Fault> {
        let Fault::Connection(failure) = fault else { return Err(fault) };
        if failure.opening {
            self.was_not_sent();
        }
        let mut outcome = Err(Fault::Connection(failure.clone()));
        self.site.send_modify(|site| {
            // A host without HTTP/2 refuses it in the handshake, or takes the first bytes for
            // nonsense and hangs up; which looks much like a connection that broke.
            if line != Line::Plain && !site.proven && failure.cause == Cause::Broken {
                site.http1 = line == Line::Http2;
            }
            if line == Line::Http2 && site.http1 {
                outcome = Ok(None);
            } else if failure.cause != Cause::Shared {
                site.last_failure = Some(failure);
            } else if let Some(failure) = &site.last_failure {
                outcome = Err(Fault::Connection(failure.clone()));
            }
        });
        outcome
    }

    fn was_not_sent(&self) {
        self.requests.set(self.requests.get() - 1);
    }
}
