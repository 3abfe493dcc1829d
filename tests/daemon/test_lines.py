"""The daemon and Dovecot behind a proxy that stalls: lines that fall silent, end, or are not to
be believed after a sleep. The sweep and the refresh are hours away, so that only what is
tested can have noticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.desks import NOW, mail
from daemon.test_on_a_server import login, shipped
from daemon.test_service import until
from faults.proxy import FaultProxy
from servers.dovecot import Dovecot
from triage.daemon.reload import RuleWatch
from triage.daemon.service import Service
from triage.daemon.world import real_world
from triage.mailbox.connect import connect
from triage.mailbox.imap_writer import ImapWriter
from triage.memory import Memory
from triage.settings import load_settings

pytestmark = pytest.mark.server

FOLDERS = ("INBOX", "Lists")


class Place:
    """A daemon behind a proxy, and a line past it."""

    def __init__(
        self, proxy: FaultProxy, box: ImapWriter, folder: Path, memory: Memory, user: str
    ) -> None:
        self.proxy, self.box, self.memory = proxy, box, memory
        self._config, self._user = folder / "config.toml", user
        self._filed = 0

    def service(self, timing: str) -> Service:
        folders = ", ".join(f'"{name}"' for name in FOLDERS)
        self._config.write_text(
            f'[accounts.main]\nhost = "127.0.0.1"\nport = {self.proxy.port}\nsecurity = "none"\n'
            f'user = "{self._user}"\npassword = {{ env = "TRIAGE_TEST_PASSWORD" }}\n'
            f"folders = [{folders}]\npoll_minutes = 600\n{timing}\n"
        )
        settings = load_settings(self._config)
        world = replace(real_world(), pause=lambda event, seconds: event.wait(0.2))
        return Service(settings, RuleWatch(settings, shipped()), self.memory, world)

    def listens(self) -> None:
        """Wait until both folders are listened to."""
        asked = len(FOLDERS)
        until(lambda: sum(one.verb == "IDLE" for one in self.proxy.commands) >= asked, 60)
        self.proxy.wait_until_idle()

    def comes(self, folder: str) -> None:
        self._filed += 1
        self.box.append(folder, mail(self._filed, "generic"), (), NOW)

    def is_filed(self) -> None:
        done = self._filed
        until(lambda: len(self.memory.journal.recent(100, state="DONE")) == done, 60)


@pytest.fixture
def place(
    dovecot: Dovecot, dovecot_user: str, tmp_path: Path, memory: Memory
) -> Iterator[Place]:  # fmt: skip
    with (
        FaultProxy("127.0.0.1", dovecot.port) as proxy,
        connect(login("127.0.0.1", dovecot.port, dovecot_user)) as box,
    ):
        box.ensure_folder("Lists")
        yield Place(proxy, box, tmp_path, memory, dovecot_user)


@contextmanager
def running(service: Service) -> Iterator[Service]:
    service.start()
    try:
        yield service
    finally:
        service.stop()


def lost(service: Service) -> int:
    found: int = service.health.content()["accounts"]["main"]["lost"]
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_mail_in_any_folder_is_filed_at_once(place: Place, folder: str) -> None:
    with running(place.service("prove_minutes = 20")) as service:
        place.listens()
        place.comes(folder)
        place.is_filed()
        assert lost(service) == 0


def test_an_idle_that_is_cut_silently_is_noticed_and_mended(place: Place) -> None:
    """Half-open: no FIN, no RST, nothing passes in either direction."""
    with running(place.service("prove_minutes = 0.05\ntimeout_seconds = 3")) as service:
        place.listens()
        place.proxy.stall()
        for folder in FOLDERS:
            place.comes(folder)
        place.is_filed()
        assert lost(service) >= 1
        until(lambda: service.sentence() == "watching main")
        place.comes("Lists")  # and it listens again
        place.is_filed()


def test_a_good_bye_in_the_middle_of_idle_is_noticed_at_once(place: Place) -> None:
    with running(place.service("prove_minutes = 20")) as service:
        place.listens()
        place.proxy.bye()
        until(lambda: lost(service) == 1)
        place.comes("INBOX")
        place.is_filed()


def test_after_a_sleep_a_dead_line_is_not_waited_for(place: Place) -> None:
    with running(place.service("prove_minutes = 20\ntimeout_seconds = 600")) as service:
        place.listens()
        place.proxy.stall()
        for folder in FOLDERS:
            place.comes(folder)
        service.renew()
        place.is_filed()
        assert lost(service) == 0, "it was dropped, not lost"


def test_a_polled_account_is_asked_whether_it_is_alive_and_not_told_of_mail(place: Place) -> None:
    timing = 'watch = "poll"\nprove_minutes = 0.01\ntimeout_seconds = 3'
    with running(place.service(timing)) as service:
        until(lambda: sum(one.verb == "NOOP" for one in place.proxy.commands) > 2, 60)
        place.comes("INBOX")
        asked = place.proxy.count
        until(lambda: place.proxy.count > asked + 2, 60)
        assert not any(one.verb == "IDLE" for one in place.proxy.commands)
        assert not place.memory.journal.recent(1)
        place.proxy.stall()
        until(lambda: lost(service) == 1, 60)
        place.is_filed()  # by the pass of the new connection


def test_a_server_without_idle_is_asked_now_and_then(place: Place) -> None:
    place.proxy.hide = frozenset({"IDLE"})
    with running(place.service("prove_minutes = 0.02")):
        place.comes("Lists")
        place.is_filed()
        until(lambda: sum(one.verb == "NOOP" for one in place.proxy.commands) > 2, 60)
        place.comes("Lists")
        place.is_filed()
