"""Undo puts back what is as it was left, and leaves alone what a person touched since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.desks import NOW, desk, mail, routes
from daemon.mailboxes import filled, standing
from triage.daemon.one_pass import one_pass
from triage.daemon.report import Report
from triage.daemon.undo import undo
from triage.errors import ServerRefused
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory
from triage.model import JournalEntry
from triage.preferences import Route, Routes

WRITES = {"move", "add_flags", "add_labels", "remove_flags", "remove_labels"}


def file(box: MemoryMailbox, memory: Memory, wanted: Routes | None = None, run: str = "r1") -> None:
    one_pass(box, ("INBOX",), desk(wanted), memory, NOW, run, 500)


def filed_one(
    label: str, memory: Memory, flags: tuple[str, ...] = (), wanted: Routes | None = None
) -> tuple[MemoryMailbox, JournalEntry]:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, label), flags)
    file(box, memory, wanted)
    box.log.clear()
    box.calls.clear()
    return box, memory.journal.last_run()[0]


def refused(report: Report, box: MemoryMailbox, entry: JournalEntry, memory: Memory) -> str:
    """The reason, after seeing that nothing was changed."""
    assert not WRITES & set(box.calls)
    assert memory.journal.get(entry.id) == entry
    assert report.settled == () and len(report.refused) == 1
    return report.refused[0].remark


def test_the_last_run_is_put_back_with_flags_and_labels(memory: Memory) -> None:
    box = filled()
    before = standing(box)
    file(box, memory)
    report = undo(memory.journal.last_run(), box, memory)
    assert standing(box) == before
    assert len(report.in_state("UNDONE")) == 10 and report.refused == ()
    home = {entry.landed.folder for entry in report.settled if entry.landed}
    assert home == {"INBOX"}


def test_it_costs_no_more_round_trips_for_more_messages(memory: Memory) -> None:
    calls = []
    for rounds in (1, 30):
        box = filled(rounds=rounds)
        box.account = f"rounds-{rounds}"
        file(box, memory, run=f"r{rounds}")
        box.calls.clear()
        undo(memory.journal.last_run(), box, memory)
        calls.append(sum(box.calls.values()))
    assert calls[0] == calls[1]


def test_what_was_undone_is_never_filed_again(memory: Memory) -> None:
    box = filled()
    before = standing(box)
    file(box, memory)
    undo(memory.journal.last_run(), box, memory)
    memory.cursors.forget("main")
    file(box, memory, run="r2")
    assert standing(box) == before


def test_flags_that_were_there_before_stay(memory: Memory) -> None:
    box, entry = filed_one("personal", memory, ("\\Flagged", "Mine"))
    undo([entry], box, memory)
    assert standing(box)["INBOX"][0][1] == {"\\Flagged", "Mine"}


def test_a_message_that_was_marked_read_by_its_route_is_unread_again(memory: Memory) -> None:
    box, entry = filed_one("generic", memory, (), routes(generic=Route(move="G", mark_read=True)))
    undo([entry], box, memory)
    assert standing(box) == {"INBOX": [(mail(1, "generic"), frozenset())]}


def test_one_that_was_moved_since_is_left_alone(memory: Memory) -> None:
    box, entry = filed_one("generic", memory)
    box.take("Invitations/Generic", 1)
    box.put("INBOX", mail(1, "generic"))
    assert "no longer in Invitations/Generic" in refused(
        undo([entry], box, memory), box, entry, memory
    )


@pytest.mark.parametrize("flag", ["\\Answered", "\\Deleted", "Mine"])
def test_one_that_was_changed_since_is_left_alone(memory: Memory, flag: str) -> None:
    box, entry = filed_one("generic", memory)
    box._folders["Invitations/Generic"].held[1].flags = (flag,)
    assert f"+{flag.lower()}" in refused(undo([entry], box, memory), box, entry, memory)


def test_one_whose_flag_was_taken_away_since_is_left_alone(memory: Memory) -> None:
    box, entry = filed_one("personal", memory)
    box._folders["INBOX"].held[1].flags = ("Invitation/Personal",)
    assert "-\\flagged" in refused(undo([entry], box, memory), box, entry, memory)


def test_having_been_read_does_not_forbid_undo_and_stays_so(memory: Memory) -> None:
    box, entry = filed_one("generic", memory)
    box._folders["Invitations/Generic"].held[1].flags = ("\\Seen", "$NotJunk")
    assert undo([entry], box, memory).settled
    assert standing(box)["INBOX"][0][1] == {"\\Seen", "$NotJunk"}


def test_undoing_twice_changes_nothing_the_second_time(memory: Memory) -> None:
    box, entry = filed_one("generic", memory)
    undo([entry], box, memory)
    box.calls.clear()
    again = undo([entry], box, memory)
    assert not WRITES & set(box.calls) and "undone already" in again.refused[0].remark


def test_a_message_that_was_left_alone_has_nothing_to_undo(memory: Memory) -> None:
    box, entry = filed_one("unsure", memory, (), routes(unsure=Route()))
    assert "nothing was done" in refused(undo([entry], box, memory), box, entry, memory)


def test_an_entry_of_another_account_is_refused(memory: Memory) -> None:
    _, entry = filed_one("generic", memory)
    other = MemoryMailbox("other")
    assert "account main" in refused(undo([entry], other, memory), other, entry, memory)


def test_uids_that_became_void_do_not_hinder(memory: Memory) -> None:
    box, entry = filed_one("generic", memory)
    box.void_uids("Invitations/Generic")
    box.reopen()
    assert undo([entry], box, memory).settled
    assert box.contents("INBOX") == (mail(1, "generic"),)


def test_of_identical_messages_each_goes_back_once(memory: Memory) -> None:
    box = MemoryMailbox()
    for _ in range(3):
        box.put("INBOX", mail(1, "generic"))
    file(box, memory)
    first, *others = memory.journal.last_run()
    undo([first], box, memory)
    assert len(box.contents("INBOX")) == 1 and len(box.contents("Invitations/Generic")) == 2
    box.void_uids("Invitations/Generic")
    box.reopen()
    undo(others, box, memory)
    assert len(box.contents("INBOX")) == 3


def test_a_label_that_stood_in_for_a_move_is_taken_back(memory: Memory) -> None:
    box = MemoryMailbox(moves=False, uidplus=False)
    box.put("INBOX", mail(1, "generic"))
    before = standing(box)
    file(box, memory)
    assert standing(box) != before
    undo(memory.journal.last_run(), box, memory)
    assert standing(box) == before


def test_where_the_server_would_not_say_where_it_landed_it_is_found(memory: Memory) -> None:
    box = MemoryMailbox(uidplus=False)
    box._only = lambda folder, uid: None  # type: ignore[method-assign]
    box.put("INBOX", mail(1, "generic"))
    file(box, memory)
    assert memory.journal.last_run()[0].landed is None
    assert undo(memory.journal.last_run(), box, memory).settled
    assert box.contents("INBOX") == (mail(1, "generic"),)


def test_an_undo_that_the_server_refuses_waits_and_is_finished_by_the_next_pass(
    memory: Memory,
) -> None:
    box, entry = filed_one("generic", memory)

    def refuse(name: str) -> None:
        if name == "move":
            raise ServerRefused("over quota")

    box.before = refuse
    assert "over quota" in undo([entry], box, memory).waiting[0].remark
    box.before = lambda name: None
    file(box, memory, run="r2")
    assert box.contents("INBOX") == (mail(1, "generic"),)
    assert memory.journal.get(entry.id).state == "UNDONE"  # type: ignore[union-attr]


def test_undo_by_time_takes_what_was_filed_since(memory: Memory) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "generic"))
    file(box, memory)
    box.put("INBOX", mail(2, "generic"))
    one_pass(box, ("INBOX",), desk(), memory, NOW + timedelta(hours=1), "r2", 500)
    undo(memory.journal.since(NOW + timedelta(minutes=30)), box, memory)
    assert box.contents("INBOX") == (mail(2, "generic"),)
