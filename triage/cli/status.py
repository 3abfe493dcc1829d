"""`triage status`: whether the daemon watches, when each server last answered, what stands still.

Reads what the running daemon wrote; asks no server and changes nothing. The exit status is
for scripts: 0 only where a daemon runs and every account is watched.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from triage.clean import shown
from triage.cli import parser as arguments
from triage.cli import records, screen
from triage.cli.config import accounts_of, settings_of
from triage.cli.when import told
from triage.settings import Settings

if TYPE_CHECKING:
    from triage.daemon.status import AccountStatus, Status

_COLOURS = {"watching": "green", "starting": "green", "held": "yellow", "waiting": "yellow"}
_INDENT = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage status` takes."""
    arguments.describe(
        parser,
        "Say whether the daemon runs, when each server last proved alive, when mail was last seen\n"
        "and filed, and which accounts stand still, why, and what to do. Asks no server: triage\n"
        "doctor does. Exit status 1 where no daemon runs or an account stands still.",
        ("triage status", "triage status --json", "triage status || notify-send triage stopped"),
    )
    parser.add_argument("--json", action="store_true", help="one object, times in ISO 8601")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print how things stand."""
    from triage.daemon.status import status_of

    settings = settings_of(args)
    accounts_of(settings)  # an error where there is none
    now = datetime.now().astimezone()
    status = status_of(settings, now)
    if args.json:
        print(records.line(_record(status)))
    else:
        for line in _lines(status, settings, now):
            print(line)
    return 0 if status.well else 1


def _record(status: Status) -> records.Record:
    """The keys are those of the values in ``daemon/status.py``; a time not known is null."""

    def plain(value: object) -> object:
        return value.isoformat() if isinstance(value, datetime) else value

    accounts = [
        {key: plain(value) for key, value in asdict(account).items()} | {"well": account.well}
        for account in status.accounts
    ]
    return {
        "running": status.since is not None,
        "well": status.well,
        "process": status.process,
        "since": plain(status.since),
        "rule_faults": status.rule_faults,
        "accounts": accounts,
    }


def _lines(status: Status, settings: Settings, now: datetime) -> Iterator[str]:
    if status.since is not None:
        yield f"Watching: process {status.process}, since {told(status.since, now)}."
    elif status.process is not None:
        yield f"Not watching yet: process {status.process} starts, or does one pass."
    else:
        yield screen.painted("Not watching: no daemon runs.", "red")
        yield f"{'':{_INDENT}}Start it: triage run, or systemctl --user start triage."
    width = max(screen.cells(account.account) for account in status.accounts)
    minutes = {account.name: account.poll_minutes for account in settings.accounts}
    for account in status.accounts:
        state = screen.painted(account.state, _COLOURS.get(account.state, "red"))
        yield f"\n{screen.padded(account.account, width)}  {state}"
        for line in _about(account, minutes[account.account], now):
            yield f"{'':{_INDENT}}{shown(line, 1000, lines=False)}"
        if account.state == "stopped" and status.process is not None:
            reload = f"kill -HUP {status.process}, or systemctl --user reload triage"
            yield f"{'':{_INDENT}}Then let it read the config again: {reload}."
    if status.rule_faults:
        yield f"\n{status.rule_faults} faults keep newer rules out; triage rules check tells which."


def _about(account: AccountStatus, poll_minutes: float, now: datetime) -> Iterator[str]:
    if account.why:
        yield f"{account.why.rstrip('.')}."
    if account.now:
        yield account.now
    if account.next_try is not None:
        yield f"It is tried again at {told(account.next_try, now)}."
    times = {
        "server alive": account.last_alive,
        "mail seen": account.last_mail,
        "filed": account.last_filed,
    }
    known = [f"{what} {ago(time, now)}" for what, time in times.items() if time is not None]
    if known:
        yield f"{', '.join(known)}."
    if account.waiting:
        yield f"{account.waiting} could not be filed yet: triage history shows why."
    by_state: dict[str, list[str]] = {}
    for one in account.folders:
        by_state.setdefault(one.state, []).append(one.folder)
        if one.why:
            yield f"{one.folder}: {one.why.rstrip('.')}. {one.now}".rstrip()
    words = {"watched": "watched", "swept": f"looked at every {poll_minutes:g} minutes"}
    said = [f"{', '.join(by_state[key])} {says}" for key, says in words.items() if key in by_state]
    if said:
        yield f"{'; '.join(said)}."


def ago(time: datetime, now: datetime) -> str:
    """How long before ``now``, roughly: "just now", "4 minutes ago", else the moment."""
    minutes = (now - time).total_seconds() / 60
    if minutes < 0 or minutes >= 120:
        return told(time, now)
    if minutes < 1:
        return "just now"
    return f"{minutes:.0f} minute{'s' * (round(minutes) != 1)} ago"
