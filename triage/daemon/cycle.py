"""A mailbox to read and a desk to a Plan: what a pass would do, as data.

Is handed a Reader, so a dry run is this and no more. A message that the journal knows in any
state (filed, undone, given up) is left alone, wherever it stands now: what a person moved
back stays. May not change the mailbox or write to the memory: ``act`` does both.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from triage.daemon.desk import Desk
from triage.errors import ServerRefused
from triage.mailbox.names import folder as same_folder
from triage.mailbox.types import Reader
from triage.memory import Cursor, Memory
from triage.model import (
    JUDGED_KINDS,
    Action,
    Invitation,
    JournalEntry,
    Leave,
    Move,
    NotInvitation,
    Place,
    RawMessage,
    Reading,
    Verdict,
)

log = logging.getLogger("triage")

_AT_ONCE = 500  # messages whose bodies are held in memory together


@dataclass(frozen=True)
class Counts:
    """What a pass saw. ``candidates`` is what the search found, ``known`` those that the
    journal knew, ``broken`` those that could not be worked through at all, ``labels`` how
    many got each label, ``unreadable`` how many mails of each platform were recognised and
    yet not read, which is how a changed template shows itself."""

    candidates: int = 0
    known: int = 0
    broken: int = 0
    labels: tuple[tuple[str, int], ...] = ()
    unreadable: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Plan:
    """What one pass over one account would do. ``entries`` have no ids yet. ``cursors``
    are set when they are settled. ``missing`` are folders that the server would not open."""

    account: str
    run: str
    entries: tuple[JournalEntry, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    counts: Counts = Counts()
    missing: tuple[str, ...] = ()

    @property
    def moves(self) -> int:
        """How many messages it would move."""
        return sum(
            any(isinstance(action, Move) for action in entry.actions) for entry in self.entries
        )

    def needs_approval(self, max_moves: int) -> bool:
        """Whether the guard stops it."""
        return self.moves > max_moves


def new_run(now: datetime) -> str:
    """A name for the pass that begins now."""
    return now.strftime("%Y%m%dT%H%M%S.%f")


def plan_pass(
    reader: Reader,
    account: str,
    folders: Sequence[str],
    desk: Desk,
    memory: Memory,
    now: datetime,
    run: str,
) -> Plan:
    """Look through what is new in ``folders`` and decide.

    Of byte-identical messages that are found in the same pass each is filed; one that
    turns up later is known, and stays. ``ServerUnreachable`` leaves nothing behind.
    """
    entries: list[JournalEntry] = []
    cursors: list[Cursor] = []
    missing: list[str] = []
    seen: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    unreadable: Counter[str] = Counter()
    for folder in folders:
        try:
            state = reader.open(folder)
        except ServerRefused:
            missing.append(folder)
            continue
        cursor = memory.cursors.get(account, folder)
        same = cursor is not None and cursor.uidvalidity == state.uidvalidity
        after = cursor.last_uid if cursor and same else 0
        up_to = max(after, state.uidnext - 1)
        if up_to > after or state.uidnext == 0:  # 0: the server does not say
            uids = reader.search(folder, desk.criteria, after)
            up_to = max(up_to, *uids) if state.uidnext == 0 and uids else up_to
            seen["candidates"] += len(uids)
            for message, reading in _read_fresh(reader, account, folder, uids, desk, memory, seen):
                if isinstance(reading, Invitation) and not reading.readable:
                    unreadable[reading.platform] += 1
                entries.append(_undecided(message, reading, run, now))
        cursors.append(Cursor(account, folder, state.uidvalidity, up_to))
    decided = _decide(entries, desk, seen)
    labels.update(entry.verdict.label for entry in decided)
    counts = Counts(
        seen["candidates"],
        seen["known"],
        seen["broken"],
        tuple(sorted(labels.items())),
        tuple(sorted(unreadable.items())),
    )
    return Plan(account, run, decided, tuple(cursors), counts, tuple(missing))


def _read_fresh(
    reader: Reader,
    account: str,
    folder: str,
    uids: Sequence[int],
    desk: Desk,
    memory: Memory,
    seen: Counter[str],
) -> Iterator[tuple[RawMessage, Reading]]:
    """The messages that the journal does not know, without their bodies, and what they
    are; read from a few parts, and from the whole where those do not suffice."""
    stream = reader.fetch(folder, uids) if uids else iter(())
    while some := list(islice(stream, _AT_ONCE)):
        known = memory.journal.known(account, (message.identity for message in some))
        fresh = [message for message in some if message.identity not in known]
        seen["known"] += len(some) - len(fresh)
        readings = {_uid(message): _read(message, desk, seen) for message in fresh}
        again = [uid for uid, reading in readings.items() if _wants_whole(reading)]
        if again:
            for message in reader.fetch(folder, again, whole=True):
                fuller = _read(message, desk, seen)
                if isinstance(fuller, Invitation):
                    readings[_uid(message)] = fuller
        for message in fresh:
            yield replace(message, content=b""), readings[_uid(message)]


def _uid(message: RawMessage) -> int:
    assert message.place is not None, "a message that was fetched stands somewhere"
    return message.place.uid


def _wants_whole(reading: Reading) -> bool:
    """Recognised, yet not readable from the parts that were fetched, or cut short, or
    without a note, which may then stand in a part that was left out."""
    if not isinstance(reading, Invitation) or reading.kind not in JUDGED_KINDS:
        return False
    return not reading.readable or reading.shown == "cut" or reading.note is None


def _read(message: RawMessage, desk: Desk, seen: Counter[str]) -> Reading:
    """One message that breaks the reading must not stop the pass for all others."""
    try:
        return desk.read(message)
    except Exception as error:
        seen["broken"] += 1
        log.error("uid %d could not be read, and is left alone: %s", _uid(message), fault(error))
        return NotInvitation(f"it could not be read ({type(error).__name__})")


def fault(error: Exception) -> str:
    """Kind and place of an error that nobody foresaw, for the log: its words and its
    traceback may hold a piece of the mail."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace else None
    where = f"{Path(code.co_filename).name}:{trace.tb_lineno}" if code and trace else "unknown"
    return f"{type(error).__name__} at {where}; please report it"


def _undecided(message: RawMessage, reading: Reading, run: str, now: datetime) -> JournalEntry:
    assert message.place is not None
    return JournalEntry(
        run=run,
        time=now,
        place=message.place,
        identity=message.identity,
        reading=reading,
        verdict=Verdict("unsure", 0.0, why="not judged yet"),
        actions=(),
        flags=tuple(flag for flag in message.flags if flag.lower() != "\\recent"),
        labels=message.labels,
    )


def _decide(
    entries: Sequence[JournalEntry], desk: Desk, seen: Counter[str]
) -> tuple[JournalEntry, ...]:
    """The entries that get a label, with their verdicts and actions."""
    verdicts = _judge_all([entry.reading for entry in entries], desk, seen)
    return tuple(
        replace(entry, verdict=verdict, actions=_fitting(desk.plan(verdict), entry.place))
        for entry, verdict in zip(entries, verdicts, strict=True)
        if verdict is not None
    )


def _judge_all(
    readings: Sequence[Reading], desk: Desk, seen: Counter[str]
) -> Sequence[Verdict | None]:
    """All at once; one by one where one of them breaks the judging."""
    try:
        return desk.judge.judge_all(readings)
    except Exception as error:
        if len(readings) == 1:
            seen["broken"] += 1
            log.error("a message could not be judged, and is left alone: %s", fault(error))
            return [None]
    return [verdict for reading in readings for verdict in _judge_all([reading], desk, seen)]


def _fitting(actions: tuple[Action, ...], place: Place) -> tuple[Action, ...]:
    """Without a move to where the message stands already."""
    here = same_folder(place.folder)
    kept = tuple(
        action
        for action in actions
        if not (isinstance(action, Move) and same_folder(action.to) == here)
    )
    return kept or (Leave("it stands where its route leads"),)
