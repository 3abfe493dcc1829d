"""A browser's last step to the query it brings: a listener on this machine alone.

RFC 8252 section 7.3: an HTTP server on 127.0.0.1, any port, for one answer. Where the
browser runs on another machine the person may paste the address at which it ended. An
answer whose state is another's is turned away, and the wait goes on (RFC 6749 section
10.12). May not log or show what it is sent.
"""

from __future__ import annotations

import hmac
import os
import selectors
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer
from typing import Self, TextIO
from urllib.parse import parse_qs, urlsplit

from triage.errors import UserError

_PATIENCE = 5.0  # seconds for a browser to say its line
_DONE = "Received. You can close this window; the terminal says how it went."
_NOT_OURS = "This is not the answer that is waited for."


class Receiver:
    """Listens from the start; ``port`` 0 takes a free one."""

    def __init__(self, port: int = 0) -> None:
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise UserError(
                f"port {port} of this machine cannot be listened on: {error.strerror}",
                now="Name another with --port, or leave it out.",
            ) from None
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._server.server_close()

    def answer(
        self,
        state: str,
        seconds: float,
        typed: TextIO | None = None,
        wrong: Callable[[], object] = lambda: None,
    ) -> dict[str, str]:
        """The query that belongs to ``state``, from the browser or pasted into ``typed``;
        ``wrong`` is called for each line that is pasted and is none. A ``TimeoutError`` after
        so many seconds."""
        self._server.state, self._server.query = state, None
        until = time.monotonic() + seconds
        lines = _Lines()
        with selectors.DefaultSelector() as selector:
            selector.register(self._server, selectors.EVENT_READ)
            if typed is not None:
                selector.register(typed, selectors.EVENT_READ)
            while self._server.query is None:
                ready = selector.select(max(0.0, until - time.monotonic()))
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    if key.fileobj is self._server:
                        self._server.handle_request()
                    elif text := os.read(key.fd, 65536):
                        self._hear(lines.whole(text), wrong)
                    else:  # nobody types any more
                        selector.unregister(key.fileobj)
        return self._server.query

    def _hear(self, lines: list[str], wrong: Callable[[], object]) -> None:
        for line in lines:
            if line and self._server.query is None and not self._server.take(line):
                wrong()


class _Lines:
    """Bytes as they come to whole lines: a reader that buffers would not wake a select."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, text: bytes) -> list[str]:
        *lines, self._rest = (self._rest + text).split(b"\n")
        return [line.decode("utf-8", "replace").strip() for line in lines]


class _Server(HTTPServer):
    state = ""
    query: dict[str, str] | None = None

    def server_bind(self) -> None:
        """Without looking for a name of this machine, which may ask a name server."""
        TCPServer.server_bind(self)

    def take(self, address: str) -> bool:
        """Whether the query of ``address`` is the one that is waited for."""
        try:
            found = parse_qs(urlsplit(address).query, max_num_fields=32)
        except ValueError:
            return False
        query = {name: values[0] for name, values in found.items() if len(values) == 1}
        given = query.get("state", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self.state.encode("ascii")):
            return False
        if "code" not in query and "error" not in query:
            return False
        self.query = query
        return True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hung up in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "triage", ""
    timeout = _PATIENCE

    def do_GET(self) -> None:
        """The redirect, or a browser's other wishes (/favicon.ico)."""
        taken = urlsplit(self.path).path == "/" and self.server.take(self.path)
        text = (_DONE if taken else _NOT_OURS).encode("ascii")
        self.send_response(200 if taken else 404)
        self.send_header("Content-Type", "text/plain; charset=us-ascii")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *line: object) -> None:
        """The line has the code in it."""
