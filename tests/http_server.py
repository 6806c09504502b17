"""A real HTTP server of this machine: it keeps what it gets, and answers what a test says."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What it is answered with."""

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class LocalServer:
    """Where it is, what came in, and the codes that come before the first usual answer.

    A redirect leads back to the server itself.
    """

    url: str
    port: int
    received: list[Received] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)


@contextmanager
def http_server(answer: Callable[[Received], Answer] = lambda _: Answer()) -> Iterator[LocalServer]:
    """Serve on loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Received(self.command, self.headers, body)
            server.received.append(request)
            code = server.codes.pop(0) if server.codes else 0
            given = Answer(code, headers={"Location": server.url}) if code else answer(request)
            self.send_response(given.status)
            for name, value in {"Content-Length": str(len(given.content)), **given.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.content)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    port = int(http.server_address[1])
    server = LocalServer(f"http://127.0.0.1:{port}/", port)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
