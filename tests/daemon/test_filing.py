"""A pass over a mailbox: what is filed, what is left alone, what is journalled."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from daemon.desks import NOW, SECRET_NOTE, desk, mail, routes
from daemon.mailboxes import filled, standing
from triage.daemon.cycle import plan_pass
from triage.daemon.one_pass import PassReport, one_pass
from triage.errors import ServerRefused
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory
from triage.model import Flag, Label, Move
from triage.preferences import Route, Routes

WRITES = {"move", "add_flags", "add_labels", "ensure_folder", "remove_flags", "remove_labels"}


def run(
    box: MemoryMailbox, memory: Memory, wanted: Routes | None = None, **more: object
) -> PassReport:
    arguments: dict[str, object] = {"max_moves": 500, "run": "r1", **more}
    return one_pass(box, ("INBOX",), desk(wanted), memory, NOW, **arguments)  # type: ignore[arg-type]


def test_each_invitation_goes_where_its_verdict_says_and_other_mail_stays(memory: Memory) -> None:
    box = filled(rounds=1)
    report = run(box, memory)
    now = standing(box)
    assert [m for m, _ in now["Invitations/Generic"]] == [mail(3, "generic")]
    assert [m for m, _ in now["Invitations/Boilerplate"]] == [mail(4, "boilerplate")]
    assert [m for m, _ in now["Invitations/Suspicious"]] == [mail(5, "suspicious")]
    inbox = dict(now["INBOX"])
    assert inbox[mail(2, "personal")] == {"\\Flagged", "Invitation/Personal"}
    assert inbox[mail(6, "unsure")] == {"\\Seen", "Invitation/Unsure"}
    assert inbox[mail(1)] == frozenset() and inbox[mail(7)] == frozenset()
    assert report.counts.candidates == 5
    assert dict(report.counts.labels)["personal"] == 1


def test_the_journal_says_where_each_landed(memory: Memory) -> None:
    box = filled(rounds=1)
    run(box, memory)
    for entry in memory.journal.last_run():
        assert entry.state == "DONE" and entry.landed is not None
        target = [action.to for action in entry.actions if isinstance(action, Move)]
        assert entry.landed.folder == (target[0] if target else "INBOX")
        held = box._folders[entry.landed.folder].held[entry.landed.uid]
        assert entry.identity.message_id.encode() in held.content


def test_planning_changes_nothing(memory: Memory) -> None:
    box = filled()
    before = standing(box)
    plan = plan_pass(box, "main", ("INBOX",), desk(), memory, NOW, "r1")
    assert standing(box) == before
    assert not WRITES & set(box.calls)
    assert len(plan.entries) == 10 and plan.moves == 6
    assert memory.journal.recent(5) == () and memory.cursors.get("main", "INBOX") is None


def test_a_second_pass_changes_nothing_and_fetches_nothing(memory: Memory) -> None:
    box = filled()
    run(box, memory)
    after = standing(box)
    box.calls.clear()
    again = run(box, memory, run="r2")
    assert standing(box) == after
    assert not WRITES & set(box.calls) and not box.calls["fetch"]
    assert again.plan.entries == ()


def test_a_lost_cursor_files_nothing_twice(memory: Memory) -> None:
    box = filled()
    run(box, memory)
    after = standing(box)
    memory.cursors.forget("main")
    again = run(box, memory, run="r2")
    assert standing(box) == after and again.filed.settled == ()
    assert again.counts.known == 4


def test_a_new_uidvalidity_files_nothing_twice(memory: Memory) -> None:
    box = filled()
    run(box, memory)
    after = standing(box)
    box.void_uids("INBOX")
    box.reopen()
    new = mail(90, "generic")
    box.put("INBOX", new)
    run(box, memory, run="r2")
    after["Invitations/Generic"] = sorted([*after["Invitations/Generic"], (new, frozenset())])
    assert standing(box) == after


def test_uids_that_become_void_while_filing_are_taken_up_by_the_next_pass(memory: Memory) -> None:
    box, calm = filled(), filled()
    run(calm, memory, run="other")

    def void(name: str) -> None:
        if name == "add_flags":
            box.before = lambda name: None
            box.void_uids("INBOX")

    box.account = "voided"
    box.before = void
    first = run(box, memory)
    assert first.filed.waiting
    box.reopen()
    run(box, memory, run="r2")
    assert standing(box) == standing(calm)
    assert not memory.journal.intended("voided")


def test_round_trips_do_not_grow_with_the_messages(memory: Memory) -> None:
    few, many = filled(rounds=1), filled(rounds=40)
    many.account = "second"
    run(few, memory)
    run(many, memory)
    assert sum(few.calls.values()) == sum(many.calls.values())


def test_what_was_moved_back_by_hand_is_left_there(memory: Memory) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "generic"))
    run(box, memory)
    box.take("Invitations/Generic", 1)
    box.put("INBOX", mail(1, "generic"))
    assert run(box, memory, run="r2").filed.settled == ()
    assert box.contents("INBOX") == (mail(1, "generic"),)


def test_byte_identical_mails_of_one_pass_are_both_filed_and_a_later_one_stays(
    memory: Memory,
) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "generic"))
    box.put("INBOX", mail(1, "generic"))
    run(box, memory)
    assert len(box.contents("Invitations/Generic")) == 2
    landed = {entry.landed for entry in memory.journal.last_run()}
    assert len(landed) == 2
    box.put("INBOX", mail(1, "generic"))
    run(box, memory, run="r2")
    assert len(box.contents("INBOX")) == 1


@pytest.mark.parametrize("message_id", ["", "<same@example.org>"])
def test_mails_with_missing_or_equal_message_ids_are_told_apart(
    memory: Memory, message_id: str
) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "generic", message_id=message_id))
    run(box, memory)
    box.put("INBOX", mail(2, "boilerplate", message_id=message_id))
    run(box, memory, run="r2")
    assert box.contents("INBOX") == ()
    assert len(box.contents("Invitations/Boilerplate")) == 1


def test_mail_that_cannot_be_read_at_all_does_not_stop_the_pass(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "explodes"))
    box.put("INBOX", mail(2, "generic"))
    report = run(box, memory)
    assert report.counts.broken == 1
    assert box.contents("INBOX") == (mail(1, "explodes"),)
    assert len(box.contents("Invitations/Generic")) == 1


def test_a_template_that_cannot_be_read_is_counted_and_left_unsure(
    memory: Memory,
) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "template"))
    report = run(box, memory)
    assert box.calls["fetch"] == 1  # the whole of it was there: asking again is of no use
    assert report.counts.unreadable == (("example", 1),)
    assert memory.journal.last_run()[0].verdict.label == "unsure"


def test_a_message_that_vanishes_while_it_is_filed_is_failed_and_the_others_are_filed(
    memory: Memory,
) -> None:
    for victim, call in ((3, "move"), (2, "add_flags")):
        box = filled(rounds=1)
        box.account = f"account-{call}"

        def vanish(
            name: str, box: MemoryMailbox = box, victim: int = victim, call: str = call
        ) -> None:
            if name == call and victim in box._folders["INBOX"].held:
                box.take("INBOX", victim)

        box.before = vanish
        report = run(box, memory)
        assert [entry.place.uid for entry in report.filed.in_state("FAILED")] == [victim]
        assert len(report.filed.in_state("DONE")) == 4
        assert report.filed.in_state("FAILED")[0].remark.startswith("gone")


def test_where_keywords_are_not_kept_the_route_goes_on_without_and_says_so_once(
    memory: Memory,
) -> None:
    box = MemoryMailbox(keywords=False)
    for number in range(3):
        box.put("INBOX", mail(number, "personal"))
    report = run(box, memory)
    assert len(report.filed.remarks) == 1 and "Invitation/Personal" in report.filed.remarks[0]
    assert [entry.state for entry in report.filed.settled] == ["DONE"] * 3
    assert all(entry.actions == (Flag("\\Flagged"),) for entry in report.filed.settled)


def test_without_move_and_uidplus_mail_is_labelled_instead_and_says_why(memory: Memory) -> None:
    box = MemoryMailbox(moves=False, uidplus=False)
    box.put("INBOX", mail(1, "generic"))
    report = run(box, memory)
    assert standing(box)["INBOX"] == [(mail(1, "generic"), frozenset({"Invitations/Generic"}))]
    entry = report.filed.settled[0]
    assert entry.state == "DONE" and entry.actions == (Label("Invitations/Generic"),)
    assert "neither MOVE nor UID EXPUNGE" in entry.remark
    assert box.calls["move"] == 0


def test_a_refused_move_waits_and_the_next_pass_files_it_as_if_nothing_had_been(
    memory: Memory,
) -> None:
    box, calm = filled(), filled()

    def refuse(name: str) -> None:
        if name == "move":
            raise ServerRefused("over quota")

    box.before = refuse
    report = run(box, memory)
    assert len(report.filed.waiting) == 6 and "over quota" in report.filed.waiting[0].remark
    box.before = lambda name: None
    run(box, memory, run="r2")
    calm.account = "calm"
    run(calm, memory, run="r3")
    assert standing(box) == standing(calm)
    assert not memory.journal.intended("main")
    assert {entry.state for entry in memory.journal.recent(50)} == {"DONE"}
    assert {entry.remark for entry in memory.journal.recent(50)} == {""}


def test_what_the_server_refuses_for_a_week_is_given_up(memory: Memory) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "generic"))

    def refuse(name: str) -> None:
        if name == "move":
            raise ServerRefused("no permission")

    box.before = refuse
    run(box, memory)
    entry = memory.journal.intended("main")[0]
    later = replace(entry, id=0).time.replace(day=9)
    report = one_pass(box, ("INBOX",), desk(), memory, later, "r9", 500)
    assert report.recovered.in_state("FAILED")[0].remark.startswith("given up after a week")


def test_the_guard_holds_a_pass_until_it_is_approved(memory: Memory) -> None:
    box = filled()
    before = standing(box)
    report = run(box, memory, max_moves=3)
    assert report.held == 6 and standing(box) == before
    assert memory.journal.recent(5) == ()
    assert memory.approvals.get("main").moves == 6  # type: ignore[union-attr]
    assert run(box, memory, max_moves=3).held == 6
    assert memory.approvals.grant("main", NOW)
    report = run(box, memory, max_moves=3)
    assert report.held == 0 and len(report.filed.in_state("DONE")) == 10
    assert memory.approvals.get("main") is None


def test_the_guard_is_passed_by_yes(memory: Memory) -> None:
    assert run(filled(), memory, max_moves=3, approved=True).held == 0


def test_a_folder_that_is_missing_is_said_and_the_others_are_worked_through(
    memory: Memory,
) -> None:
    box = filled(rounds=1)
    report = one_pass(box, ("Nowhere", "INBOX"), desk(), memory, NOW, "r1", 500)
    assert report.plan.missing == ("Nowhere",) and len(report.filed.settled) == 5


def test_nothing_is_read_unless_a_route_says_so(memory: Memory) -> None:
    box = MemoryMailbox()
    box.put("INBOX", mail(1, "generic"))
    box.put("INBOX", mail(2, "boilerplate"))
    run(box, memory, routes(generic=Route(move="Read", mark_read=True)))
    now = standing(box)
    assert now["Read"][0][1] == {"\\Seen"}
    assert now["Invitations/Boilerplate"][0][1] == frozenset()


def test_a_stop_between_batches_leaves_lines_that_the_next_pass_takes_up(memory: Memory) -> None:
    box = filled()
    report = run(box, memory, stop=lambda: box.calls["move"] > 0)
    assert report.filed.waiting and report.filed.settled
    run(box, memory, run="r2")
    assert {entry.state for entry in memory.journal.recent(50)} == {"DONE"}


def test_a_stop_while_it_looks_leaves_nothing_behind(memory: Memory) -> None:
    box = filled()
    report = run(box, memory, stop=lambda: True)
    assert not report.filed.settled and not report.filed.waiting
    assert not memory.journal.recent(50) and memory.cursors.get("main", "INBOX") is None
    run(box, memory, run="r2")
    assert {entry.state for entry in memory.journal.recent(50)} == {"DONE"}


def test_many_lines_that_wait_for_the_same_are_told_in_one(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    box = MemoryMailbox()
    for number in range(20):
        box.put("INBOX", mail(number, "generic" if number else "suspicious"))
    report = run(box, memory, stop=lambda: box.calls["move"] > 0)
    told = [line for line in caplog.messages if "not filed yet" in line]
    waiting = len(report.filed.waiting)
    assert waiting == 19 and len(told) == 1 and " and 9 more: not filed yet: interrupted" in told[0]


def test_the_log_has_a_line_a_decision_with_its_id_and_nothing_of_the_mail(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "triage")
    box = filled(rounds=1)
    box.put("INBOX", mail(50, "explodes"))
    report = run(box, memory)
    for entry in report.filed.settled:
        lines = [m for m in caplog.messages if m.startswith(f"{entry.id}: ")]
        assert len(lines) == 1 and entry.verdict.label in lines[0]
    for private in (SECRET_NOTE, "Ada", "Quill", "ada@example.org", "dave@example.org"):
        assert private not in caplog.text
