"""A TCP proxy that counts what a client costs, and can change what the server says.

A burst is what the client sends after the server last spoke: one turn of the client's.
Counts per proxy, over all its connections. For plain IMAP; TLS would hide the turns.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Change = Callable[[bytes], bytes]


class CountingProxy:
    """``host`` and ``port`` are where to connect instead. ``change`` is applied to each
    line of the server's (literals included, so it should know what it looks for)."""

    def __init__(
        self, host: str, port: int, change: Change | None = None, listen: str = "127.0.0.1"
    ) -> None:
        self._target = (host, port)
        self._change = change
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.reset()
        self._listener = socket.create_server((listen, 0))
        self.host, self.port = self._listener.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def reset(self) -> None:
        """Count from 0."""
        with self._lock:
            self.bursts = self.bytes_up = self.bytes_down = 0
            self.sent: list[bytes] = []

    def cut(self) -> None:
        """Cut every connection, in mid-word."""
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sockets += [client, server]
            turn = _Turn()
            for work in (self._up, self._down):
                threading.Thread(target=work, args=(client, server, turn), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, turn: _Turn) -> None:
        while data := _receive(client):
            with self._lock:
                if turn.of_the_server:
                    self.bursts += 1
                    self.sent.append(b"")
                turn.of_the_server = False
                self.bytes_up += len(data)
                if self.sent:
                    self.sent[-1] += data
            if not _send(server, data):
                break
        _hang_up(server)

    def _down(self, client: socket.socket, server: socket.socket, turn: _Turn) -> None:
        held = b""
        while data := _receive(server):
            if self._change is not None:
                *lines, held = (held + data).split(b"\n")
                data = b"".join(self._change(line + b"\n") for line in lines)
            with self._lock:
                turn.of_the_server = True
                self.bytes_down += len(data)
            if not _send(client, data):
                break
        _hang_up(client)


class _Turn:
    """Who spoke last on one connection."""

    of_the_server = True


def _receive(one: socket.socket) -> bytes:
    try:
        return one.recv(65536)
    except OSError:
        return b""


def _send(one: socket.socket, data: bytes) -> bool:
    try:
        one.sendall(data)
    except OSError:
        return False
    return True


def _hang_up(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_WR)
    except OSError:
        return
