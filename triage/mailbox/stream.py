"""A socket to lines and literals, through a buffer that can be asked what it holds.

Stands in for imaplib's own reading, which cannot tell "nothing yet" from "the other side
is gone" and forgets the connection after one time-out. Bounds what a hostile server may
make us hold. May not understand what it reads.
"""

from __future__ import annotations

import imaplib
import socket
import ssl

LINE_LIMIT = 16 * 1024 * 1024
LITERAL_LIMIT = 64 * 1024 * 1024
_CHUNK = 64 * 1024

# A peer that answers nothing at all is given up by the kernel after four minutes of silence,
# under the five after which home routers forget a connection. The second name is macOS's.
_PROBES = (
    ("TCP_KEEPIDLE", 120),
    ("TCP_KEEPALIVE", 120),
    ("TCP_KEEPINTVL", 30),
    ("TCP_KEEPCNT", 4),
)


def probe_when_silent(sock: socket.socket) -> None:
    """Let the kernel ask a silent peer whether it is there (RFC 9293 section 3.8.4), in
    seconds where the system lets us choose, else after its usual two hours."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _PROBES:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class Stream:
    """What comes from the server. ``received`` counts the bytes since login."""

    def __init__(self, sock: socket.socket, timeout_seconds: float | None) -> None:
        self.sock = sock
        self.received = 0
        self._timeout_seconds = timeout_seconds
        self._buffer = bytearray()

    def readline(self) -> bytes:
        """One line with its end; b"" where the server hung up. Waits up to the time-out."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > LINE_LIMIT:
                raise imaplib.IMAP4.abort("a line without end")
            if not self._receive():
                return b""
        return self._cut(end + 1)

    def read(self, size: int) -> bytes:
        """A literal of ``size`` bytes; fewer where the server hung up."""
        if size > LITERAL_LIMIT:
            raise imaplib.IMAP4.abort("a literal that is too long")
        while len(self._buffer) < size:
            if not self._receive():
                break
        return self._cut(min(size, len(self._buffer)))

    def has_line(self) -> bool:
        """Whether ``readline`` would answer without waiting."""
        return b"\n" in self._buffer

    def fill(self) -> None:
        """Take in what is there already, without waiting. What TLS holds decrypted is
        taken too, so that afterwards the socket alone tells whether more has come.
        Raises imaplib's abort where the server hung up, or says more than can be held."""
        self.sock.settimeout(0)
        try:
            while len(self._buffer) < LINE_LIMIT:
                if not self._receive():
                    raise imaplib.IMAP4.abort("the server hung up")
            raise imaplib.IMAP4.abort("more than can be held")
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        finally:
            self.sock.settimeout(self._timeout_seconds)

    def _receive(self) -> bool:
        chunk = self.sock.recv(_CHUNK)
        self.received += len(chunk)
        self._buffer += chunk
        return bool(chunk)

    def _cut(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken
