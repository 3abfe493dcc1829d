"""A day of one account in simulated time: its server, the dice, and what befalls it.

The watch, its waiting, its back-off, the pulse, the health and the journal are the real ones.
May not assert what a day should come to: ``test_eight_hours`` does.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from daemon.desks import NOW, desk, mail
from daemon.simulated_server import SimulatedServer
from daemon.simulation import Simulation
from triage.daemon.health import Health
from triage.daemon.pace import CALM_SECONDS
from triage.daemon.pulse import Clocks, Pulse
from triage.daemon.systemd import Systemd
from triage.daemon.watch import AccountWatch
from triage.daemon.world import World
from triage.errors import PasswordUnavailable, ServerUnreachable, TriageError
from triage.memory import Memory
from triage.settings import AccountSettings, PasswordSetting

HOURS = 3600.0
WATCHED, SWEPT = ("INBOX", "Lists"), "Rare"
ACCOUNT = AccountSettings(
    "main", "imap.example.org", 993, "tls", "dave", PasswordSetting("command", "pass"),
    folders=(*WATCHED, SWEPT), connections=2,
)  # fmt: skip
PROVE, SWEEP, TIMEOUT = ACCOUNT.prove_minutes * 60, ACCOUNT.poll_minutes * 60, 60.0
SHORTEST_PAUSE, LONGEST_PAUSE = 5 * 0.75, 900 * 1.25
LABELS = ("", "personal", "generic", "boilerplate", "suspicious", "unsure")


class HonestHealth(Health):
    """A health that sees to it that nobody claims life without an answer of the server."""

    day: Day

    def _check(self) -> None:
        answered = self.day.server.answered.get(self.day.simulation.name, -HOURS)
        if self.day.simulation.elapsed - answered > 1:
            self.day.lies.append((self.day.simulation.name, self.day.simulation.elapsed))

    def alive(self, account: str, now: datetime) -> None:
        self._check()
        super().alive(account, now)

    def folder(self, account: str, folder: str, state: str, *rest: Any, **more: Any) -> None:
        if state == "watching":
            self._check()
        super().folder(account, folder, state, *rest, **more)


class Day:
    """One account, its server, and the dice. ``troubles`` are (when, until when, what)."""

    def __init__(self, seed: int, memory: Memory, folder: Path) -> None:
        self.dice = random.Random(seed)
        self.simulation = Simulation(NOW)
        self.server = SimulatedServer(self.simulation, (*WATCHED, SWEPT), TIMEOUT)
        self.memory = memory
        self.troubles: list[tuple[float, float, str]] = []
        # By thread, when and how long without the jitter; 0: back-off begins anew.
        self.pauses: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.calm = self.renewals = self.mails = 0
        self.chance = 0.0
        self.world = World(
            self.server.connect, self.server.wait, self.simulation.now, self._chance, self._pause,
            self.simulation.monotonic, self.simulation.spawn, self.simulation.lock,
        )  # fmt: skip
        self.health = HonestHealth(folder / "health.json")
        self.health.day = self
        wanted = desk()
        self.watch = AccountWatch(ACCOUNT, lambda: wanted, memory, 500, self.health, self.world)
        self.beats: list[bool] = []
        self.lies: list[tuple[str, float]] = []  # life that was claimed without an answer
        self.oldest = 0.0  # how old the last proof of life ever was, in seconds
        clocks = Clocks(self.simulation.now, self.simulation.monotonic)
        self.pulse = Pulse(self, Systemd({}), clocks)

    def begin(self, sweeps: bool = True) -> None:
        self.simulation.spawn("main", self.watch.run)
        if sweeps:
            self.simulation.every(SWEEP, self.watch.wake.set)
        self.simulation.every(self.pulse.seconds, self._beat)

    def end(self) -> None:
        self.watch.stop()
        self.simulation.run(self.simulation.elapsed + 600)

    # What the pulse sees

    def renew(self) -> None:
        self.renewals += 1
        for noted in self.pauses.values():
            noted.append((self.simulation.elapsed, 0.0))
        self.watch.renew()

    def well(self) -> bool:
        return self.watch.well

    def sentence(self) -> str:
        return self.health.sentence()

    def _beat(self) -> None:
        self.pulse.beat()
        self.beats.append(self.watch.well)
        if told := self.health.content()["accounts"]["main"]["last_alive"]:
            age = (self.simulation.now() - datetime.fromisoformat(told)).total_seconds()
            self.oldest = max(self.oldest, age)

    # Chance and pauses, noted down

    def _chance(self) -> float:
        self.chance = self.dice.random()
        return self.chance

    def _pause(self, event: threading.Event, seconds: float) -> None:
        if seconds == CALM_SECONDS:
            self.calm += 1
        else:
            assert SHORTEST_PAUSE <= seconds <= LONGEST_PAUSE
            base = seconds / (0.75 + 0.5 * self.chance)
            self.pauses[self.simulation.name].append((self.simulation.elapsed, round(base, 6)))
        self.simulation.sleep(seconds, event.is_set)

    # What happens

    def mail_all_day(self, until: float, mean_seconds: float) -> None:
        when = 0.0
        while (when := when + self.dice.expovariate(1 / mean_seconds)) < until:
            for _ in range(self.dice.choice((1, 1, 1, 1, 2, 5))):
                self.simulation.at(when, self.deliver)

    def deliver(self) -> None:
        self.mails += 1
        label = self.dice.choice(LABELS)
        folder = self.dice.choices((*WATCHED, SWEPT), (70, 20, 10))[0]
        self.server.deliver(self.mails, label, folder, mail(self.mails, label))

    def trouble_all_day(self, until: float, mean_seconds: float) -> None:
        deeds = (
            self.server.cut, self.server.fall_silent, self.deafness, self.outage,
            self.expiry, self.flapping, self.sleep, self.set_back,
        )  # fmt: skip
        when, number = 60.0, 0
        while (when := when + self.dice.expovariate(1 / mean_seconds)) < until:
            # Each kind in turn, so that every day has them all.
            self.simulation.at(when, self._noted(deeds[number % len(deeds)], until))
            number += 1

    def _noted(self, deed: Callable[[], float | None], until: float) -> Callable[[], None]:
        def happen() -> None:
            lasts = deed() or 0.0
            now = self.simulation.elapsed
            self.troubles.append((now, now + lasts, deed.__name__))

        return happen

    def refuse(self, error: TriageError, seconds: float) -> float:
        """Cut all lines, and let no one in for so long."""
        self.server.cut()
        self.server.refusing = error

        def over() -> None:
            if self.server.refusing is error:
                self.server.refusing = None

        self.simulation.at(self.simulation.elapsed + seconds, over)
        return seconds

    def deafness(self) -> float:
        """IDLE is taken, and nothing is ever told."""
        self.server.go_deaf()
        self.simulation.at(self.simulation.elapsed + 1200, lambda: self.server.go_deaf(False))
        return 1200.0

    def outage(self) -> float:
        """The server is gone for a while."""
        seconds = self.dice.uniform(60, 2400)
        return self.refuse(ServerUnreachable("nothing listens there"), seconds)

    def expiry(self) -> float:
        """The token has run out, and a new one is not to be had at once."""
        seconds = self.dice.uniform(1, 300)
        return self.refuse(PasswordUnavailable("exit code 1"), seconds)

    def flapping(self) -> float:
        """Whoever comes in is thrown out again after a little while."""
        for after in range(0, 600, 20):
            self.simulation.at(self.simulation.elapsed + after, self.server.cut)
        return 600.0

    def sleep(self) -> None:
        """The lid is closed; mail comes; the server has forgotten us."""
        self.simulation.ahead += self.dice.uniform(600, 3 * HOURS)
        self.server.fall_silent()
        for _ in range(self.dice.randrange(4)):
            self.deliver()

    def set_back(self) -> None:
        self.simulation.ahead -= HOURS
