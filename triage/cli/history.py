"""`triage history`: the journal, newest first, for a person or for a script.

May not change it, or create a state file where there is none.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from triage.cli import parser as arguments
from triage.cli import records, screen
from triage.cli.config import settings_of
from triage.cli.when import moment, told
from triage.errors import UserError
from triage.model import LABELS, Flag, Invitation, JournalEntry, Label, Leave, Move
from triage.settings import Settings

if TYPE_CHECKING:
    from triage.memory import Memory


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage history` takes."""
    arguments.describe(
        parser,
        "What was decided and done, newest first. The number in front is what\n"
        "`triage explain` and `triage undo` take.",
        (
            "triage history",
            "triage history --label personal --limit 5",
            "triage history --since 2d --json",
        ),
    )
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many (20)")
    parser.add_argument("--label", choices=LABELS, help="only those of this label")
    parser.add_argument("--since", metavar="TIME", help="2026-11-05, yesterday, 3h, 2d")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the lines that fit."""
    if args.limit < 1:
        raise UserError("is less than 1", where="--limit", now="Write how many lines to show.")
    now = datetime.now().astimezone()
    since = moment(args.since, now) if args.since is not None else None
    with journal_of(settings_of(args)) as memory:
        entries: Sequence[JournalEntry] = ()
        if memory is not None and since is not None:
            fitting = [
                e for e in memory.journal.since(since) if args.label in (None, e.verdict.label)
            ]
            entries = fitting[: -args.limit - 1 : -1]
        elif memory is not None:
            entries = memory.journal.recent(args.limit, label=args.label)
    if args.json:
        for entry in entries:
            print(records.line(records.entry_record(entry)))
    elif entries:
        print_entries(entries, now)
    else:
        fits = " that fits" if args.label or args.since else " yet"
        print(f"Nothing in the journal{fits}. `triage run --once` files what has come.")
    return 0


@contextmanager
def journal_of(settings: Settings) -> Iterator[Memory | None]:
    """The memory, opened and closed again; None where nothing was ever written."""
    from triage.memory import open_memory

    if not settings.state_file.exists():
        yield None
        return
    with open_memory(settings.state_file) as memory:
        yield memory


def print_entries(entries: Sequence[JournalEntry], now: datetime) -> None:
    """A table of lines of the journal."""
    rows = [
        (
            str(entry.id),
            told(entry.time, now),
            verdict_words(entry),
            who(entry),
            outcome(entry),
        )
        for entry in entries
    ]
    screen.print_table(("no.", "when", "label", "from", "what was done"), rows)


def verdict_words(entry: JournalEntry) -> str:
    """The label and how sure it is: "personal 97%"."""
    return f"{entry.verdict.label} {entry.verdict.probability:.0%}"


def who(entry: JournalEntry) -> str:
    """Who invites, and by which platform."""
    if isinstance(entry.reading, Invitation):
        return f"{entry.reading.inviter.name or 'someone'}, {entry.reading.platform}"
    return f"poses as {entry.reading.platform}" if entry.reading.platform else "no invitation"


def outcome(entry: JournalEntry) -> str:
    """What was done, or why not."""
    done = deeds(entry)
    remark = f" ({entry.remark})" if entry.remark else ""
    told_by = {
        "DONE": done,
        "UNDONE": f"undone: {done}",
        "FAILED": "failed",
        "INTENDED": f"not finished: {done}",
    }
    return told_by[entry.state] + remark


def deeds(entry: JournalEntry) -> str:
    """The actions of a line in words: "moved to Invitations/Generic"."""
    words = []
    for action in entry.actions:
        if isinstance(action, Move):
            words.append(f"moved to {action.to}")
        elif isinstance(action, Label):
            words.append(f"labelled {action.name}")
        elif isinstance(action, Flag):
            words.append("marked read" if action.name == "\\Seen" else action.name[1:].lower())
        elif isinstance(action, Leave):
            words.append(f"left: {action.why}")
    return ", ".join(words) or "left as it was"
