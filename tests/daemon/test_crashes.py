"""After a kill at any step, one undisturbed pass gives what an undisturbed run gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.crashes import killed_everywhere
from daemon.desks import NOW, desk, mail, routes
from daemon.mailboxes import CopyingMailbox, filled, standing
from triage.daemon.bearing import set_by
from triage.daemon.locate import target_of
from triage.daemon.one_pass import one_pass
from triage.daemon.undo import undo
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory, open_memory
from triage.preferences import Route

ROUTES = routes(
    suspicious=Route(move="Invitations/Suspicious", label="Watch", mark_read=True),
    boilerplate=Route(),
)


def a_pass(box: MemoryMailbox, memory: Memory, run: str = "r1") -> None:
    one_pass(box, ("INBOX",), desk(ROUTES), memory, NOW, run, 500)


def an_undo(box: MemoryMailbox, memory: Memory) -> None:
    undo(memory.journal.recent(100), box, memory)


def with_doubles(kind: Callable[[], MemoryMailbox]) -> MemoryMailbox:
    """Also two byte-identical mails, and one without a Message-ID."""
    box = filled(kind(), rounds=1)
    box.put("INBOX", mail(40, "generic"))
    box.put("INBOX", mail(40, "generic"))
    box.put("INBOX", mail(41, "suspicious", message_id=""))
    return box


def journal(memory: Memory, box: MemoryMailbox) -> list[tuple[Any, ...]]:
    """Who was decided on, what became of it, and which message its landing names."""
    return sorted(
        (
            entry.identity,
            entry.verdict.label,
            entry.state,
            entry.remark,
            repr(entry.actions),
            entry.place.folder,
            entry.landed is not None and entry.landed.folder,
            entry.landed is not None
            and box._folders[entry.landed.folder].held[entry.landed.uid].content,
        )
        for entry in memory.journal.recent(100)
    )


MAILBOXES: dict[str, Callable[[], MemoryMailbox]] = {
    "with MOVE": MemoryMailbox,
    "without MOVE": CopyingMailbox,
    "without MOVE and UIDPLUS": lambda: MemoryMailbox(moves=False, uidplus=False),
    "without keywords": lambda: MemoryMailbox(keywords=False),
    "like Gmail": lambda: MemoryMailbox(gmail=True),
}


@pytest.mark.parametrize("kind", MAILBOXES.values(), ids=MAILBOXES)
def test_a_pass_that_is_killed_anywhere_ends_as_an_undisturbed_one(
    tmp_path: Path, kind: Callable[[], MemoryMailbox]
) -> None:
    ends = []
    for at, box, path in killed_everywhere(tmp_path, lambda: with_doubles(kind), a_pass):
        with open_memory(path) as memory:
            a_pass(box, memory, "r2")
            ends.append((at, standing(box), journal(memory, box)))
            assert len({entry.landed for entry in memory.journal.recent(100)}) == 8
    at, box_end, journal_end = ends[-1]
    assert at == 0 and len(ends) > 20
    for step, stands, lines in ends:
        assert stands == box_end, f"killed at step {step}"
        assert lines == journal_end, f"killed at step {step}"


NEXT = [(name, a_pass) for name in MAILBOXES] + [(name, an_undo) for name in list(MAILBOXES)[:2]]


@pytest.mark.parametrize(
    ("name", "then"), NEXT, ids=[f"{name}, then {then.__name__}" for name, then in NEXT]
)
def test_an_undo_that_is_killed_anywhere_is_finished_by_what_comes_next(
    tmp_path: Path, name: str, then: Callable[[MemoryMailbox, Memory], None]
) -> None:
    kind = MAILBOXES[name]
    begun = standing(with_doubles(kind))
    steps = 0
    for at, box, path in killed_everywhere(
        tmp_path, lambda: with_doubles(kind), an_undo, prepare=a_pass
    ):
        steps += 1
        with open_memory(path) as memory:
            then(box, memory)
            # Killed ahead of its first write, the undo was never begun: then again.
            an_undo(box, memory)
            assert standing(box) == begun, f"killed at step {at}"
            lines = [e for e in memory.journal.recent(100) if set_by(e) or target_of(e)]
            states = {entry.state for entry in lines}
            assert states == {"UNDONE"}, f"killed at step {at}"
            calm = standing(box)
            a_pass(box, memory, "r3")
            assert standing(box) == calm, "what was undone is never filed again"
    assert steps > 15


def test_a_recovery_that_is_killed_anywhere_is_taken_up_again(tmp_path: Path) -> None:
    """The second kill, inside the pass that mends the first: in the middle of a move."""

    def half(box: MemoryMailbox, memory: Memory) -> None:
        def cut(name: str) -> None:
            if name == "mark_deleted":
                raise KeyboardInterrupt

        box.before = cut
        with pytest.raises(KeyboardInterrupt):
            a_pass(box, memory)
        box.before = lambda name: None
        box.reopen()

    ends = []
    for at, box, path in killed_everywhere(
        tmp_path, lambda: with_doubles(CopyingMailbox), a_pass, prepare=half
    ):
        with open_memory(path) as memory:
            a_pass(box, memory, "r3")
            ends.append((at, standing(box), journal(memory, box)))
    for step, stands, lines in ends:
        assert (stands, lines) == ends[-1][1:], f"killed at step {step}"


def test_what_a_person_copied_before_is_not_taken_for_our_own_half_done_copy(
    tmp_path: Path,
) -> None:
    def make() -> MemoryMailbox:
        box = CopyingMailbox()
        box.ensure_folder("Invitations/Generic")
        box.put("INBOX", mail(1, "generic"))
        box.put("Invitations/Generic", mail(1, "generic"))
        return box

    for at, box, path in killed_everywhere(tmp_path, make, a_pass):
        with open_memory(path) as memory:
            a_pass(box, memory, "r2")
            assert len(box.contents("Invitations/Generic")) == 2, f"killed at step {at}"
            assert box.contents("INBOX") == ()


def test_a_message_that_is_nowhere_after_a_crash_is_failed_and_not_sought_again(
    tmp_path: Path,
) -> None:
    box = MemoryMailbox()
    uid = box.put("INBOX", mail(1, "generic"))

    def cut(name: str) -> None:
        if name == "move":
            raise KeyboardInterrupt

    with open_memory(tmp_path / "triage.db") as memory:
        box.before = cut
        with pytest.raises(KeyboardInterrupt):
            a_pass(box, memory)
        box.before = lambda name: None
        box.take("INBOX", uid)
        a_pass(box, memory, "r2")
        entry = memory.journal.recent(1)[0]
        assert entry.state == "FAILED" and "neither in INBOX nor in" in entry.remark
        box.calls.clear()
        a_pass(box, memory, "r3")
        assert box.calls["find"] == 0
