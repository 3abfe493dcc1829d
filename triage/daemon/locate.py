"""Journal lines to where their messages stand on the server now.

By uid where the folder's UIDVALIDITY is the one remembered, else by identity; of identical
messages each line gets one of its own, never one that another line accounts for. What the
server will not tell now is unknown, which is not the same as gone. Asks the server by
folder, not by message. May not write to the journal, nor change the mailbox but to finish a
move that was cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from triage.errors import ServerRefused
from triage.mailbox.types import Reader, Standing, Writer
from triage.memory import Memory
from triage.model import Identity, JournalEntry, Move, Place


@dataclass(frozen=True)
class Sought:
    """A line, the folder where its message is looked for, and the place where it was
    last known to be (None: only its folder is known)."""

    entry: JournalEntry
    folder: str
    hint: Place | None = None


@dataclass(frozen=True)
class Located:
    """By the line's id: where its message stands and with which flags, or why the server
    would not tell. In neither: it is not in that folder, or there is no such folder."""

    found: dict[int, Standing] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)

    def __contains__(self, number: int) -> bool:
        return number in self.found or number in self.unknown


def locate(reader: Reader, sought: Iterable[Sought], claimed: frozenset[Place]) -> Located:
    """Where the messages of these lines stand."""
    located = Located()
    taken: set[Place] = set()
    for folder, ones in _by_folder(sought).items():
        try:
            located.found.update(_in_folder(reader, folder, ones, claimed, taken))
        except ServerRefused as error:
            located.unknown.update(_unknown(reader, folder, ones, error))
    return located


def _by_folder(sought: Iterable[Sought]) -> dict[str, list[Sought]]:
    by_folder: dict[str, list[Sought]] = {}
    for one in sought:
        by_folder.setdefault(one.folder, []).append(one)
    return by_folder


def _unknown(
    reader: Reader, folder: str, sought: Iterable[Sought], error: ServerRefused
) -> dict[int, str]:
    """Nobody, if there is no such folder: then nothing of them stands there."""
    try:
        if not reader.has_folder(folder):
            return {}
    except ServerRefused as second:
        error = second
    why = f"the server would not look in {folder}: {error.what}"
    return {one.entry.id: why for one in sought}


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
    for identity, ones in _by_identity(rest).items():
        free = sorted(p for p in alike.get(identity, ()) if p not in claimed | taken)
        # The newest are ours: what a person copied there earlier stands ahead of them.
        chosen.update(zip((one.entry.id for one in ones), free[-len(ones) :], strict=False))
    taken.update(chosen.values())
    flags = reader.standing(folder, (place.uid for place in chosen.values())) if chosen else {}
    for number, place in chosen.items():
        if place.uid in flags:
            found[number] = flags[place.uid]
    return found


def _by_identity(sought: Iterable[Sought]) -> dict[Identity, list[Sought]]:
    groups: dict[Identity, list[Sought]] = {}
    for one in sought:
        groups.setdefault(one.entry.identity, []).append(one)
    return groups


def half_moved(
    reader: Reader,
    memory: Memory,
    here: Mapping[JournalEntry, str],
    claimed: frozenset[Place],
) -> tuple[dict[int, Place], dict[int, str]]:
    """For lines whose message still stands at its source while its move to the folder
    named was begun: by id, the copy of ours that is there already; and by id, why the
    server would not tell.

    Only servers without MOVE leave such; there, the journal has a mark of the first uid
    that a copy of ours could get, so that what a person copied earlier is not taken for it.
    Where the target's UIDVALIDITY changed since, the newest copy has to pass for ours.
    """
    copies: dict[int, Place] = {}
    unknown: dict[int, str] = {}
    if "MOVE" in reader.capabilities():
        return copies, unknown
    marks = memory.journal.marks(here)
    wanted = [Sought(entry, to) for entry, to in here.items() if entry.id in marks]
    for folder, ones in _by_folder(wanted).items():
        try:
            reader.open(folder)
            alike = reader.find(folder, {one.entry.identity for one in ones})
        except ServerRefused as error:
            unknown |= _unknown(reader, folder, ones, error)
            continue
        for identity, some in _by_identity(ones).items():
            free = sorted(place for place in alike.get(identity, ()) if place not in claimed)
            validity, first = min(marks[one.entry.id] for one in some)
            if any(place.uidvalidity != validity for place in free):
                ours = free[-len(some) :]
            else:
                ours = [place for place in free if place.uid >= first]
            copies.update(zip((one.entry.id for one in some), ours, strict=False))
    return copies, unknown


def take_away(
    writer: Writer, sources: Mapping[int, Place], copies: Mapping[int, Place]
) -> dict[int, str]:
    """Finish the moves whose copies, as ``half_moved`` found them, stand at ``copies``; by
    id, why the server would not."""
    refused: dict[int, str] = {}
    for (folder, target), numbers in _ways(sources, copies).items():
        try:
            writer.open(folder)
            writer.move(folder, [sources[number].uid for number in numbers], target, resumed=True)
        except ServerRefused as error:
            why = f"the server refused to finish its move to {target}: {error.what}"
            refused |= dict.fromkeys(numbers, why)
    return refused


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
