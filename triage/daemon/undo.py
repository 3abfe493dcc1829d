"""Filed lines to a mailbox as it was before, and the lines UNDONE.

Puts a message back where it stood, without the flags and labels that filing added. Whatever
a person moved, deleted or changed since is left alone, and said so. The intention is
committed before the first command; doing it twice is the same as once, so what was cut is
finished by ``recover``. May not touch a message that the journal does not name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from triage.daemon.bearing import changed_by_hand, to_take_back
from triage.daemon.doubles import one_of_each
from triage.daemon.locate import Sought, half_moved, locate, take_away, target_of
from triage.daemon.report import Report, refusal
from triage.errors import ServerRefused
from triage.mailbox.types import Standing, Writer
from triage.memory import Memory
from triage.model import Flag, JournalEntry, Label, Leave, Place

Key = TypeVar("Key")

_LOST = "it was moved or deleted while it was put back"
_NOT_DONE = {
    "UNDONE": "it is undone already",
    "INTENDED": "it is not filed yet; the next pass settles it",
    "FAILED": "nothing was done to it",
}


def undo(entries: Iterable[JournalEntry], writer: Writer, memory: Memory) -> Report:
    """Put back what is still as it was left. ``entries`` of another account than the
    writer's are refused. Waits for a pass that is running to end."""
    with memory.turn(writer.account):
        # As they stand now: a pass may have settled them since they were looked up.
        now = [memory.journal.get(entry.id) or entry for entry in entries]
        why = {entry.id: _cannot(entry, writer.account) for entry in now}
        report = Report(refused=tuple(refusal(one, why[one.id]) for one in now if why[one.id]))
        begun = {entry.id for entry in memory.journal.undo_begun(writer.account)}
        report += finish([one for one in now if one.id in begun], writer, memory)
        ready = [one for one in now if not why[one.id] and one.id not in begun]
        found, refused = _untouched(ready, writer, memory)
        memory.journal.begin_undo([entry for entry in ready if entry.id in found])
        return report + refused + _put_back(ready, found, writer, memory)


def finish(entries: Sequence[JournalEntry], writer: Writer, memory: Memory) -> Report:
    """Go on with undos that were begun and cut. The message stands where it was filed,
    or back where it was, or as two copies of which the filed one must go."""
    if not entries:
        return Report()
    claimed = _claimed_by_others(entries, writer, memory)
    filed = locate(writer, [_as_filed(entry) for entry in entries], claimed)
    moved = [entry for entry in entries if target_of(entry)]
    back = locate(
        writer,
        [Sought(one, one.place.folder) for one in moved if one.id not in filed],
        claimed,
    )
    copies, unknown = half_moved(
        writer, memory, {one: one.place.folder for one in moved if one.id in filed.found}, claimed
    )
    sources = {number: filed.found[number].place for number in copies}
    waits = filed.unknown | back.unknown | unknown | take_away(writer, sources, copies)
    filed.found.update({n: replace(filed.found[n], place=at) for n, at in copies.items()})
    lost = [one for one in entries if one.id not in filed and one.id not in back]
    memory.journal.begin_undo(lost, begun=False)
    report = Report(
        refused=tuple(refusal(entry, _LOST) for entry in lost),
        waiting=tuple(refusal(one, waits[one.id]) for one in entries if one.id in waits),
    )
    found = {n: at for n, at in (back.found | filed.found).items() if n not in waits}
    put = _put_back(entries, found, writer, memory)
    # What went meanwhile may have gone home: the move that was cut was on its way still.
    gone = [one for one in moved if one.id in {lost.id for lost in put.refused}]
    home = locate(writer, [Sought(one, one.place.folder) for one in gone], claimed).found
    kept = tuple(one for one in put.refused if one.id not in home)
    return report + replace(put, refused=kept) + _put_back(gone, home, writer, memory)


def _cannot(entry: JournalEntry, account: str) -> str:
    """Why there is nothing to put back, whatever the server says; "" if there may be."""
    if entry.place.account != account:
        return f"it belongs to the account {entry.place.account}"
    if entry.state in _NOT_DONE:
        return _NOT_DONE[entry.state]
    if all(isinstance(action, Leave) for action in entry.actions):
        return "nothing was done to it"
    return ""


def _as_filed(entry: JournalEntry) -> Sought:
    """Where filing left it."""
    folder = target_of(entry) or entry.place.folder
    return Sought(entry, entry.landed.folder if entry.landed else folder, entry.landed)


def _claimed_by_others(
    entries: Sequence[JournalEntry], writer: Writer, memory: Memory
) -> frozenset[Place]:
    claims = memory.journal.claims(writer.account, (entry.identity for entry in entries))
    return claims - {entry.landed for entry in entries if entry.landed}


def _untouched(
    entries: Sequence[JournalEntry], writer: Writer, memory: Memory
) -> tuple[dict[int, Standing], Report]:
    """Those that stand as filing left them; the others are refused."""
    claimed = _claimed_by_others(entries, writer, memory)
    located = locate(writer, [_as_filed(entry) for entry in entries], claimed)
    found = located.found
    openable: dict[str, str] = {}
    for folder in dict.fromkeys(entry.place.folder for entry in entries if target_of(entry)):
        try:
            writer.open(folder)
        except ServerRefused as error:
            openable[folder] = f"its folder {folder} cannot be opened: {error.what}"
    refused = []
    for entry in entries:
        standing = found.get(entry.id)
        if entry.id in located.unknown:
            why = located.unknown[entry.id]
        elif standing is None:
            why = f"it is no longer in {_as_filed(entry).folder}: moved or deleted since"
        elif changed := changed_by_hand(entry, standing):
            why = f"its flags or labels were changed since: {' '.join(changed)}"
        else:
            why = openable.get(entry.place.folder, "")
        if why:
            refused.append(refusal(entry, why))
            found.pop(entry.id, None)
    return found, Report(refused=tuple(refused))


def _put_back(
    entries: Sequence[JournalEntry],
    found: dict[int, Standing],
    writer: Writer,
    memory: Memory,
) -> Report:
    """Take the flags and labels back where the message stands, then move it home."""
    report = Report()
    here = [entry for entry in entries if entry.id in found]
    for folder, some in _by(here, lambda entry: found[entry.id].place.folder):
        places = {entry.id: found[entry.id].place for entry in some}
        try:
            writer.open(folder)
            _take_marks(folder, some, places, writer)
        except ServerRefused as error:
            report += _waiting(some, f"the server refused: {error.what}")
            continue
        stay = [entry for entry in some if not _goes_home(entry, folder)]
        report += _settle(stay, places, memory)
        going = [entry for entry in some if _goes_home(entry, folder)]
        for home, ones in _by(going, lambda entry: entry.place.folder):
            report += _move_home(folder, home, ones, places, writer, memory)
    return report


def _take_marks(
    folder: str, entries: Sequence[JournalEntry], places: dict[int, Place], writer: Writer
) -> None:
    for names, some in _by(entries, lambda entry: to_take_back(entry, Flag)):
        if names:
            writer.remove_flags(folder, [places[one.id].uid for one in some], names)
    for names, some in _by(entries, lambda entry: to_take_back(entry, Label)):
        if names:
            writer.remove_labels(folder, [places[one.id].uid for one in some], names)


def _goes_home(entry: JournalEntry, folder: str) -> bool:
    return target_of(entry) is not None and folder != entry.place.folder


def _move_home(
    folder: str,
    home: str,
    entries: Sequence[JournalEntry],
    places: dict[int, Place],
    writer: Writer,
    memory: Memory,
) -> Report:
    try:
        memory.journal.mark(entries, *writer.next_uid(home))
        landed = writer.move(folder, [places[entry.id].uid for entry in entries], home)
    except ServerRefused as error:
        return _waiting(entries, f"the server refused to move it back: {error.what}")
    gone = [entry for entry in entries if places[entry.id].uid not in landed]
    back = [entry for entry in entries if places[entry.id].uid in landed]
    memory.journal.begin_undo(gone, begun=False)
    report = Report(refused=tuple(refusal(entry, _LOST) for entry in gone))
    at = {one.id: landed[places[one.id].uid] for one in back}
    known = {number: place for number, place in at.items() if place}
    return report + _settle(back, at | one_of_each(back, known, writer, memory), memory)


def _settle(
    entries: Sequence[JournalEntry],
    landed: dict[int, Place] | dict[int, Place | None],
    memory: Memory,
) -> Report:
    undone = [replace(entry, state="UNDONE", landed=landed[entry.id]) for entry in entries]
    memory.journal.settle(undone)
    return Report(settled=tuple(undone))


def _waiting(entries: Sequence[JournalEntry], why: str) -> Report:
    """Begun and not finished: undo again, or the next pass, goes on with it."""
    return Report(waiting=tuple(refusal(entry, why) for entry in entries))


def _by(
    entries: Sequence[JournalEntry], key: Callable[[JournalEntry], Key]
) -> list[tuple[Key, list[JournalEntry]]]:
    """Lines grouped by what ``key`` says, in the order in which they came."""
    groups: dict[Key, list[JournalEntry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return list(groups.items())
