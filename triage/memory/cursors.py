"""An account and a folder to how far they were looked through.

Holds the UIDVALIDITY and the highest uid of the last finished pass. Only a saving of
work: what is filed twice or not is decided by the journal, never by a cursor, so a void or
lost cursor costs a search and nothing else. May not speak to a server.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.memory.database import Database


@dataclass(frozen=True)
class Cursor:
    """Up to ``last_uid`` of ``folder`` all was looked at, while the folder's
    UIDVALIDITY is ``uidvalidity`` (RFC 3501 section 2.3.1.1)."""

    account: str
    folder: str
    uidvalidity: int
    last_uid: int


class Cursors:
    """The cursors of all accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, account: str, folder: str) -> Cursor | None:
        """The cursor, None for a folder that was never looked through."""
        rows = self._database.rows(
            "SELECT uidvalidity, last_uid FROM cursors WHERE account = ? AND folder = ?",
            (account, folder),
        )
        if not rows:
            return None
        return Cursor(account, folder, rows[0]["uidvalidity"], rows[0]["last_uid"])

    def set(self, *cursors: Cursor) -> None:
        """All of them in one commit."""
        if not cursors:
            return
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT INTO cursors (account, folder, uidvalidity, last_uid)"
                " VALUES (?, ?, ?, ?) ON CONFLICT (account, folder) DO UPDATE SET"
                " uidvalidity = excluded.uidvalidity, last_uid = excluded.last_uid",
                [(one.account, one.folder, one.uidvalidity, one.last_uid) for one in cursors],
            )

    def forget(self, account: str) -> None:
        """Look through the account's folders from the start next time."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM cursors WHERE account = ?", (account,))
