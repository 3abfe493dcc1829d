"""What a mailbox in memory holds, and what a test may do to it behind our back.

The lower half of ``in_memory.py``: messages by uid in folders with a UIDVALIDITY, calls
that are counted and can be cut. May not know what a Reader or a Writer is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from triage.errors import ServerRefused, ServerUnreachable, UidsVoid
from triage.mailbox import names
from triage.model import Place

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Held:
    """One message."""

    content: bytes
    flags: tuple[str, ...]
    labels: tuple[str, ...]
    date: datetime


@dataclass
class HeldFolder:
    """One folder: uids are given in order and never twice."""

    uidvalidity: int
    next_uid: int = 1
    held: dict[int, Held] = field(default_factory=dict)

    def add(self, held: Held) -> int:
        uid = self.next_uid
        self.next_uid += 1
        self.held[uid] = held
        return uid


class HeldMailbox:
    """Folders by name, and the calls. ``keywords``, ``moves`` and ``uidplus`` say what the
    server can do; ``gmail`` gives it labels. ``calls`` counts the calls by name, ``log``
    holds each with its arguments. ``before`` and ``after`` are called with the name of
    each call, ahead of the deed and behind it: let one raise to cut the connection."""

    def __init__(
        self,
        account: str = "main",
        folders: Iterable[str] = (names.INBOX,),
        *,
        keywords: bool = True,
        moves: bool = True,
        uidplus: bool = True,
        gmail: bool = False,
    ) -> None:
        self.account = account
        self.keywords, self.moves, self.uidplus, self.gmail = keywords, moves, uidplus, gmail
        self.calls: Counter[str] = Counter()
        self.log: list[tuple[object, ...]] = []
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None
        self.subscribed: set[str] = set()
        self.closed = False
        self._validity = 1000
        self._folders: dict[str, HeldFolder] = {}
        self._seen: dict[str, int] = {}
        for name in (names.INBOX, *folders):
            self._make(names.folder(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.closed = True

    def reopen(self) -> None:
        """As a new connection to the same mailbox: the past of the old one is forgotten."""
        self.closed = False
        self._seen = {}

    def put(
        self,
        folder: str,
        content: bytes,
        flags: Iterable[str] = (),
        labels: Iterable[str] = (),
        date: datetime = _LONG_AGO,
    ) -> int:
        """A message arrives; its uid."""
        held = Held(content, tuple(flags), tuple(labels), date)
        return self._folders[names.folder(folder)].add(held)

    def take(self, folder: str, uid: int) -> None:
        """A message is gone."""
        del self._folders[names.folder(folder)].held[uid]

    def contents(self, folder: str) -> tuple[bytes, ...]:
        """All messages of a folder, in order of uid; () where there is no such folder."""
        found = self._folders.get(names.folder(folder))
        return tuple(held.content for held in found.held.values()) if found else ()

    def void_uids(self, folder: str) -> None:
        """The folder gets a new UIDVALIDITY, and its messages new uids."""
        name = names.folder(folder)
        old = self._folders[name]
        self._make(name, anew=True)
        for held in old.held.values():
            self._folders[name].next_uid += 3
            self._folders[name].add(held)

    @contextmanager
    def _call(self, name: str, *arguments: object) -> Iterator[None]:
        if self.closed:
            raise ServerUnreachable("the connection is closed", where=self.account)
        self.calls[name] += 1
        self.log.append((name, *arguments))
        self._guard(self.before, name)
        yield
        self._guard(self.after, name)

    def _guard(self, hook: Callable[[str], None], name: str) -> None:
        try:
            hook(name)
        except ServerUnreachable:
            self.closed = True
            raise

    def _make(self, name: str, anew: bool = False) -> None:
        if anew or name not in self._folders:
            self._validity += 1
            self._folders[name] = HeldFolder(self._validity)

    def _find_folder(self, name: str) -> HeldFolder:
        try:
            return self._folders[name]
        except KeyError:
            raise ServerRefused("there is no such folder", where=name) from None

    def _opened(self, folder: str) -> HeldFolder:
        name = names.folder(folder)
        found = self._find_folder(name)
        if self._seen.setdefault(name, found.uidvalidity) != found.uidvalidity:
            raise UidsVoid("the uids of the folder are void: its UIDVALIDITY changed", where=name)
        return found

    def _place(self, folder: str, uid: int) -> Place:
        name = names.folder(folder)
        return Place(self.account, name, self._folders[name].uidvalidity, uid)
