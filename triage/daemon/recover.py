"""Lines that a crash or a cut left open, held against the server, to lines that are settled.

Where the message still stands at its source, the deed is done again; where it stands in the
target, the line is DONE; where it is nowhere, FAILED; and an undo that was begun is
finished. Runs before every pass. May not decide anew: it does what the line says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triage.daemon.act import Line, file_lines, not_kept
from triage.daemon.bearing import bears
from triage.daemon.cycle import Stop, never
from triage.daemon.doubles import one_of_each
from triage.daemon.locate import Located, Sought, half_moved, locate, take_away, target_of
from triage.daemon.report import Report
from triage.daemon.undo import finish
from triage.mailbox.types import Standing, Writer
from triage.memory import Memory
from triage.model import Flag, JournalEntry, Label, Place

GIVE_UP_AFTER = timedelta(days=7)  # of being refused by the server, pass after pass


def recover(
    writer: Writer, memory: Memory, account: str, now: datetime, stop: Stop = never
) -> Report:
    """Close or redo every open line of ``account``. Does nothing, and asks the server
    nothing, where there is none."""
    report = finish(memory.journal.undo_begun(account), writer, memory)
    entries = memory.journal.intended(account)
    if not entries:
        return report
    claimed = memory.journal.claims(account, (entry.identity for entry in entries))
    here = locate(writer, [Sought(one, one.place.folder, one.place) for one in entries], claimed)
    closed = _close_moved(entries, here, claimed, writer, memory)
    over = {entry.id for entry in closed.settled + closed.waiting}
    again = [
        Line(one, here.found[one.id].place)
        for one in entries
        if one.id in here.found and one.id not in over
    ]
    filed = _look_again(file_lines(again, writer, memory, stop), claimed, writer, memory)
    return report + _give_up(closed + filed, memory, now)


def _look_again(
    report: Report, claimed: frozenset[Place], writer: Writer, memory: Memory
) -> Report:
    """Of messages that went while they were filed again, the move of the pass that was cut
    may have been on its way still: then they landed."""
    lost = tuple(one for one in report.in_state("FAILED") if target_of(one))
    if not lost:
        return report
    claimed |= {entry.landed for entry in report.settled if entry.landed}
    found = _close_moved(lost, Located(), claimed, writer, memory)
    kept = tuple(entry for entry in report.settled if entry not in lost)
    return Report(kept, report.waiting, report.refused, report.remarks) + found


def _close_moved(
    entries: Sequence[JournalEntry],
    here: Located,
    claimed: frozenset[Place],
    writer: Writer,
    memory: Memory,
) -> Report:
    """DONE for those whose message landed, FAILED for those whose message is nowhere;
    the source of a move that was cut after its COPY is taken away. Where the server would
    not tell, or would not do it, the line waits."""
    gone = [(entry, target_of(entry)) for entry in entries if entry.id not in here]
    landed = locate(writer, [Sought(entry, to) for entry, to in gone if to], claimed)
    staying = {entry: target_of(entry) or "" for entry in entries if entry.id in here.found}
    copies, unknown = half_moved(
        writer,
        memory,
        {entry: target for entry, target in staying.items() if target},
        claimed | {standing.place for standing in landed.found.values()},
    )
    sources = {number: here.found[number].place for number in copies}
    waits = here.unknown | landed.unknown | unknown | take_away(writer, sources, copies)
    landed.found.update({n: replace(here.found[n], place=place) for n, place in copies.items()})
    moved = [entry for entry in entries if entry.id in landed.found and entry.id not in waits]
    places = {entry.id: landed.found[entry.id].place for entry in moved}
    for number, place in one_of_each(moved, places, writer, memory).items():
        landed.found[number] = replace(landed.found[number], place=place)
    settled = [
        _done(entry, landed.found[entry.id])
        if entry.id in landed.found
        else replace(entry, state="FAILED", remark=_nowhere(entry))
        for entry in entries
        if entry.id not in waits and (entry.id in landed.found or entry.id not in here)
    ]
    waiting = [replace(entry, remark=waits[entry.id]) for entry in entries if entry.id in waits]
    memory.journal.settle(settled + waiting)
    return Report(settled=tuple(settled), waiting=tuple(waiting))


def _done(entry: JournalEntry, standing: Standing) -> JournalEntry:
    """The line of a message that landed, with the flags and labels that it really bears,
    as an undisturbed pass would have written it."""
    done = [a for a in entry.actions if not isinstance(a, Flag | Label) or bears(standing, a.name)]
    remarks = [not_kept(a, entry.place.folder) for a in entry.actions if a not in done]
    return replace(
        entry,
        state="DONE",
        landed=standing.place,
        actions=tuple(done),
        remark="; ".join(dict.fromkeys(remarks)),
    )


def _nowhere(entry: JournalEntry) -> str:
    target = target_of(entry)
    where = f"neither in {entry.place.folder} nor in {target}" if target else "not"
    return f"gone: it is {where} {'' if target else 'in ' + entry.place.folder}".rstrip()


def _give_up(report: Report, memory: Memory, now: datetime) -> Report:
    """A line that the server has refused for a week is closed, and said so."""
    old = [entry for entry in report.waiting if now - entry.time > GIVE_UP_AFTER]
    if not old:
        return report
    given_up = [
        replace(entry, state="FAILED", remark=f"given up after a week: {entry.remark}")
        for entry in old
    ]
    memory.journal.settle(given_up)
    kept = tuple(entry for entry in report.waiting if entry not in old)
    return Report(report.settled + tuple(given_up), kept, report.refused, report.remarks)
