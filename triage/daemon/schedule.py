"""Minutes to calls: the sweep of each account, and the look at what changed on the disk.

APScheduler in a thread of its own. A sweep only wakes the account's watch, so it is over at
once, and sweeps that were missed in sleep come as one. May not do any work itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

JITTER = 0.1  # of the interval, so that many clients do not come together

# It warns of every call that is left out while the one before still runs, which is wanted.
logging.getLogger("apscheduler").setLevel(logging.ERROR)


class Schedule:
    """Calls by name, every so many seconds, until stopped."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._calls: dict[str, tuple[float, Callable[[], object]]] = {}

    def start(self) -> None:
        """Begin to call."""
        self._scheduler.start()

    def every(self, seconds: float, name: str, call: Callable[[], object]) -> None:
        """Call from now on; one of the same name is replaced."""
        whole = max(1, round(seconds))
        trigger = IntervalTrigger(seconds=whole, jitter=round(whole * JITTER) or None, timezone=UTC)
        self._scheduler.add_job(call, trigger, id=name, replace_existing=True)
        self._calls[name] = seconds, call

    def anew(self) -> None:
        """Count all intervals from now: they go by the wall clock, and after that was set
        back nothing would be called until it has caught up."""
        for name, (seconds, call) in tuple(self._calls.items()):
            self.every(seconds, name, call)

    def no_longer(self, name: str) -> None:
        """Do not call it any more; nothing if it was not called."""
        self._calls.pop(name, None)
        try:
            self._scheduler.remove_job(name)
        except JobLookupError:
            return

    def names(self) -> tuple[str, ...]:
        """What is called, sorted."""
        return tuple(sorted(job.id for job in self._scheduler.get_jobs()))

    def stop(self) -> None:
        """Call nothing more; waits for a call that is running."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
