"""One connection through the fault proxy: a thread each way, and what goes wrong on it.

Passes on whole commands and whole answers. May not decide what goes wrong: the proxy that
it belongs to does.
"""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

from faults.faults import How
from faults.wire import Command, Part, Parts, command, tag_of, without

if TYPE_CHECKING:
    from faults.proxy import FaultProxy

_CHUNK = 65536


class Link:
    """Two sockets. ``flowing`` is cleared while it is stalled."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.flowing = threading.Event()
        self.flowing.set()
        self.was_cut = False
        self._pending: list[bytes] = []  # tags, in the order in which the server answers
        self._treated: dict[bytes, How] = {}
        self._refusals: dict[bytes, bytes] = {}
        self._verbs: dict[bytes, str] = {}
        self._held: bytes | None = None
        self._speaking = threading.RLock()
        self._up_parts = Parts()
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.threads = [
            threading.Thread(target=work, name=f"faults {work.__name__}", daemon=True)
            for work in (self._up, self._down)
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def cut(self) -> None:
        """The client hears no more; the server is told so, after what it got."""
        self.was_cut = True
        self.flowing.set()
        _shut(self.client, socket.SHUT_RDWR)
        if self._held is None:
            _shut(self.server, socket.SHUT_WR)

    def release(self) -> None:
        """Give the server what was held back, and wait until it is done with it."""
        held, self._held = self._held, None
        if held is not None:
            _send(self.server, held)
            _shut(self.server, socket.SHUT_WR)
            self.threads[1].join(60)

    @property
    def waits(self) -> bool:
        """It will not end by itself: it is stalled, or something is held back."""
        return self._held is not None or not self.flowing.is_set()

    def say(self, line: bytes) -> None:
        """A line to the client that the server never said."""
        with self._speaking:
            _send(self.client, line)

    # To the server

    def _up(self) -> None:
        passes = True  # what does not begin a command does
        while not self.was_cut and (data := _receive(self.client)):
            raw = [Part(data, False, True)]
            for part in raw if self.proxy.raw else self._up_parts.feed(data):
                if part.begins:
                    passes = self._begin(part)
                if self._held is not None:
                    self._held += part.data
                elif passes and not self.was_cut:
                    self._pass_up(part.data)
            if self._held is not None:
                self.cut()  # when all that goes with it is there
        self.flowing.wait()
        if self._held is None:
            _shut(self.server, socket.SHUT_WR)

    def _begin(self, part: Part) -> bool:
        """Whether the command that begins here is passed on."""
        told = command(self.proxy.count + 1, part.data)
        if told is None:
            return True
        fault = self.proxy.met(told, self)
        how = fault.how if fault else None
        self._verbs[told.tag] = told.verb
        if how == "cut before":
            self.cut()
        elif how == "late":
            self._held = b""
        elif how == "stall":
            self.flowing.clear()
        elif how in ("no", "bad"):
            self._refuse(told, how)
            if not part.ends and not part.data.rstrip().endswith(b"+}"):
                self._up_parts.reset()  # the client waits for a go-ahead that does not come
            return False
        elif how:
            self._treated[told.tag] = how
        self._pending.append(told.tag)
        return how not in ("cut before", "late")

    def _refuse(self, told: Command, how: str) -> None:
        line = told.tag + b" " + how.upper().encode() + b" refused for a test\r\n"
        with self._speaking:
            self._refusals[told.tag] = line
            self._pending.append(told.tag)
            self._refuse_in_turn()

    def _refuse_in_turn(self) -> None:
        while self._pending and self._pending[0] in self._refusals:
            _send(self.client, self._refusals.pop(self._pending.pop(0)))

    def _pass_up(self, data: bytes) -> None:
        self.flowing.wait()
        data, rest = self.proxy.passed("up", data)
        if not self.was_cut:
            self._pause()
            _send(self.server, data)
        if rest is not None:
            self.cut()

    # To the client

    def _down(self) -> None:
        parts, answer = Parts(), b""
        while data := _receive(self.server):
            if self.proxy.raw:
                self.flowing.wait()
                self._pass_down(data)
                continue
            for part in parts.feed(data):
                answer += part.data
                if part.ends:
                    self._answered(answer)
                    answer = b""
        self.flowing.wait()
        _shut(self.client, socket.SHUT_WR)

    def _answered(self, answer: bytes) -> None:
        self.flowing.wait()
        tag = tag_of(answer)
        with self._speaking:
            about = tag or (self._pending[0] if self._pending else b"")
            how = self._treated.get(about)
            if tag in self._pending:
                self._pending.remove(tag)
            if how in ("no after", "bad after") and tag:
                word = how.split()[0].upper().encode()
                answer = tag + b" " + word + b" turned round for a test\r\n"
            asks = answer.startswith(b"+")
            if how not in ("cut after", "drop") or asks:
                self._pass_down(without(answer, self.proxy.hide))
            if how == "cut after" and tag:
                self.cut()
            if asks and self._verbs.get(about) == "IDLE":
                self.proxy.idling.set()
            self._refuse_in_turn()

    def _pass_down(self, data: bytes) -> None:
        if self.was_cut:
            return
        data, rest = self.proxy.passed("down", data)
        self._pause()
        size = 1 if self.proxy.dribble else len(data)
        for start in range(0, len(data), size or 1):
            _send(self.client, data[start : start + size])
        if rest is not None:
            self.cut()

    def _pause(self) -> None:
        if self.proxy.delay_seconds:
            time.sleep(self.proxy.delay_seconds)


def _receive(one: socket.socket) -> bytes:
    try:
        return one.recv(_CHUNK)
    except OSError:
        return b""


def _send(one: socket.socket, data: bytes) -> None:
    try:
        one.sendall(data)
    except OSError:
        return  # the other side is gone; its own thread notices


def _shut(one: socket.socket, how: int) -> None:
    try:
        one.shutdown(how)
    except OSError:
        return
