//! `site --serve`: the site on this machine, for a look.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::error::CliError;
use super::printer::Printer;
use crate::site::Site;

/// What connections may take. A program or a page on this machine that opens many, or sends slowly,
/// takes no more than that.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// How many are served at once; a browser opens six.
    connections: usize,
    /// How many bytes a request line has with its headers.
    head: usize,
    /// How long all of a request may take to come.
    request: Duration,
    /// How long all of an answer may take to be read.
    answer: Duration,
}

const BOUNDS: Bounds = Bounds {
    connections: 32,
    head: 16 * 1024,
    request: Duration::from_secs(5),
    answer: Duration::from_secs(30),
};

/// How much is written before the clock is looked at again.
const PIECE: usize = 64 * 1024;

/// How long, and in how many pieces, what the other side still sends is read behind an answer.
const DRAINING: Duration = Duration::from_millis(200);
const MOST_DRAINED: usize = 16;

/// What a request is answered with.
#[derive(Debug, PartialEq, Eq)]
struct Answer<'s> {
    status: &'static str,
    content_type: &'static str,
    body: &'s [u8],
    has_body: bool,
}

const BUSY: Answer<'_> = Answer::plain("503 Service Unavailable", "");

const TOO_LARGE: Answer<'_> =
    Answer::plain("431 Request Header Fields Too Large", "The request is too large.\n");

impl Answer<'static> {
    const fn plain(status: &'static str, body: &'static str) -> Self {
        let content_type = "text/plain; charset=utf-8";
        Self { status, content_type, body: body.as_bytes(), has_body: true }
    }
}

/// Serves a site on loopback until the program is ended.
pub(super) fn serve(site: Site, port: u16, printer: &Printer) -> Result<(), CliError> {
    let refused = |error: io::Error| {
        CliError::not_written(&format_args!("port {port} of this machine cannot be used: {error}"))
            .hint("give another one, or 0 for any that is free: --serve 0")
    };
    let listener =
        TcpListener::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    printer.status(format_args!("http://127.0.0.1:{port}/ shows the site until Ctrl-C"));
    accept(&listener, site, port, BOUNDS);
    Ok(())
}

/// Answers every connection on a thread of its own, up to a number at once. One more is told so.
fn accept(listener: &TcpListener, site: Site, port: u16, bounds: Bounds) {
    let site = Arc::new(site);
    let open = Arc::new(());
    for connection in listener.incoming() {
        // A connection that breaks off is the browser's business.
        let Ok(connection) = connection else { continue };
        if Arc::strong_count(&open) > bounds.connections {
            refuse(&connection).ok();
            continue;
        }
        let (site, open) = (Arc::clone(&site), Arc::clone(&open));
        thread::spawn(move || {
            handle(&connection, &site, port, bounds).ok();
            drop(open);
        });
    }
}

/// Says that there are too many connections, without waiting for anything.
fn refuse(mut connection: &TcpStream) -> io::Result<()> {
    connection.set_nonblocking(true)?;
    connection.write_all(&header(&BUSY))
}

fn handle(connection: &TcpStream, site: &Site, port: u16, bounds: Bounds) -> io::Result<()> {
    let head = read_head(connection, bounds)?;
    let answer = head.as_deref().map_or(TOO_LARGE, |head| answer(head, site, port));
    let end = Instant::now() + bounds.answer;
    write_all(connection, &header(&answer), end)?;
    write_all(connection, if answer.has_body { answer.body } else { &[] }, end)?;
    connection.shutdown(Shutdown::Write)?;
    drain(connection)
}

/// Reads for a moment what the other side still sends, since closing on it would take the answer back.
fn drain(mut connection: &TcpStream) -> io::Result<()> {
    let end = Instant::now() + DRAINING;
    let mut piece = [0; 4096];
    for _ in 0..MOST_DRAINED {
        connection.set_read_timeout(Some(left_until(end)?))?;
        if connection.read(&mut piece)? == 0 {
            break;
        }
    }
    Ok(())
}

/// The lines of a request up to the blank one; none where there are too many bytes.
fn read_head(mut connection: &TcpStream, bounds: Bounds) -> io::Result<Option<Vec<String>>> {
    let end = Instant::now() + bounds.request;
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&head) {
        connection.set_read_timeout(Some(left_until(end)?))?;
        let read = connection.read(&mut piece)?;
        if read == 0 {
            break;
        }
        head.extend_from_slice(&piece[..read]);
        if head.len() > bounds.head {
            return Ok(None);
        }
    }
    let text = String::from_utf8_lossy(&head);
    let lines = text.lines().map(str::trim_end).take_while(|line| !line.is_empty());
    Ok(Some(lines.map(str::to_owned).collect()))
}

fn is_whole(head: &[u8]) -> bool {
    head.windows(2).any(|two| two == b"\n\n") || head.windows(4).any(|four| four == b"\r\n\r\n")
}

fn write_all(mut connection: &TcpStream, bytes: &[u8], end: Instant) -> io::Result<()> {
    for piece in bytes.chunks(PIECE) {
        let mut rest = piece;
        while !rest.is_empty() {
            connection.set_write_timeout(Some(left_until(end)?))?;
            let written = connection.write(rest)?;
            rest = &rest[written..];
        }
    }
    Ok(())
}

/// The time that is left; an error where there is none.
fn left_until(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn header(Answer { status, content_type, body, .. }: &Answer<'_>) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

fn answer<'s>(head: &[String], site: &'s Site, port: u16) -> Answer<'s> {
    // A page of another site can have its host's name lead here.
    let host = head.iter().skip(1).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    });
    let own = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    if !host.is_some_and(|host| own.iter().any(|own| own == host)) {
        return Answer::plain("403 Forbidden", "This is for this machine only.\n");
    }
    let mut request = head.first().map_or("", String::as_str).split(' ');
    let (method, target) = (request.next().unwrap_or(""), request.next().unwrap_or(""));
    if !["GET", "HEAD"].contains(&method) {
        return Answer::plain("405 Method Not Allowed", "Only GET and HEAD.\n");
    }
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    match site.files.get(path) {
        Some(body) => {
            let content_type = content_type(path);
            Answer { status: "200 OK", content_type, body, has_body: method == "GET" }
        }
        None => Answer::plain("404 Not Found", "The site has no such page.\n"),
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
