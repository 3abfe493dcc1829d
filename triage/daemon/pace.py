"""The turns of one loop over a connection: when to try again, and when it is overdue.

Back-off stands around the whole of a turn, since the reconnect is what fails: exponential,
spread by chance, bounded, and begun anew once a connection has proved itself. A refused
login ends the loop, since servers lock accounts; a password that cannot be had right now
does not. May not know what the loop is for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from triage.daemon.look import fault
from triage.daemon.wake import Wake
from triage.daemon.world import World
from triage.errors import LoginRefused, PasswordUnavailable, TriageError, UserError

FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 15 * 60.0
STOOD_SECONDS = 60.0  # a connection that stood this long after its first pass was a success
CALM_AFTER, CALM_SECONDS = 10, 10.0
SLACK_SECONDS = 60.0  # beyond what a step may take, before its loop is called overdue


def delay_after(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row: 5, 10, 20 … up to a quarter of an
    hour, a quarter more or less, so that many clients do not come back together."""
    doubled = FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 30)
    return min(doubled, LONGEST_DELAY_SECONDS) * (0.75 + 0.5 * chance)


@dataclass(frozen=True)
class Trouble:
    """Why a loop does not go on: what is wrong, what a person can do about it, and how
    many seconds until it tries again by itself; None: it does not."""

    why: str
    now: str
    seconds: float | None = None


class Work(Protocol):
    """What a loop does: one connection's time, and being told what went wrong."""

    def connected(self) -> None:
        """From connecting until stopped, lost, or something makes a new line needed."""

    def troubled(self, trouble: Trouble) -> None:
        """To be told to whoever wants to know."""


class Pace:
    """``wake`` calls the loop back from waiting. Other threads may ``stop`` and ``renew``,
    and ask whether all is ``well``; the rest is the loop's own."""

    def __init__(self, world: World) -> None:
        self.wake = Wake()
        self._world = world
        self._ending = threading.Event()
        self._called = threading.Event()  # to end, or to begin anew: it ends a pause
        self._failures = 0
        self._stands_since: float | None = None
        self._in_vain = 0
        self._due = world.monotonic() + SLACK_SECONDS
        self._finished = False

    # From any thread

    def stop(self) -> None:
        """End between batches, or at once where it waits."""
        self._ending.set()
        self._called.set()
        self.wake.set()

    def hurry(self) -> None:
        """Try again at once, if it waits to do so: somebody may have mended something."""
        self._called.set()

    def renew(self) -> None:
        """Drop the line, if there is one, and connect at once."""
        self._called.set()
        self.wake.renew()

    @property
    def ending(self) -> bool:
        """Whether it was told to stop."""
        return self._ending.is_set()

    @property
    def well(self) -> bool:
        """Whether it has ended in order, or is not overdue with what it promised."""
        return self._finished or self._world.monotonic() <= self._due

    # The loop's own

    def run(self, work: Work) -> None:
        """Do the work until stopped, or until there is no point in trying again."""
        while not self.ending:
            try:
                self._begin()
                work.connected()
            except PasswordUnavailable as error:
                self._back_off(work, *_worded(error))
            except (LoginRefused, UserError) as error:
                work.troubled(Trouble(*_worded(error)))
                break
            except TriageError as error:
                self._back_off(work, *_worded(error))
            except Exception as error:
                self._back_off(work, fault(error), "")
        self._finished = True

    def promise(self, seconds: float) -> None:
        """The step that begins takes no longer than this; else the loop hangs."""
        self._due = self._world.monotonic() + seconds + SLACK_SECONDS

    def proved(self) -> None:
        """The connection has done what it is for, once or again."""
        if self._stands_since is None:
            self._stands_since = self._world.monotonic()

    def turned(self, in_vain: bool, seconds: float) -> None:
        """A turn is over that took so many seconds. Many quick ones for nothing are slowed
        down: a server tells of changes without end, or other mail comes in a flood."""
        self._in_vain = self._in_vain + 1 if in_vain and seconds <= CALM_SECONDS else 0
        if self._in_vain >= CALM_AFTER:
            self.pause(CALM_SECONDS)

    def pause(self, seconds: float) -> None:
        """Until time is up, or a call comes; to hurry cuts one pause short and no more."""
        self.promise(seconds)
        self._world.pause(self._called, seconds)
        self._answered()

    def _begin(self) -> None:
        if self.wake.renewing():
            self._failures = 0  # that was before the sleep
            self.wake.renewed()
        self._answered()
        self._stands_since = None

    def _answered(self) -> None:
        self._called.clear()
        if self.ending or self.wake.renewing():
            self._called.set()

    def _back_off(self, work: Work, why: str, now: str) -> None:
        if self.ending or self.wake.renewing():
            return
        stood = self._stands_since
        if stood is not None and self._world.monotonic() - stood >= STOOD_SECONDS:
            self._failures = 0
        self._failures += 1
        seconds = delay_after(self._failures, self._world.chance())
        work.troubled(Trouble(why, now, seconds))
        self.pause(seconds)


def _worded(error: TriageError) -> tuple[str, str]:
    what = f"{error.where}: {error.what}" if error.where else error.what
    return what.rstrip("."), error.now
