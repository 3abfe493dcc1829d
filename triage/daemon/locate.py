"""Journal lines to where their messages stand on the server now.

By uid where the folder's UIDVALIDITY is the one remembered, else by identity; of identical
messages each line gets one of its own, never one that another line accounts for. Asks the
server by folder, not by message. May not write to the journal, nor change the mailbox but
to finish a move that was cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.errors import ServerRefused
from triage.mailbox.types import Reader, Standing, Writer
from triage.memory import Memory
from triage.model import JournalEntry, Move, Place


@dataclass(frozen=True)
class Sought:
    """A line, the folder where its message is looked for, and the place where it was
    last known to be (None: only its folder is known)."""

    entry: JournalEntry
    folder: str
    hint: Place | None = None


def locate(
    reader: Reader, sought: Iterable[Sought], claimed: frozenset[Place]
) -> dict[int, Standing]:
    """By the line's id, where its message stands and with which flags. Missing from the
    answer: it is not in that folder, or there is no such folder."""
    found: dict[int, Standing] = {}
    taken: set[Place] = set()
    by_folder: dict[str, list[Sought]] = {}
    for one in sought:
        by_folder.setdefault(one.folder, []).append(one)
    for folder, ones in by_folder.items():
        try:
            found.update(_in_folder(reader, folder, ones, claimed, taken))
        except ServerRefused:
            continue  # there is no such folder, so nothing of it stands there
    return found


def _in_folder(
    reader: Reader,
    folder: str,
    sought: Sequence[Sought],
    claimed: frozenset[Place],
    taken: set[Place],
) -> Mapping[int, Standing]:
    state = reader.open(folder)
    hinted = {
        one.entry.id: one.hint.uid
        for one in sought
        if one.hint is not None and one.hint.uidvalidity == state.uidvalidity
    }
    standing = reader.standing(folder, hinted.values()) if hinted else {}
    found = {number: standing[uid] for number, uid in hinted.items() if uid in standing}
    taken.update(one.place for one in found.values())
    # Under the same UIDVALIDITY a uid that is gone stays gone: no need to search for it.
    rest = [one for one in sought if one.entry.id not in hinted]
    if not rest:
        return found
    alike = reader.find(folder, {one.entry.identity for one in rest})
    chosen: dict[int, Place] = {}
    for one in rest:
        free = (p for p in alike.get(one.entry.identity, ()) if p not in claimed | taken)
        place = next(free, None)
        if place is not None:
            taken.add(place)
            chosen[one.entry.id] = place
    flags = reader.standing(folder, (place.uid for place in chosen.values())) if chosen else {}
    for number, place in chosen.items():
        if place.uid in flags:
            found[number] = flags[place.uid]
    return found


def half_moved(
    reader: Reader,
    memory: Memory,
    here: Mapping[JournalEntry, str],
    claimed: frozenset[Place],
) -> dict[int, Place]:
    """For lines whose message still stands at its source while its move to the folder
    named was begun: by id, the copy of ours that is there already.

    Only servers without MOVE leave such; there, the journal has a mark of the first uid
    that a copy of ours could get, so that what a person copied earlier is not taken for it.
    """
    if "MOVE" in reader.capabilities():
        return {}
    marks = memory.journal.marks(here)
    wanted = [Sought(entry, to) for entry, to in here.items() if entry.id in marks]
    by_folder: dict[str, list[Sought]] = {}
    for one in wanted:
        by_folder.setdefault(one.folder, []).append(one)
    copies: dict[int, Place] = {}
    for folder, ones in by_folder.items():
        try:
            reader.open(folder)
            alike = reader.find(folder, {one.entry.identity for one in ones})
        except ServerRefused:
            continue
        taken: set[Place] = set()
        for one in ones:
            validity, first = marks[one.entry.id]
            for place in alike.get(one.entry.identity, ()):
                ours = place.uidvalidity == validity and place.uid >= first
                if ours and place not in claimed | taken:
                    taken.add(place)
                    copies[one.entry.id] = place
                    break
    return copies


def take_away(writer: Writer, sources: Mapping[int, Place], copies: Mapping[int, Place]) -> None:
    """Finish the moves whose copies, as ``half_moved`` found them, stand at ``copies``."""
    for way, numbers in _ways(sources, copies).items():
        folder, target = way
        writer.open(folder)
        writer.move(folder, [sources[number].uid for number in numbers], target, resumed=True)


def _ways(
    sources: Mapping[int, Place], copies: Mapping[int, Place]
) -> dict[tuple[str, str], list[int]]:
    ways: dict[tuple[str, str], list[int]] = {}
    for number, copy in copies.items():
        ways.setdefault((sources[number].folder, copy.folder), []).append(number)
    return ways


def target_of(entry: JournalEntry) -> str | None:
    """The folder that the line moves its message to."""
    return next((action.to for action in entry.actions if isinstance(action, Move)), None)
