#!/usr/bin/env python3
"""Serves a folder of guide pages on loopback the way the documentation site does.

    guide_server.py FOLDER [--port 8080] [--delay MILLISECONDS]

HTTP/1.1 with keep-alive, one thread a connection, `ETag` on every page and `304` when it still
matches. FOLDER holds the pages directly or under `guardduty/latest/ug/`; they are served under
`/guardduty/latest/ug/`. Every request is kept in a log, which is what the comparisons count.
"""

import argparse
import hashlib
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

GUIDE = "/guardduty/latest/ug/"
CONTENT_TYPES = {".html": "text/html; charset=utf-8", ".md": "text/markdown; charset=utf-8"}


class Request(NamedTuple):
    """One line of the request log; `bytes` is the length of the body that was sent."""

    path: str
    status: int
    bytes: int


class ListeningServer(ThreadingHTTPServer):
    """Accepts as many connections at once as a client may open; the default of 5 makes the sixth
    wait a second for its second try."""

    request_queue_size = 128
    daemon_threads = True


class GuideServer:
    """A mirror of the guide on a loopback port, as a context manager."""

    def __init__(self, folder, port=0, delay_ms=0):
        folder = Path(folder)
        nested = folder / GUIDE.strip("/")
        root = nested if nested.is_dir() else folder
        self.pages = {page.name: page.read_bytes()
                      for page in root.iterdir() if page.suffix in CONTENT_TYPES}
        if not self.pages:
            raise SystemExit(f"{root} holds no .html or .md page")
        self.delay = delay_ms / 1000
        self.log = []
        self._lock = threading.Lock()
        self._http = ListeningServer(("127.0.0.1", port), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self):
        # Loopback is no business of a proxy that the clients started from here may know of.
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()

    def take_log(self):
        """Gives the requests since the last call and forgets them."""
        with self._lock:
            log, self.log = self.log, []
        return log

    def answer(self, path, etag_of_client):
        """Decides a request: status, body and headers."""
        name = path.removeprefix(GUIDE) if path.startswith(GUIDE) else None
        body = self.pages.get(name)
        if body is None:
            return 404, b"", {}
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if etag_of_client == etag:
            return 304, b"", {"ETag": etag}
        return 200, body, {"ETag": etag, "Content-Type": CONTENT_TYPES[Path(name).suffix]}

    def record(self, request):
        with self._lock:
            self.log.append(request)

    def _handler(server):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body are two writes; together with delayed ACKs they would cost 40 ms.
            disable_nagle_algorithm = True

            def do_GET(self):
                time.sleep(server.delay)
                path = self.path.partition("?")[0]
                status, body, headers = server.answer(path, self.headers.get("If-None-Match"))
                server.record(Request(path, status, len(body)))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("folder")
    arguments.add_argument("--port", type=int, default=8080)
    arguments.add_argument("--delay", type=int, default=0, help="milliseconds before each answer")
    given = arguments.parse_args()
    with GuideServer(given.folder, given.port, given.delay) as server:
        print(f"{len(server.pages)} pages at {server.url}{GUIDE} (Ctrl-C ends it)", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
