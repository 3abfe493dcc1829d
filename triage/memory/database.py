"""A path to one open SQLite file with the schema of this version.

Created 0600, WAL, every commit on the disk before it returns, checked when opened,
migrated forward only. Turns SQLite's errors into StateErrors of what, where and now. May
not know what the tables mean: ``journal``, ``cursors`` and ``approvals`` do.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from triage.errors import StateError

BUSY_SECONDS = 30.0

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
)


class Database:
    """One connection, shared by the threads of this process under one lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        with told(path):
            _create_private(path)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        with ExitStack() as undone:
            undone.callback(self._connection.close)
            with told(path):
                self._prepare()
            undone.pop_all()

    def close(self) -> None:
        """Let go of the file; what was committed stays."""
        with self._lock:
            self._connection.close()

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """What a SELECT answers."""
        with self._lock, told(self.path):
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed to the disk at the end, or nothing of it."""
        with self._lock, told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:  # it did not come to the COMMIT
                    self._connection.execute("ROLLBACK")

    def _prepare(self) -> None:
        connection = self._connection
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError("database disk image is malformed")
        self._migrate()

    def _migrate(self) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")  # also proves that the file can be written
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            connection.execute("ROLLBACK")
            raise StateError(
                f"the state file was written by a newer triage (schema {version},"
                f" this one knows {len(MIGRATIONS)})",
                where=str(self.path),
                now="Upgrade triage, or name another file in [state].",
            )
        for script in MIGRATIONS[version:]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")


def _create_private(path: Path) -> None:
    """The file, readable by its owner alone from its first moment; SQLite gives its
    -wal and -shm the same mode. A file whose owner may not write is read-only even to
    root, who could."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        mode = path.stat().st_mode
    except OSError as error:
        raise _cannot_open(path, error) from None
    if not mode & 0o200:
        raise _read_only(path)
    if mode & 0o077:
        path.chmod(mode & 0o700)


def _cannot_open(path: Path, error: OSError) -> StateError:
    now = "Check the path in [state] of the config, and its permissions."
    if isinstance(error, FileNotFoundError):
        now = f"Create the folder {path.parent}, or name another file in [state]."
    elif isinstance(error, IsADirectoryError):
        now = "Name a file, not a folder, in [state]."
    reason = (error.strerror or "it cannot be opened").lower()
    return StateError(f"the state file cannot be opened: {reason}", where=str(path), now=now)


def _read_only(path: Path) -> StateError:
    return StateError(
        "the state file is read-only, and nothing is filed without a journal",
        where=str(path),
        now=f"Make {path.name} and its folder writable to the user who runs triage.",
    )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """SQLite's errors as StateErrors: what, where, what now."""
    try:
        yield
    except sqlite3.Error as error:
        raise _state_error(path, str(error)) from error


def _state_error(path: Path, words: str) -> StateError:
    """By SQLite's wording, which has been stable, since codes differ by build."""
    where = str(path)
    low = words.lower()
    if "readonly" in low or "read-only" in low:
        return _read_only(path)
    if "not a database" in low:
        return StateError(
            "this is no SQLite file", where=where, now="Name another file in [state]."
        )
    if "malformed" in low or "corrupt" in low:
        return StateError(
            "the state file is damaged, so nothing is filed",
            where=where,
            now="Put a backup in its place; or move it and its -wal away to begin anew,"
            " which forgets what can be undone.",
        )
    if "full" in low:
        return StateError(
            "the disk is full, and nothing is filed without a journal",
            where=where,
            now="Make room on it; what was begun is finished by the next run.",
        )
    if "locked" in low or "busy" in low:
        return StateError(
            f"another program held the state file for over {BUSY_SECONDS:.0f} s",
            where=where,
            now="Wait for it, or see who has it open with: fuser -v " + where,
        )
    if "unable to open" in low or "disk i/o" in low:
        return StateError(
            f"the state file cannot be used ({low})",
            where=where,
            now="Check the disk, the folder, and its permissions.",
        )
    return StateError(
        f"SQLite says: {low}", where=where, now="If it happens again, report it as a bug."
    )
