r"""A mailbox in memory: the fake that keeps the same contract as a real server.

Used by tests and nowhere else. Holds whole messages by folder, with uids, UIDVALIDITY,
flags and keywords, can be told which extensions it has and when to fail, and counts what
it was asked. May not decide anything: what it files is what it was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from triage.errors import ServerRefused
from triage.identity import identity_of
from triage.mailbox import names
from triage.mailbox.held import Held, HeldMailbox
from triage.mailbox.matching import matches
from triage.mailbox.types import Criteria, Fetching, FolderState, Standing, Stored
from triage.model import Identity, Place, RawMessage

_SYSTEM = (r"\Answered", r"\Flagged", r"\Deleted", r"\Seen", r"\Draft")


class MemoryMailbox(HeldMailbox):
    """A ``Writer``; what it can be told and asked besides stands in ``HeldMailbox``."""

    # Reader

    def capabilities(self) -> frozenset[str]:
        with self._call("capabilities"):
            also = {"MOVE": self.moves, "UIDPLUS": self.uidplus, "X-GM-EXT-1": self.gmail}
            return frozenset({"IMAP4REV1", *(name for name, has in also.items() if has)})

    def folders(self) -> tuple[str, ...]:
        with self._call("folders"):
            return tuple(self._folders)

    def has_folder(self, folder: str) -> bool:
        with self._call("has_folder", folder):
            return names.folder(folder) in self._folders

    def open(self, folder: str) -> FolderState:
        with self._call("open", folder):
            name = names.folder(folder)
            found = self._find_folder(name)
            self._seen[name] = found.uidvalidity
            keeps = _SYSTEM + ((r"\*",) if self.keywords else ())
            return FolderState(
                name, found.uidvalidity, found.next_uid, len(found.held), self.keywords, keeps
            )

    def search(self, folder: str, criteria: Criteria, after_uid: int) -> tuple[int, ...]:
        with self._call("search", folder, criteria, after_uid):
            return tuple(
                uid
                for uid, held in self._opened(folder).held.items()
                if uid > after_uid
                and not names.holds(held.flags, r"\Deleted")
                and matches(held.content, criteria)
            )

    def fetch(
        self, folder: str, uids: Iterable[int], how: Fetching = "lean"
    ) -> Iterator[RawMessage]:
        wanted = sorted(set(uids))
        with self._call("fetch", folder, tuple(wanted), how):
            opened = self._opened(folder)
            found = [(uid, opened.held[uid]) for uid in wanted if uid in opened.held]
            messages = [
                RawMessage(
                    held.content,
                    identity_of(held.content),
                    self._place(folder, uid),
                    held.flags,
                    held.labels,
                    held.date,
                )
                for uid, held in found
            ]
        return iter(messages)

    def standing(self, folder: str, uids: Iterable[int]) -> Mapping[int, Standing]:
        wanted = sorted(set(uids))
        with self._call("standing", folder, tuple(wanted)):
            held = self._opened(folder).held
            return {
                uid: Standing(self._place(folder, uid), held[uid].flags, held[uid].labels)
                for uid in wanted
                if uid in held
            }

    def find(self, folder: str, wanted: Iterable[Identity]) -> Mapping[Identity, tuple[Place, ...]]:
        asked = tuple(wanted)
        with self._call("find", folder, asked):
            found: dict[Identity, list[Place]] = {identity: [] for identity in asked}
            for uid, held in self._opened(folder).held.items():
                identity = identity_of(held.content)
                if identity in found:
                    found[identity].append(self._place(folder, uid))
            return {identity: tuple(places) for identity, places in found.items()}

    # Writer

    def ensure_folder(self, folder: str) -> None:
        with self._call("ensure_folder", folder):
            levels = names.folder(folder).split("/")
            for depth in range(1, len(levels) + 1):
                name = "/".join(levels[:depth])
                if name not in self._folders:
                    self._make(name)
                    self.subscribed.add(name)

    def next_uid(self, folder: str) -> tuple[int, int]:
        with self._call("next_uid", folder):
            found = self._find_folder(names.folder(folder))
            return found.uidvalidity, found.next_uid

    def move(
        self, folder: str, uids: Iterable[int], to: str, resumed: bool = False
    ) -> Mapping[int, Place | None]:
        wanted = sorted(set(uids))
        with self._call("move", folder, tuple(wanted), to):
            if not self.moves and not self.uidplus:
                raise ServerRefused("the server can neither MOVE nor UID EXPUNGE", where=folder)
            if names.folder(folder) == names.folder(to):
                held = self._opened(folder).held
                return {uid: self._place(folder, uid) for uid in wanted if uid in held}
            source, target = self._opened(folder), self._find_folder(names.folder(to))
            landed: dict[int, Place | None] = {}
            for uid in wanted:
                if uid in source.held:
                    new = target.add(source.held.pop(uid))
                    place = Place(self.account, names.folder(to), target.uidvalidity, new)
                    landed[uid] = place if self.uidplus else self._only(to, new)
            return landed

    def take_doubles(self, folder: str, doubles: Mapping[int, int]) -> tuple[int, ...]:
        with self._call("take_doubles", folder, tuple(doubles.items())):
            held = self._opened(folder).held
            who = {uid: identity_of(one.content) for uid, one in held.items()}
            kept = set(doubles.values())
            taken = tuple(
                uid
                for uid, stays in doubles.items()
                if self.uidplus and uid in who and who[uid] == who.get(stays) and uid not in kept
            )
            for uid in taken:
                del held[uid]
            return taken

    def add_flags(self, folder: str, uids: Iterable[int], flags: Iterable[str]) -> Stored:
        return self._store("add_flags", folder, uids, flags, adding=True)

    def remove_flags(self, folder: str, uids: Iterable[int], flags: Iterable[str]) -> Stored:
        return self._store("remove_flags", folder, uids, flags, adding=False)

    def add_labels(self, folder: str, uids: Iterable[int], labels: Iterable[str]) -> Stored:
        return self._store("add_labels", folder, uids, labels, adding=True)

    def remove_labels(self, folder: str, uids: Iterable[int], labels: Iterable[str]) -> Stored:
        return self._store("remove_labels", folder, uids, labels, adding=False)

    def append(self, folder: str, content: bytes, flags: Iterable[str], date: datetime) -> None:
        with self._call("append", folder):
            self._find_folder(names.folder(folder)).add(Held(content, tuple(flags), (), date))

    # Inside

    def _store(
        self, what: str, folder: str, uids: Iterable[int], wanted: Iterable[str], adding: bool
    ) -> Stored:
        asked, wanted = sorted(set(uids)), tuple(wanted)
        with self._call(what, folder, tuple(asked), wanted):
            labelling = self.gmail and what.endswith("labels")
            held = self._opened(folder).held
            as_kept = {name: name if labelling else names.flag(name) for name in wanted}
            dropped = tuple(
                name
                for name, kept in as_kept.items()
                if not (labelling or self.keywords or names.holds(_SYSTEM, kept))
            )
            kept = [as_kept[name] for name in as_kept if name not in dropped]
            present = [uid for uid in asked if uid in held]
            for uid in present:
                old = held[uid].labels if labelling else held[uid].flags
                rest = tuple(name for name in old if not names.holds(kept, name))
                added = tuple(name for name in kept if not names.holds(old, name))
                new = (old + added) if adding else rest
                if labelling:
                    held[uid].labels = new
                else:
                    held[uid].flags = new
            return Stored(tuple(present) if kept or not adding else (), dropped)

    def _only(self, folder: str, uid: int) -> Place | None:
        held = self._folders[names.folder(folder)].held
        wanted = identity_of(held[uid].content)
        alike = [one for one, other in held.items() if identity_of(other.content) == wanted]
        return self._place(folder, max(alike)) if alike else None
