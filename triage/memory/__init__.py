"""Everything that is remembered, in one SQLite file: journal, cursors, approvals.

``open_memory`` turns a path into a Memory. May not import judge or mailbox, judge, or
speak to a server: values come in and go out as they are in ``model``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from types import TracebackType

from triage.memory.approvals import Approval, Approvals
from triage.memory.at_work import AtWork
from triage.memory.cursors import Cursor, Cursors
from triage.memory.database import Database
from triage.memory.journal import Journal
from triage.memory.lock import holder, lock, turn

__all__ = ["Approval", "AtWork", "Cursor", "Memory", "holder", "lock", "open_memory"]


class Memory:
    """One open state file. Safe to share between the threads of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path)
        self.journal = Journal(self._database)
        self.cursors = Cursors(self._database)
        self.approvals = Approvals(self._database)

    def turn(self, account: str) -> AbstractContextManager[None]:
        """The right to touch ``account``'s mailbox, waited for; see ``lock.turn``."""
        return turn(self.path, account)

    @contextmanager
    def at_work(self, account: str) -> Iterator[AtWork]:
        """The marks of what is being worked on for ``account``; within its turn."""
        with closing(AtWork(self.path, account)) as marks:
            yield marks

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Memory:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_memory(path: Path) -> Memory:
    """Open the state file, or create it (mode 0600). ``StateError`` where it is
    read-only, damaged, no SQLite file, of a newer triage, or its folder is missing."""
    return Memory(path)
