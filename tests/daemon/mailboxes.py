"""Mailboxes for the tests of the daemon: a filled one, what stands in one, and one that
copies and expunges in steps, as a server without MOVE does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from daemon.desks import mail
from triage.identity import identity_of
from triage.mailbox.in_memory import MemoryMailbox
from triage.mailbox.landing import by_identity
from triage.model import Place

FOLDERS = ("INBOX", "Invitations/Generic", "Invitations/Boilerplate", "Invitations/Suspicious")
LABELS = ("personal", "generic", "boilerplate", "suspicious", "unsure")


class CopyingMailbox(MemoryMailbox):
    r"""Without MOVE: COPY, \Deleted, UID EXPUNGE, each a step that can be cut."""

    def __init__(self, account: str = "main") -> None:
        super().__init__(account, moves=False)

    def move(
        self, folder: str, uids: Iterable[int], to: str, resumed: bool = False
    ) -> Mapping[int, Place | None]:
        landed = self._copies(folder, uids, to) if resumed else {}
        rest = tuple(uid for uid in uids if uid not in landed)
        with self._call("copy", folder, rest, to):
            source, target = self._opened(folder), self._find_folder(to)
            for uid in rest:
                if uid in source.held:
                    held = source.held[uid]
                    new = target.add(type(held)(held.content, held.flags, held.labels, held.date))
                    landed[uid] = Place(self.account, to, target.uidvalidity, new)
        with self._call("mark_deleted", folder, tuple(landed)):
            for uid in landed.keys() & source.held.keys():
                source.held[uid].flags = (*source.held[uid].flags, "\\Deleted")
        with self._call("expunge", folder, tuple(landed)):
            for uid in landed:
                source.held.pop(uid, None)
        return dict(landed)

    def _copies(self, folder: str, uids: Iterable[int], to: str) -> dict[int, Place]:
        held = self._opened(folder).held
        here = {uid: identity_of(held[uid].content) for uid in uids if uid in held}
        found = by_identity(here, self.find(to, here.values()))
        return {uid: place for uid, place in found.items() if place is not None}


def filled(mailbox: MemoryMailbox | None = None, rounds: int = 2) -> MemoryMailbox:
    """Invitations of all labels among other mail, some of it read or flagged."""
    box = mailbox or MemoryMailbox()
    number = 0
    for _ in range(rounds):
        for label in ("", *LABELS, ""):
            number += 1
            flags = ("\\Seen",) if number % 3 == 0 else ("\\Flagged",) if number % 4 == 0 else ()
            box.put("INBOX", mail(number, label), flags)
    return box


def standing(box: MemoryMailbox) -> dict[str, list[tuple[bytes, frozenset[str]]]]:
    """What stands where, with which flags; uids and empty folders do not count."""
    return {
        name: sorted((h.content, frozenset(h.flags + h.labels)) for h in folder.held.values())
        for name, folder in box._folders.items()
        if folder.held
    }
