"""Decisions to lines of the state file, and back.

A line is written INTENDED and committed before anything is done to the mailbox, and settled
afterwards; undo and recovery go by these lines alone. Of old lines a tombstone is left:
that a message was here in any state is why it is never filed twice. May not act on a
mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from triage.errors import StateError
from triage.memory import codec
from triage.memory.database import Database
from triage.memory.rows import COLUMNS, entry_of, landed_columns, row_of
from triage.memory.tombstones import Tombstones
from triage.model import Identity, JournalEntry, Place

_AT_ONCE = 400  # values in one statement; SQLite's own bound is 999 in old builds

Value = TypeVar("Value")


class Journal:
    """All decisions about all accounts, in the order in which they were taken."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tombstones = Tombstones(database)

    # -- writing ------------------------------------------------------------------------

    def intend(self, entries: Iterable[JournalEntry]) -> tuple[JournalEntry, ...]:
        """Write all of them in one transaction, on the disk when this returns; the
        answer has their ids."""
        statement = (
            f"INSERT INTO journal ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
        )
        written = []
        rows = [(entry, row_of(entry)) for entry in entries]
        if not rows:
            return ()
        with self._database.writing() as connection:
            for entry, row in rows:
                number = connection.execute(statement, row).lastrowid
                written.append(replace(entry, id=number or 0))
        return tuple(written)

    def settle(self, entries: Iterable[JournalEntry]) -> None:
        """Write state, landing, remark, and the actions that were really done, in one
        transaction. An entry that is still INTENDED keeps its remark for who looks."""
        rows = [
            (
                entry.state,
                *landed_columns(entry),
                entry.remark,
                codec.actions_to_json(entry.actions),
                entry.state,
                entry.id,
            )
            for entry in entries
        ]
        if not rows:
            return
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE journal SET state = ?, landed_folder = ?, landed_uidvalidity = ?,"
                " landed_uid = ?, remark = ?, actions = ?,"
                " undo_begun = CASE WHEN ? = 'UNDONE' THEN 0 ELSE undo_begun END"
                " WHERE id = ?",
                rows,
            )

    def begin_undo(self, entries: Iterable[JournalEntry], begun: bool = True) -> None:
        """Write that these are about to be put back (or, with ``begun`` false, that they
        are not after all), on the disk when this returns. The marks of their filing are
        void: what ``mark`` writes from here on is about the way back."""
        ids = [(int(begun), entry.id) for entry in entries]
        with self._database.writing() as connection:
            statement = (
                "UPDATE journal SET undo_begun = ?, mark_uidvalidity = NULL, mark_uid = NULL"
                " WHERE id = ?"
            )
            written = sum(connection.execute(statement, one).rowcount for one in ids)
            if begun and written != len(ids):
                raise StateError(
                    "a line was forgotten meanwhile, so nothing is put back",
                    where=str(self._database.path),
                    now="See triage history for what there is.",
                )

    def mark(self, entries: Iterable[JournalEntry], uidvalidity: int, uid: int) -> None:
        """Write that these can land in their target at ``uid`` at the earliest, before
        they are moved, so that recovery knows ours from others; nothing where that is 0. A
        mark of an earlier try stays, since that may still be on its way."""
        if not uid:
            return
        rows = [(uidvalidity, uid, entry.id) for entry in entries]
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE journal SET mark_uid = CASE WHEN mark_uidvalidity = ?1"
                " AND mark_uid < ?2 THEN mark_uid ELSE ?2 END, mark_uidvalidity = ?1"
                " WHERE id = ?3",
                rows,
            )

    def forget(self, account: str, before: datetime) -> int:
        """Leave no more than a tombstone of the settled lines of ``account`` that were
        written before then; how many. Within the account's turn."""
        return self._tombstones.bury(account, before)

    # -- reading ------------------------------------------------------------------------

    def get(self, number: int) -> JournalEntry | None:
        """The line of this id."""
        return next(iter(self._select("id = ?", (number,))), None)

    def intended(self, account: str) -> tuple[JournalEntry, ...]:
        """The lines of ``account`` that are neither done nor given up."""
        return self._select("account = ? AND state = 'INTENDED'", (account,))

    def undo_begun(self, account: str) -> tuple[JournalEntry, ...]:
        """The lines of ``account`` whose undo was begun and not finished."""
        return self._select("account = ? AND undo_begun", (account,))

    def since(self, time: datetime, account: str | None = None) -> tuple[JournalEntry, ...]:
        """The lines written at ``time`` or later, oldest first."""
        if account is None:
            return self._select("time >= ?", (time.timestamp(),))
        return self._select("time >= ? AND account = ?", (time.timestamp(), account))

    def last_run(self) -> tuple[JournalEntry, ...]:
        """The lines of the last pass that decided anything, oldest first."""
        return self._select("run = (SELECT run FROM journal ORDER BY id DESC LIMIT 1)", ())

    def recent(
        self,
        limit: int,
        label: str | None = None,
        account: str | None = None,
        state: str | None = None,
    ) -> tuple[JournalEntry, ...]:
        """The last ``limit`` lines that fit, newest first."""
        wanted = {"label": label, "account": account, "state": state}
        chosen = {column: value for column, value in wanted.items() if value is not None}
        where = " AND ".join(f"{column} = ?" for column in chosen) or "1"
        return self._select(where, (*chosen.values(), limit), order="ORDER BY id DESC LIMIT ?")

    def known(self, account: str, identities: Iterable[Identity]) -> dict[Identity, JournalEntry]:
        """The newest line about each of these messages, whatever its state; those that
        were never decided about are missing from the answer."""
        found: dict[Identity, JournalEntry] = {}
        wanted = set(identities)
        for some in _chunks(sorted({one.header_sha256 for one in wanted})):
            where = f"account = ? AND header_sha256 IN ({', '.join('?' * len(some))})"
            for entry in self._select(where, (account, *some)):
                if entry.identity in wanted:
                    found[entry.identity] = entry
        return found

    def decided(self, account: str, identities: Iterable[Identity]) -> frozenset[Identity]:
        """Those of these messages that were ever decided about, forgotten or not."""
        wanted = set(identities)
        found = self._tombstones.known(account, wanted)
        for some in _chunks(sorted({one.header_sha256 for one in wanted - found})):
            rows = self._database.rows(
                "SELECT message_id, header_sha256 FROM journal"
                f" WHERE account = ? AND header_sha256 IN ({', '.join('?' * len(some))})",
                (account, *some),
            )
            found |= {Identity(row["message_id"], row["header_sha256"]) for row in rows} & wanted
        return found

    def accounts(self) -> tuple[str, ...]:
        """All accounts that there are lines of."""
        rows = self._database.rows("SELECT DISTINCT account FROM journal ORDER BY account")
        return tuple(row["account"] for row in rows)

    def claims(self, account: str, identities: Iterable[Identity]) -> frozenset[Place]:
        """Where other, settled lines about these messages say that they landed: a
        message that stands there is accounted for."""
        wanted = list(identities)
        claimed = set(self._tombstones.claims(account, wanted))
        for some in _chunks(sorted({one.header_sha256 for one in wanted})):
            where = (
                "account = ? AND state IN ('DONE', 'UNDONE')"
                f" AND header_sha256 IN ({', '.join('?' * len(some))})"
            )
            entries = self._select(where, (account, *some))
            claimed.update(entry.landed for entry in entries if entry.landed)
        return frozenset(claimed)

    def marks(self, entries: Iterable[JournalEntry]) -> Mapping[int, tuple[int, int]]:
        """By id, the (uidvalidity, uid) that ``mark`` wrote, where it did."""
        found: dict[int, tuple[int, int]] = {}
        for some in _chunks([entry.id for entry in entries]):
            rows = self._database.rows(
                "SELECT id, mark_uidvalidity, mark_uid FROM journal"
                f" WHERE mark_uid IS NOT NULL AND id IN ({', '.join('?' * len(some))})",
                some,
            )
            found.update({row["id"]: (row["mark_uidvalidity"], row["mark_uid"]) for row in rows})
        return found

    def _select(
        self, where: str, values: Sequence[object], order: str = "ORDER BY id"
    ) -> tuple[JournalEntry, ...]:
        rows = self._database.rows(f"SELECT * FROM journal WHERE {where} {order}", values)
        try:
            return tuple(entry_of(row) for row in rows)
        except ValueError as error:
            raise StateError(
                f"a line of the journal cannot be read ({error})",
                where=str(self._database.path),
                now="Put a backup of the state file in its place.",
            ) from None


def _chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
