"""`triage approve`: lets a pass go on that the guard holds because it would move too many.

Answers the question that the daemon left in the state file; the next pass acts on it. May
not touch the mailbox.
"""

from __future__ import annotations

import argparse
from datetime import datetime

from triage.cli import parser as arguments
from triage.cli.config import settings_of
from triage.cli.history import journal_of
from triage.cli.when import told
from triage.errors import UserError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage approve` takes."""
    arguments.describe(
        parser,
        "A pass that would move more than guard.max_moves messages waits for this. Look at it\n"
        "first with `triage plan`. The approval holds for one pass of about that size.",
        ("triage approve", "triage approve --account main", "triage approve --list"),
    )
    parser.add_argument("--account", metavar="NAME", help="only this account")
    parser.add_argument("--list", action="store_true", help="only show what waits")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grant what waits."""
    settings = settings_of(args)
    now = datetime.now().astimezone()
    with journal_of(settings) as memory:
        waiting = memory.approvals.all() if memory else ()
        if args.account is not None and args.account not in {a.name for a in settings.accounts}:
            raise UserError(
                f'no account is called "{args.account}"',
                where=str(settings.file),
                now=f"Choose {', '.join(account.name for account in settings.accounts)}.",
            )
        waiting = tuple(one for one in waiting if args.account in (None, one.account))
        if memory is None or not waiting:
            print("Nothing waits for approval.")
            return 0
        for one in waiting:
            asked = f"{one.account}: {one.moves} messages to move, asked {told(one.asked, now)}"
            if one.granted is not None:
                print(f"{asked}; approved already, the next pass does it.")
            elif args.list:
                print(f"{asked}; waits.")
            else:
                memory.approvals.grant(one.account, now)
                print(f"{asked}; approved. The next pass does it: triage run --once, or wait.")
    return 0
