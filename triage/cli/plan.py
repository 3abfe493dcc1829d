"""`triage plan`: what a pass would do, as a table, changing nothing.

Works on a connection that has no method that changes anything, with the code that the
daemon plans with. May not write to the mailbox or to the journal.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from triage.cli import parser as arguments
from triage.cli import records, screen
from triage.cli.config import accounts_of, settings_of
from triage.cli.history import verdict_words, who
from triage.errors import TriageError, UserError
from triage.model import Action, Flag, JournalEntry, Label, Leave, Move
from triage.settings import AccountSettings, Settings

if TYPE_CHECKING:
    from triage.daemon.cycle import Plan
    from triage.daemon.desk import Desk
    from triage.mailbox.types import Reader
    from triage.memory import Memory


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage plan` takes."""
    arguments.describe(
        parser,
        "What `triage run --once` would do now, one line a message. Changes nothing, neither\n"
        "in the mailbox nor in the journal.",
        ("triage plan", "triage plan --account main", "triage plan --json"),
    )
    parser.add_argument("--account", metavar="NAME", help="only this account")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Plan each account and print it."""
    from triage.daemon.accounts import login_of
    from triage.daemon.desk import load_desk
    from triage.mailbox.connect import connect_reader

    settings = settings_of(args)
    accounts = accounts_of(settings, args.account)
    status = 0
    desk: Desk | None = None
    with _memory(settings) as memory:
        for account in accounts:
            try:
                reader = connect_reader(login_of(account))  # ahead of the model, see run --once
            except TriageError as error:
                screen.complain(error)
                status = status or error.exit_code
                continue
            with reader:
                desk = desk or load_desk(settings)
                reader.ask_for(desk.headers)
                try:
                    _plan(settings, account, reader, desk, memory, args.json)
                except TriageError as error:
                    screen.complain(error)
                    status = status or error.exit_code
    return status


def _plan(
    settings: Settings,
    account: AccountSettings,
    reader: Reader,
    desk: Desk,
    memory: Memory,
    as_json: bool,
) -> None:
    from triage.daemon.cycle import new_run, plan_pass

    now = datetime.now().astimezone()
    plan = plan_pass(reader, account.name, account.folders, desk, memory, now, new_run(now))
    if as_json:
        for entry in plan.entries:
            print(records.line(records.entry_record(entry)))
    else:
        _print(plan, settings)
    if plan.missing:
        raise UserError(
            f"the server does not open the folder {', '.join(plan.missing)}",
            where=f"account {account.name}",
            now="Create it, or correct folders in the config; triage doctor lists them.",
        )


@contextmanager
def _memory(settings: Settings) -> Iterator[Memory]:
    """The journal, so that what is known is left out; a passing one where there is none."""
    from triage.memory import open_memory

    if settings.state_file.exists():
        with open_memory(settings.state_file) as memory:
            yield memory
        return
    with (
        tempfile.TemporaryDirectory(prefix="triage-") as folder,
        open_memory(Path(folder) / "plan.db") as memory,
    ):
        yield memory


def _print(plan: Plan, settings: Settings) -> None:
    counts = plan.counts
    if not plan.entries:
        print(f"{plan.account}: nothing new; {counts.candidates} possible invitations seen.")
        return
    rows = [(verdict_words(entry), who(entry), _would(entry)) for entry in plan.entries]
    screen.print_table(("label", "from", "would"), rows)
    labels = ", ".join(f"{number} {label}" for label, number in counts.labels)
    print(f"\n{plan.account}: {labels}; {plan.moves} would move. Nothing was changed.")
    if plan.needs_approval(settings.max_moves):
        print(f"That is more than max_moves ({settings.max_moves}): it needs triage approve.")
    else:
        print("To do it: triage run --once")


def _would(entry: JournalEntry) -> str:
    return ", ".join(_words(action) for action in entry.actions)


def _words(action: Action) -> str:
    if isinstance(action, Move):
        return f"move to {action.to}"
    if isinstance(action, Label):
        return f"label {action.name}"
    if isinstance(action, Flag):
        flags = {"\\Seen": "mark read", "\\Flagged": "flag"}
        return flags.get(action.name, f"set {action.name[1:]}")
    return f"stay: {action.why}" if isinstance(action, Leave) else type(action).__name__.lower()
