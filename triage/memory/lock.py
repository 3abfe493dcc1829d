"""A state file to the right to work with it, held by the kernel.

``lock`` lets one daemon run per state file; ``turn`` lets one process at a time touch the
mailbox of one account, so that an undo on the command line and a pass of the daemon follow
each other. Both end with the process, whatever ends it. May not wait for ever unasked.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from triage.errors import StateError


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the state file ``path`` alone, or say at once which process holds it."""
    descriptor = open_private(_lock_file(path))
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            raise StateError(
                f"another triage runs on this state file (process {holder or 'unknown'})",
                where=str(path),
                now="Stop it first, or let it do the work.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The process that holds ``lock(path)`` now, None where nobody does."""
    if not _lock_file(path).exists():
        return None
    descriptor = open_private(_lock_file(path))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(descriptor)
    return None


@contextmanager
def turn(path: Path, account: str) -> Iterator[None]:
    """Wait for the turn to touch ``account``'s mailbox, and hold it; not re-entrant."""
    descriptor = open_private(beside(path, account, "turn"))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _lock_file(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def beside(path: Path, account: str, kind: str) -> Path:
    """The file of this kind that belongs to ``account`` and the state file ``path``."""
    short = hashlib.sha256(account.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return path.with_name(f"{path.name}.{short}.{kind}")


def open_private(path: Path) -> int:
    """A descriptor of a file that only its owner can read, made where there is none."""
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(
            f"no lock file can be made beside the state file: {(error.strerror or '').lower()}",
            where=str(path),
            now="Make its folder writable to the user who runs triage.",
        ) from None
