"""A proxy in front of a real IMAP server that pulls one plug after the other.

Handed ``Fault``, ``Cut`` and ``Meanwhile`` values, each of which strikes once (or always), or
told by a test at the moment: ``stall``, ``resume``, ``cut``, ``bye``. Counts commands and bytes,
so that a first undisturbed pass tells how many points there are to try. For plain IMAP on
loopback, since TLS hides the commands: then it is ``raw``, and knows bytes alone.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Literal, Self

from faults.faults import Cut, Fault, Meanwhile
from faults.link import Link
from faults.wire import Command

PATIENCE_SECONDS = 60.0  # for what must happen, on a machine that has other work


class FaultProxy:
    """``host`` and ``port`` are where to connect instead. ``hide`` names capabilities that
    the server seems to lack; ``dribble`` sends the client single bytes; ``delay_seconds``
    comes ahead of each command and each answer. ``commands`` are those that came, ``fired``
    the faults that struck."""

    def __init__(
        self,
        host: str,
        port: int,
        *faults: Fault | Cut | Meanwhile,
        hide: Iterable[str] = (),
        dribble: bool = False,
        delay_seconds: float = 0.0,
        raw: bool = False,
    ) -> None:
        self._target = (host, port)
        self._faults = list(faults)
        self.hide = frozenset(hide)
        self.dribble, self.delay_seconds, self.raw = dribble, delay_seconds, raw
        self.commands: list[Command] = []
        self.fired: list[Fault | Cut | Meanwhile] = []
        self.bytes_up = self.bytes_down = 0
        self.idling = threading.Event()
        self._stall_new = False
        self._links: list[Link] = []
        self._failed: list[Exception] = []
        self._lock = threading.RLock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()[:2]
        threading.Thread(target=self._accept, name="faults accept", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def count(self) -> int:
        """How many commands came."""
        return len(self.commands)

    # What a test does at the moment

    def stall(self, new_too: bool = False) -> None:
        """A half-open connection: from now on all that stand keep their sockets open and
        forward nothing, in either direction, nor the end of the other side. With
        ``new_too`` those that are opened later do the same."""
        with self._lock:
            self._stall_new = new_too
            for link in self._links:
                link.flowing.clear()

    def resume(self) -> None:
        """Forward again, beginning with what came meanwhile."""
        with self._lock:
            self._stall_new = False
            for link in self._links:
                link.flowing.set()

    def cut(self) -> None:
        """Cut every connection, in mid-word."""
        for link in self._all():
            link.cut()

    def bye(self, text: str = "shutting down") -> None:
        """The server says good-bye and hangs up, whatever it was doing, IDLE included."""
        for link in self._all():
            link.say(f"* BYE {text}\r\n".encode())
            link.cut()

    def release(self) -> None:
        """Let the server have what a ``late`` fault held back, and wait until it is done."""
        for link in self._all():
            link.release()

    def wait_until_idle(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Until the server has taken an IDLE that came since this was last asked."""
        assert self.idling.wait(seconds), "nobody went into IDLE"
        self.idling.clear()

    def drained(self) -> None:
        """Wait until the server is done with all that it got from clients that are gone, so
        that what comes next does not depend on luck. Raises what somebody else's deed did."""
        for link in self._all():
            for thread in () if link.waits else link.threads:
                thread.join(PATIENCE_SECONDS)
                assert not thread.is_alive(), "a connection is still in use"
        if self._failed:
            raise self._failed[0]

    def close(self) -> None:
        _hang_up(self._listener)  # closing alone would not wake who accepts
        self._listener.close()
        self.cut()
        for link in self._all():
            for one in (link.client, link.server):
                _hang_up(one)
            for thread in link.threads:
                thread.join(PATIENCE_SECONDS)
            link.client.close()
            link.server.close()

    # What the links ask

    def met(self, command: Command, link: Link) -> Fault | None:
        """Take note of the command; the fault that it meets, if any. A deed of somebody
        else's is done here, on the link's own thread."""
        with self._lock:
            self.commands.append(command)
            met = [f for f in self._faults if not isinstance(f, Cut) and f.hits(command)]
            for fault in met:
                self.fired.append(fault)
                if not fault.always:
                    self._faults.remove(fault)
        for one in met:
            if isinstance(one, Meanwhile):
                self._do(one, link)
        return next((one for one in met if isinstance(one, Fault)), None)

    def _do(self, meanwhile: Meanwhile, link: Link) -> None:
        try:
            meanwhile.deed()
        except Exception as error:
            self._failed.append(error)
            link.cut()

    def passed(self, way: Literal["up", "down"], data: bytes) -> tuple[bytes, bytes | None]:
        """What of ``data`` still passes, and what is cut off; None: nothing is."""
        with self._lock:
            before = self.bytes_up if way == "up" else self.bytes_down
            cut = next((f for f in self._faults if isinstance(f, Cut) and f.way == way), None)
            rest = None
            if cut is not None and before + len(data) > cut.after:
                data, rest = data[: cut.after - before], data[cut.after - before :]
                self._faults.remove(cut)
                self.fired.append(cut)
            if way == "up":
                self.bytes_up += len(data)
            else:
                self.bytes_down += len(data)
            return data, rest

    def _all(self) -> list[Link]:
        with self._lock:
            return list(self._links)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            link = Link(self, client, socket.create_connection(self._target))
            with self._lock:
                if self._stall_new:
                    link.flowing.clear()
                link.start()
                self._links.append(link)


def _hang_up(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
