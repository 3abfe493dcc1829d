"""The beat of the daemon: now and then, in the main thread, whether all is as it should be.

Notices that this machine slept or that its clock was set, since a connection that stood
before is not to be trusted after; tells systemd that the loops are alive, and only while
none of them hangs. May not touch an account: it calls the service, which does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from triage.daemon.systemd import Systemd

log = logging.getLogger("triage")

BEAT_SECONDS = 5.0
JUMP_SECONDS = 30.0  # less is slewing, or a sleep that no connection minds


class Clocks:
    """Two clocks to whether they still agree. ``wall`` goes on in sleep and can be set;
    ``monotonic`` does neither (clock_gettime(2), CLOCK_MONOTONIC)."""

    def __init__(self, wall: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._apart = self._difference()

    def jump(self) -> float:
        """By how many seconds the wall clock ran ahead since last asked, or was set back
        (less than 0); 0 where it is no more than ``JUMP_SECONDS``."""
        before, self._apart = self._apart, self._difference()
        jumped = self._apart - before
        return jumped if abs(jumped) > JUMP_SECONDS else 0.0

    def _difference(self) -> float:
        return self._wall().timestamp() - self._monotonic()


class Watched(Protocol):
    """The part of the service that a beat needs."""

    def renew(self) -> None:
        """Make all connections anew, and look at once."""

    def well(self) -> bool:
        """Whether no loop hangs."""

    def sentence(self) -> str:
        """How things stand, in a line."""


class Pulse:
    """To be called every ``seconds``."""

    def __init__(self, watched: Watched, systemd: Systemd, clocks: Clocks) -> None:
        self._watched, self._systemd, self._clocks = watched, systemd, clocks
        self._well = True
        # Twice within the time that systemd waits, as sd_watchdog_enabled(3) advises.
        patience = systemd.watchdog_seconds
        self.seconds = BEAT_SECONDS if patience is None else min(BEAT_SECONDS, patience / 2)

    def beat(self) -> None:
        """Look, and tell."""
        if jumped := self._clocks.jump():
            how = "slept or its clock was set ahead" if jumped > 0 else "set its clock back"
            log.info(
                "this machine %s by %.0f s: connections are made anew, and all folders looked at",
                how, abs(jumped),
            )  # fmt: skip
            self._watched.renew()
        well = self._watched.well()
        if well:
            self._systemd.alive()
        elif self._well:
            log.error("a watch has not come back in time; systemd is not told that all is well")
        self._well = well
        self._systemd.status(self._watched.sentence())
