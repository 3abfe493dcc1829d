"""What the watches report to one JSON file beside the state file.

For ``triage doctor`` and for whoever watches the daemon: when each account was last seen
alive, when its last pass ended, which stand still and why, which templates could not be
read. Written whole and renamed, so a reader never sees half of it. May not hold anything
of a mail.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.daemon.one_pass import PassReport

log = logging.getLogger("triage")


def health_file(state_file: Path) -> Path:
    """Where the health file of a state file is."""
    return state_file.with_name(state_file.name + ".health.json")


@dataclass
class _Account:
    state: str = "starting"
    why: str = ""
    last_alive: str = ""
    last_pass: str = ""
    next_try: str = ""
    filed: int = 0
    waiting: int = 0
    held: int = 0
    broken: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)


class Health:
    """The state of all accounts; each report writes the file. Safe between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._accounts: dict[str, _Account] = {}
        self._rules: dict[str, Any] = {"in_force": "", "faults": 0}
        self._broken = False

    def alive(self, account: str, now: datetime) -> None:
        """The server has answered."""
        with self._changing(account) as one:
            one.state, one.why, one.next_try = "watching", "", ""
            one.last_alive = now.isoformat()

    def passed(self, account: str, report: PassReport, now: datetime) -> None:
        """A pass has ended."""
        with self._changing(account) as one:
            one.state, one.why = "watching", ""
            if report.held:
                one.state = "held"
                one.why = f"{report.held} messages would be moved: triage approve"
            one.last_alive = one.last_pass = now.isoformat()
            one.filed += len(report.filed.in_state("DONE"))
            one.waiting = len(report.filed.waiting) + len(report.recovered.waiting)
            one.held = report.held
            one.broken += report.counts.broken
            one.unreadable.update(dict(report.counts.unreadable))

    def stands_still(self, account: str, why: str, next_try: datetime | None = None) -> None:
        """The account is not watched now; without ``next_try``, not until a reload."""
        with self._changing(account) as one:
            one.state, one.why = ("waiting" if next_try else "stopped"), why
            one.next_try = next_try.isoformat() if next_try else ""

    def forget(self, account: str) -> None:
        """The account is no longer in the config."""
        with self._lock:
            self._accounts.pop(account, None)
            self._write()

    def rules(self, fingerprint: str, faults: int) -> None:
        """Which rules are in force, and how many faults keep newer ones from it."""
        with self._lock:
            self._rules = {"in_force": fingerprint, "faults": faults}
            self._write()

    def remove(self) -> None:
        """The daemon ends: what the file said is no longer so."""
        self.path.unlink(missing_ok=True)

    def _changing(self, account: str) -> _Changing:
        return _Changing(self, account)

    def _write(self) -> None:
        """Without its health file the daemon goes on; it says so once."""
        content = {
            "process": os.getpid(),
            "rules": self._rules,
            "accounts": {name: _as_json(one) for name, one in sorted(self._accounts.items())},
        }
        beside = self.path.with_name(self.path.name + ".new")
        try:
            descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
            beside.replace(self.path)
            self._broken = False
        except OSError as error:
            if not self._broken:
                log.warning("%s: the health file cannot be written: %s", self.path, error.strerror)
            self._broken = True


class _Changing:
    def __init__(self, health: Health, account: str) -> None:
        self._health, self._account = health, account

    def __enter__(self) -> _Account:
        self._health._lock.acquire()
        return self._health._accounts.setdefault(self._account, _Account())

    def __exit__(self, *error: object) -> None:
        self._health._write()
        self._health._lock.release()


def _as_json(one: _Account) -> dict[str, Any]:
    return {**vars(one), "unreadable": dict(sorted(one.unreadable.items()))}
