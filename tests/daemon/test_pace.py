"""The turns of a loop: its promises, what cuts a pause short, and a reload after the mending."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.desks import mail
from daemon.test_service import Place, until
from daemon.test_watching import Stage
from triage.daemon.pace import CALM_SECONDS, SLACK_SECONDS, Pace, Trouble
from triage.daemon.service import Service
from triage.daemon.world import real_world
from triage.errors import LoginRefused, PasswordUnavailable, ServerRefused
from triage.memory import Memory
from triage.settings import AccountSettings

LONG = 600.0


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_loop_is_well_while_it_keeps_its_promise_or_has_ended_in_order() -> None:
    now = 0.0
    pace = Pace(replace(real_world(), monotonic=lambda: now, pause=lambda event, seconds: None))
    pace.promise(100)
    now = 100 + SLACK_SECONDS
    assert pace.well
    now += 1
    assert not pace.well

    class Refused:
        def connected(self) -> None:
            raise LoginRefused("the server refused user or password")

        def troubled(self, trouble: Trouble) -> None:
            assert trouble.seconds is None

    pace.run(Refused())
    now += 1e6
    assert pace.well


@pytest.mark.parametrize("call", ["stop", "renew", "hurry"])
def test_a_call_ends_a_pause_at_once(call: str) -> None:
    pace = Pace(real_world())
    threading.Timer(0.1, getattr(pace, call)).start()
    pace.pause(LONG)
    assert pace.ending is (call == "stop")
    assert pace.wake.renewing() is (call == "renew")


@pytest.mark.parametrize(
    ("call", "cut"), [("hurry", [True, False]), ("stop", [True, True]), ("renew", [True, True])]
)
def test_to_hurry_cuts_one_pause_short_and_no_more(call: str, cut: list[bool]) -> None:
    cuts: list[bool] = []
    pace = Pace(replace(real_world(), pause=lambda event, seconds: cuts.append(event.is_set())))
    getattr(pace, call)()
    pace.pause(LONG)
    pace.pause(LONG)
    assert cuts == cut


def test_a_reload_tries_at_once_what_waits_to_be_tried_again(place: Place, memory: Memory) -> None:
    mended = threading.Event()

    def connect(account: AccountSettings, headers: Iterable[str]) -> Any:
        if not mended.is_set():
            raise PasswordUnavailable("the password command failed with exit code 2")
        return place.world.connect(account, headers)

    world = replace(place.world, connect=connect, pause=lambda event, seconds: event.wait(LONG))
    made = Service(place.settings, place.watch_rules(), memory, world, place.load)
    place.box("main").put("INBOX", mail(1, "generic"))
    made.start()
    try:
        until(lambda: made.sentence() == "main tries again")
        mended.set()
        made.reload()
        until(lambda: place.filed("main") == 1)
    finally:
        made.stop()


def test_a_server_that_ends_idle_by_itself_is_not_asked_without_pause(
    memory: Memory, tmp_path: Path
) -> None:
    stage = Stage(memory, tmp_path)
    stage.answer = "timeout"
    stage.waits.extend([lambda: None] * 25)
    stage.watch.run()
    assert len(stage.waited) == 26 and stage.box.calls["search"] == 0, "no pass for nothing"
    assert stage.pauses == [CALM_SECONDS] * len(stage.pauses) and len(stage.pauses) > 15


def test_a_server_that_refuses_idle_is_left_to_the_sweep_and_kept(
    memory: Memory, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(memory, tmp_path)

    def refuse() -> None:
        stage.watch.wake.set()  # the sweep
        raise ServerRefused("the server refused IDLE: not now")

    stage.waits.append(refuse)
    stage.watch.run()
    assert len(stage.logins) == 1 and not stage.pauses
    assert len(stage.waited) == 3 and caplog.text.count("waiting for the sweep") == 1
