"""What the watches report to one JSON file beside the state file.

For ``triage status``, for ``triage doctor`` and for whoever watches the daemon: when each
account was last proved alive, when mail was last seen and filed, which stand still, why, and
what to do. Written whole and renamed, so a reader never sees half of it. May not hold
anything of a mail but counts of labels and platforms.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.daemon.one_pass import PassReport

log = logging.getLogger("triage")

APPROVE = "Look with triage plan, then triage approve."
UNKNOWN = "none"  # the platform of what only poses as one's mail


def health_file(state_file: Path) -> Path:
    """Where the health file of a state file is."""
    return state_file.with_name(state_file.name + ".health.json")


@dataclass
class _Account:
    """Times are in ISO 8601 with their zone, "" where it has not happened."""

    state: str = "starting"  # then watching, held (by the guard), waiting (to try again), stopped
    why: str = ""
    now: str = ""
    last_alive: str = ""
    last_pass: str = ""
    last_mail: str = ""
    last_filed: str = ""
    next_try: str = ""
    lost: int = 0
    filed: int = 0
    waiting: int = 0
    held: int = 0
    broken: int = 0
    missing: tuple[str, ...] = ()  # folders that the server does not open
    unreadable: Counter[str] = field(default_factory=Counter)
    decided: dict[str, Counter[str]] = field(default_factory=dict)  # by platform, by label
    folders: dict[str, dict[str, str]] = field(default_factory=dict)  # watched beside the first


class Health:
    """The state of all accounts; each report writes the file. Safe between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._accounts: dict[str, _Account] = {}
        self._rules: dict[str, Any] = {"in_force": "", "faults": 0}
        self._since = ""
        self._broken = False

    def began(self, now: datetime) -> None:
        """The daemon has started."""
        with self._lock:
            self._since = now.isoformat()
            self._write()

    def alive(self, account: str, now: datetime) -> None:
        """The server has answered."""
        with self._changing(account) as one:
            if one.state != "held":
                one.state, one.why, one.now = "watching", "", ""
            one.next_try, one.last_alive = "", now.isoformat()

    def passed(self, account: str, report: PassReport, now: datetime) -> None:
        """A pass has ended."""
        with self._changing(account) as one:
            one.state, one.why, one.now, one.next_try = "watching", "", "", ""
            _hold(one, report.held)
            one.last_alive = one.last_pass = now.isoformat()
            if report.counts.arrived:
                one.last_mail = now.isoformat()
            if done := report.filed.in_state("DONE"):
                one.last_filed = now.isoformat()
                one.filed += len(done)
            for entry in done:
                of = one.decided.setdefault(entry.reading.platform or UNKNOWN, Counter())
                of[entry.verdict.label] += 1
            one.waiting = len(report.filed.waiting) + len(report.recovered.waiting)
            one.broken += report.counts.broken
            one.missing = report.plan.missing
            one.unreadable.update(dict(report.counts.unreadable))

    def held(self, account: str, moves: int) -> None:
        """The guard still holds a pass that would move so many messages."""
        with self._changing(account) as one:
            _hold(one, moves)

    def folder(
        self, account: str, folder: str, state: str, now: datetime, why: str = "", do: str = ""
    ) -> None:
        """A folder that is watched beside the first; ``do`` is what a person can do."""
        with self._changing(account) as one:
            told = {"state": state, "why": why, "now": do}
            before = one.folders.get(folder, {}).get("last_alive", "")
            told["last_alive"] = now.isoformat() if state == "watching" else before
            one.folders[folder] = told

    def stands_still(
        self, account: str, why: str, do: str = "", next_try: datetime | None = None
    ) -> None:
        """The account is not watched now; without ``next_try``, not until a reload."""
        with self._changing(account) as one:
            one.state, one.why, one.now = ("waiting" if next_try else "stopped"), why, do
            one.next_try = next_try.isoformat() if next_try else ""
            one.lost += 1

    def forget(self, account: str) -> None:
        """The account is no longer in the config, or begins anew with another."""
        with self._lock:
            self._accounts.pop(account, None)
            self._write()

    def rules(self, fingerprint: str, faults: int) -> None:
        """Which rules are in force, and how many faults keep newer ones from it."""
        told = {"in_force": fingerprint, "faults": faults}
        with self._lock:
            if told != self._rules:
                self._rules = told
                self._write()

    def remove(self) -> None:
        """The daemon ends: what the file said is no longer so."""
        self.path.unlink(missing_ok=True)

    def content(self) -> dict[str, Any]:
        """What the file says now."""
        with self._lock:
            return self._content()

    def sentence(self) -> str:
        """All accounts in a line: "watching main; work stands still"."""
        with self._lock:
            states = {name: one.state for name, one in sorted(self._accounts.items())}
        watched = [name for name, state in states.items() if state == "watching"]
        words = {"starting": "is connecting", "held": "waits for triage approve",
                 "waiting": "tries again", "stopped": "stands still"}  # fmt: skip
        told = [f"watching {', '.join(watched)}"] if watched else []
        told += [f"{name} {words[state]}" for name, state in states.items() if state in words]
        return "; ".join(told) or "starting"

    @contextmanager
    def _changing(self, account: str) -> Iterator[_Account]:
        with self._lock:
            yield self._accounts.setdefault(account, _Account())
            self._write()

    def _content(self) -> dict[str, Any]:
        return {
            "process": os.getpid(),
            "since": self._since,
            "rules": dict(self._rules),
            "accounts": {name: _as_json(one) for name, one in sorted(self._accounts.items())},
        }

    def _write(self) -> None:
        """Without its health file the daemon goes on; it says so once."""
        beside = self.path.with_name(self.path.name + ".new")
        try:
            descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(self._content(), file, indent=1)
            beside.replace(self.path)
            self._broken = False
        except OSError as error:
            if not self._broken:
                log.warning("%s: the health file cannot be written: %s", self.path, error.strerror)
            self._broken = True


def _hold(one: _Account, moves: int) -> None:
    one.held = moves
    if moves:
        one.state, one.now = "held", APPROVE
        one.why = f"{moves} messages would be moved, more than guard.max_moves"


def _as_json(one: _Account) -> dict[str, Any]:
    return {
        **vars(one),
        "unreadable": dict(sorted(one.unreadable.items())),
        "decided": {platform: dict(sorted(of.items())) for platform, of in one.decided.items()},
        "folders": {name: dict(told) for name, told in one.folders.items()},
    }
