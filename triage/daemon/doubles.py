"""What was moved while somebody else moved it too, to one of each message.

A command that the server carried out after we had given it up, or that another daemon on the
same mailbox sent, leaves a message in its target twice: without MOVE always, with it where a
server copies and expunges under the name of MOVE (Dovecot does). Of what came there since
the journal's mark the first stays, whoever made it, so that two daemons agree. May not touch
what came before the mark, what another line accounts for, or the last of a message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.errors import ServerRefused
from triage.mailbox.types import Writer
from triage.memory import Memory
from triage.model import Identity, JournalEntry, Place


def one_of_each(
    entries: Sequence[JournalEntry], landed: Mapping[int, Place], writer: Writer, memory: Memory
) -> dict[int, Place]:
    """Take away what is double of messages that were just moved, and not yet settled.
    ``landed`` is where each stands, by the line's id; the answer is that anew. Costs one
    look into the target where nobody else put anything there."""
    found = dict(landed)
    marks = memory.journal.marks(entries)
    moved = [entry for entry in entries if entry.id in landed and entry.id in marks]
    for folder in dict.fromkeys(landed[entry.id].folder for entry in moved):
        here = [entry for entry in moved if landed[entry.id].folder == folder]
        try:
            found |= _in_folder(folder, here, found, marks, writer, memory)
        except ServerRefused:
            continue  # one too many is no loss
    return found


def _in_folder(
    folder: str,
    entries: Sequence[JournalEntry],
    landed: Mapping[int, Place],
    marks: Mapping[int, tuple[int, int]],
    writer: Writer,
    memory: Memory,
) -> dict[int, Place]:
    validity, now = writer.next_uid(folder)
    marked = [entry for entry in entries if marks[entry.id][0] == validity]
    first = min((marks[entry.id][1] for entry in marked), default=now)
    if now - first <= len(marked):
        return {}  # nobody else put anything there
    writer.open(folder)
    groups: dict[Identity, list[JournalEntry]] = {}
    for entry in marked:
        groups.setdefault(entry.identity, []).append(entry)
    claimed = memory.journal.claims(writer.account, groups)
    found: dict[int, Place] = {}
    doubles: dict[int, int] = {}
    for identity, places in writer.find(folder, groups).items():
        ours = groups[identity]
        since = min(marks[entry.id][1] for entry in ours)
        free = sorted(at for at in places if at.uid >= since and at not in claimed)
        stay, go = free[: len(ours)], free[len(ours) :]
        doubles |= {at.uid: stay[0].uid for at in go}
        found |= {entry.id: at for entry, at in zip(ours, stay, strict=False)}
    if doubles:
        writer.take_doubles(folder, doubles)
    return found
