"""`triage run`: the daemon, or with --once one pass over every account.

One account that cannot be reached does not keep the others from their pass. May not decide
or file by itself: both is the daemon's, and the same code for both ways.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from triage.cli import parser as arguments
from triage.cli import screen
from triage.cli.config import accounts_of, settings_of
from triage.cli.history import print_entries
from triage.errors import TriageError, UserError
from triage.settings import AccountSettings, Settings

if TYPE_CHECKING:
    from triage.daemon.desk import Desk
    from triage.daemon.one_pass import PassReport

SHOWN = 40  # lines of a pass that are printed; the journal has all


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage run` takes."""
    arguments.describe(
        parser,
        "Watch the mailboxes and file each invitation as it comes, until stopped. With --once:\n"
        "one pass over what came since the last, then end. Nothing is deleted; everything can\n"
        "be undone.",
        ("triage run --once", "triage run --once --yes", "triage run"),
    )
    parser.add_argument("--once", action="store_true", help="one pass, then end")
    parser.add_argument("--yes", action="store_true", help="with --once: pass guard.max_moves")
    parser.add_argument("--account", metavar="NAME", help="with --once: only this account")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the daemon, or one pass."""
    settings = settings_of(args)
    accounts = accounts_of(settings, args.account)
    if args.once:
        return run_once(settings, accounts, args.yes)
    if args.yes or args.account:
        raise UserError("--yes and --account go with --once", where="run", now="Add --once.")
    return _daemon(settings)


def run_once(settings: Settings, accounts: Sequence[AccountSettings], yes: bool) -> int:
    """One pass over each account; the status is that of the first that went wrong."""
    from triage.daemon.accounts import open_mailbox
    from triage.daemon.cycle import new_run
    from triage.daemon.desk import load_desk
    from triage.daemon.forget import forget_old
    from triage.daemon.one_pass import one_pass
    from triage.memory import lock, open_memory

    _log_to_stderr(logging.WARNING)
    status = 0
    now = datetime.now().astimezone()
    run = new_run(now)  # one for all accounts: it is what undo --last-run takes back
    desk: Desk | None = None
    with open_memory(settings.state_file) as memory, lock(settings.state_file):
        for account in accounts:
            try:
                # Ahead of the model: who mistyped the host need not wait for it.
                writer = open_mailbox(account)
            except TriageError as error:
                screen.complain(error)
                status = status or error.exit_code
                continue
            with writer:
                desk = desk or load_desk(settings)
                writer.ask_for(desk.headers)
                try:
                    report = one_pass(
                        writer, account.folders, desk, memory, now, run, settings.max_moves, yes
                    )
                    _tell(account, report)
                    _raise_what_is_left(settings, account, report)
                except TriageError as error:
                    screen.complain(error)
                    status = status or error.exit_code
        forget_old(memory, settings.keep_days, now)
    return status


def _tell(account: AccountSettings, report: PassReport) -> None:
    if report.recovered.settled:
        print(f"{account.name}: {len(report.recovered.settled)} left over from before settled.")
    if report.held:
        return
    filed = sorted(report.filed.settled, key=lambda entry: entry.id)
    counts = report.counts
    labels = ", ".join(f"{number} {label}" for label, number in counts.labels)
    seen = f"{counts.candidates} possible invitations seen"
    known = f", {counts.known} of them known" if counts.known else ""
    print(f"{account.name}: {seen}{known}; {labels or 'nothing new'}.")
    if filed:
        print()
        print_entries(filed[:SHOWN], datetime.now().astimezone())
        if len(filed) > SHOWN:
            print(f"… and {len(filed) - SHOWN} more: triage history --limit {len(filed)}")
        print("\nWhy: triage explain NO.   Back: triage undo NO., or triage undo --last-run")


def _raise_what_is_left(settings: Settings, account: AccountSettings, report: PassReport) -> None:
    if report.held:
        raise UserError(
            f"a pass would move {report.held} messages, more than max_moves "
            f"({settings.max_moves}); nothing was filed",
            where=f"account {account.name}",
            now="Look with triage plan, then triage run --once --yes, or triage approve.",
        )
    if report.plan.missing:
        raise UserError(
            f"the server does not open the folder {', '.join(report.plan.missing)}",
            where=f"account {account.name}",
            now="Create it there, or correct folders in the config; triage doctor lists them.",
        )
    if report.plan.unfetched:
        raise TriageError(
            f"the server would not bring {report.plan.unfetched} of the messages it found",
            where=f"account {account.name}",
            now="The next pass tries again.",
        )
    if report.filed.waiting:
        raise TriageError(
            f"{len(report.filed.waiting)} are not filed yet: {report.filed.waiting[0].remark}",
            where=f"account {account.name}",
            now="The next pass tries again.",
        )


def _daemon(settings: Settings) -> int:
    from triage.daemon.service import run_daemon

    _log_to_stderr(logging.INFO)
    run_daemon(settings)
    return 0


def _log_to_stderr(level: int) -> None:
    """One line a decision; without the time where the journal of systemd adds it."""
    dated = "" if os.environ.get("JOURNAL_STREAM") else "%(asctime)s "
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format=f"{dated}%(levelname)s %(message)s"
    )
    logging.getLogger("triage").setLevel(level)
