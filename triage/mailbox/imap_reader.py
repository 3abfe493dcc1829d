"""A mailbox on an IMAP server, to look at.

Folders are opened by EXAMINE, bodies fetched by PEEK, so nothing that it does leaves a
trace. Has no method that changes anything, and may not gain one: the writer is a type of
its own in ``imap_writer.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Self

from triage.errors import ServerRefused, UidsVoid
from triage.identity import HEADER_FIELDS, IDENTITY_FIELDS
from triage.mailbox import answers, imap_fetch, imap_search, names, opened
from triage.mailbox.folders import Folders
from triage.mailbox.matching import matches
from triage.mailbox.session import Session
from triage.mailbox.types import Criteria, Fetching, FolderState, Standing
from triage.mailbox.uids import batches, uid_set
from triage.model import Identity, Place, RawMessage

_COMMANDS_AT_ONCE = 25
_MANY = 20  # identities to look for at once
_HEADERS_AT_ONCE = 2000  # held in memory together


class ImapReader:
    """A ``Reader`` over a logged-in session; a context manager that logs out."""

    def __init__(self, session: Session, account: str, headers: Iterable[str] = ()) -> None:
        self.account = account
        self.session = session
        self._names = Folders(session)
        self._headers: tuple[str, ...] = ()
        self.ask_for((*HEADER_FIELDS, *IDENTITY_FIELDS, *headers))
        self._opened: tuple[FolderState, bool] | None = None  # and whether for writing
        self._seen: dict[str, FolderState] = {}  # as the caller last opened each folder
        self._known: dict[Place, Identity] = {}  # of what was fetched on this connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        return self.session.closed

    def close(self) -> None:
        self.session.close()

    def ask_for(self, headers: Iterable[str]) -> None:
        """Fetch these header fields too, from now on."""
        asked = (*self._headers, *(one for one in headers if names.is_field_name(one)))
        self._headers = tuple(dict.fromkeys(asked))

    def capabilities(self) -> frozenset[str]:
        return self.session.capabilities

    def folders(self) -> tuple[str, ...]:
        return self._names.selectable()

    def has_folder(self, folder: str) -> bool:
        self._names.forget()
        return self._names.called(folder) in self._names.selectable()

    def open(self, folder: str) -> FolderState:
        name = self._names.called(folder)
        state = self._select(name, writable=False)
        self._seen[name] = state
        return state

    def arrived(self, folder: str) -> bool:
        """Whether mail came since the caller opened the folder; looks anew, so that what
        came before this call is not missed by whoever waits after it."""
        name = self._names.called(folder)
        before = self._seen.get(name)
        now = self._select(name, writable=False)
        self._seen.setdefault(name, now)
        if before is None:
            return False
        if not now.uidnext:  # a server may keep it to itself
            return now.messages > before.messages
        return now.uidnext > before.uidnext or now.uidvalidity != before.uidvalidity

    def messages_seen(self) -> int:
        """How many messages the selected folder held when it was last looked at."""
        return self._opened[0].messages if self._opened else 0

    def search(self, folder: str, criteria: Criteria, after_uid: int) -> tuple[int, ...]:
        wanted = imap_search.keys(criteria)
        if not wanted:
            return ()
        self._enter(folder)

        def by_header(uids: set[int]) -> set[int]:
            asked = ("From", "Subject", *(name for name, _ in criteria.headers))
            return {
                uid
                for some in batches(uids, _HEADERS_AT_ONCE)
                for uid, header in imap_fetch.headers(self.session, some, asked).items()
                if matches(header, criteria)
            }

        # "n:*" names the last message too, whatever its uid (RFC 3501 section 6.4.8).
        conditions = ("UID", f"{after_uid + 1}:*", "UNDELETED")
        if self.session.is_gmail:  # finds whole words, and headers of its choice, alone
            everything = imap_search.search(self.session, [("ALL",)], conditions, set)
            found = by_header({uid for uid in everything if uid > after_uid})
        else:
            found = imap_search.search(self.session, wanted, conditions, by_header)
        return tuple(sorted(uid for uid in found if uid > after_uid))

    def fetch(
        self, folder: str, uids: Iterable[int], how: Fetching = "lean"
    ) -> Iterator[RawMessage]:
        asked = tuple(uids)
        name = self._names.called(folder)
        for batch in batches(asked):
            state = self._enter(name)  # again for each: the caller may look elsewhere meanwhile
            for one in list(imap_fetch.fetch(self.session, batch, self._headers, how)):
                place = Place(self.account, name, state.uidvalidity, one.uid)
                self._known[place] = one.identity
                yield RawMessage(
                    one.content,
                    one.identity,
                    place,
                    one.flags,
                    one.labels,
                    one.internal_date,
                    one.partial,
                    one.page_left_out,
                )

    def standing(self, folder: str, uids: Iterable[int]) -> Mapping[int, Standing]:
        wanted = tuple(batches(uids))
        if not wanted:
            return {}
        state = self._enter(folder)
        return {
            uid: Standing(
                Place(self.account, state.name, state.uidvalidity, uid),
                answers.flags_of(items),
                answers.labels_of(items),
            )
            for uid, items in self._stand(wanted).items()
        }

    def find(self, folder: str, wanted: Iterable[Identity]) -> Mapping[Identity, tuple[Place, ...]]:
        asked = tuple(dict.fromkeys(wanted))
        if not asked:
            return {}
        state = self._enter(folder)
        found: dict[Identity, list[Place]] = {identity: [] for identity in asked}
        for uid, identity in sorted(
            imap_fetch.identities(self.session, self._alike(state, asked)).items()
        ):
            if identity in found:
                place = Place(self.account, state.name, state.uidvalidity, uid)
                found[identity].append(place)
        return {identity: tuple(places) for identity, places in found.items()}

    def _alike(self, state: FolderState, wanted: tuple[Identity, ...]) -> set[int]:
        """Uids that may be of these identities: by Message-ID, those without among all
        that have none (at Gmail, which cannot search for those, among all), those with a
        hopeless one among all. Where that would be most of the folder, all of it: a search
        for many is dearer than reading few headers."""
        is_gmail = self.session.is_gmail
        if len(wanted) >= _MANY and state.messages <= 4 * len(wanted):
            return imap_search.search(self.session, [("ALL",)], (), lambda uids: uids)
        by_id = imap_search.message_id_keys(wanted, is_gmail)
        without: list[imap_search.Key] = []
        if any(imap_search.bare(identity) for identity in wanted):
            hopeless = is_gmail or any(i.message_id and imap_search.bare(i) for i in wanted)
            without = [("ALL",)] if hopeless else [("NOT HEADER Message-ID", "")]
        return imap_search.search(self.session, [*by_id, *without], (), lambda uids: uids)

    def _stand(self, wanted: Iterable[tuple[int, ...]]) -> dict[int, answers.Items]:
        """Flags and labels in the selected folder."""
        labels = " X-GM-LABELS" if self.session.is_gmail else ""
        asked = [("UID", "FETCH", uid_set(batch), f"(UID FLAGS{labels})") for batch in wanted]
        found: dict[int, answers.Items] = {}
        for start in range(0, len(asked), _COMMANDS_AT_ONCE):
            for answer in self.session.run(*asked[start : start + _COMMANDS_AT_ONCE]):
                self.session.require(answer, "FETCH")
            found |= answers.read(self.session.take("FETCH"))
        asked_for = {uid for batch in wanted for uid in batch}
        return {uid: items for uid, items in found.items() if uid in asked_for}

    def _enter(self, folder: str, writable: bool = False) -> FolderState:
        """The folder selected, and its UIDVALIDITY the one that the caller knows."""
        name = self._names.called(folder)
        if self._opened and self._opened[0].name == name and self._opened[1] >= writable:
            state = self._opened[0]
        else:
            state = self._select(name, writable)
        known = self._seen.setdefault(name, state)
        if known.uidvalidity != state.uidvalidity:
            raise UidsVoid(
                f'the uids of folder "{name}" are void: its UIDVALIDITY changed',
                where=self.session.where,
            )
        return state

    def _leave(self) -> None:
        """Out of a folder that was examined: that CLOSE expunges nothing (RFC 3501 section
        6.4.2). pymap 0.36 refuses it, and appends all the same."""
        self._opened = None
        self.session.run(("CLOSE",))

    def _select(self, name: str, writable: bool) -> FolderState:
        self._opened = None
        try:
            said = self.session.select(self._names.wire(name), writable)
        except ServerRefused:
            self._names.forget()  # it may be gone since it was listed
            raise
        state = opened.state(self.session, name, said, writable, self._names.is_view(name))
        self._opened = (state, writable)
        return state
