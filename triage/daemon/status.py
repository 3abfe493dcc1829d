"""The health file, the lock and the journal to how things stand now: for ``triage status``.

Takes the word of the running daemon alone, and not for longer than it promised: a watch
that should have shown life by now is overdue, whatever the file still says. May not connect
to a server or change anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from triage.daemon.health import health_file
from triage.daemon.world import login_seconds, patience_seconds
from triage.memory import holder, open_memory
from triage.settings import AccountSettings, Settings

GRACE_SECONDS = 120.0  # beyond what a step may take, before an account is called overdue


@dataclass(frozen=True)
class FolderStatus:
    """``state`` is watched, swept (looked at every ``poll_minutes``), waiting or stopped
    (swept until its own connection stands again), missing on the server, or unwatched
    together with its account."""

    folder: str
    state: str
    why: str = ""
    now: str = ""


@dataclass(frozen=True)
class AccountStatus:
    """``state`` is starting, watching, held, waiting or stopped as the daemon says; overdue
    where it should have said something since; unwatched where no daemon watches it."""

    account: str
    state: str
    why: str = ""
    now: str = ""
    last_alive: datetime | None = None
    last_mail: datetime | None = None
    last_filed: datetime | None = None
    last_pass: datetime | None = None
    next_try: datetime | None = None
    waiting: int = 0
    folders: tuple[FolderStatus, ...] = ()

    @property
    def well(self) -> bool:
        """Whether nothing stands still."""
        return self.state == "watching" and all(one.state != "missing" for one in self.folders)


@dataclass(frozen=True)
class Status:
    """``process`` is who holds the state file, None where nobody does; ``since`` when the
    daemon began, None while it starts, or where it is one pass and no daemon."""

    process: int | None
    since: datetime | None
    accounts: tuple[AccountStatus, ...]
    rule_faults: int = 0

    @property
    def well(self) -> bool:
        """Whether a daemon runs and no account stands still."""
        return self.since is not None and all(account.well for account in self.accounts)


def status_of(settings: Settings, now: datetime) -> Status:
    """How things stand. Raises ``StateError`` where the state file cannot be read."""
    process = holder(settings.state_file)
    told = _told(health_file(settings.state_file))
    if process is None or told.get("process") != process:
        told = {}  # of a daemon that was killed; or who runs now has not said anything yet
    filed, since = _last_filed(settings), _time(told.get("since"))
    accounts = told.get("accounts", {})
    return Status(
        process=process,
        since=since,
        accounts=tuple(
            _account(one, accounts.get(one.name), bool(told), filed.get(one.name), since, now)
            for one in settings.accounts
        ),
        rule_faults=int(told.get("rules", {}).get("faults", 0)),
    )


def _told(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _last_filed(settings: Settings) -> Mapping[str, datetime]:
    """By account, when the journal's last line was done; it outlives the daemon."""
    if not settings.state_file.exists():
        return {}
    with open_memory(settings.state_file) as memory:
        lines = {
            account.name: memory.journal.recent(1, account=account.name, state="DONE")
            for account in settings.accounts
        }
    return {name: found[0].time for name, found in lines.items() if found}


def _account(
    account: AccountSettings,
    told: dict[str, Any] | None,
    running: bool,
    filed: datetime | None,
    since: datetime | None,
    now: datetime,
) -> AccountStatus:
    if told is None:
        why, do = "", ""
        if running:
            why, do = "the running daemon does not know it", "Reload it: the config has changed."
        return AccountStatus(account.name, "unwatched", why, do, last_filed=filed)
    times = {
        key: _time(told.get(key))
        for key in ("last_alive", "last_mail", "last_filed", "last_pass", "next_try")
    }
    times["last_filed"] = times["last_filed"] or filed
    state, why, do = told.get("state", ""), told.get("why", ""), told.get("now", "")
    due = _due(account, state, times, since)
    if due is not None and now > due:
        state, why = "overdue", "nothing was heard of its watch when something should have been"
        do = "Restart the daemon, and report it if it happens again."
    watched = state == "watching"
    return AccountStatus(
        account.name, state, why, do, **times, waiting=int(told.get("waiting", 0)),
        folders=tuple(_folder(account, name, told, watched) for name in account.folders),
    )  # fmt: skip


def _due(
    account: AccountSettings,
    state: str,
    times: Mapping[str, datetime | None],
    since: datetime | None,
) -> datetime | None:
    """When the watch will have said something again, if it does not hang."""
    login = login_seconds(account) * len(account.watched_folders or ("",))
    begins, seconds = {
        "starting": (since, login),
        "waiting": (times["next_try"], login),
        "watching": (times["last_alive"], patience_seconds(account)),
        "held": (times["last_alive"], patience_seconds(account)),
    }.get(state, (None, 0.0))
    return begins + timedelta(seconds=seconds + GRACE_SECONDS) if begins else None


def _folder(
    account: AccountSettings, folder: str, told: dict[str, Any], watched: bool
) -> FolderStatus:
    if folder in told.get("missing", ()):
        do = "Create it there, or correct folders in the config; triage doctor lists them."
        return FolderStatus(folder, "missing", "the server does not open it", do)
    if not watched:
        return FolderStatus(folder, "unwatched")
    if folder not in account.watched_folders:
        return FolderStatus(folder, "swept")
    own = told.get("folders", {}).get(folder, {})
    if own.get("state", "watching") == "watching":
        return FolderStatus(folder, "watched")
    return FolderStatus(folder, own["state"], own.get("why", ""), own.get("now", ""))


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) and text else None
    except ValueError:
        return None
