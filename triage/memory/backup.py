"""The state file to a copy of it at one moment, and such a copy back to a state file.

The copy is one file, 0600, made beside its name, checked, and only then given its name, so
that a copy which exists is whole. It can be made while the daemon runs; it is put back
while nobody does. May not make either out of a file that is damaged or not ours.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triage.errors import StateError, UserError
from triage.memory.database import Database
from triage.memory.lock import lock
from triage.memory.schema import refuse_others
from triage.memory.state_errors import told


@dataclass(frozen=True)
class Copied:
    """What a copy holds: how many decisions, and when the last one was taken."""

    decisions: int
    last: datetime | None


def back_up(state_file: Path, target: Path, replace: bool = False) -> Copied:
    """Copy the state file to ``target``. UserError where that exists, unless ``replace``;
    StateError where either cannot be read or written."""
    if target.resolve() == state_file.resolve():
        raise UserError("that is the state file itself", where=str(target), now="Name another.")
    if target.exists() and not replace:
        now = "Name another file, or overwrite this one with --force."
        raise UserError("there is such a file already", where=str(target), now=now)
    with closing(Database(state_file)) as database, _arriving(target, replace) as beside:
        with told(beside), closing(sqlite3.connect(beside)) as copy:
            database.back_up(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a -wal
        return _checked(beside)


def restore(source: Path, state_file: Path) -> Copied:
    """Put the copy ``source`` in the place of the state file, which is kept beside it under
    another name. StateError where a daemon runs, or the copy is not sound."""
    if not source.is_file():
        raise UserError("there is no such file", where=str(source), now="Name a backup.")
    with lock(state_file), _arriving(state_file, replace=True) as beside:
        read_only = f"{source.absolute().as_uri()}?mode=ro"
        with told(source), closing(sqlite3.connect(read_only, uri=True)) as copy:
            refuse_others(copy, source)
            with closing(sqlite3.connect(beside)) as fresh:
                copy.backup(fresh)
        copied = _checked(beside)
        _set_aside(state_file)
        return copied


def _set_aside(state_file: Path) -> None:
    """A second name for the state file, which is then ready to be replaced: at no moment
    is there none, nor one with the -wal of another."""
    if not state_file.exists():
        return
    with suppress(StateError), closing(Database(state_file)) as old:  # damaged, maybe
        old.shrink()  # whatever its -wal holds is in it now
    for end in ("", "-wal", "-shm"):
        part = state_file.with_name(state_file.name + end)
        kept = state_file.with_name(f"{state_file.name}.replaced{end}")
        kept.unlink(missing_ok=True)
        if part.exists():
            os.link(part, kept)
            if end:
                part.unlink()


@contextmanager
def _arriving(target: Path, replace: bool) -> Iterator[Path]:
    """A new private file beside ``target``, given its name when all went well."""
    beside = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        try:
            yield beside
            _to_disk(beside)
            if replace:
                beside.replace(target)
            else:
                os.link(beside, target)  # fails where there is such a file by now
            _to_disk(target.parent)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        now = "Check the path, its permissions, and the room on the disk."
        raise StateError(f"no copy can be made: {reason}", where=str(target), now=now) from None


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checked(path: Path) -> Copied:
    """What the copy holds, read anew from the disk."""
    with told(path), closing(sqlite3.connect(path)) as copy:
        refuse_others(copy, path)
        if copy.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("database disk image is malformed")
        count, last = copy.execute("SELECT COUNT(*), MAX(time) FROM journal").fetchone()
    return Copied(int(count), datetime.fromtimestamp(last, UTC) if last is not None else None)
