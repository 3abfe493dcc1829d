"""`triage undo`: lines of the journal back to how the messages were.

A message that was moved or changed by hand since is left alone, and that is said. May not
guess: it goes by the journal's lines, and an undone message is never filed again.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from triage.cli import parser as arguments
from triage.cli.config import accounts_of, settings_of
from triage.cli.history import journal_of, print_entries
from triage.cli.when import moment
from triage.errors import UserError
from triage.model import JournalEntry, Leave
from triage.settings import Settings

if TYPE_CHECKING:
    from triage.daemon.report import Report
    from triage.memory import Memory


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage undo` takes."""
    arguments.describe(
        parser,
        "Put messages back where they were, with the flags and labels that they had. What\n"
        "was moved or changed by hand since is left alone; what was undone is never filed again.",
        (
            "triage undo 17",
            "triage undo --last-run --dry-run",
            'triage undo --since "2026-11-05 14:30"',
        ),
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="numbers from `triage history`")
    parser.add_argument("--since", metavar="TIME", help="all from then on: 2026-11-05, 3h, 2d")
    parser.add_argument("--last-run", action="store_true", help="all of the last pass")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be undone")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Undo; 1 where some of it could not be."""
    if sum((bool(args.ids), args.since is not None, args.last_run)) != 1:
        now = "Write ids, --since TIME or --last-run."
        raise UserError("say what to undo, in one way", where="undo", now=now)
    settings, today = settings_of(args), datetime.now().astimezone()
    since = moment(args.since, today) if args.since is not None else None
    with journal_of(settings) as memory:
        chosen = _chosen(args, since, memory) if memory else []
        if memory is None or not chosen:
            if args.ids:
                raise UserError("there is no such line", where="journal", now="See triage history.")
            print("There is nothing to undo.")
            return 0
        if args.dry_run:
            print_entries(chosen, today)
            print(f"\n{len(chosen)} would be put back; nothing was changed.")
            return 0
        report = _undo(chosen, settings, memory)
    return _tell(report)


def _chosen(args: argparse.Namespace, since: datetime | None, memory: Memory) -> list[JournalEntry]:
    if args.ids:
        return [_entry(text, memory) for text in dict.fromkeys(args.ids)]
    entries = memory.journal.last_run() if args.last_run else ()
    if since is not None:
        entries = memory.journal.since(since)
    return [entry for entry in entries if entry.state == "DONE" and _did_something(entry)]


def _did_something(entry: JournalEntry) -> bool:
    return any(not isinstance(action, Leave) for action in entry.actions)


def _entry(text: str, memory: Memory) -> JournalEntry:
    number = re.fullmatch(r"#?(\d{1,15})", text)
    entry = memory.journal.get(int(number[1])) if number else None
    if entry is None:
        now = "See triage history for the numbers."
        raise UserError(f'there is no line "{text}"', where="journal", now=now)
    return entry


def _undo(chosen: Sequence[JournalEntry], settings: Settings, memory: Memory) -> Report:
    from triage.daemon.accounts import open_mailbox
    from triage.daemon.report import Report
    from triage.daemon.undo import undo

    report = Report()
    for name in dict.fromkeys(entry.place.account for entry in chosen):
        (account,) = accounts_of(settings, name)
        entries = [entry for entry in chosen if entry.place.account == name]
        with open_mailbox(account) as writer:
            report += undo(entries, writer, memory)
    return report


def _tell(report: Report) -> int:
    undone, failed = report.in_state("UNDONE"), report.in_state("FAILED")
    print(f"{len(undone)} put back as {'it was' if len(undone) == 1 else 'they were'}.")
    for entry in (*report.refused, *failed, *report.waiting):
        print(f"  {entry.id} was left as it is: {entry.remark}")
    for remark in report.remarks:
        print(f"  {remark}")
    return 1 if report.refused or failed or report.waiting else 0
