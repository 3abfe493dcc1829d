"""The law: after any fault and one undisturbed pass, mailbox and journal are those of a run
that nothing disturbed; and undo then gives back the mailbox as it was.

A ``Court`` makes the undisturbed run once for a kind of server, and holds each other one
against it. May not know what the fault was.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from faults.ending import Ending, ending_of
from faults.faults import Cut, Fault, Meanwhile
from faults.filling import Filed, filling
from faults.points import EVERYTHING
from faults.proxy import FaultProxy
from faults.runs import LOST, a_pass, acted, an_undo
from faults.server import FaultServer
from triage.daemon.one_pass import PassReport
from triage.memory import open_memory

# What servers lack, in the field: MOVE (Courier), UIDPLUS too (old Exchange), the rest.
KINDS = {
    "all": frozenset[str](),
    "no MOVE": frozenset({"MOVE"}),
    "no MOVE, no UIDPLUS": frozenset({"MOVE", "UIDPLUS"}),
    "no UIDPLUS": frozenset({"UIDPLUS"}),
    "bare": frozenset({"IDLE", "CONDSTORE", "NAMESPACE", "QRESYNC", "LIST-EXTENDED"}),
}

Run = Callable[[int, str, Path], object]
"""A pass or an undo, as those of ``runs``: by port, user, and state file."""


@dataclass
class Court:
    """``hide`` is what the server lacks. ``messages``: what is in each mailbox."""

    server: FaultServer
    hide: frozenset[str] = frozenset()
    messages: tuple[Filed, ...] = filling()

    def __post_init__(self) -> None:
        self._calm: Ending | None = None
        self._judged = 0
        self.begun = self.server.look(self.fresh())

    def fresh(self) -> str:
        """A user whom nothing happened to yet."""
        return self.server.fresh(self.messages)

    def state(self, user: str) -> Path:
        """The user's state file."""
        return self.server.states / f"{user}.db"

    def proxy(self, *faults: Fault | Cut | Meanwhile, **more: Any) -> FaultProxy:
        """In front of the server, hiding what it lacks."""
        return FaultProxy("127.0.0.1", self.server.port, *faults, hide=self.hide, **more)

    def calmly(self, user: str, run: str = "calm") -> PassReport:
        """An undisturbed pass."""
        with self.proxy() as proxy:
            return a_pass(proxy.port, user, self.state(user), run)

    def disturbed(
        self,
        user: str,
        *faults: Fault | Cut | Meanwhile,
        run: Run = a_pass,
        then: Callable[[FaultProxy], object] = lambda proxy: None,
        **more: Any,
    ) -> bool:
        """A run with faults in its way, and whether one struck; when this returns, the server
        is done with all that it got. ``then`` happens ahead of that."""
        with self.proxy(*faults, **more) as proxy:
            with suppress(*LOST):
                run(proxy.port, user, self.state(user))
            then(proxy)
            proxy.drained()
            return bool(proxy.fired)

    @property
    def calm(self) -> Ending:
        """How an undisturbed run ends."""
        if self._calm is None:
            user = self.fresh()
            self.calmly(user)
            self._calm = self.ending(user)
            problems = self.undoing(user)
            assert not problems, problems
            back = self.ending(user)
            self.calmly(user)
            again = replace(self.ending(user), cursors=back.cursors)
            assert not again.differs_from(back), "what was undone was filed again"
            self.server.forget(user)
        return self._calm

    def ending(self, user: str) -> Ending:
        """How it ended for this user."""
        with open_memory(self.state(user)) as memory:
            return ending_of(self.server.look(user), memory)

    def judge(self, user: str, same_uids: bool = True) -> list[str]:
        """What breaks the law after a fault, the undisturbed pass included; empty: nothing.
        Undo is tried at every third, or at each if everything is. The user is forgotten. Without ``same_uids`` the server has given others meanwhile."""
        self.calmly(user)
        ending = self.ending(user)
        if not same_uids:
            ending = replace(ending, cursors=self.calm.cursors)
        problems = ending.differs_from(self.calm)
        self._judged += 1
        if problems or EVERYTHING or self._judged % 3 == 0:
            # Undo goes by the journal and the mailbox alone, which are the same by now.
            problems += self.undoing(user)
        self.server.forget(user)
        return problems

    def undoing(self, user: str) -> list[str]:
        """Undo, and what is wrong afterwards."""
        with self.proxy() as proxy:
            an_undo(proxy.port, user, self.state(user))
        return self.undone(user)

    def undone(self, user: str) -> list[str]:
        """Whether the mailbox is as it was, but for new folders, and the journal says so."""
        stands, begun = self.server.look(user), self.begun.told()
        told = {name: held for name, held in stands.told().items() if held or name in begun}
        as_was = Ending(told, stands.subscribed & self.begun.subscribed, (), ())
        should = Ending(begun, self.begun.subscribed, (), ())
        problems = [f"after undo: {one}" for one in as_was.differs_from(should)]
        with open_memory(self.state(user)) as memory:
            lines = [e for e in memory.journal.recent(1000) if acted(e) and e.state != "UNDONE"]
        return problems + [f"after undo: line {e.id} is {e.state}: {e.remark}" for e in lines]
