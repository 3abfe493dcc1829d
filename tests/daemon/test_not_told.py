"""What a server would not tell is not what is not there: lines wait, and no cursor passes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

import pytest

from daemon.desks import NOW, desk, mail
from daemon.mailboxes import CopyingMailbox, standing
from triage.daemon.cycle import plan_pass
from triage.daemon.one_pass import PassReport, one_pass
from triage.daemon.undo import undo
from triage.errors import ServerRefused
from triage.mailbox.in_memory import MemoryMailbox
from triage.mailbox.types import Fetching
from triage.memory import Memory
from triage.model import RawMessage

GENERIC = "Invitations/Generic"


class Cut(BaseException):
    """The process is gone."""


def a_pass(box: MemoryMailbox, memory: Memory, run: str) -> PassReport:
    return one_pass(box, ("INBOX",), desk(), memory, NOW, run, 500)


def cut_at(box: MemoryMailbox, call: str, deed: Callable[[], object]) -> None:
    def cut(name: str) -> None:
        if name == call:
            raise Cut

    box.after = cut
    with pytest.raises(Cut):
        deed()
    box.after = lambda name: None
    box.reopen()


def refuse(box: MemoryMailbox, call: str) -> None:
    def no(name: str) -> None:
        if name == call:
            raise ServerRefused("try again later")

    box.before = no


@pytest.mark.parametrize("kind", [MemoryMailbox, CopyingMailbox])
@pytest.mark.parametrize("call", ["open", "find", "standing"])
def test_a_line_that_cannot_be_looked_for_waits(
    memory: Memory, kind: Callable[[], MemoryMailbox], call: str
) -> None:
    box = kind()
    box.put("INBOX", mail(1, "generic"))
    cut_at(box, "copy" if kind is CopyingMailbox else "move", lambda: a_pass(box, memory, "r1"))
    refuse(box, call)
    a_pass(box, memory, "r2")
    (line,) = memory.journal.recent(10)
    assert line.state == "INTENDED" and "try again later" in line.remark
    box.before = lambda name: None
    a_pass(box, memory, "r3")
    (line,) = memory.journal.recent(10)
    assert line.state == "DONE" and line.landed
    assert standing(box) == {GENERIC: [(mail(1, "generic"), frozenset())]}


@pytest.mark.parametrize("call", ["open", "find", "standing"])
def test_an_undo_that_was_begun_waits_too(memory: Memory, call: str) -> None:
    box = CopyingMailbox()
    box.put("INBOX", mail(1, "generic"))
    a_pass(box, memory, "r1")
    lines = memory.journal.recent(10)
    cut_at(box, "copy", lambda: undo(lines, box, memory))
    refuse(box, call)
    report = undo(lines, box, memory)
    assert [one.remark for one in report.waiting] and not report.settled
    box.before = lambda name: None
    undo(lines, box, memory)
    assert standing(box) == {"INBOX": [(mail(1, "generic"), frozenset())]}
    assert memory.journal.recent(1)[0].state == "UNDONE"


def test_an_undo_says_that_it_could_not_look(memory: Memory) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "generic"))
    a_pass(box, memory, "r1")
    refuse(box, "open")
    (refused,) = undo(memory.journal.recent(10), box, memory).refused
    assert f"would not look in {GENERIC}: try again later" in refused.remark


def test_a_folder_that_is_not_there_holds_nothing(memory: Memory) -> None:
    box = MemoryMailbox()
    uid = box.put("INBOX", mail(1, "generic"))
    cut_at(box, "ensure_folder", lambda: a_pass(box, memory, "r1"))
    del box._folders[GENERIC]
    box.take("INBOX", uid)
    a_pass(box, memory, "r2")
    assert memory.journal.recent(1)[0].state == "FAILED"


def test_an_earlier_copy_by_hand_is_not_taken_for_what_was_moved(memory: Memory) -> None:
    box = MemoryMailbox(folders=[GENERIC])
    box.put(GENERIC, mail(1, "generic"), ("\\Seen",))
    box.put("INBOX", mail(1, "generic"))
    cut_at(box, "move", lambda: a_pass(box, memory, "r1"))
    a_pass(box, memory, "r2")
    undo(memory.journal.recent(10), box, memory)
    assert standing(box) == {
        "INBOX": [(mail(1, "generic"), frozenset())],
        GENERIC: [(mail(1, "generic"), frozenset({"\\Seen"}))],
    }


class Withholding(MemoryMailbox):
    """Does not bring some messages, as a server that answers FETCH with NO."""

    withheld: frozenset[int] = frozenset()

    def fetch(
        self, folder: str, uids: Iterable[int], how: Fetching = "lean"
    ) -> Iterator[RawMessage]:
        return super().fetch(folder, set(uids) - self.withheld, how)


def test_a_message_that_the_server_would_not_bring_is_filed_by_the_next_pass(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    box = Withholding()
    for number in (1, 2, 3):
        box.put("INBOX", mail(number, "generic"))
    box.withheld = frozenset({2})
    with caplog.at_level(logging.ERROR, "triage"):
        report = a_pass(box, memory, "r1")
    assert report.plan.unfetched == report.counts.broken == 1
    assert "uid 2 of INBOX could not be fetched" in caplog.text
    assert box.contents("INBOX") == (mail(2, "generic"),)
    box.withheld = frozenset()
    assert a_pass(box, memory, "r2").plan.unfetched == 0
    assert box.contents("INBOX") == ()


def test_a_message_that_is_never_brought_holds_up_the_search_for_a_while_only(
    memory: Memory,
) -> None:
    box = Withholding()
    box.withheld = frozenset({1})
    for number in range(60):
        box.put("INBOX", mail(number, "generic"))
    plan = plan_pass(box, "main", ("INBOX",), desk(), memory, NOW, "r1")
    assert len(plan.entries) == 59 and plan.cursors[0].last_uid == 60
    box.withheld = frozenset({11})
    plan = plan_pass(box, "main", ("INBOX",), desk(), memory, NOW, "r1")
    assert len(plan.entries) == 59 and plan.cursors[0].last_uid == 10


def test_a_message_that_is_gone_before_it_is_fetched_holds_up_nothing(memory: Memory) -> None:
    box = MemoryMailbox()
    uid = box.put("INBOX", mail(1, "generic"))
    box.put("INBOX", mail(2, "generic"))

    def vanish(name: str) -> None:
        if name == "search":
            box.take("INBOX", uid)

    box.after = vanish
    report = a_pass(box, memory, "r1")
    assert report.plan.unfetched == 0 and report.plan.cursors[0].last_uid == 2
