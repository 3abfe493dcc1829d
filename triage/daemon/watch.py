"""One account, for as long as the daemon runs: connect, pass, wait, and again.

Waits by IDLE in its first folder and asks the server every few minutes whether it is there,
which also renews IDLE; a folder more is watched by a connection of its own beside it, up to
the account's bound. Clock, chance, waiting and connecting come in from outside. May not
judge or file: ``one_pass`` does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from triage.daemon.cycle import new_run
from triage.daemon.desk import Desk
from triage.daemon.folder_watch import FolderWatch
from triage.daemon.health import Health
from triage.daemon.one_pass import PassReport, one_pass
from triage.daemon.pace import Pace, Trouble
from triage.daemon.world import Spawned, World, login_seconds, patience_seconds
from triage.errors import ServerRefused
from triage.mailbox.types import FolderState, Writer
from triage.memory import Memory
from triage.settings import AccountSettings

log = logging.getLogger("triage")

PASS_SECONDS = 15 * 60.0  # for the longest step of a pass: a big fetch, another's turn
TOLD_SECONDS = 60.0  # between two signs of life in a long pass
LEFT_SECONDS = 15.0  # for the other folders' connections to end


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
        self.pace = Pace(world)
        self.wake = self.pace.wake
        self.connecting = False  # nothing is open yet, so nothing is lost by not waiting
        self._desk, self._memory, self._health, self._world = desk, memory, health, world
        self._door = world.lock()  # one login at a time, whatever it takes to get a password
        self._beside: list[tuple[FolderWatch, Spawned]] = []
        self._held_at: Desk | None = None
        self._refused = self._in_vain = self._lost = False
        self._told = world.monotonic()

    @property
    def well(self) -> bool:
        """Whether none of its loops hangs."""
        return self.pace.well and all(one.pace.well for one, _ in self._beside)

    def stop(self) -> None:
        """End between batches, or at once where it waits."""
        for pace in (self.pace, *(one.pace for one, _ in self._beside)):
            pace.stop()

    def hurry(self) -> None:
        """Look at once, and do not wait to try again what has failed."""
        for pace in (self.pace, *(one.pace for one, _ in self._beside)):
            pace.hurry()
        self.wake.set()

    def renew(self) -> None:
        """Make the connections anew and look at once: this machine slept."""
        for pace in (self.pace, *(one.pace for one, _ in self._beside)):
            pace.renew()

    def run(self) -> None:
        """Watch until stopped, or until the login is refused."""
        try:
            self.pace.run(self)
        finally:
            self._leave()

    def connected(self) -> None:
        """One connection: until stopped, lost, or too old for the desk's rules."""
        headers = self._desk().headers
        mailbox = self._connect(headers)
        try:
            self._alive()
            while not self._over(headers):
                self.wake.clear()
                began = self._world.monotonic()
                calm = self._pass(mailbox)
                self._accompany()
                if calm:
                    self._wait(mailbox)
                    if self._refused:
                        return  # what a new connection sees of the folders may mend it
                self.pace.turned(self._in_vain, self._world.monotonic() - began)
        finally:
            mailbox.close()

    def troubled(self, trouble: Trouble) -> None:
        """Say that the account stands still, and why."""
        name = self.account.name
        if trouble.seconds is None:
            log.error("%s; the account stands still until a reload", _sentences(trouble))
            self._health.stands_still(name, trouble.why, trouble.now)
            return
        self._lost = True
        log.warning("%s; trying again in %.0f s", _sentences(trouble), trouble.seconds)
        until = self._world.now() + timedelta(seconds=trouble.seconds)
        self._health.stands_still(name, trouble.why, trouble.now, until)

    def _connect(self, headers: tuple[str, ...]) -> Writer:
        # Another connection of the account may be at the door for as long.
        self.pace.promise(login_seconds(self.account) * (1 + len(self._beside)))
        self.connecting = True
        try:
            with self._door:
                return self._world.connect(self.account, headers)
        finally:
            self.connecting = False

    def _over(self, headers: tuple[str, ...]) -> bool:
        return self.pace.ending or self.wake.renewing() or self._desk().headers != headers

    def _pass(self, mailbox: Writer) -> bool:
        """One pass, unless the guard holds it; whether there is nothing more to do now."""
        desk, name = self._desk(), self.account.name
        if self._is_held(desk):
            return True
        self.pace.promise(PASS_SECONDS)
        now = self._world.now()
        report = one_pass(
            mailbox, self.account.folders, desk, self._memory, now, new_run(now), self.max_moves,
            stop=self._asked,
        )  # fmt: skip
        if self._lost:
            log.info("account %s: connected again", name)
        self._lost = False
        self.pace.proved()
        self._held_at = desk if report.held else None
        unfetched = report.plan.unfetched
        self._refused = bool(report.filed.waiting or report.recovered.waiting or unfetched)
        self._in_vain = not report.counts.candidates
        self._tell(report)
        return bool(report.held or unfetched) or not self._came_meanwhile(mailbox)

    def _tell(self, report: PassReport) -> None:
        self._told = self._world.monotonic()
        self._health.passed(self.account.name, report, self._world.now())

    def _alive(self) -> None:
        self._told = self._world.monotonic()
        self._health.alive(self.account.name, self._world.now())

    def _asked(self) -> bool:
        """Asked between the steps of a pass: a sign of life, and whether to end."""
        self.pace.promise(PASS_SECONDS)
        if self._world.monotonic() - self._told >= TOLD_SECONDS:
            self._alive()
        return self.pace.ending

    def _is_held(self, desk: Desk) -> bool:
        """The question of the last pass stands unanswered, and no rule has changed: the
        same pass would ask the same again."""
        if self._held_at is not desk:
            return False
        asked = self._memory.approvals.get(self.account.name)
        if asked is None or asked.granted is not None:
            return False
        self._health.held(self.account.name, asked.moves)
        return True

    def _came_meanwhile(self, mailbox: Writer) -> bool:
        """Whether mail came while the pass ran, which IDLE would not tell again."""
        try:
            return self._not_looked_at(mailbox.open(self.account.folders[0]))
        except ServerRefused:
            return False

    def _not_looked_at(self, state: FolderState) -> bool:
        """Whether the folder holds mail that no pass has looked at."""
        cursor = self._memory.cursors.get(self.account.name, state.name)
        if cursor is None or state.uidnext == 0:
            return False
        return cursor.uidvalidity != state.uidvalidity or state.uidnext - 1 > cursor.last_uid

    def _wait(self, mailbox: Writer) -> None:
        """Until mail or a call comes; on the way it is proved that the server is there."""
        account = self.account
        folder = account.folders[0] if account.watch == "idle" and not self._held_at else None
        patience = account.prove_minutes * 60
        while not (self.pace.ending or self.wake.renewing()):
            self.pace.promise(patience_seconds(account))
            began = self._world.monotonic()
            try:
                what = self._world.wait(mailbox, folder, patience, self.wake)
            except ServerRefused as error:
                if folder is None:
                    raise
                log.warning("%s: waiting for the sweep: %s", account.name, error)
                folder = None
                continue
            if self.wake.renewing():
                return
            self._alive()
            self.pace.proved()
            if what != "timeout":
                return
            took = self._world.monotonic() - began
            self.pace.turned(took < patience / 2, took)  # the server ends IDLE by itself

    def _accompany(self) -> None:
        """Watch the other folders too, once the account is known to work."""
        account = self.account
        if self._beside or account.watch != "idle" or self.pace.ending:
            return
        for folder in account.watched_folders[1:]:
            one = FolderWatch(
                account, folder, self._world, self._door, self._not_looked_at, self.wake.set,
                self._health,
            )  # fmt: skip
            thread = self._world.spawn(f"watch {account.name} {folder}", one.run)
            self._beside.append((one, thread))
            if self.pace.ending:  # whoever said so may not have seen this one
                one.pace.stop()

    def _leave(self) -> None:
        """The other folders are not watched without this one."""
        for one, _ in self._beside:
            one.pace.stop()
        end = self._world.monotonic() + LEFT_SECONDS
        for one, thread in self._beside:
            thread.join(max(0.0, end - self._world.monotonic()))
            if not thread.is_alive():
                one.pace.wake.close()


def _sentences(trouble: Trouble) -> str:
    return f"{trouble.why}. {trouble.now}".rstrip(". ") if trouble.now else trouble.why
