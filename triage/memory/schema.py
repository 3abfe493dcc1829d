"""The tables of the state file, and the way from every version that was ever shipped to
this one.

Forward only, all steps in one transaction, so a file is of one version or of the other. A
file of a newer triage, and one that is somebody else's, is refused and left as it is. May
not know what the tables mean: ``journal``, ``cursors`` and ``approvals`` do.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from triage.errors import StateError

APPLICATION_ID = 0x54726947  # "TriG", at byte 68 of the file, from version 2 on

# One entry a schema version, in order; a file at version n is given all from n on. What was
# once shipped is never edited, only followed by another.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL,
        time REAL NOT NULL,
        account TEXT NOT NULL,
        folder TEXT NOT NULL,
        uidvalidity INTEGER NOT NULL,
        uid INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        header_sha256 TEXT NOT NULL,
        label TEXT NOT NULL,
        reading TEXT NOT NULL,
        verdict TEXT NOT NULL,
        actions TEXT NOT NULL,
        flags TEXT NOT NULL,
        labels TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('INTENDED', 'DONE', 'FAILED', 'UNDONE')),
        landed_folder TEXT,
        landed_uidvalidity INTEGER,
        landed_uid INTEGER,
        remark TEXT NOT NULL,
        mark_uidvalidity INTEGER,
        mark_uid INTEGER,
        undo_begun INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX journal_identity ON journal (account, header_sha256, message_id);
    CREATE INDEX journal_time ON journal (time);
    CREATE INDEX journal_run ON journal (run);
    CREATE INDEX journal_open ON journal (account) WHERE state = 'INTENDED' OR undo_begun;
    CREATE TABLE cursors (
        account TEXT NOT NULL,
        folder TEXT NOT NULL,
        uidvalidity INTEGER NOT NULL,
        last_uid INTEGER NOT NULL,
        PRIMARY KEY (account, folder)
    );
    CREATE TABLE approvals (
        account TEXT PRIMARY KEY,
        moves INTEGER NOT NULL,
        asked REAL NOT NULL,
        granted REAL
    );
    """,
    """
    CREATE TABLE tombstones (
        account TEXT NOT NULL,
        header_sha256 TEXT NOT NULL,
        landed_folder TEXT,
        landed_uidvalidity INTEGER,
        landed_uid INTEGER
    );
    CREATE INDEX tombstones_identity ON tombstones (account, header_sha256);
    PRAGMA application_id = 1416784199;
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a file that is ours to this version; that it can be written is proved too."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)
        for script in MIGRATIONS[version:]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        if version < len(MIGRATIONS):
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def refuse_others(connection: sqlite3.Connection, path: Path) -> None:
    """Raises StateError for a file that is not for this program. Changes nothing in it."""
    version = version_of(connection)
    if version > len(MIGRATIONS):
        raise StateError(
            f"the state file was written by a newer triage (schema {version},"
            f" this one knows {len(MIGRATIONS)})",
            where=str(path),
            now="Upgrade triage, or name another file in [state].",
        )
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    ours = "journal" in tables if version else not tables
    if version > 1:
        ours = _number(connection, "application_id") == APPLICATION_ID
    if not ours:
        raise StateError(
            "this is the SQLite file of another program, and stays as it is",
            where=str(path),
            now="Name another file in [state].",
        )


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of the file, 0 of an empty one."""
    return _number(connection, "user_version")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
