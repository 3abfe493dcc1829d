"""`triage backup`: the state file to a copy, while the daemon runs; or back, while it rests.

May not copy anything else: config and rules are files that a person keeps as any other.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from triage.cli import parser as arguments
from triage.cli.config import settings_of
from triage.cli.when import told
from triage.errors import UserError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage backup` takes."""
    arguments.describe(
        parser,
        "Copy the journal (what was decided, and what can be undone) to one file that only you\n"
        "can read. The daemon may run meanwhile. With --restore: put such a copy back, while\n"
        "the daemon does not run; the journal that it replaces is kept beside it.",
        ("triage backup ~/triage-backup.db", "triage backup --restore ~/triage-backup.db"),
    )
    parser.add_argument("file", metavar="FILE", help="the copy")
    parser.add_argument("--force", action="store_true", help="overwrite FILE")
    parser.add_argument("--restore", action="store_true", help="put FILE back")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy, and say what the copy holds."""
    from triage.memory.backup import back_up, restore

    state_file = settings_of(args).state_file
    file = Path(args.file).expanduser()
    if args.restore:
        copied = restore(file, state_file)
        print(f"{state_file}: put back, with {_held(copied.decisions, copied.last)}.")
        print("What you undid or moved since may be filed again: look with triage plan first.")
        return 0
    if not state_file.exists():
        now = "triage run --once writes it."
        raise UserError("there is no state file yet", where=str(state_file), now=now)
    copied = back_up(state_file, file, args.force)
    print(f"{file}: {_held(copied.decisions, copied.last)}, checked.")
    return 0


def _held(decisions: int, last: datetime | None) -> str:
    if last is None:
        return "no decisions"
    return f"{decisions} decisions, the last of {told(last, datetime.now().astimezone())}"
