"""The points at which a fault was tried, and what was wrong afterwards.

One test walks over all points of a kind; it tells them all, not the first alone. How many
there were goes into the report of the run (conftest.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

EVERYTHING = os.environ.get("TRIAGE_FAULTS") == "all"
"""Set by `make test-faults-all`: smaller strides, and all kinds of servers."""

Case = TypeVar("Case")


def more(*cases: Case) -> list[Case]:
    """What is tried besides, if everything is."""
    return list(cases) if EVERYTHING else []


@dataclass
class Points:
    """``record`` puts a number into the report."""

    record: Callable[[str, object], None]
    count: int = 0
    broken: list[str] = field(default_factory=list)

    def tried(self, name: str, problems: Iterable[str]) -> None:
        """A fault struck, and this was wrong."""
        self.count += 1
        self.broken += [f"{name}: {problem}" for problem in problems]

    def verdict(self, at_least: int) -> None:
        """All points are through: nothing was wrong, and there were so many."""
        self.record("fault points", self.count)
        told = "\n".join(self.broken[:200])
        assert not self.broken, f"{len(self.broken)} faults at {self.count} points:\n{told}"
        assert self.count >= at_least, f"only {self.count} points struck"
