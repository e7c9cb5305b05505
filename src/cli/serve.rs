//! `site --serve`: the site on this machine, for a look.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::error::CliError;
use super::printer::Printer;
use crate::site::Site;

/// A request line with its headers is shorter.
const MAX_REQUEST: u64 = 16 * 1024;

/// A browser that opens a connection and says nothing is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a request is answered with.
#[derive(Debug, PartialEq, Eq)]
struct Answer<'s> {
    status: &'static str,
    content_type: &'static str,
    body: &'s [u8],
    has_body: bool,
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
    let site = Arc::new(site);
    for connection in listener.incoming() {
        // A connection that breaks off is the browser's business.
        let Ok(connection) = connection else { continue };
        let site = Arc::clone(&site);
        thread::spawn(move || handle(&connection, &site, port).ok());
    }
    Ok(())
}

fn handle(connection: &TcpStream, site: &Site, port: u16) -> io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let mut head = Vec::new();
    for line in BufReader::new(connection.take(MAX_REQUEST)).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let Answer { status, content_type, body, has_body } = answer(&head, site, port);
    let header = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut connection = connection;
    connection.write_all(header.as_bytes())?;
    connection.write_all(if has_body { body } else { &[] })
}

fn answer<'s>(head: &[String], site: &'s Site, port: u16) -> Answer<'s> {
    let plain = |status, body: &'static str| Answer {
        status,
        content_type: "text/plain; charset=utf-8",
        body: body.as_bytes(),
        has_body: true,
    };
    // A page of another site can have its host's name lead here.
    let host = head.iter().skip(1).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    });
    let own = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    if !host.is_some_and(|host| own.iter().any(|own| own == host)) {
        return plain("403 Forbidden", "This is for this machine only.\n");
    }
    let mut request = head.first().map_or("", String::as_str).split(' ');
    let (method, target) = (request.next().unwrap_or(""), request.next().unwrap_or(""));
    if !["GET", "HEAD"].contains(&method) {
        return plain("405 Method Not Allowed", "Only GET and HEAD.\n");
    }
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    match site.files.get(path) {
        Some(body) => {
            let content_type = content_type(path);
            Answer { status: "200 OK", content_type, body, has_body: method == "GET" }
        }
        None => plain("404 Not Found", "The site has no such page.\n"),
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
mod tests {
    use super::*;

    fn ask(lines: &[&str]) -> (&'static str, String) {
        let mut site = Site::default();
        site.files.insert("index.html".to_owned(), b"front".to_vec());
        site.files.insert("assets/a.js".to_owned(), b"script".to_vec());
        let head: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        let answer = answer(&head, &site, 80);
        (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
    }

    #[test]
    fn files_of_the_site_are_served_and_nothing_else() {
        let get = |path: &str| ask(&[&format!("GET {path} HTTP/1.1"), "host: localhost:80"]);
        assert_eq!(get("/"), ("200 OK", "front".to_owned()));
        assert_eq!(get("/assets/a.js?x"), ("200 OK", "script".to_owned()));
        for path in ["/../Cargo.toml", "/assets/../index.html", "/etc/passwd", "*", "/%2e%2e/x"] {
            assert_eq!(get(path).0, "404 Not Found", "{path}");
        }
    }

    #[test]
    fn other_hosts_and_methods_are_refused() {
        assert_eq!(ask(&["GET / HTTP/1.1", "Host: evil.example:80"]).0, "403 Forbidden");
        assert_eq!(ask(&["GET / HTTP/1.1"]).0, "403 Forbidden");
        assert_eq!(ask(&["POST / HTTP/1.1", "Host: 127.0.0.1:80"]).0, "405 Method Not Allowed");
        assert_eq!(ask(&[]).0, "403 Forbidden");
    }
}
