//! The HTTP clients: one for HTTP/2, and one for each connection over HTTP/1.1.
//!
//! A client's pool opens a connection when none is idle at that moment, so the only way to keep to
//! a number of connections is to have that number of clients and one request at a time on each.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderMap, HeaderValue, USER_AGENT,
};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt;

use super::fault::Fault;
use crate::source::PageFormat;

/// How long an HTTP/2 connection may be silent before it is asked whether it still lives, and how
/// long it has for the answer. One that has died silently would take every later attempt with it.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// How long connections and answers may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For a connection, from the look-up of the name to the end of the TLS handshake.
    pub(super) connect: Duration,
    /// For the next piece of an answer.
    pub(super) read: Duration,
}

/// The clients of a run; each is made when it is first needed.
#[derive(Debug)]
pub(super) struct Clients {
    headers: HeaderMap,
    patience: Patience,
    tls: OnceCell<Result<ClientConfig, rustls::Error>>,
    http2: OnceCell<Client>,
    http1: Vec<OnceCell<Client>>,
}

impl Clients {
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
        let headers = [
            (USER_AGENT, user_agent),
            (ACCEPT, HeaderValue::from_static(accept)),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            (ACCEPT_LANGUAGE, HeaderValue::from_static("en")),
        ];
        Self {
            headers: headers.into_iter().collect(),
            patience,
            tls: OnceCell::new(),
            http2: OnceCell::new(),
            http1: vec![OnceCell::new(); connections],
        }
    }

    /// The client that speaks HTTP/2 from the first byte on, for `https` only.
    pub(super) fn http2(&self) -> Result<&Client, Fault> {
        let tls = self.tls().as_ref().map_err(Fault::of_tls)?;
        Ok(self.http2.get_or_init(|| {
            let builder = self
                .builder(tls, "h2")
                .http2_prior_knowledge()
                .http2_keep_alive_interval(KEEP_ALIVE)
                .http2_keep_alive_timeout(KEEP_ALIVE);
            build(builder)
        }))
    }

    /// The client of one of the connections over HTTP/1.1.
    pub(super) fn http1(&self, connection: usize) -> &Client {
        self.http1[connection].get_or_init(|| {
            // Where the system has no root certificates, plain HTTP still works.
            let tls = self.tls().clone().unwrap_or_else(|_| trusting_nobody());
            build(self.builder(&tls, "http/1.1").http1_only())
        })
    }

    fn tls(&self) -> &Result<ClientConfig, rustls::Error> {
        self.tls.get_or_init(|| Ok(tls_builder().with_platform_verifier()?.with_no_client_auth()))
    }

    fn builder(&self, tls: &ClientConfig, protocol: &str) -> ClientBuilder {
        let mut tls = tls.clone();
        tls.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        Client::builder()
            .tls_backend_preconfigured(tls)
            .default_headers(self.headers.clone())
            .redirect(Policy::none())
            .connect_timeout(self.patience.connect)
            .read_timeout(self.patience.read)
    }
}

fn build(builder: ClientBuilder) -> Client {
    builder.build().expect("nothing but TLS can fail, and that is configured already")
}

fn tls_builder() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows them")
}

fn trusting_nobody() -> ClientConfig {
    tls_builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}
