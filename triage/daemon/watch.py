"""One account, for as long as the daemon runs: connect, pass, wait, and again.

Back-off with jitter stands around the whole of it, since the reconnect is what fails. A
refused login ends it at once, since servers lock accounts. Clock, chance, waiting and
connecting come in from outside. May not judge or file: ``one_pass`` does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from triage.daemon.cycle import new_run
from triage.daemon.desk import Desk
from triage.daemon.health import Health
from triage.daemon.look import fault
from triage.daemon.one_pass import one_pass
from triage.daemon.wake import Wake
from triage.errors import LoginRefused, ServerRefused, TriageError, UserError
from triage.mailbox.types import Writer
from triage.memory import Memory
from triage.settings import AccountSettings

log = logging.getLogger("triage")

REFRESH_SECONDS = 25 * 60.0  # under the 29 minutes of RFC 2177
FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 15 * 60.0
CALM_AFTER, CALM_SECONDS = 10, 10.0


@dataclass(frozen=True)
class World:
    """What a watch has of the outside. ``wait`` waits for mail or for the wake, as
    ``mailbox.watch.wait_for_change`` does; ``chance`` is from 0 to 1; ``pause`` waits
    that many seconds or until the event is set."""

    connect: Callable[[AccountSettings, Iterable[str]], Writer]
    wait: Callable[[Any, str, float, Wake], object]
    now: Callable[[], datetime]
    chance: Callable[[], float]
    pause: Callable[[threading.Event, float], object]


def delay_after(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row: 5, 10, 20 … up to a quarter of an
    hour, a quarter more or less, so that many clients do not come back together."""
    doubled = FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 30)
    return min(doubled, LONGEST_DELAY_SECONDS) * (0.75 + 0.5 * chance)


class AccountWatch:
    """The watch over one account. ``desk`` is asked anew for each pass, so that new rules
    count from the next one on."""

    def __init__(
        self,
        account: AccountSettings,
        desk: Callable[[], Desk],
        memory: Memory,
        max_moves: int,
        health: Health,
        world: World,
    ) -> None:
        self.account = account
        self.max_moves = max_moves
        self.wake = Wake()
        self._desk, self._memory, self._health, self._world = desk, memory, health, world
        self._ending = threading.Event()
        self.connecting = False  # nothing is open yet, so nothing is lost by not waiting
        self._failures = 0
        self._held_at: Desk | None = None
        self._refused = False
        self._in_vain = 0

    def stop(self) -> None:
        """End between batches, or at once where it waits."""
        self._ending.set()
        self.wake.set()

    def run(self) -> None:
        """Watch until stopped, or until the login is refused."""
        while not self._ending.is_set():
            try:
                self._while_connected()
            except (LoginRefused, UserError) as error:
                log.error("%s; the account stands still until a reload", error)
                self._health.stands_still(self.account.name, str(error))
                return
            except TriageError as error:
                self._back_off(str(error))
            except Exception as error:
                self._back_off(f"account {self.account.name}: {fault(error)}")

    def _while_connected(self) -> None:
        """One connection: until stopped, lost, or too old for the desk's rules."""
        headers = self._desk().headers
        self.connecting = True
        try:
            mailbox = self._world.connect(self.account, headers)
        finally:
            self.connecting = False
        try:
            self._health.alive(self.account.name, self._world.now())
            while not self._ending.is_set() and self._desk().headers == headers:
                self.wake.clear()
                if self._pass(mailbox) or self._in_vain >= CALM_AFTER:
                    self._wait(mailbox)
                    if self._refused:
                        return  # what a new connection sees of the folders may mend it
        finally:
            mailbox.close()

    def _pass(self, mailbox: Writer) -> bool:
        """One pass, unless the guard holds it; whether there is nothing more to do now."""
        desk, name = self._desk(), self.account.name
        if self._is_held(desk):
            return True
        now = self._world.now()
        folders = self.account.folders
        report = one_pass(
            mailbox, folders, desk, self._memory, now, new_run(now), self.max_moves,
            stop=self._ending.is_set,
        )  # fmt: skip
        if self._failures:
            log.info("account %s: connected again", name)
        self._failures = 0
        self._held_at = desk if report.held else None
        self._refused = bool(report.filed.waiting or report.recovered.waiting)
        self._in_vain = 0 if report.counts.candidates else self._in_vain + 1
        self._health.passed(name, report, self._world.now())
        return bool(report.held) or not self._came_meanwhile(mailbox)

    def _is_held(self, desk: Desk) -> bool:
        """The question of the last pass stands unanswered, and no rule has changed: the
        same pass would ask the same again."""
        if self._held_at is not desk:
            return False
        asked = self._memory.approvals.get(self.account.name)
        return asked is not None and asked.granted is None

    def _came_meanwhile(self, mailbox: Writer) -> bool:
        """Whether mail came while the pass ran, which IDLE would not tell again."""
        folder = self.account.folders[0]
        try:
            state = mailbox.open(folder)
        except ServerRefused:
            return False
        cursor = self._memory.cursors.get(self.account.name, folder)
        if cursor is None or state.uidnext == 0:
            return False
        return cursor.uidvalidity != state.uidvalidity or state.uidnext - 1 > cursor.last_uid

    def _wait(self, mailbox: Writer) -> None:
        if self._ending.is_set():
            return
        folder = self.account.folders[0]
        since = self._world.now()
        if self.account.watch == "idle" and self._held_at is None:
            try:
                self._world.wait(mailbox, folder, REFRESH_SECONDS, self.wake)
            except ServerRefused:
                self.wake.wait(REFRESH_SECONDS)  # no such folder: the sweep looks again
        else:
            self.wake.wait(REFRESH_SECONDS)
        now = self._world.now()
        self._health.alive(self.account.name, now)
        if now - since > timedelta(seconds=CALM_SECONDS):
            self._in_vain = 0
        elif self._in_vain >= CALM_AFTER:
            # A server that tells of changes without end, or a flood of other mail.
            self._world.pause(self._ending, CALM_SECONDS)

    def _back_off(self, why: str) -> None:
        if self._ending.is_set():
            return
        self._failures += 1
        seconds = delay_after(self._failures, self._world.chance())
        until = self._world.now() + timedelta(seconds=seconds)
        log.warning("%s; trying again in %.0f s", why, seconds)
        self._health.stands_still(self.account.name, why, until)
        self._world.pause(self._ending, seconds)
