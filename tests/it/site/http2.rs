//! Servers over TLS: one that speaks HTTP/2, and HTTP/1.1 ones.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use futures_util::future::select;
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
    /// How many requests of a connection have to be there before any is answered.
    pub(crate) gather: usize,
    /// How many requests may be under way at once.
    pub(crate) streams: u32,
    /// How many answers the first connection lives for.
    pub(crate) first_lives_for: usize,
}

impl Default for Manners {
    fn default() -> Self {
        Self { gather: 1, streams: 128, first_lives_for: usize::MAX }
    }
}

/// A server over HTTP/2; it stops when dropped.
pub(crate) struct Http2Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    _stop: oneshot::Sender<()>,
}

impl Http2Server {
    pub(crate) fn start(certificate: &Certificate, manners: Manners) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(certificate.config(&["h2", "http/1.1"])));
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("the system has events");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let (stop, stopped) = oneshot::channel();
        thread::spawn(move || {
            let accepting = async {
                while let Ok((tcp, _)) = listener.accept().await {
                    let first = counter.fetch_add(1, Ordering::Relaxed) == 0;
                    let lives_for = if first { manners.first_lives_for } else { usize::MAX };
                    tokio::spawn(serve(acceptor.clone(), tcp, manners, lives_for));
                }
            };
            runtime.block_on(select(Box::pin(accepting), stopped));
        });
        Self { address, connections, _stop: stop }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn serve(
    acceptor: TlsAcceptor,
    tcp: tokio::net::TcpStream,
    manners: Manners,
    lives_for: usize,
) -> Option<()> {
    let tls = acceptor.accept(tcp).await.ok()?;
    let mut builder = h2::server::Builder::new();
    let mut connection =
        builder.max_concurrent_streams(manners.streams).handshake(tls).await.ok()?;
    let mut waiting = Vec::new();
    let mut gathered = false;
    let mut answered = 0;
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
        waiting.push((request, answer));
        gathered |= waiting.len() >= manners.gather;
        if gathered {
            for (request, answer) in waiting.drain(..) {
                respond(&request, answer)?;
                answered += 1;
            }
        }
    }
    Some(())
}

fn respond<B>(request: &Request<B>, mut answer: SendResponse<bytes::Bytes>) -> Option<()> {
    let head = Response::builder().header("content-type", "text/html").body(()).ok()?;
    let text = request.uri().path().to_owned();
    answer.send_response(head, false).ok()?.send_data(text.into(), true).ok()
}
