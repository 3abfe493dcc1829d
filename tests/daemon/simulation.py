"""A clock that the test drives, and threads that take turns over it: hours in a second.

Exactly one thread runs at any time; it hands over when it sleeps, and the clock goes on
only when all of them do. So the same seed gives the same day. Knows nothing of mail.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

HANDOVER_SECONDS = 120.0  # of real time, for a thread that does not sleep as it should


class Sleeper:
    """One thread of the simulation."""

    def __init__(self, simulation: Simulation, name: str, run: Callable[[], None]) -> None:
        self._simulation = simulation
        self.name, self.due = name, simulation.elapsed
        self.until: Callable[[], bool] = lambda: False
        self.over = False
        self.go = threading.Semaphore(0)
        self._run = run
        self.thread = threading.Thread(target=self._live, name=name, daemon=True)

    def _live(self) -> None:
        assert self.go.acquire(timeout=HANDOVER_SECONDS)
        try:
            self._run()
        except BaseException as error:
            self._simulation.faults.append(error)
        finally:
            self.over = True
            self._simulation.back.release()

    def join(self, timeout: float | None = None) -> None:
        self._simulation.sleep(timeout or 0.0, lambda: self.over)

    def is_alive(self) -> bool:
        return not self.over


class Simulation:
    """``elapsed`` are the seconds that the machine was awake; ``ahead`` is by how much more
    the wall clock has moved, by sleep or by hand."""

    def __init__(self, start: datetime) -> None:
        self.elapsed = self.ahead = 0.0
        self.faults: list[BaseException] = []
        self.back = threading.Semaphore(0)
        self.steps = 0
        self._start = start
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()
        self._sleepers: list[Sleeper] = []
        self._running: Sleeper | None = None

    def monotonic(self) -> float:
        return self.elapsed

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.elapsed + self.ahead)

    @property
    def name(self) -> str:
        """Of the thread that runs now."""
        return self._running.name if self._running else ""

    def at(self, elapsed: float, deed: Callable[[], object]) -> None:
        """Let something happen at that time; it may not sleep."""
        heapq.heappush(self._events, (elapsed, next(self._order), deed))

    def every(self, seconds: float, deed: Callable[[], object]) -> None:
        def again() -> None:
            deed()
            self.at(self.elapsed + seconds, again)

        self.at(self.elapsed + seconds, again)

    def spawn(self, name: str, run: Callable[[], None]) -> Sleeper:
        one = Sleeper(self, name, run)
        one.thread.start()
        self._sleepers.append(one)
        return one

    def sleep(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """What a thread does: the others go on until time is up or ``until`` is true."""
        me = self._running
        assert me is not None, "only a thread of the simulation sleeps"
        me.due, me.until = self.elapsed + max(0.0, seconds), until
        self._sleepers.append(me)
        self.back.release()
        assert me.go.acquire(timeout=HANDOVER_SECONDS), "the simulation is over"

    def lock(self) -> SimulatedLock:
        """What keeps two threads apart without stopping the clock."""
        return SimulatedLock(self)

    def run(self, until: float) -> None:
        """Go on to that time, or until nothing is left to do."""
        while self.elapsed < until and (self._sleepers or self._events):
            self.steps += 1
            ready = next((one for one in self._sleepers if one.until()), None)
            if ready is None:
                due = min(self._sleepers, key=lambda one: one.due, default=None)
                event = self._events[0][0] if self._events else float("inf")
                next_time = min(event, due.due if due else float("inf"), until)
                self.elapsed = max(self.elapsed, next_time)
                if self.elapsed >= until:
                    return
                if event <= self.elapsed:
                    heapq.heappop(self._events)[2]()
                    continue
                ready = due
            assert ready is not None
            self._resume(ready)

    def _resume(self, one: Sleeper) -> None:
        self._sleepers.remove(one)
        self._running = one
        one.go.release()
        assert self.back.acquire(timeout=HANDOVER_SECONDS), f"{one.name} hangs"
        self._running = None
        if self.faults:
            raise self.faults[0]


class SimulatedLock:
    """A lock whose waiting is a sleep of the simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._taken = False

    def __enter__(self) -> None:
        while self._taken:
            self._simulation.sleep(3600.0, lambda: not self._taken)
        self._taken = True

    def __exit__(self, *error: object) -> None:
        self._taken = False
