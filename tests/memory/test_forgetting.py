"""Old lines go, with note and name; that a message was decided about is never forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from memory.test_memory import NOW, done, entry
from triage.errors import StateError
from triage.memory import Memory, open_memory
from triage.model import Invitation, Inviter, JournalEntry

LATER = NOW + timedelta(days=1)


def decide(memory: Memory) -> tuple[JournalEntry, ...]:
    """One line of each state, and one whose undo was begun."""
    reading = Invitation("linkedin", "invitation", Inviter("Zuleika Unusual"), note="unheard-of")
    lines = memory.journal.intend([replace(entry(n), reading=reading) for n in range(1, 6)])
    one, two, three, four, _ = lines
    memory.journal.settle(
        [done(one, 1), replace(two, state="FAILED"), replace(done(three, 3), state="UNDONE")]
    )
    memory.journal.settle([done(four, 4)])
    memory.journal.begin_undo([four])
    return lines


def test_settled_lines_go_and_open_ones_stay(tmp_path: Path) -> None:
    with open_memory(tmp_path / "triage.db") as memory:
        lines = decide(memory)
        assert memory.journal.forget("main", NOW) == 0
        assert memory.journal.forget("other", LATER) == 0
        assert memory.journal.forget("main", LATER) == 3
        assert memory.journal.forget("main", LATER) == 0
        assert [one.id for one in memory.journal.recent(9)] == [5, 4]
        assert memory.journal.accounts() == ("main",)
        every = [one.identity for one in lines]
        assert memory.journal.decided("main", every) == set(every)
        assert memory.journal.decided("other", every) == frozenset()


def test_where_a_forgotten_message_landed_is_still_accounted_for(tmp_path: Path) -> None:
    with open_memory(tmp_path / "triage.db") as memory:
        lines = decide(memory)
        before = memory.journal.claims("main", [one.identity for one in lines])
        memory.journal.forget("main", LATER)
        assert memory.journal.claims("main", [one.identity for one in lines]) == before
        assert len(before) == 3


def test_nothing_of_the_mail_is_left_on_the_disk(tmp_path: Path) -> None:
    with open_memory(tmp_path / "triage.db") as memory:
        decide(memory)
        kept = memory.journal.recent(2)
        memory.journal.settle([replace(done(one, 7), state="UNDONE") for one in kept])
        on_disk = lambda: b"".join(p.read_bytes() for p in tmp_path.iterdir())  # noqa: E731
        assert b"Zuleika" in on_disk() and b"unheard-of" in on_disk()
        assert memory.journal.forget("main", LATER) == 5
        assert b"Zuleika" not in on_disk() and b"unheard-of" not in on_disk()
        assert b"hash-1" in on_disk()


def test_numbers_are_not_given_again(tmp_path: Path) -> None:
    with open_memory(tmp_path / "triage.db") as memory:
        memory.journal.settle([done(one, 1) for one in memory.journal.intend([entry(1)])])
        memory.journal.forget("main", LATER)
        assert memory.journal.intend([entry(2)])[0].id == 2
        assert memory.journal.get(1) is None


def test_no_undo_begins_on_a_line_that_is_gone(tmp_path: Path) -> None:
    with open_memory(tmp_path / "triage.db") as memory:
        one, two = memory.journal.intend([entry(1), entry(2)])
        memory.journal.settle([done(one, 1)])
        memory.journal.forget("main", LATER)
        with pytest.raises(StateError, match="forgotten meanwhile"):
            memory.journal.begin_undo([two, one])
        assert memory.journal.undo_begun("main") == ()
