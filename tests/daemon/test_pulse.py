"""The beat: sleep and set clocks noticed, systemd told of life only while nothing hangs."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.desks import NOW
from daemon.test_service import Place
from triage.daemon.pulse import BEAT_SECONDS, Clocks, Pulse
from triage.daemon.schedule import Schedule
from triage.daemon.service import run_daemon
from triage.daemon.systemd import Systemd


@pytest.fixture
def ear(server_folder: Path) -> Iterator[socket.socket]:
    """What systemd listens to."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(str(server_folder / "notify"))
        one.settimeout(30)
        yield one


def told(ear: socket.socket) -> list[str]:
    return ear.recv(4096).decode().split("\n")


def silent(ear: socket.socket) -> bool:
    """Whether nothing was said: a datagram is there as soon as it was sent."""
    ear.setblocking(False)
    try:
        return not ear.recv(4096)
    except BlockingIOError:
        return True
    finally:
        ear.settimeout(30)


def test_systemd_is_told_by_datagrams(ear: socket.socket) -> None:
    systemd = Systemd({"NOTIFY_SOCKET": ear.getsockname(), "WATCHDOG_USEC": "30000000"})
    assert systemd.watchdog_seconds == 30
    systemd.ready("watching main")
    assert told(ear) == ["READY=1", "STATUS=watching main"]
    systemd.status("watching main")
    assert silent(ear)
    systemd.status("main tries again")
    assert told(ear) == ["STATUS=main tries again"]
    systemd.alive()
    assert told(ear) == ["WATCHDOG=1"]
    systemd.reloading()
    reloading, time = told(ear)
    assert reloading == "RELOADING=1" and int(time.removeprefix("MONOTONIC_USEC=")) > 0
    systemd.stopping()
    assert told(ear)[0] == "STOPPING=1"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="names without a file are Linux'")
def test_a_socket_may_have_no_file() -> None:
    name = f"triage-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0{name}")
        ear.settimeout(30)
        Systemd({"NOTIFY_SOCKET": f"@{name}"}).ready("watching main")
        assert told(ear)[0] == "READY=1"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_for_this_process_alone(
    environ: dict[str, str], expected: float | None, ear: socket.socket
) -> None:
    systemd = Systemd({"NOTIFY_SOCKET": ear.getsockname(), **environ})
    assert systemd.watchdog_seconds == expected
    systemd.alive()
    assert silent(ear) is (expected is None)


def test_without_systemd_nothing_is_said_and_without_its_socket_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Systemd({}).ready("watching main")
    assert Systemd({"WATCHDOG_USEC": "2000000"}).watchdog_seconds is None
    gone = Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    gone.ready("watching main")
    gone.stopping()
    assert caplog.text.count("systemd cannot be told") == 1


class Watched:
    """A service, as the pulse sees it."""

    def __init__(self) -> None:
        self.renewals = 0
        self.is_well = True

    def renew(self) -> None:
        self.renewals += 1

    def well(self) -> bool:
        return self.is_well

    def sentence(self) -> str:
        return "watching main" if self.is_well else "main hangs"


def test_life_is_told_only_while_nothing_hangs(
    ear: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched()
    systemd = Systemd({"NOTIFY_SOCKET": ear.getsockname(), "WATCHDOG_USEC": "3000000"})
    pulse = Pulse(watched, systemd, Clocks(lambda: NOW, lambda: 0.0))
    assert pulse.seconds == 1.5
    pulse.beat()
    assert told(ear) == ["WATCHDOG=1"] and told(ear) == ["STATUS=watching main"]
    watched.is_well = False
    pulse.beat()
    pulse.beat()
    assert told(ear) == ["STATUS=main hangs"] and silent(ear)
    assert caplog.text.count("has not come back in time") == 1
    watched.is_well = True
    pulse.beat()
    assert told(ear) == ["WATCHDOG=1"]
    assert Pulse(watched, Systemd({}), Clocks(lambda: NOW, lambda: 0.0)).seconds == BEAT_SECONDS


@pytest.mark.parametrize(
    ("awake", "wall", "renewals"),
    [
        (5.0, 5.0, 0),
        (5.0, 34.0, 0),  # slewed, or slept too short for a connection to mind
        (5.0, 8 * 3600.0, 1),
        (5.0, -3600.0, 1),
        (8 * 3600.0, 8 * 3600.0, 0),  # stopped by a debugger: both clocks went on
    ],
)
def test_a_jump_of_one_clock_against_the_other_renews_all(
    awake: float, wall: float, renewals: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "triage")
    now, seconds = NOW, 100.0
    watched = Watched()
    pulse = Pulse(watched, Systemd({}), Clocks(lambda: now, lambda: seconds))
    pulse.beat()
    now, seconds = now + timedelta(seconds=wall), seconds + awake
    pulse.beat()
    pulse.beat()
    assert watched.renewals == renewals
    assert caplog.text.count("connections are made anew") == renewals


def test_a_daemon_tells_of_its_whole_life(ear: socket.socket, tmp_path: Path) -> None:
    place = Place(tmp_path)
    environ = {"NOTIFY_SOCKET": ear.getsockname(), "WATCHDOG_USEC": "200000"}
    heard: list[str] = []

    def until(words: str) -> None:
        while words not in heard:
            heard.extend(told(ear))

    def drive() -> None:
        try:
            until("READY=1")
            until("STATUS=watching main")
            until("WATCHDOG=1")
            heard.clear()
            os.kill(os.getpid(), signal.SIGHUP)
            until("RELOADING=1")
            until("READY=1")
            heard.append("reloaded")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    driver = threading.Thread(target=drive)
    driver.start()
    run_daemon(place.settings, place.world, place.load, Systemd(environ))
    driver.join(30)
    assert "reloaded" in heard
    until("STOPPING=1")


def test_intervals_count_from_now_after_the_clock_was_set_back() -> None:
    schedule = Schedule()
    schedule.start()
    try:
        schedule.every(3600, "sweep", lambda: None)
        far = datetime.now(UTC) + timedelta(days=1)  # as it is after the clock went back a day
        schedule._scheduler.modify_job("sweep", next_run_time=far)
        schedule.anew()
        (job,) = schedule._scheduler.get_jobs()
        assert job.next_run_time < datetime.now(UTC) + timedelta(seconds=3600 * 1.2)
        schedule.no_longer("sweep")
        schedule.anew()
        assert schedule.names() == ()
    finally:
        schedule.stop()
