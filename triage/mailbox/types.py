"""What a mailbox can do, as two types: a reader, and a writer that is a reader too.

The code that plans is handed a ``Reader``, which has no method that changes anything,
so a dry run needs no flag. May not name a server or a library: ``imap_*.py`` beside it
speaks IMAP, ``in_memory.py`` is the fake, and one contract suite holds both to this.

Every method that takes many uids costs a number of round trips that does not grow with
them, beyond the batch size. All raise ``ServerUnreachable`` when the connection is lost
(the mailbox is then closed), ``ServerRefused`` when the server says no, and its kind
``UidsVoid`` when the folder's UIDVALIDITY is not the one that the caller last saw in
``open`` (opening it again is how the caller says that it has seen the new one).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from triage.model import Identity, Place, RawMessage

Fetching = Literal["lean", "page", "whole"]


@dataclass(frozen=True)
class Criteria:
    """What makes a message worth fetching; any one of them does. ``senders`` and
    ``subjects`` are substrings without case, ``headers`` are (field, substring), an
    empty substring meaning that the field is there (RFC 3501 section 6.4.4)."""

    senders: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FolderState:
    """A folder as it was opened. ``uidnext`` is above every uid in it (0: the server does
    not say). ``keeps_keywords`` is whether PERMANENTFLAGS holds ``\\*``; ``keeps_flags``
    the flags that it keeps for good. Servers may tell neither where a folder is only looked
    at: then ``keeps_keywords`` is None. ``is_view``: it shows mail that stands elsewhere
    (Gmail's All Mail, Starred, Important), so nothing can be moved out of it."""

    name: str
    uidvalidity: int
    uidnext: int
    messages: int
    keeps_keywords: bool | None
    keeps_flags: tuple[str, ...]
    is_view: bool = False


@dataclass(frozen=True)
class Standing:
    """A message as it stands on the server now."""

    place: Place
    flags: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Stored:
    """What came of setting flags or labels: the uids on which they were read back, and
    the names that the server does not keep (said once by who logs)."""

    kept: tuple[int, ...]
    dropped: tuple[str, ...] = ()


class Reader(Protocol):
    """Looks, never touches: no flag is set by it, not even \\Seen or \\Recent."""

    account: str

    def capabilities(self) -> frozenset[str]:
        """Upper-case names, after login."""

    def folders(self) -> tuple[str, ...]:
        """All selectable folders, levels separated by "/", prefix of the personal
        namespace taken off (RFC 2342), names decoded from modified UTF-7."""

    def has_folder(self, folder: str) -> bool:
        """Whether there is such a folder, and one that can be selected; asks anew."""

    def open(self, folder: str) -> FolderState:
        """Select read-only where only reading follows. ``ServerRefused`` if missing."""

    def search(self, folder: str, criteria: Criteria, after_uid: int) -> tuple[int, ...]:
        """Uids above ``after_uid`` that match, ascending; \\Deleted ones left out."""

    def fetch(
        self, folder: str, uids: Iterable[int], how: Fetching = "lean"
    ) -> Iterator[RawMessage]:
        """The messages, in order of uid, bodies by PEEK, in batches. ``lean`` brings the
        parts that mostly suffice, ``page`` the top of the HTML part alone, ``whole``
        every text part, up to the bound of a whole message. What was left out is said in
        the message. A uid that is gone is passed over."""

    def standing(self, folder: str, uids: Iterable[int]) -> Mapping[int, Standing]:
        """Flags and labels now; uids that are gone are missing from the answer."""

    def find(self, folder: str, wanted: Iterable[Identity]) -> Mapping[Identity, tuple[Place, ...]]:
        """Where in ``folder`` messages of these identities stand now (none, one or
        several each); by Message-ID and header hash, never by uid. Every identity asked
        for is in the answer. ``ServerRefused`` if the folder is missing."""

    def close(self) -> None:
        """Log out; harmless when it is closed already."""


class Writer(Reader, Protocol):
    """Files. Nothing here deletes the last copy of a message, or sets \\Seen unless told to
    by name."""

    def ensure_folder(self, folder: str) -> None:
        """Create it (and its parents), subscribe to it; nothing if it is there."""

    def next_uid(self, folder: str) -> tuple[int, int]:
        """The folder's UIDVALIDITY, and the uid that the next message in it gets at the
        earliest; (0, 0) where the server does not tell. Does not open it."""

    def move(
        self, folder: str, uids: Iterable[int], to: str, resumed: bool = False
    ) -> Mapping[int, Place | None]:
        """Move, and say where each landed: COPYUID, else a search by identity; None
        where the server would not tell. A uid that is gone is missing from the answer.
        Without MOVE: COPY, \\Deleted, UID EXPUNGE. ``ServerRefused`` before any change
        where the server has neither MOVE nor UIDPLUS.

        ``resumed``: an earlier move of these was cut off. Where the server has no MOVE,
        a copy that already stands in ``to`` is not made a second time."""

    def take_doubles(self, folder: str, doubles: Mapping[int, int]) -> tuple[int, ...]:
        """Take away messages that stand in ``folder`` a second time: by uid, the uid of the
        same message that stays. The server is asked who both are, so the last one is never
        taken. The uids that went; none where the server has no UIDPLUS."""

    def add_flags(self, folder: str, uids: Iterable[int], flags: Iterable[str]) -> Stored:
        """Set flags and keywords, and read them back."""

    def remove_flags(self, folder: str, uids: Iterable[int], flags: Iterable[str]) -> Stored:
        """Clear flags and keywords; ``kept`` are the uids on which they are gone."""

    def add_labels(self, folder: str, uids: Iterable[int], labels: Iterable[str]) -> Stored:
        """Gmail labels, elsewhere keywords (what an atom cannot hold becomes ``-``)."""

    def remove_labels(self, folder: str, uids: Iterable[int], labels: Iterable[str]) -> Stored:
        """The inverse of ``add_labels``."""

    def append(self, folder: str, content: bytes, flags: Iterable[str], date: datetime) -> None:
        """Put a message in; used by the demo and the tests alone."""
