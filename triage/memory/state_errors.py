"""What goes wrong with the state file, as StateErrors: what, where, what now.

SQLite's words to ours. May not open a file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from triage.errors import StateError

BUSY_SECONDS = 30.0


def cannot_open(path: Path, error: OSError) -> StateError:
    """The system would not open the file."""
    now = "Check the path in [state] of the config, and its permissions."
    if isinstance(error, FileNotFoundError):
        now = f"Create the folder {path.parent}, or name another file in [state]."
    elif isinstance(error, IsADirectoryError):
        now = "Name a file, not a folder, in [state]."
    reason = (error.strerror or "it cannot be opened").lower()
    return StateError(f"the state file cannot be opened: {reason}", where=str(path), now=now)


def read_only(path: Path) -> StateError:
    """It can be read and not written."""
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
        return read_only(path)
    if "not a database" in low:
        return StateError(
            "this is no SQLite file", where=where, now="Name another file in [state]."
        )
    if "malformed" in low or "corrupt" in low:
        return StateError(
            "the state file is damaged, so nothing is filed",
            where=where,
            now="Put a backup in its place (triage backup --restore FILE); or move it and"
            " its -wal away to begin anew, which forgets what can be undone.",
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
    if "disk i/o" in low:  # a file that may not grow, a bad block, a disk that is gone
        return StateError(
            "the disk takes or gives nothing, and nothing is filed without a journal",
            where=where,
            now="Check the disk and the room on it; what was begun is finished by the next run.",
        )
    if "unable to open" in low:
        return StateError(
            f"the state file cannot be used ({low})",
            where=where,
            now="Check the folder, and its permissions.",
        )
    return StateError(
        f"SQLite says: {low}", where=where, now="If it happens again, report it as a bug."
    )
