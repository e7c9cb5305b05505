//! Servers over TLS: one that speaks HTTP/2, and HTTP/1.1 ones.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use futures_util::future::select;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{Request, Response};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::server::Stream;

/// A certificate for this machine, signed by itself.
pub(crate) struct Certificate {
    file: NamedTempFile,
    certified: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        Self::for_names(&["localhost", "127.0.0.1"])
    }

    /// One for other names.
    pub(crate) fn for_names(names: &[&str]) -> Self {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let certified = rcgen::generate_simple_self_signed(names).expect("the names are sound");
        let mut file = NamedTempFile::new().expect("temporary files can be made");
        file.write_all(certified.cert.pem().as_bytes()).expect("and written");
        Self { file, certified }
    }

    /// The variable that makes a process trust it, and nothing else.
    pub(crate) fn trusted(&self) -> (&'static str, &str) {
        ("SSL_CERT_FILE", self.file.path().to_str().expect("temporary paths are text"))
    }

    /// The configuration of a server that offers these protocols.
    fn config(&self, protocols: &[&str]) -> ServerConfig {
        let key = self.certified.signing_key.serialize_der();
        let key = PrivateKeyDer::try_from(key).expect("it is a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring knows them")
            .with_no_client_auth()
            .with_single_cert(vec![self.certified.cert.der().clone()], key)
            .expect("the key fits the certificate");
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config
    }

    /// Makes an encrypted stream of an accepted connection, on which only these protocols are
    /// offered; none: the question is ignored.
    pub(crate) fn wrap(
        &self,
        protocols: &[&str],
    ) -> impl Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + use<> {
        let config = Arc::new(self.config(protocols));
        move |tcp| {
            let mut connection =
                ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            let mut tcp = tcp;
            connection.complete_io(&mut tcp)?;
            Ok(Box::new(StreamOwned::new(connection, tcp)))
        }
    }
}

/// How a server over HTTP/2 behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    /// How many requests of a connection have to be there before any of them is answered, round by
    /// round; behind the last, each is answered at once.
    pub(crate) rounds: &'static [usize],
    /// How many requests may be under way at once.
    pub(crate) streams: u32,
    /// How many answers the first connection lives for.
    pub(crate) first_lives_for: usize,
}

impl Default for Manners {
    fn default() -> Self {
        Self { rounds: &[], streams: 128, first_lives_for: usize::MAX }
    }
}

/// A request, and what its client knew when it was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    /// The number of the connection, from 0.
    pub(crate) connection: usize,
    /// How many rounds of answers the connection had carried before.
    pub(crate) round: usize,
    /// The path.
    pub(crate) path: String,
    /// Whether the page is wanted only if it has changed.
    pub(crate) is_conditional: bool,
}

type Answering = dyn Fn(&Request<RecvStream>) -> Response<String> + Send + Sync;

/// A server over HTTP/2; it stops when dropped.
pub(crate) struct Http2Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: oneshot::Sender<()>,
}

struct Shared {
    manners: Manners,
    answer: Box<Answering>,
    connections: AtomicUsize,
    asked: Mutex<Vec<Asked>>,
}

impl Http2Server {
    /// Starts one that answers with the path that was asked for.
    pub(crate) fn start(certificate: &Certificate, manners: Manners) -> Self {
        Self::start_with(certificate, manners, |request| {
            let page = Response::builder().header("content-type", "text/html");
            page.body(request.uri().path().to_owned()).expect("it is an answer")
        })
    }

    /// Starts one that answers with what the function gives.
    pub(crate) fn start_with(
        certificate: &Certificate,
        manners: Manners,
        answer: impl Fn(&Request<RecvStream>) -> Response<String> + Send + Sync + 'static,
    ) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(certificate.config(&["h2", "http/1.1"])));
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("the system has events");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (connections, asked) = (AtomicUsize::new(0), Mutex::default());
        let shared = Arc::new(Shared { manners, answer: Box::new(answer), connections, asked });
        let serving = Arc::clone(&shared);
        let (stop, stopped) = oneshot::channel();
        thread::spawn(move || {
            let accepting = async {
                while let Ok((tcp, _)) = listener.accept().await {
                    let number = serving.connections.fetch_add(1, Ordering::Relaxed);
                    tokio::spawn(serve(acceptor.clone(), tcp, Arc::clone(&serving), number));
                }
            };
            runtime.block_on(select(Box::pin(accepting), stopped));
        });
        Self { address, shared, _stop: stop }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// The requests so far, in the order in which they came.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().expect("no test panics holding it").clone()
    }
}

async fn serve(
    acceptor: TlsAcceptor,
    tcp: tokio::net::TcpStream,
    shared: Arc<Shared>,
    number: usize,
) -> Option<()> {
    let manners = shared.manners;
    let lives_for = if number == 0 { manners.first_lives_for } else { usize::MAX };
    let tls = acceptor.accept(tcp).await.ok()?;
    let mut builder = h2::server::Builder::new();
    let mut connection =
        builder.max_concurrent_streams(manners.streams).handshake(tls).await.ok()?;
    let mut waiting = Vec::new();
    let (mut round, mut answered) = (0, 0);
    while let Some(request) = connection.accept().await {
        let (request, answer) = request.ok()?;
        if answered >= lives_for {
            // Until it is over, what was answered is still sent.
            let _ = timeout(Duration::from_millis(50 * u64::from(answered > 0)), async {
                while connection.accept().await.is_some() {}
            })
            .await;
            return None;
        }
        shared.note(&request, number, round);
        waiting.push((request, answer));
        if waiting.len() >= manners.rounds.get(round).copied().unwrap_or(1) {
            for (request, answer) in waiting.drain(..) {
                respond(&(shared.answer)(&request), answer)?;
                answered += 1;
            }
            round += 1;
        }
    }
    Some(())
}

impl Shared {
    fn note(&self, request: &Request<RecvStream>, connection: usize, round: usize) {
        let path = request.uri().path().to_owned();
        let is_conditional = request.headers().contains_key("if-none-match");
        let asked = Asked { connection, round, path, is_conditional };
        self.asked.lock().expect("no test panics holding it").push(asked);
    }
}

fn respond(reply: &Response<String>, mut answer: SendResponse<bytes::Bytes>) -> Option<()> {
    let mut head = Response::builder().status(reply.status()).body(()).ok()?;
    *head.headers_mut() = reply.headers().clone();
    let text = reply.body().clone();
    let mut stream = answer.send_response(head, text.is_empty()).ok()?;
    if text.is_empty() {
        return Some(());
    }
    stream.send_data(text.into(), true).ok()
}
