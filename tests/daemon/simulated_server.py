"""A mail server in simulated time: what it holds is a mailbox in memory, what befalls its
connections is told by the test. Each call costs time, so mail comes in the middle of passes.

Stands in for the server and the socket alone; waiting, watching and filing are the real ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from daemon.simulation import Simulation
from triage.daemon.wake import Wake
from triage.errors import ServerUnreachable, TriageError
from triage.mailbox.in_memory import MemoryMailbox
from triage.mailbox.types import FolderState
from triage.mailbox.watch import Ears, Heard, keep_alive, wait_for_change
from triage.settings import AccountSettings

TRIP_SECONDS = 0.05  # there and back


@dataclass
class Delivered:
    """One message: when it came (awake seconds), and when something was done about it."""

    number: int
    label: str
    folder: str
    at: float
    acted: float | None = None


class SimulatedServer:
    """``refusing`` says why a login fails, None: it does not."""

    def __init__(self, simulation: Simulation, folders: Iterable[str], timeout: float) -> None:
        self.simulation, self.timeout = simulation, timeout
        self.store = MemoryMailbox("main", folders)
        self.refusing: TriageError | None = None
        self.lines: list[Line] = []
        self.logins: list[tuple[str, float, bool]] = []  # by whom, when, whether they succeeded
        self.delivered: dict[tuple[str, int], Delivered] = {}
        self.heard = 0
        self.answered: dict[str, float] = {}  # by thread, when it last got an answer

    def connect(self, account: AccountSettings, headers: Iterable[str]) -> Any:
        self.simulation.sleep(5 * TRIP_SECONDS)
        self.logins.append((self.simulation.name, self.simulation.elapsed, not self.refusing))
        if self.refusing:
            raise self.refusing
        self.answered[self.simulation.name] = self.simulation.elapsed
        line = Line(self)
        self.lines.append(line)
        return line

    def wait(self, mailbox: Any, folder: str | None, seconds: float, wake: Wake) -> object:
        ears = Ears(self.simulation.monotonic, self._hear)
        if folder is None:
            return keep_alive(mailbox, seconds, wake, wake.renewing, ears)
        return wait_for_change(mailbox, folder, seconds, wake, 60.0, wake.renewing, ears)

    def _hear(self, line: Any, wake: Any, seconds: float) -> Heard:
        self.heard += 1
        self.simulation.sleep(seconds, lambda: wake.wait(0) or line.readable)
        return "wake" if wake.wait(0) else "server" if line.readable else "nothing"

    def deliver(self, number: int, label: str, folder: str, content: bytes) -> None:
        uid = self.store.put(folder, content)
        self.delivered[folder, uid] = Delivered(number, label, folder, self.simulation.elapsed)
        self._announce(folder, b"* %d EXISTS" % len(self.store._folders[folder].held))

    def gone(self, folder: str) -> None:
        """A message was moved away over one of the lines."""
        self._announce(folder, b"* 1 EXPUNGE")

    def _announce(self, folder: str, news: bytes) -> None:
        for line in self.lines:
            if line.idling == folder and not (line.dead or line.deaf):
                line.news.append(news)

    # What befalls the connections

    def open_lines(self) -> list[Line]:
        self.lines = [line for line in self.lines if not line.closed]
        return self.lines

    def cut(self) -> None:
        """All at once, seen by the other end."""
        for line in self.open_lines():
            line.cut = True

    def fall_silent(self, folder: str = "") -> None:
        """All, or those that listen to ``folder``, stay open and lead nowhere."""
        for line in self.open_lines():
            line.dead = line.dead or folder in ("", line.idling)

    def go_deaf(self, deaf: bool = True) -> None:
        """All answer, but tell nothing in IDLE any more."""
        for line in self.open_lines():
            line.deaf = deaf


class Line(MemoryMailbox):
    """One connection: a mailbox, and its own session, stream and socket."""

    def __init__(self, server: SimulatedServer) -> None:
        super().__init__("main")
        self._server = server
        self._folders = server.store._folders  # one store behind all lines
        self.dead = self.deaf = self.cut = False
        self.news: list[bytes] = []
        self.idling = ""
        self.session = Talk(self)
        self._looked: dict[str, FolderState] = {}
        self._selected: FolderState | None = None
        self.before, self.after = self._trip, self._done

    def trip(self, name: str) -> None:
        """The way to the server and back."""
        sleep = self._server.simulation.sleep
        if self.dead and not self.cut:
            sleep(self._server.timeout, lambda: self.cut)
        else:
            sleep(TRIP_SECONDS)
        if self.dead or self.cut:
            self.closed = True
            raise ServerUnreachable(f"the connection was lost during {name}", where="main")
        self._server.answered[self._server.simulation.name] = self._server.simulation.elapsed

    @property
    def readable(self) -> bool:
        return bool(self.news) or (self.cut and not self.closed)

    def close(self) -> None:
        if not self.closed and self.dead:
            self._server.simulation.sleep(self._server.timeout)
        super().close()

    def open(self, folder: str) -> FolderState:
        state = super().open(folder)
        self._looked[folder] = self._selected = state
        return state

    def arrived(self, folder: str) -> bool:
        before = self._looked.get(folder)
        self._selected = now = super().open(folder)
        self._looked.setdefault(folder, now)
        return before is not None and now.uidnext > before.uidnext

    def messages_seen(self) -> int:
        return self._selected.messages if self._selected else 0

    def _trip(self, name: str) -> None:
        self.trip(name)

    def _done(self, name: str) -> None:
        if name in ("move", "add_flags", "add_labels"):
            _, folder, uids, *_ = self.log[-1]
            for uid in uids:  # type: ignore[attr-defined]
                one = self._server.delivered[str(folder), uid]
                one.acted = one.acted or self._server.simulation.elapsed
                if name == "move":
                    self._server.gone(str(folder))
        if self.cut:  # it was done, and the answer is lost
            raise ServerUnreachable("the connection was lost", where="main")


@dataclass
class Talk:
    """What ``mailbox.watch`` needs of a session; it is its own stream."""

    line: Line
    capabilities: frozenset[str] = field(default_factory=lambda: frozenset({"IDLE"}))

    @property
    def stream(self) -> Talk:
        return self

    @property
    def sock(self) -> Line:
        return self.line

    def idle_begin(self) -> None:
        selected = self.line._selected
        assert selected is not None
        self.line.trip("IDLE")
        self.line.news, self.line.idling = [], selected.name
        now = len(self.line._folders[selected.name].held)
        if now > selected.messages:  # it came since it was selected: the server tells at once
            self.line.news.append(b"* %d EXISTS" % now)

    def idle_lines(self) -> tuple[list[bytes], bool]:
        if self.line.cut:
            self.line.trip("IDLE")
        news, self.line.news = self.line.news, []
        return news, False

    def idle_end(self) -> list[bytes]:
        self.line.trip("DONE")
        self.line.idling = ""
        news, self.line.news = self.line.news, []
        return news

    def noop(self) -> list[bytes]:
        self.line.trip("NOOP")
        return []

    def overhear(self) -> None:
        if self.line.cut:
            self.line.trip("a wait")

    def drop(self) -> None:
        self.line.closed = True
