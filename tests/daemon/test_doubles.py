"""A second COPY, or a MOVE that is one, can come in between; afterwards each message stands
once."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.desks import NOW, desk, mail
from daemon.mailboxes import CopyingMailbox, standing
from triage.daemon.one_pass import one_pass
from triage.daemon.undo import undo
from triage.errors import ServerRefused
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory, open_memory

GENERIC = "Invitations/Generic"
ONCE = [(mail(1, "generic"), frozenset[str]())]


def a_pass(box: MemoryMailbox, memory: Memory, run: str = "r1") -> None:
    one_pass(box, ("INBOX",), desk(), memory, NOW, run, 500)


def copies_too(box: MemoryMailbox, call: str, number: int = 1) -> None:
    """Somebody else puts the same into the target, once, behind this call."""

    def copy(name: str) -> None:
        if name == call:
            box.after = lambda name: None
            box.put(GENERIC, mail(number, "generic"))

    box.after = copy


@pytest.mark.parametrize("call", ["copy", "mark_deleted", "expunge"])
def test_a_second_copy_goes_and_the_first_stays(memory: Memory, call: str) -> None:
    box = CopyingMailbox()
    box.put("INBOX", mail(1, "generic"))
    copies_too(box, call)
    a_pass(box, memory)
    assert standing(box) == {GENERIC: ONCE}
    undo(memory.journal.recent(10), box, memory)
    assert standing(box) == {"INBOX": ONCE}


def test_a_second_copy_goes_with_move_too(memory: Memory) -> None:
    """As by a server whose MOVE copies, of two at once."""
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "generic"))
    copies_too(box, "move")
    a_pass(box, memory)
    assert standing(box) == {GENERIC: ONCE}


def test_twins_are_two_and_what_stood_there_before_is_nobodys(memory: Memory) -> None:
    box = CopyingMailbox()
    box.ensure_folder(GENERIC)
    earlier = box.put(GENERIC, mail(1, "generic"))
    box.put("INBOX", mail(1, "generic"))
    box.put("INBOX", mail(1, "generic"))
    box.put("INBOX", mail(2, "generic"))
    copies_too(box, "copy")
    a_pass(box, memory)
    assert [content for content, _ in standing(box)[GENERIC]] == [
        *[mail(1, "generic")] * 3, mail(2, "generic"),
    ]  # fmt: skip
    undo(memory.journal.recent(10), box, memory)
    assert list(box._folders[GENERIC].held) == [earlier]


def test_another_message_that_comes_meanwhile_stays(memory: Memory) -> None:
    box = CopyingMailbox()
    box.put("INBOX", mail(1, "generic"))
    copies_too(box, "copy", number=7)
    a_pass(box, memory)
    assert box.contents(GENERIC) == (mail(1, "generic"), mail(7, "generic"))


def test_a_refusal_leaves_one_too_many_and_the_line_done(memory: Memory) -> None:
    def no(name: str) -> None:
        if name == "take_doubles":
            raise ServerRefused("not now")

    box = CopyingMailbox()
    box.put("INBOX", mail(1, "generic"))
    box.before = no
    copies_too(box, "copy")
    a_pass(box, memory)
    assert len(box.contents(GENERIC)) == 2
    assert memory.journal.recent(1)[0].state == "DONE"


@pytest.mark.parametrize("call", ["copy", "mark_deleted", "expunge", "open"])
def test_two_daemons_leave_one_of_each(tmp_path: Path, call: str) -> None:
    box = CopyingMailbox()
    for number in (1, 2):
        box.put("INBOX", mail(number, "generic"))
    with open_memory(tmp_path / "one.db") as one, open_memory(tmp_path / "other.db") as other:

        def the_other(name: str) -> None:
            if name == call:
                box.before = lambda name: None
                a_pass(box, other)

        box.before = the_other
        a_pass(box, one)
        assert sorted(box.contents(GENERIC)) == [mail(1, "generic"), mail(2, "generic")]
        assert box.contents("INBOX") == ()
        a_pass(box, other, "r2")
        a_pass(box, one, "r2")
        assert len(box.contents(GENERIC)) == 2
