"""Settings to a running daemon: a watch and a sweep per account, rules and signals heeded.

Owns what lives as long as the process: lock, state file, desk, threads, schedule. A reload
takes over what is sound and leaves in force what is not. May not know how mail is judged
or filed.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable

from triage.daemon.desk import Desk, Language, load_desk
from triage.daemon.forget import EVERY_SECONDS, forget_old
from triage.daemon.health import Health, health_file
from triage.daemon.look import fault
from triage.daemon.metrics import Metrics
from triage.daemon.pulse import Clocks, Pulse
from triage.daemon.reload import RuleWatch
from triage.daemon.schedule import Schedule
from triage.daemon.signals import Request, requests
from triage.daemon.systemd import Systemd
from triage.daemon.watch import AccountWatch
from triage.daemon.world import Spawned, World, real_world
from triage.errors import FaultsError, TriageError
from triage.memory import Memory, lock, open_memory
from triage.rulebook import stamp
from triage.settings import AccountSettings, Settings, load_settings

log = logging.getLogger("triage")

LOOK_SECONDS = 5.0  # between two looks at rule files and approvals
LOOKED_SECONDS = 300.0  # a look that loads rules, behind a reload that waits for a pass
JOIN_SECONDS = 80.0  # for a pass to end; under the 90 that systemd gives
LOGIN_SECONDS = 1.0  # for a login, which a server or a passphrase may keep waiting


class Service:
    """The daemon without its signals; the caller starts, pokes and stops it."""

    def __init__(
        self,
        settings: Settings,
        rules: RuleWatch,
        memory: Memory,
        world: World,
        load: Callable[[Settings, Language], Desk] = load_desk,
    ) -> None:
        self.settings = settings
        self.health = Health(health_file(settings.state_file))
        self._rules, self._memory, self._world, self._load = rules, memory, world, load
        self._lock = threading.RLock()  # a look and a reload follow each other
        self._schedule = Schedule()
        self._watches: dict[str, tuple[AccountWatch, Spawned]] = {}
        self._looked = world.monotonic()
        self._metrics = Metrics(self.health.content)

    def start(self) -> None:
        """Begin to watch all accounts."""
        self.health.began(self._world.now())
        self._tell_rules()
        self._metrics.serve(self.settings.metrics_port)
        self.forget()
        self._schedule.start()
        self._schedule.every(LOOK_SECONDS, "look", self.look)
        self._schedule.every(EVERY_SECONDS, "forget", self.forget)
        for account in self.settings.accounts:
            self._watch(account)
        log.info("watching %s", ", ".join(account.name for account in self.settings.accounts))

    def look(self) -> None:
        """Take over changed rules, and wake accounts whose pass was approved."""
        with self._lock:
            try:
                self._look()
            finally:
                self._looked = self._world.monotonic()

    def _look(self) -> None:
        changed = self._rules.look() is not None
        self._tell_rules()
        try:
            asked = self._memory.approvals.all()
        except TriageError as error:
            log.error("%s", error)
            asked = ()
        granted = {one.account for one in asked if one.granted is not None}
        for name, (watch, _) in self._watches.items():
            if changed or name in granted:
                watch.wake.set()

    def renew(self) -> None:
        """Make all connections anew and look at once: this machine slept, or its clock was
        set. Not behind a reload that waits for a pass."""
        self._schedule.anew()
        for watch, _ in tuple(self._watches.values()):
            watch.renew()

    def well(self) -> bool:
        """Whether neither a watch nor the schedule hangs."""
        looked = self._world.monotonic() - self._looked <= LOOKED_SECONDS
        return looked and all(watch.well for watch, _ in tuple(self._watches.values()))

    def sentence(self) -> str:
        """How the accounts stand, in a line."""
        return self.health.sentence()

    def forget(self) -> None:
        """Forget decisions older than the config keeps them."""
        try:
            forget_old(self._memory, self.settings.keep_days, self._world.now())
        except TriageError as error:
            log.error("%s", error)

    def reload(self) -> None:
        """Read config and rules again. Accounts that changed, or stood still, begin anew;
        with a fault in either, all stays as it is."""
        with self._lock:
            try:
                settings = load_settings(self.settings.file)
                seen = stamp(settings.rules_folder)
                desk = self._load(settings, self._rules.desk.language)
            except Exception as error:
                for line in _lines(error):
                    log.error("%s", line)
                log.error("the settings and rules loaded before stay in force")
                return
            if settings.state_file != self.settings.state_file:
                log.warning("a new state file is used after a restart only")
            self._rules = RuleWatch(settings, desk, seen, load=self._load)
            old, self.settings = self.settings, settings
            self._tell_rules()
            self._metrics.serve(settings.metrics_port)
            self._change_watches(old, settings)
            log.info("settings and rules were loaded anew")

    def stop(self) -> None:
        """End all passes between batches, and the connections with them."""
        self._schedule.stop()
        watches = tuple(self._watches.values())
        for watch, _ in watches:
            watch.stop()
        for watch, thread in watches:
            _join(watch, thread)
            if not thread.is_alive():
                watch.wake.close()
        self._watches.clear()
        self._metrics.stop()
        self.health.remove()

    def _change_watches(self, old: Settings, new: Settings) -> None:
        before = {account.name: account for account in old.accounts}
        after = {account.name: account for account in new.accounts}
        for name in [*before, *(name for name in after if name not in before)]:
            running = self._watches.get(name)
            alive = running is not None and running[1].is_alive()
            if running and alive and before.get(name) == after.get(name):
                running[0].max_moves = new.max_moves
                running[0].hurry()
                continue
            if running:
                running[0].stop()
                _join(*running)
                del self._watches[name]
                self.health.forget(name)
            if name in after:
                self._watch(after[name])
            else:
                self._schedule.no_longer(f"sweep {name}")

    def _watch(self, account: AccountSettings) -> None:
        watch = AccountWatch(
            account, lambda: self._rules.desk, self._memory, self.settings.max_moves,
            self.health, self._world,
        )  # fmt: skip
        thread = self._world.spawn(f"watch {account.name}", watch.run)
        self._watches[account.name] = (watch, thread)
        self._schedule.every(account.poll_minutes * 60, f"sweep {account.name}", watch.wake.set)

    def _tell_rules(self) -> None:
        self.health.rules(self._rules.desk.rulebook.fingerprint, self._rules.faults)


def _join(watch: AccountWatch, thread: Spawned) -> None:
    thread.join(LOGIN_SECONDS if watch.connecting else JOIN_SECONDS)


def _lines(error: Exception) -> tuple[object, ...]:
    """What the log says of an error, a line each."""
    if isinstance(error, FaultsError):
        return error.faults
    return (error if isinstance(error, TriageError) else fault(error),)


def run_daemon(
    settings: Settings,
    world: World | None = None,
    load: Callable[[Settings, Language | None], Desk] = load_desk,
    systemd: Systemd | None = None,
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reloads. Holds the state file alone. Raises
    TriageError for what keeps it from starting; later faults go to the log and the health
    file. To be called from the main thread."""
    world = world or real_world()
    systemd = systemd or Systemd(os.environ)
    with (
        requests() as wanted,
        lock(settings.state_file),
        open_memory(settings.state_file) as memory,
    ):
        seen = stamp(settings.rules_folder)
        rules = RuleWatch(settings, load(settings, None), seen, load=load)
        service = Service(settings, rules, memory, world, load)
        pulse = Pulse(service, systemd, Clocks(world.now, world.monotonic))
        service.start()
        systemd.ready(service.sentence())
        try:
            while (request := _next(wanted, pulse.seconds)) != "stop":
                if request == "reload":
                    systemd.reloading()
                    service.reload()
                    systemd.ready(service.sentence())
                pulse.beat()
        finally:
            log.info("ending")
            systemd.stopping()
            service.stop()


def _next(wanted: queue.SimpleQueue[Request], seconds: float) -> Request | None:
    """What a signal asks for within so many seconds, if anything."""
    try:
        return wanted.get(timeout=seconds)
    except queue.Empty:
        return None
