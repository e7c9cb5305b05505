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

/// The bounds of tests, which have no time.
const SHORT: Bounds = Bounds {
    connections: 2,
    head: 1000,
    request: Duration::from_millis(400),
    answer: Duration::from_millis(400),
};

/// Serves a site of one large file, and gives the port.
fn served() -> u16 {
    let mut site = Site::default();
    site.files.insert("index.html".to_owned(), vec![b'x'; 64 << 20]);
    site.files.insert("small.css".to_owned(), b"small".to_vec());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || accept(&listener, site, port, SHORT));
    port
}

fn connect(port: u16) -> TcpStream {
    let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    connection
}

/// What comes until the other side ends it, however it does.
fn rest(mut connection: &TcpStream) -> String {
    let mut rest = Vec::new();
    connection.read_to_end(&mut rest).ok();
    String::from_utf8(rest).unwrap()
}

fn small(port: u16) -> String {
    let mut connection = connect(port);
    write!(connection, "GET /small.css HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").ok();
    rest(&connection)
}

#[test]
fn who_sends_slowly_is_not_waited_for() {
    let port = served();
    let begin = Instant::now();
    let mut slow = connect(port);
    // Each byte comes in time, the whole never.
    while slow.write_all(b"x").is_ok() && begin.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(50));
    }
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let (silent, begin) = (connect(port), Instant::now());
    assert_eq!(rest(&silent), "");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn who_does_not_read_the_answer_is_not_waited_for() {
    let port = served();
    let greedy: Vec<TcpStream> = (0..SHORT.connections).map(|_| connect(port)).collect();
    for mut connection in &greedy {
        write!(connection, "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").unwrap();
    }
    let begin = Instant::now();
    while !small(port).ends_with("small") {
        assert!(begin.elapsed() < Duration::from_secs(5), "they hold the site");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn more_connections_than_allowed_are_told_at_once() {
    let port = served();
    let silent: Vec<TcpStream> = (0..SHORT.connections).map(|_| connect(port)).collect();
    let mut answers = (0..20).map(|_| small(port));
    assert!(answers.any(|answer| answer.starts_with("HTTP/1.1 503 ") || answer.is_empty()));
    drop(silent);
    let begin = Instant::now();
    while !small(port).ends_with("small") {
        assert!(begin.elapsed() < Duration::from_secs(5), "the site stays closed");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_request_has_a_bound() {
    let port = served();
    let mut connection = connect(port);
    write!(connection, "GET / HTTP/1.1\r\nX: {}\r\n", "x".repeat(2 * SHORT.head)).ok();
    assert!(rest(&connection).starts_with("HTTP/1.1 431 "));
}
