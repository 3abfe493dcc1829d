"""Without a committed line of the journal nothing is done to a mailbox: a disk that is
full, a file that is damaged, forgotten lines, and what a person undid long ago.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.desks import NOW, desk, mail
from daemon.mailboxes import filled, standing
from memory.test_backup import damage
from triage.daemon.forget import forget_old
from triage.daemon.one_pass import one_pass
from triage.daemon.undo import undo
from triage.errors import StateError
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory, open_memory

WRITES = {"move", "add_flags", "add_labels", "ensure_folder", "remove_flags", "remove_labels"}


@contextmanager
def full_at(size: int) -> Iterator[None]:
    """No file of this process may grow beyond ``size`` bytes: the system says so to each
    write that would, as it does where a disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def run(box: MemoryMailbox, memory: Memory, name: str = "r1") -> None:
    one_pass(box, ("INBOX",), desk(), memory, NOW, name, 500)


def test_nothing_is_filed_while_the_journal_cannot_grow(tmp_path: Path) -> None:
    box = filled(rounds=40)
    before = standing(box)
    with open_memory(tmp_path / "triage.db") as memory:
        with full_at(16_384), pytest.raises(StateError) as caught:
            run(box, memory)
        assert "nothing is filed" in caught.value.what and caught.value.now
        assert standing(box) == before and not WRITES & set(box.calls)
        assert memory.journal.recent(9) == ()
        run(box, memory)  # there is room again
    other = filled(rounds=40)
    with open_memory(tmp_path / "other.db") as memory:
        run(other, memory)
    assert standing(box) == standing(other)


def test_a_journal_that_fills_up_in_the_middle_of_a_pass_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    """The lines are committed, then the disk is full: what was done stays unsettled, and
    the next pass settles it as if nothing had been."""
    box, other = filled(rounds=20), filled(rounds=20)
    with open_memory(tmp_path / "other.db") as memory:
        run(other, memory)
        settled = [(one.state, one.actions, one.landed) for one in memory.journal.last_run()]
    with open_memory(tmp_path / "triage.db") as memory:
        seen: list[str] = []

        def fill(call: str) -> None:
            if call in WRITES and not seen:
                seen.append(call)
                used = max(p.stat().st_size for p in tmp_path.glob("triage.db*"))
                resource.setrlimit(resource.RLIMIT_FSIZE, (used, hard))

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        box.before = fill
        try:
            with pytest.raises(StateError):
                run(box, memory)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert seen and len(memory.journal.intended("main")) > 0
        run(box, memory, "r2")
        assert standing(box) == standing(other)
        lines = memory.journal.recent(999)[::-1]
        assert [(one.state, one.actions, one.landed) for one in lines] == settled


def test_nothing_is_filed_by_a_damaged_journal_which_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "triage.db"
    with open_memory(path) as memory:
        run(filled(rounds=40), memory)
    damage(path)
    damaged = path.read_bytes()
    for _ in range(2):
        with pytest.raises(StateError) as caught:
            open_memory(path)
        assert "nothing is filed" in caught.value.what and "backup" in caught.value.now
    assert path.read_bytes() == damaged


def test_what_was_undone_is_not_filed_again_though_its_line_is_forgotten(memory: Memory) -> None:
    box = filled()
    before = standing(box)
    run(box, memory)
    undo(memory.journal.last_run(), box, memory)
    assert standing(box) == before
    assert forget_old(memory, 30, NOW + timedelta(days=29)) == 0
    assert forget_old(memory, 30, NOW + timedelta(days=31)) == 10
    assert memory.journal.recent(9) == ()
    memory.cursors.forget("main")  # and everything is looked at again
    run(box, memory, "r2")
    assert standing(box) == before and memory.journal.recent(9) == ()


def test_what_is_kept_for_ever_is_kept(memory: Memory) -> None:
    run(filled(), memory)
    assert forget_old(memory, 0, NOW + timedelta(days=9999)) == 0


def test_a_message_brought_back_by_hand_is_not_filed_again_though_forgotten(
    memory: Memory,
) -> None:
    box = filled(rounds=1)
    run(box, memory)
    (landed,) = box._folders["Invitations/Generic"].held.values()
    box.take("Invitations/Generic", 1)
    forget_old(memory, 1, NOW + timedelta(days=2))
    box.put("INBOX", landed.content)
    run(box, memory, "r2")
    assert mail(3, "generic") in box.contents("INBOX")


def test_a_journal_that_is_written_elsewhere_is_not_waited_for_in_vain(tmp_path: Path) -> None:
    """A backup that is read, a reader that stays: neither keeps lines from going."""
    path = tmp_path / "triage.db"
    with open_memory(path) as memory, open_memory(path) as reader:
        run(filled(), memory)
        with closing(reader._database._connection.execute("SELECT * FROM journal")) as rows:
            assert rows.fetchone() is not None
            assert forget_old(memory, 1, NOW + timedelta(days=2)) == 10
