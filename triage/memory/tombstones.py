"""Old lines of the journal to what must never be forgotten about them.

A tombstone says that a message was decided about, and where it landed: so it is not filed
again, whatever a person did with it since, and is not taken for another one alike. It
holds no note, no name, no verdict. May not forget a line that is not settled.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from triage.memory.database import Database
from triage.model import Identity, Place

_AT_ONCE = 400
_OLD = "account = ? AND time < ? AND state != 'INTENDED' AND NOT undo_begun"
_LANDED = "landed_folder, landed_uidvalidity, landed_uid"


class Tombstones:
    """What is left of old lines. The hash of a header covers its Message-ID, so it alone
    tells which message it was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bury(self, account: str, before: datetime) -> int:
        """Put a tombstone in the place of each settled line of ``account`` that was written
        before then; how many. To be called within the account's turn."""
        old = (account, before.timestamp())
        if not self._database.rows(f"SELECT 1 FROM journal WHERE {_OLD} LIMIT 1", old):
            return 0
        with self._database.writing() as connection:
            connection.execute(
                f"INSERT INTO tombstones (account, header_sha256, {_LANDED})"
                f" SELECT account, header_sha256, {_LANDED} FROM journal WHERE {_OLD} ORDER BY id",
                old,
            )
            buried = connection.execute(f"DELETE FROM journal WHERE {_OLD}", old).rowcount
        self._database.shrink()
        return buried

    def known(self, account: str, identities: Iterable[Identity]) -> frozenset[Identity]:
        """Those of these messages that were decided about, long ago."""
        wanted = list(identities)
        found = {row["header_sha256"] for row in self._of(account, wanted)}
        return frozenset(one for one in wanted if one.header_sha256 in found)

    def claims(self, account: str, identities: Iterable[Identity]) -> frozenset[Place]:
        """Where these messages landed, long ago."""
        return frozenset(
            Place(account, row["landed_folder"], row["landed_uidvalidity"], row["landed_uid"])
            for row in self._of(account, list(identities))
            if row["landed_uid"] is not None
        )

    def _of(self, account: str, identities: Sequence[Identity]) -> Iterator[sqlite3.Row]:
        hashes = sorted({one.header_sha256 for one in identities})
        for start in range(0, len(hashes), _AT_ONCE):
            some = hashes[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            yield from self._database.rows(
                f"SELECT header_sha256, {_LANDED} FROM tombstones"
                f" WHERE account = ? AND header_sha256 IN ({marks})",
                (account, *some),
            )
