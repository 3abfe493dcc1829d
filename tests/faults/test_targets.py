"""Folders that are read-only, or let nothing out, and a mailbox that is full: nothing is lost
or doubled, however many passes try, and all is filed once it can be."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.law import Court
from faults.proxy import FaultProxy
from faults.runs import a_pass
from faults.server import FaultServer, in_memory, started
from triage.memory import open_memory
from triage.model import JournalEntry

pytestmark = pytest.mark.server

Courts = Callable[[str], Court]

# The folder, and the rights that are left of lrwstipekxa.
CLOSED = {
    "a target that is read-only": ("Invitations/Boilerplate", "lr"),
    "a target that may not be looked into": ("Invitations/Boilerplate", "l"),
    "a source that is read-only": ("INBOX", "lr"),
    "a source where nothing can be marked deleted": ("INBOX", "lrwsi"),
    "a source where nothing can be expunged": ("INBOX", "lrwsit"),
}


def waiting(court: Court, user: str) -> tuple[JournalEntry, ...]:
    with open_memory(court.state(user)) as memory:
        return memory.journal.intended("main")


def contents(server: FaultServer, user: str) -> list[bytes]:
    """All messages, wherever they stand."""
    stands = server.look(user)
    return sorted(m.content for held in stands.folders.values() for m in held.values())


@pytest.mark.parametrize("kind", ["all", "no MOVE", "no UIDPLUS"])
@pytest.mark.parametrize("which", CLOSED)
def test_what_may_not_be_done_waits_until_it_may(court: Courts, kind: str, which: str) -> None:
    one = court(kind)
    user = one.fresh()
    before = contents(one.server, user)
    folder, rights = CLOSED[which]
    one.server.grant(user, folder, rights)
    for run in ("r1", "r2", "r3"):
        report = one.calmly(user, run)
        assert report.recovered.waiting or report.filed.waiting
    one.server.grant(user, folder, None)
    lines = waiting(one, user)
    assert lines and all("refuse" in line.remark for line in lines)
    assert contents(one.server, user) == before
    assert not one.judge(user)


@pytest.fixture(scope="module")
def full() -> Iterator[FaultServer]:
    """Where nobody may store anything more."""
    with (
        tempfile.TemporaryDirectory(prefix="tri-", dir=in_memory()) as folder,
        started(Path(folder), quota="1K") as one,
    ):
        yield one


@pytest.mark.parametrize("kind", ["all", "no MOVE", "no MOVE, no UIDPLUS"])
def test_a_mailbox_that_is_full(court: Courts, full: FaultServer, kind: str) -> None:
    """MOVE takes no more room, COPY does for a moment."""
    one = court(kind)
    user = one.fresh()
    one.server.hand_over(user, full)
    before = contents(full, user)
    for run in ("r1", "r2"):
        with FaultProxy("127.0.0.1", full.port, hide=one.hide) as proxy:
            a_pass(proxy.port, user, one.state(user), run)
    assert contents(full, user) == before
    lines = waiting(one, user)
    assert bool(lines) is (kind == "no MOVE")
    assert all("Quota exceeded" in line.remark for line in lines)
    full.hand_over(user, one.server)
    assert not one.judge(user)
