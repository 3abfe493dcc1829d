"""What the loops of the daemon have of the outside: servers, clocks, chance and threads.

One value, handed in, so that a test can drive eight hours of watching in a second and no
clock is ever patched. May not decide when anything is done: ``pace`` and ``watch`` do.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from triage.daemon.accounts import open_mailbox
from triage.daemon.wake import Wake
from triage.mailbox.credentials import COMMAND_SECONDS
from triage.mailbox.imap_reader import ImapReader
from triage.mailbox.types import Writer
from triage.mailbox.watch import keep_alive, wait_for_change
from triage.settings import AccountSettings

_ANSWERS = 4  # that are waited for in a row, in a login and at the end of a wait


def login_seconds(account: AccountSettings) -> float:
    """How long a login takes at most before it fails by itself."""
    return COMMAND_SECONDS + _ANSWERS * account.timeout_seconds


def patience_seconds(account: AccountSettings) -> float:
    """How long a wait takes at most, the answers included with which it ends."""
    return account.prove_minutes * 60 + _ANSWERS * account.timeout_seconds


class Spawned(Protocol):
    """A thread that has begun."""

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, at most so many seconds."""

    def is_alive(self) -> bool:
        """Whether it has not ended."""


def spawn(name: str, run: Callable[[], None]) -> Spawned:
    """A thread that does not keep the process from ending."""
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


@dataclass(frozen=True)
class World:
    """``connect`` opens an account's mailbox. ``wait`` waits for mail in a folder, or for
    the wake, so many seconds, as ``mailbox.watch`` does; without a folder it only sees that
    the line holds. ``now`` is the wall clock, which people and sleep set; ``monotonic``
    counts seconds that this machine was awake. ``chance`` is from 0 to 1; ``pause`` waits
    so many seconds or until the event is set; ``spawn`` begins a thread, ``lock`` makes what
    keeps two of them apart."""

    connect: Callable[[AccountSettings, Iterable[str]], Writer]
    wait: Callable[[Any, str | None, float, Wake], object]
    now: Callable[[], datetime]
    chance: Callable[[], float]
    pause: Callable[[threading.Event, float], object]
    monotonic: Callable[[], float] = time.monotonic
    spawn: Callable[[str, Callable[[], None]], Spawned] = spawn
    lock: Callable[[], AbstractContextManager[object]] = threading.Lock


def real_world() -> World:
    """The server, the clocks and the dice."""

    def wait(mailbox: ImapReader, folder: str | None, seconds: float, wake: Wake) -> object:
        if folder is None:
            return keep_alive(mailbox, seconds, wake, abandon=wake.renewing)
        return wait_for_change(mailbox, folder, seconds, wake, abandon=wake.renewing)

    return World(
        connect=open_mailbox,
        wait=wait,
        now=lambda: datetime.now(UTC),
        chance=random.random,
        pause=lambda event, seconds: event.wait(seconds),
    )
