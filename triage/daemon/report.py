"""What came of acting on the mailbox, as one value for filing, recovery and undo.

Lines of the journal as they stand now, sorted by what became of them. May not hold more of
a mail than the journal does, nor print itself: the command line and the log do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from triage.model import JournalEntry


@dataclass(frozen=True)
class Report:
    """``settled`` are lines that are now DONE, FAILED or UNDONE. ``waiting`` are lines that
    are still INTENDED, or whose undo is begun, because of what their remark says; the next
    pass tries again. ``refused`` are
    lines that undo left as they are, each with the reason in its remark, which is not
    written to the journal. ``remarks`` is what the server does not do, each said once."""

    settled: tuple[JournalEntry, ...] = ()
    waiting: tuple[JournalEntry, ...] = ()
    refused: tuple[JournalEntry, ...] = ()
    remarks: tuple[str, ...] = ()

    def __add__(self, other: Report) -> Report:
        return Report(
            self.settled + other.settled,
            self.waiting + other.waiting,
            self.refused + other.refused,
            tuple(dict.fromkeys(self.remarks + other.remarks)),
        )

    def in_state(self, state: str) -> tuple[JournalEntry, ...]:
        """The settled lines that are now in ``state``."""
        return tuple(entry for entry in self.settled if entry.state == state)


def refusal(entry: JournalEntry, why: str) -> JournalEntry:
    """The line with the reason why undo leaves it alone."""
    return replace(entry, remark=why)
