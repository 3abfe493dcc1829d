"""A mailbox to read and a desk to a Plan: what a pass would do, as data.

Is handed a Reader, so a dry run is this and no more. A message that the journal knows in any
state (filed, undone, given up) is left alone, wherever it stands now: what a person moved
back stays. May not change the mailbox or write to the memory: ``act`` does both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.daemon.deadman import UNWATCHED, Work
from triage.daemon.desk import Desk
from triage.daemon.look import Looked, look_through
from triage.errors import ServerRefused
from triage.mailbox.names import folder as same_folder
from triage.mailbox.types import Reader
from triage.memory import Cursor, Memory
from triage.model import (
    Action,
    Identity,
    Invitation,
    JournalEntry,
    Label,
    Leave,
    Move,
    Place,
    Verdict,
)

# A message that the server will not bring is looked for again, and all after it with it, but
# not for ever: once so many others came after it, it is passed over.
_HELD_BACK = 50

Stop = Callable[[], bool]
"""Asked between batches: whether to end now, in order."""


def never() -> bool:
    """Do not stop between batches."""
    return False


@dataclass(frozen=True)
class Counts:
    """What a pass saw. ``arrived`` is whether any mail came since the pass before,
    ``candidates`` is what the search found, ``known`` those that the
    journal knew, ``broken`` those that could not be worked through at all, ``labels`` how
    many got each label, ``unreadable`` how many mails of each platform were recognised and
    yet not read, which is how a changed template shows itself."""

    candidates: int = 0
    known: int = 0
    broken: int = 0
    labels: tuple[tuple[str, int], ...] = ()
    unreadable: tuple[tuple[str, int], ...] = ()
    arrived: bool = False


@dataclass(frozen=True)
class Plan:
    """What one pass over one account would do. ``entries`` have no ids yet. ``cursors``
    are set when they are settled. ``missing`` are folders that the server would not open,
    ``unfetched`` is how many messages it would not bring; the next pass looks for them."""

    account: str
    run: str
    entries: tuple[JournalEntry, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    counts: Counts = Counts()
    missing: tuple[str, ...] = ()
    unfetched: int = 0

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
    stop: Stop = never,
    work: Work = UNWATCHED,
) -> Plan:
    """Look through what is new in ``folders`` and decide; where ``stop`` says so, nothing.

    Of byte-identical messages that are found in the same pass each is filed, unless they
    are one message that several folders show; one that turns up later is known, and stays.
    ``ServerUnreachable`` leaves nothing behind.
    """
    entries: list[JournalEntry] = []
    cursors: list[Cursor] = []
    missing: list[str] = []
    views: set[str] = set()
    seen: Counter[str] = Counter()
    unreadable: Counter[str] = Counter()
    refused = 0
    for folder in folders:
        try:
            state = reader.open(folder)
        except ServerRefused:
            missing.append(folder)
            continue
        if state.is_view:
            views.add(state.name)
        cursor = memory.cursors.get(account, folder)
        same = cursor is not None and cursor.uidvalidity == state.uidvalidity
        after = cursor.last_uid if cursor and same else 0
        up_to = max(after, state.uidnext - 1)
        if up_to > after or state.uidnext == 0:  # 0: the server does not say
            uids = reader.search(folder, desk.criteria, after)
            up_to = max(up_to, *uids) if state.uidnext == 0 and uids else up_to
            seen["candidates"] += len(uids)
            seen["arrived"] += up_to > after
            unfetched: set[int] = set()
            for one in look_through(
                reader, account, folder, uids, desk, memory, seen, work, unfetched
            ):
                if stop():
                    return Plan(account, run)
                if isinstance(one.reading, Invitation) and not one.reading.readable:
                    unreadable[one.reading.platform] += 1
                if one.verdict is not None:
                    entries.append(_entry(one, one.verdict, desk, run, now, state.is_view))
            refused += len(unfetched)
            up_to = min([up_to, *(uid - 1 for uid in unfetched.intersection(uids[-_HELD_BACK:]))])
        cursors.append(Cursor(account, folder, state.uidvalidity, up_to))
    if stop():
        return Plan(account, run)
    entries = _once(entries, views, "X-GM-EXT-1" in reader.capabilities())
    labels = Counter(entry.verdict.label for entry in entries)
    counts = Counts(
        seen["candidates"],
        seen["known"],
        seen["broken"],
        tuple(sorted(labels.items())),
        tuple(sorted(unreadable.items())),
        seen["arrived"] > 0,
    )
    return Plan(account, run, tuple(entries), tuple(cursors), counts, tuple(missing), refused)


def _once(entries: list[JournalEntry], views: set[str], is_gmail: bool) -> list[JournalEntry]:
    """Each message once that is shown by several folders, as Gmail does for every label,
    and a view everywhere; where it stands in a folder that is none, from there."""
    first: dict[Identity, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.place.folder in views):
        first.setdefault(entry.identity, entry.place.folder)
    return [
        entry
        for entry in entries
        if first[entry.identity] == entry.place.folder
        or not (is_gmail or entry.place.folder in views)
    ]


def _entry(
    one: Looked, verdict: Verdict, desk: Desk, run: str, now: datetime, in_view: bool
) -> JournalEntry:
    message = one.message
    assert message.place is not None
    return JournalEntry(
        run=run,
        time=now,
        place=message.place,
        identity=message.identity,
        reading=one.reading,
        verdict=verdict,
        actions=_fitting(desk.plan(verdict), message.place, in_view),
        flags=tuple(flag for flag in message.flags if flag.lower() != "\\recent"),
        labels=message.labels,
    )


def _fitting(actions: tuple[Action, ...], place: Place, in_view: bool) -> tuple[Action, ...]:
    """Without a move to where the message stands already; and out of a view, where it does
    not stand at all, a label instead of a move."""
    here = same_folder(place.folder)
    kept = tuple(
        Label(action.to) if in_view and isinstance(action, Move) else action
        for action in actions
        if not (isinstance(action, Move) and same_folder(action.to) == here)
    )
    return kept or (Leave("it stands where its route leads"),)
