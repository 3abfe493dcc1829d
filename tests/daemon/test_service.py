"""The daemon as a whole, over mailboxes in memory: accounts, rules, reload, end."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from daemon.desks import NOW, desk, mail, routes
from triage.daemon.desk import Desk, Language
from triage.daemon.reload import RuleWatch
from triage.daemon.service import Service, run_daemon
from triage.daemon.wake import Wake
from triage.daemon.world import World
from triage.errors import Fault, LoginRefused, RulesError, StateError
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory, holder, lock, open_memory
from triage.preferences import Route
from triage.settings import AccountSettings, Settings, load_settings

CONFIG = """
[accounts.main]
host = "imap.example.org"
user = "dave"
password = {{ env = "TRIAGE_TEST" }}
{more}
"""
SECOND = """
[accounts.second]
host = "imap.example.net"
user = "dave"
password = { env = "TRIAGE_TEST" }
"""


def until(what: Callable[[], object], seconds: float = 30) -> None:
    """Wait for something that another thread brings about."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def marked(fingerprint: str, **more: Any) -> Desk:
    book: Any = SimpleNamespace(fingerprint=fingerprint)
    return replace(desk(**more), rulebook=book)


class Place:
    """Mailboxes by account, and a service over them whose waits are on the wake alone."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config.toml"
        self.write()
        self.settings = load_settings(self.config)
        self.boxes: dict[str, MemoryMailbox] = {}
        self.refuse: set[str] = set()
        self.logins: list[str] = []
        self.waiting: dict[str, threading.Event] = {}
        self.stamp = 0
        self.rules: Desk | RulesError = marked("rules-1")
        self.world = World(
            self._connect, self._wait, lambda: NOW, lambda: 0.5, lambda event, s: event.wait(30),
            lambda: 0.0,
        )  # fmt: skip

    def write(self, more: str = "", after: str = "") -> None:
        self.config.write_text(CONFIG.format(more=more) + after)

    def box(self, name: str) -> MemoryMailbox:
        return self.boxes.setdefault(name, MemoryMailbox(name))

    def load(self, settings: Settings, language: Language | None = None) -> Desk:
        if isinstance(self.rules, RulesError):
            raise self.rules
        return self.rules

    def watch_rules(self) -> RuleWatch:
        first = self.load(self.settings)
        return RuleWatch(self.settings, first, stamp=lambda folder: self.stamp, load=self.load)

    def _connect(self, account: AccountSettings, headers: Iterable[str]) -> Any:
        self.logins.append(account.name)
        if account.name in self.refuse:
            raise LoginRefused("the server refused user or password")
        self.box(account.name).reopen()
        return self.box(account.name)

    def _wait(self, mailbox: Any, folder: str, seconds: float, wake: Wake) -> object:
        self.waiting.setdefault(mailbox.account, threading.Event()).set()
        return wake.wait(30)

    def filed(self, name: str) -> int:
        return len(self.box(name).contents("Invitations/Generic"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def service(place: Place, memory: Memory) -> Iterator[Service]:
    made = Service(place.settings, place.watch_rules(), memory, place.world, place.load)
    made.start()
    yield made
    made.stop()


def health(service: Service) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(service.health.path.read_text())
    return content


def test_it_files_what_is_there_and_what_a_sweep_finds(place: Place, service: Service) -> None:
    until(lambda: "main" in place.waiting)
    place.box("main").put("INBOX", mail(1, "generic"))
    service._watches["main"][0].wake.set()
    until(lambda: place.filed("main") == 1)
    assert service._schedule.names() == ("forget", "look", "sweep main")


def test_sound_new_rules_are_taken_over_and_faulty_ones_are_told_once(
    place: Place, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    faults = tuple(Fault("rules/x.toml", n, "a", "no such key", "Take it out.") for n in (3, 9, 12))
    place.stamp, place.rules = 1, RulesError(faults)
    service.look()
    service.look()
    for fault in faults:
        assert caplog.messages.count(str(fault)) == 1
    assert health(service)["rules"] == {"in_force": "rules-1", "faults": 3}
    place.box("main").put("INBOX", mail(1, "generic"))
    place.stamp, place.rules = 2, marked("rules-2")
    service.look()
    until(lambda: place.filed("main") == 1)
    assert health(service)["rules"] == {"in_force": "rules-2", "faults": 0}


def test_rule_files_that_only_were_touched_change_nothing(place: Place, service: Service) -> None:
    before = service._rules.desk
    place.stamp, place.rules = 1, marked("rules-1")
    service.look()
    assert service._rules.desk is before


def test_an_approval_wakes_the_account(place: Place, service: Service, memory: Memory) -> None:
    until(lambda: "main" in place.waiting)
    service._watches["main"][0].max_moves = 1
    for number in range(3):
        place.box("main").put("INBOX", mail(number, "generic"))
    service._watches["main"][0].wake.set()
    until(lambda: memory.approvals.get("main"))
    assert place.filed("main") == 0
    memory.approvals.grant("main", NOW)
    service.look()
    until(lambda: place.filed("main") == 3)


def test_a_reload_takes_over_accounts_that_came_changed_and_went(
    place: Place, service: Service
) -> None:
    place.box("second").put("INBOX", mail(1, "generic"))
    place.write(after=SECOND)
    service.reload()
    until(lambda: place.filed("second") == 1)
    assert place.logins.count("main") == 1, "what did not change goes on undisturbed"
    place.write(more='folders = ["INBOX", "More"]', after=SECOND)
    service.reload()
    until(lambda: place.logins.count("main") == 2)
    place.write()
    service.reload()
    assert place.box("second").closed
    assert service._schedule.names() == ("forget", "look", "sweep main")
    assert list(health(service)["accounts"]) == ["main"]


def test_a_reload_of_a_faulty_config_changes_nothing(
    place: Place, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    place.write(more="folder = 3\nhots = 4")
    service.reload()
    assert "stay in force" in caplog.text and service.settings == place.settings
    assert sum("unknown key" in line for line in caplog.messages) == 2, "a line each"
    assert service._watches["main"][1].is_alive()


def test_a_reload_uses_new_routes(place: Place, service: Service) -> None:
    place.rules = marked("rules-1", routes=routes(generic=Route(move="Elsewhere")))
    until(lambda: "main" in place.waiting)
    service.reload()
    place.box("main").put("INBOX", mail(1, "generic"))
    service._watches["main"][0].wake.set()
    until(lambda: place.box("main").contents("Elsewhere"))


def test_a_refused_account_stands_still_the_others_go_on_and_a_reload_tries_it_again(
    place: Place, memory: Memory
) -> None:
    place.refuse.add("main")
    place.write(after=SECOND)
    place.box("second").put("INBOX", mail(1, "generic"))
    place.settings = load_settings(place.config)
    made = Service(place.settings, place.watch_rules(), memory, place.world, place.load)
    made.start()
    try:
        until(lambda: place.filed("second") == 1)
        until(lambda: health(made)["accounts"]["main"]["state"] == "stopped")
        assert place.logins.count("main") == 1
        place.refuse.clear()
        place.box("main").put("INBOX", mail(1, "generic"))
        made.reload()
        until(lambda: place.filed("main") == 1)
    finally:
        made.stop()


def test_ending_closes_connections_and_takes_the_health_file_away(
    place: Place, memory: Memory
) -> None:
    made = Service(place.settings, place.watch_rules(), memory, place.world, place.load)
    made.start()
    until(lambda: "main" in place.waiting)
    made.stop()
    assert place.box("main").closed and not made.health.path.exists()


def test_the_whole_daemon_runs_until_a_signal_and_lets_go_of_everything(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "triage")
    place.box("main").put("INBOX", mail(1, "generic"))
    seen: list[object] = []

    def drive() -> None:
        try:
            until(lambda: place.filed("main") == 1)
            seen.append(holder(place.settings.state_file))
            os.kill(os.getpid(), signal.SIGHUP)
            until(lambda: "loaded anew" in caplog.text)
            seen.append("reloaded")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    driver = threading.Thread(target=drive)
    driver.start()
    run_daemon(place.settings, place.world, place.load)
    driver.join(30)
    assert seen == [os.getpid(), "reloaded"] and holder(place.settings.state_file) is None
    assert place.box("main").closed
    with open_memory(place.settings.state_file) as memory:
        assert [entry.state for entry in memory.journal.recent(9)] == ["DONE"]


def test_a_signal_during_a_pass_ends_it_between_batches(place: Place) -> None:
    for number, label in enumerate(("generic", "boilerplate", "suspicious")):
        place.box("main").put("INBOX", mail(number, label))
    stopping = threading.Event()
    moves: list[str] = []

    def at_the_first_move(name: str) -> None:
        if name == "move":
            moves.append(name)
            os.kill(os.getpid(), signal.SIGTERM)
            assert stopping.wait(30)

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage() == "ending":
                # The watch is told to stop right after this line.
                threading.Timer(0.2, stopping.set).start()

    handler = Told()
    logger = logging.getLogger("triage")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    place.box("main").before = at_the_first_move
    try:
        run_daemon(place.settings, place.world, place.load)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert moves == ["move"]
    with open_memory(place.settings.state_file) as memory:
        states = sorted(entry.state for entry in memory.journal.recent(9))
        assert states == ["DONE", "INTENDED", "INTENDED"]


def test_the_end_does_not_wait_for_a_login_that_is_never_answered(
    place: Place, memory: Memory
) -> None:
    called, answer = threading.Event(), threading.Event()

    def connect(account: AccountSettings, headers: Iterable[str]) -> Any:
        called.set()
        answer.wait(60)  # as a command does that asks for a passphrase
        raise LoginRefused("too late")

    world = replace(place.world, connect=connect)
    made = Service(place.settings, place.watch_rules(), memory, world, place.load)
    made.start()
    assert called.wait(30)
    began = time.monotonic()
    made.stop()
    assert time.monotonic() - began < 20
    answer.set()


def test_a_second_daemon_is_refused(place: Place) -> None:
    with (
        lock(place.settings.state_file),
        pytest.raises(StateError, match="another triage runs"),
    ):
        run_daemon(place.settings, place.world, place.load)
