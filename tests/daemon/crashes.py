"""Every point where a pass or an undo can be killed, one after the other.

A step is a call of the mailbox or a write of the memory; a kill comes ahead of it or behind
it. What is raised is a BaseException, so nothing in the code under test may catch it, and a
killed process is a new mailbox session and a newly opened state file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory, open_memory
from triage.memory.database import Database


class Killed(BaseException):
    """The process is gone."""


class Killer:
    """Counts steps, and kills at the one that is wanted; 0 kills nowhere."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.steps = 0

    def step(self, name: str = "") -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Killed(f"at step {self.steps} ({name})")


class FragileDatabase:
    """A Database whose writes are steps; a kill behind the body is before its commit."""

    def __init__(self, database: Database, killer: Killer) -> None:
        self._database, self._killer = database, killer
        self.path = database.path

    def rows(self, *arguments: Any) -> Any:
        return self._database.rows(*arguments)

    def writing(self) -> Any:
        return _FragileWriting(self._database.writing(), self._killer)


class _FragileWriting:
    def __init__(self, writing: Any, killer: Killer) -> None:
        self._writing, self._killer = writing, killer

    def __enter__(self) -> Any:
        self._killer.step("ahead of a write")
        return self._writing.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        if kind is None:
            try:
                self._killer.step("ahead of a commit")
            except Killed as killed:
                self._writing.__exit__(Killed, killed, None)
                raise
        done = self._writing.__exit__(kind, error, trace)
        if kind is None:
            self._killer.step("behind a commit")
        return done


def fragile(path: Path, box: MemoryMailbox, killer: Killer) -> Memory:
    """The state file, opened so that each step of mailbox and memory is counted."""
    memory = open_memory(path)
    database: Any = FragileDatabase(memory._database, killer)
    for part in (memory.journal, memory.cursors, memory.approvals):
        part._database = database
    box.before = box.after = killer.step
    return memory


def revive(box: MemoryMailbox) -> None:
    """A new session to the mailbox, with nothing in its way."""
    box.before = box.after = lambda name: None
    box.reopen()


def killed_everywhere(
    folder: Path,
    make: Callable[[], MemoryMailbox],
    deed: Callable[[MemoryMailbox, Memory], object],
    prepare: Callable[[MemoryMailbox, Memory], object] = lambda box, memory: None,
) -> Iterator[tuple[int, MemoryMailbox, Path]]:
    """For each step of ``deed``: the mailbox and state file as the kill left them. The
    last one is that of the deed undisturbed, as step 0."""
    at = 0
    while True:
        at += 1
        path = folder / f"killed-{at}.db"
        box = make()
        with open_memory(path) as memory:
            prepare(box, memory)
        killer = Killer(at)
        memory = fragile(path, box, killer)
        finished = False
        try:
            deed(box, memory)
            finished = True
        except Killed:
            pass
        finally:
            memory.close()
            revive(box)
        yield (0 if finished else at), box, path
        if finished:
            return
