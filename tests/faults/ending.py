"""What a run left behind, as a value that can be held against another, in words.

Mailbox, subscriptions, journal and cursors; uids of the target folders apart, since a second
try gives others. May not change anything.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from faults.server import VOIDED, Stands
from triage.memory import Memory
from triage.model import JournalEntry


@dataclass(frozen=True)
class Ending:
    """What is left when all is over; uids of the target folders apart."""

    stands: dict[str, Any]
    subscribed: frozenset[str]
    journal: tuple[str, ...]
    cursors: tuple[object, ...]

    def differs_from(self, calm: Ending) -> list[str]:
        """In words, message by message."""
        found = []
        for name in sorted({*self.stands, *calm.stands}):
            here = Counter(map(_short, self.stands.get(name, ())))
            there = Counter(map(_short, calm.stands.get(name, ())))
            found += [f"{name} has {n} too many of {m}" for m, n in (here - there).items()]
            found += [f"{name} lacks {n} of {m}" for m, n in (there - here).items()]
            if (name in self.stands) is not (name in calm.stands):
                found.append(f"the folder {name} is there or not")
        if self.subscribed != calm.subscribed:
            found.append(f"subscribed: {sorted(self.subscribed ^ calm.subscribed)}")
        mine, theirs = Counter(self.journal), Counter(calm.journal)
        found += [f"journal, not wanted: {line}" for line in mine - theirs]
        found += [f"journal, missing: {line}" for line in theirs - mine]
        if self.cursors != calm.cursors:
            found.append(f"cursors {self.cursors} instead of {calm.cursors}")
        return found


def _short(message: Any) -> str:
    content, flags, date = message
    subject = content.split(b"Subject: ", 1)[1].split(b"\r", 1)[0].decode()
    return f"{subject} {hashlib.sha256(content).hexdigest()[:8]} {' '.join(flags)} {date:%H:%M:%S}"


def _line(entry: JournalEntry, stands: Stands) -> str:
    landed, there = entry.landed, None
    if landed is not None:
        messages = stands.folders.get(landed.folder, {})
        there = messages.get(landed.uid) or messages.get(landed.uid + VOIDED)
    return " ".join(
        map(
            repr,
            (
                entry.identity.message_id, entry.identity.header_sha256[:8], entry.place.uid % VOIDED,
                entry.verdict.label, entry.state, entry.remark, entry.actions, entry.flags,
                entry.labels, landed and landed.folder,
                hashlib.sha256(there.content if there else b"").hexdigest()[:8],
            ),
        )
    )  # fmt: skip


def ending_of(stands: Stands, memory: Memory, account: str = "main") -> Ending:
    """How it ended, as the mailbox and the journal tell."""
    entries = memory.journal.recent(1000, account=account)
    journal = sorted(_line(entry, stands) for entry in entries)
    places = [entry.landed for entry in entries if entry.landed]
    journal += [f"two lines landed at {p}" for p, n in Counter(places).items() if n > 1]
    journal += [f"undo begun: {one.id}" for one in memory.journal.undo_begun(account)]
    cursor = memory.cursors.get(account, "INBOX")
    return Ending(stands.told(), stands.subscribed, tuple(journal), (cursor,))
