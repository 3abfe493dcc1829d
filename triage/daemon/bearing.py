r"""The flags and labels of a message to whether a person changed them since it was filed.

What mail programs set by themselves does not count, nor that a message was read: opening it
to see whether it was filed right must not be what forbids putting it back. May not speak to
a server: what stands there now comes in as a value.
"""

from __future__ import annotations

from triage.mailbox import names
from triage.mailbox.types import Standing
from triage.model import Flag, JournalEntry, Label, Move

# \Seen by the reader, \Recent by the server, the others by mail programs' own filters.
# \Inbox, \Important, \Starred are Gmail's labels, which follow from where a message stands.
_NOT_BY_HAND = {
    r"\seen", r"\recent", "$junk", "junk", "$notjunk", "notjunk", "nonjunk", "$mdnsent",
    r"\inbox", r"\important", r"\starred",
}  # fmt: skip


def bears(standing: Standing, name: str) -> bool:
    """Whether the message has the flag or label, in the spelling in which servers keep it."""
    return _kept(name) in {_kept(one) for one in standing.flags + standing.labels}


def changed_by_hand(entry: JournalEntry, standing: Standing) -> tuple[str, ...]:
    """The flags and labels that differ from what filing left: ``+x`` was added since,
    ``-x`` taken away. Empty: nobody touched it."""
    left = {_kept(name) for name in (*entry.flags, *entry.labels, *set_by(entry))}
    now = {_kept(name) for name in standing.flags + standing.labels}
    folders = {entry.place.folder, standing.place.folder}
    folders.update(action.to for action in entry.actions if isinstance(action, Move))
    passed_over = _NOT_BY_HAND | {_kept(folder) for folder in folders}  # as labels, at Gmail
    added, taken = now - left - passed_over, left - now - passed_over
    return tuple(sorted({f"+{name}" for name in added} | {f"-{name}" for name in taken}))


def set_by(entry: JournalEntry) -> tuple[str, ...]:
    """The names of flags and labels that filing set."""
    return tuple(action.name for action in entry.actions if isinstance(action, Flag | Label))


def to_take_back(entry: JournalEntry, kind: type[Flag] | type[Label]) -> tuple[str, ...]:
    """The names that filing set and that were not there before."""
    before = {_kept(name) for name in entry.flags + entry.labels}
    return tuple(
        action.name
        for action in entry.actions
        if isinstance(action, kind) and _kept(action.name) not in before
    )


def _kept(name: str) -> str:
    return names.flag(name).lower()
