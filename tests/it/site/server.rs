//! A web server on this machine that misbehaves as it is told.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use url::Url;

/// The path of the guide on every server here.
pub(crate) const GUIDE: &str = "/ug/";

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The first line's second word: a path, or a whole address where a proxy is asked.
    pub(crate) target: String,
    /// How many requests for that target came before.
    pub(crate) earlier: usize,
    /// When it came.
    pub(crate) at: Instant,
    headers: Vec<(String, String)>,
}

impl Request {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What is sent back, part by part; the connection ends after a reply that is no whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    delay: Duration,
    parts: Vec<Part>,
    ends_connection: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Bytes(Vec<u8>),
    Pause(Duration),
    Endless(Vec<u8>),
}

impl Reply {
    /// A whole answer.
    pub(crate) fn new(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let length = body.len().to_string();
        let mut bytes = head(status, headers, &[("Content-Length", &length)]);
        bytes.extend_from_slice(body);
        Self { delay: Duration::ZERO, parts: vec![Part::Bytes(bytes)], ends_connection: false }
    }

    /// A page.
    pub(crate) fn page(text: &str) -> Self {
        Self::new("200 OK", &[("Content-Type", "text/html; charset=utf-8")], text.as_bytes())
    }

    /// The head of an answer, after which anything may follow.
    pub(crate) fn begin(headers: &[(&str, &str)]) -> Self {
        Self::nothing().bytes(&head("200 OK", headers, &[]))
    }

    /// No answer at all.
    pub(crate) fn nothing() -> Self {
        Self { delay: Duration::ZERO, parts: Vec::new(), ends_connection: true }
    }

    /// Adds bytes.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.parts.push(Part::Bytes(bytes.to_vec()));
        self
    }

    /// Adds silence.
    pub(crate) fn pause(mut self, pause: Duration) -> Self {
        self.parts.push(Part::Pause(pause));
        self
    }

    /// Puts silence before all of it.
    pub(crate) fn after(mut self, pause: Duration) -> Self {
        self.delay = pause;
        self
    }

    /// Adds bytes that come again and again until nobody reads them.
    pub(crate) fn endless(mut self, bytes: &[u8]) -> Self {
        self.parts.push(Part::Endless(bytes.to_vec()));
        self
    }

    fn send(&self, stream: &mut dyn Stream, stop: &AtomicBool) -> io::Result<()> {
        for part in &self.parts {
            match part {
                Part::Bytes(bytes) => stream.write_all(bytes)?,
                Part::Pause(pause) => thread::sleep(*pause),
                Part::Endless(bytes) => {
                    while !stop.load(Ordering::Relaxed) {
                        stream.write_all(bytes)?;
                    }
                }
            }
            stream.flush()?;
        }
        Ok(())
    }
}

fn head(status: &str, headers: &[(&str, &str)], more: &[(&str, &str)]) -> Vec<u8> {
    let lines = headers.iter().chain(more).map(|(name, value)| format!("{name}: {value}\r\n"));
    format!("HTTP/1.1 {status}\r\n{}\r\n", lines.collect::<String>()).into_bytes()
}

/// What a connection runs over.
pub(crate) trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// Makes something that can be read and written of an accepted connection; fails where the
/// handshake does.
pub(crate) type Wrap = dyn Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync;

type Answering = dyn Fn(&Request) -> Reply + Send + Sync;

/// A server over HTTP/1.1; it stops when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Box<Answering>,
    wrap: Box<Wrap>,
    requests: Mutex<Vec<Request>>,
    connections: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    stop: AtomicBool,
}

impl Server {
    /// Starts one that answers with what the function gives.
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_over(|tcp| Ok(Box::new(tcp)), answer)
    }

    /// Starts one that gives every request the same answer.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone())
    }

    /// Starts one over something other than plain TCP.
    pub(crate) fn start_over(
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            wrap: Box::new(wrap),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for tcp in listener.incoming().map_while(Result::ok) {
                if accepting.stop.load(Ordering::Relaxed) {
                    break;
                }
                let shared = Arc::clone(&accepting);
                thread::spawn(move || shared.serve(tcp));
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of its guide.
    pub(crate) fn guide(&self) -> Url {
        self.guide_over("http", "127.0.0.1")
    }

    /// The address of its guide under another scheme or name.
    pub(crate) fn guide_over(&self, scheme: &str, host: &str) -> Url {
        let url = format!("{scheme}://{host}:{}{GUIDE}", self.address.port());
        Url::parse(&url).expect("it is an address")
    }

    /// The requests so far, in the order in which they came.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().expect("no test panics holding it").clone()
    }

    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// How many requests were being answered at once, at most.
    pub(crate) fn most_under_way(&self) -> usize {
        self.shared.most_under_way.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts, so that it sees the word.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, tcp: TcpStream) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let _ = tcp.set_read_timeout(Some(Duration::from_secs(10)));
        let _ = tcp.set_write_timeout(Some(Duration::from_secs(10)));
        if let Ok(stream) = (self.wrap)(tcp) {
            // A client that hangs up is part of many tests.
            let _ = self.talk(stream);
        }
    }

    fn talk(&self, stream: Box<dyn Stream>) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        while let Some(request) = self.receive(&mut stream)? {
            raise(&self.under_way, &self.most_under_way);
            let reply = (self.answer)(&request);
            thread::sleep(reply.delay);
            // Before the answer is sent: the client may send its next request while this thread
            // still waits for its turn.
            self.under_way.fetch_sub(1, Ordering::Relaxed);
            reply.send(stream.get_mut().as_mut(), &self.stop)?;
            if reply.ends_connection {
                break;
            }
        }
        Ok(())
    }

    fn receive(&self, stream: &mut impl BufRead) -> io::Result<Option<Request>> {
        let mut first = String::new();
        if stream.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut requests = self.requests.lock().expect("no test panics holding it");
        let earlier = requests.iter().filter(|request| request.target == target).count();
        let request = Request { target, earlier, at: Instant::now(), headers };
        requests.push(request.clone());
        Ok(Some(request))
    }
}

fn raise(now: &AtomicUsize, most: &AtomicUsize) {
    let value = now.fetch_add(1, Ordering::Relaxed) + 1;
    most.fetch_max(value, Ordering::Relaxed);
}
