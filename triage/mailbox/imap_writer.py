r"""A mailbox on an IMAP server, to file in.

Selects for writing only when it writes. Moves by MOVE, else by COPY and UID EXPUNGE of
exactly what was copied; an EXPUNGE without uids is never sent, since it would take what
the user marked. Reads back what it set. May not decide what goes where.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from imapclient.imap_utf7 import encode
from imapclient.response_parser import parse_response

from triage.errors import ServerRefused
from triage.mailbox import answers, imap_fetch, landing, names, removal
from triage.mailbox.imap_reader import ImapReader
from triage.mailbox.session import quoted
from triage.mailbox.types import FolderState, Stored
from triage.mailbox.uids import batches, uid_set
from triage.model import Identity, Place


class ImapWriter(ImapReader):
    """A ``Writer`` over a logged-in session."""

    def ensure_folder(self, folder: str) -> None:
        self._names.ensure(folder)

    def next_uid(self, folder: str) -> tuple[int, int]:
        wire = quoted(self._names.wire(folder))
        self._ask_with_target("STATUS", wire, "(UIDVALIDITY UIDNEXT)")
        for record in self.session.take("STATUS"):
            *_, said = parse_response(record)
            if isinstance(said, tuple):
                told = dict(zip(said[::2], said[1::2], strict=False))
                validity, uid = told.get(b"UIDVALIDITY"), told.get(b"UIDNEXT")
                if isinstance(validity, int) and isinstance(uid, int):
                    return validity, uid
        return 0, 0

    def move(
        self, folder: str, uids: Iterable[int], to: str, resumed: bool = False
    ) -> Mapping[int, Place | None]:
        has = self.session.capabilities
        if not has & {"MOVE", "UIDPLUS"}:
            raise ServerRefused(
                "the server can neither MOVE nor UID EXPUNGE, so nothing is moved",
                where=self.session.where,
                now="Label instead: without these, clearing up would erase what you marked.",
            )
        landed: dict[int, Place | None] = {}
        if self._names.called(folder) == self._names.called(to):
            return {uid: there.place for uid, there in self.standing(folder, uids).items()}
        for batch in batches(uids):
            if "MOVE" in has:
                landed |= self._move(folder, batch, to)
            else:
                landed |= self._copy_and_expunge(folder, batch, to, resumed)
        return landed

    def take_doubles(self, folder: str, doubles: Mapping[int, int]) -> tuple[int, ...]:
        if "UIDPLUS" not in self.session.capabilities or not doubles:
            return ()
        state = self._enter(folder, writable=True)
        removal.require(self.session, state, self._names.wire(folder))
        who = imap_fetch.identities(self.session, {*doubles, *doubles.values()})
        kept = set(doubles.values())
        taken = tuple(
            uid
            for uid, stays in doubles.items()
            if uid in who and who[uid] == who.get(stays) and uid not in kept
        )
        if taken:
            self._take_away(folder, taken)
        return taken

    def add_flags(self, folder: str, uids: Iterable[int], flags: Iterable[str]) -> Stored:
        return self._store(folder, uids, {flag: names.flag(flag) for flag in flags}, "+")

    def remove_flags(self, folder: str, uids: Iterable[int], flags: Iterable[str]) -> Stored:
        return self._store(folder, uids, {flag: names.flag(flag) for flag in flags}, "-")

    def add_labels(self, folder: str, uids: Iterable[int], labels: Iterable[str]) -> Stored:
        return self._label(folder, uids, labels, "+")

    def remove_labels(self, folder: str, uids: Iterable[int], labels: Iterable[str]) -> Stored:
        return self._label(folder, uids, labels, "-")

    def append(self, folder: str, content: bytes, flags: Iterable[str], date: datetime) -> None:
        wire, kept = self._names.wire(folder), tuple(names.flag(flag) for flag in flags)
        if self._opened and not self._opened[1]:
            self._leave()  # Courier 5.0.13 appends to no folder while one is examined
        self.session.literally("APPEND", lambda client: client.append(wire, content, kept, date))

    # Moving

    def _move(self, folder: str, batch: tuple[int, ...], to: str) -> dict[int, Place | None]:
        moved, first_new_uid = self._before(folder, batch, to)
        wire = quoted(self._names.wire(to))
        self._enter(folder, writable=True)
        self._ask_with_target("UID", "MOVE", uid_set(batch), wire)
        landed = landing.by_copyuid(
            self.session.take("COPYUID"), self.account, self._names.called(to)
        )
        told: dict[int, Place | None] = {u: place for u, place in landed.items() if u in batch}
        untold = tuple(uid for uid in batch if uid not in told)
        more = len(self.session.take("EXPUNGE")) - len(told)
        if more <= 0:
            return told
        # No COPYUID, or not for all, as where a label was there already.
        known = {uid: moved[uid] for uid in untold if uid in moved}
        all_went = more >= len(untold)
        return told | self._search_for(to, known, untold if all_went else (), first_new_uid)

    def _copy_and_expunge(
        self, folder: str, batch: tuple[int, ...], to: str, resumed: bool
    ) -> dict[int, Place | None]:
        landed: dict[int, Place | None] = {}
        state = self._enter(folder, writable=True)
        removal.require(self.session, state, self._names.wire(folder))
        if resumed:
            landed |= self._copied_before(folder, batch, to)
        rest = tuple(uid for uid in batch if uid not in landed)
        wire = quoted(self._names.wire(to))
        self._enter(folder, writable=True)
        if rest:
            self._ask_with_target("UID", "COPY", uid_set(rest), wire)
            copied = landing.by_copyuid(
                self.session.take("COPYUID"), self.account, self._names.called(to)
            )
            landed |= {uid: place for uid, place in copied.items() if uid in rest}
        if landed:
            # Only what certainly stands in the target now is taken from here.
            self._take_away(folder, landed)
        return landed

    def _take_away(self, folder: str, uids: Collection[int]) -> None:
        state = self._enter(folder, writable=True)
        if not removal.take_away(self.session, uids) and self.standing(folder, uids):
            raise removal.not_allowed(self.session, state)

    def _ask_with_target(self, *command: str) -> None:
        try:
            self.session.ask(*command)
        except ServerRefused:
            self._names.forget()  # the target may be gone since it was listed
            raise

    def _copied_before(
        self, folder: str, batch: tuple[int, ...], to: str
    ) -> dict[int, Place | None]:
        here = self._identities(folder, batch)
        there = landing.by_identity(here, self.find(to, here.values()))
        return {uid: place for uid, place in there.items() if place is not None}

    def _before(
        self, folder: str, batch: tuple[int, ...], to: str
    ) -> tuple[dict[int, Identity], int]:
        """What finding the moved messages will take, where the server has no COPYUID."""
        if "UIDPLUS" in self.session.capabilities:
            return self._identities(folder, batch, ask=False), 0
        moved = self._identities(folder, batch)
        return moved, self.next_uid(to)[1]

    def _identities(
        self, folder: str, batch: tuple[int, ...], ask: bool = True
    ) -> dict[int, Identity]:
        state = self._enter(folder)
        if ask:
            return imap_fetch.identities(self.session, batch)
        places = {uid: Place(self.account, state.name, state.uidvalidity, uid) for uid in batch}
        return {uid: self._known[at] for uid, at in places.items() if at in self._known}

    def _search_for(
        self, to: str, moved: Mapping[int, Identity], batch: tuple[int, ...], first_new_uid: int
    ) -> dict[int, Place | None]:
        landed: dict[int, Place | None] = {}
        if "UIDPLUS" in self.session.capabilities:  # and yet no COPYUID: not all are known
            landed |= dict.fromkeys(batch)
        return landed | landing.by_identity(moved, self.find(to, moved.values()), first_new_uid)

    # Flags and labels

    def _label(self, folder: str, uids: Iterable[int], labels: Iterable[str], sign: str) -> Stored:
        if not self.session.is_gmail:
            return self._store(folder, uids, {one: names.keyword(one) for one in labels}, sign)
        wanted = dict.fromkeys(labels)
        written = " ".join(quoted(encode(label).decode("ascii")) for label in wanted)
        present = self._write(folder, uids, f"{sign}X-GM-LABELS", f"({written})")
        if sign == "+" and not set(wanted) <= set(self._names.selectable()):
            self._names.forget()  # a label that was not there has become a folder
        # Gmail leaves out the label of the selected folder, which all in it have.
        own = (self._names.called(folder),) if sign == "+" else ()
        have = {uid: (*answers.labels_of(items), *own) for uid, items in present.items()}
        return _stored(have, {label: label for label in wanted}, sign, ())

    def _store(
        self, folder: str, uids: Iterable[int], wanted: Mapping[str, str], sign: str
    ) -> Stored:
        """``wanted``: the names as the caller knows them, and as flags."""
        asked = tuple(uids)
        if not asked or not wanted:
            return Stored(())
        state = self._enter(folder, writable=True)
        dropped = tuple(
            name for name, flag in wanted.items() if sign == "+" and not _keeps(state, flag)
        )
        sent = {name: flag for name, flag in wanted.items() if name not in dropped}
        if not sent:
            return Stored((), dropped)
        flags = f"({' '.join(dict.fromkeys(sent.values()))})"
        present = self._write(folder, asked, f"{sign}FLAGS", flags)
        have = {uid: answers.flags_of(items) for uid, items in present.items()}
        return _stored(have, sent, sign, dropped)

    def _write(
        self, folder: str, uids: Iterable[int], item: str, value: str
    ) -> dict[int, answers.Items]:
        """STORE, and what each message that is there has now: the answers to STORE tell
        (RFC 3501 section 6.4.6); who is missing from them is asked for."""
        self._enter(folder, writable=True)
        key = b"X-GM-LABELS" if "X-GM-LABELS" in item else b"FLAGS"
        present: dict[int, answers.Items] = {}
        for batch in batches(uids):
            self.session.ask("UID", "STORE", uid_set(batch), item, value)
            told = answers.read(self.session.take("FETCH"))
            present |= {uid: told[uid] for uid in batch if key in told.get(uid, {})}
            silent = [uid for uid in batch if uid not in present]
            if silent:
                present |= self._stand((tuple(silent),))
        return present


def _keeps(state: FolderState, flag: str) -> bool:
    return names.holds(state.keeps_flags, flag) or (
        not flag.startswith("\\") and state.keeps_keywords is not False
    )


def _stored(
    have: Mapping[int, tuple[str, ...]],
    sent: Mapping[str, str],
    sign: str,
    dropped: tuple[str, ...],
) -> Stored:
    """What was read back. A name that is on none of the messages was dropped in silence."""
    if sign == "-":
        gone = [uid for uid, flags in have.items() if not names.holds_any(flags, sent.values())]
        return Stored(tuple(sorted(gone)))
    silently = tuple(
        name
        for name, flag in sent.items()
        if have and not any(names.holds(flags, flag) for flags in have.values())
    )
    rest = [flag for name, flag in sent.items() if name not in silently]
    kept = [uid for uid, flags in have.items() if all(names.holds(flags, flag) for flag in rest)]
    return Stored(tuple(sorted(kept)) if rest else (), dropped + silently)
