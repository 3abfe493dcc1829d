"""The watch over one account: when it passes, waits, backs off, and gives up."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.desks import NOW, SECRET_NOTE, desk, mail
from daemon.mailboxes import filled
from triage.daemon.desk import Desk
from triage.daemon.health import Health
from triage.daemon.pace import LONGEST_DELAY_SECONDS, delay_after
from triage.daemon.wake import Wake
from triage.daemon.watch import AccountWatch
from triage.daemon.world import World
from triage.errors import (
    LoginRefused,
    PasswordUnavailable,
    ServerUnreachable,
    StateError,
    TriageError,
    UserError,
)
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory
from triage.settings import AccountSettings, PasswordSetting

ACCOUNT = AccountSettings(
    "main", "imap.example.org", 993, "tls", "dave", PasswordSetting("env", "SECRET")
)


class Stage:
    """The outside of a watch, moved by the test. ``waits`` are done in turn in place of
    waiting for mail; when none is left the watch is stopped."""

    def __init__(self, memory: Memory, folder: Path, box: MemoryMailbox | None = None) -> None:
        self.box = box or MemoryMailbox()
        self.now = NOW
        self.waits: deque[Callable[[], None]] = deque()
        self.connects: deque[Exception | None] = deque()
        self.logins: list[tuple[str, ...]] = []
        self.pauses: list[float] = []
        self.waited: list[float] = []
        self.answer = "changed"  # to every wait
        self.desk: Desk = desk()
        self.health = Health(folder / "health.json")
        self.watch = AccountWatch(
            ACCOUNT,
            lambda: self.desk,
            memory,
            500,
            self.health,
            World(
                self._connect,
                self._wait,
                lambda: self.now,
                lambda: 0.5,
                self._pause,
                lambda: self.now.timestamp(),
            ),
        )

    def _connect(self, account: AccountSettings, headers: Iterable[str]) -> Any:
        self.logins.append(tuple(headers))
        error = self.connects.popleft() if self.connects else None
        if error:
            raise error
        self.box.reopen()
        return self.box

    def _wait(self, mailbox: object, folder: str | None, seconds: float, wake: Wake) -> object:
        self.waited.append(seconds)
        if folder is None:  # the guard holds the account
            return "woken" if wake.wait(30) else "timeout"
        if self.waits:
            self.waits.popleft()()
        else:
            self.watch.stop()
        return self.answer

    def _pause(self, event: threading.Event, seconds: float) -> object:
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)
        if len(self.pauses) > 20:
            self.watch.stop()
        return event.is_set()

    def told(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.health.path.read_text())
        found: dict[str, Any] = content["accounts"]["main"]
        return found


def arrives(box: MemoryMailbox, number: int) -> None:
    box.put("INBOX", mail(number, "generic"))


@pytest.fixture
def stage(memory: Memory, tmp_path: Path) -> Stage:
    return Stage(memory, tmp_path)


def test_mail_that_comes_while_waiting_is_filed(stage: Stage) -> None:
    stage.waits.append(lambda: arrives(stage.box, 1))
    stage.watch.run()
    assert len(stage.box.contents("Invitations/Generic")) == 1
    assert len(stage.logins) == 1 and stage.box.closed


def test_mail_that_comes_during_a_pass_is_filed_before_it_waits(stage: Stage) -> None:
    def arrive(name: str) -> None:
        if name == "move":
            stage.box.after = lambda name: None
            stage.box.put("INBOX", mail(2, "generic"))

    stage.box.put("INBOX", mail(1, "generic"))
    stage.box.after = arrive
    stage.watch.run()
    assert len(stage.box.contents("Invitations/Generic")) == 2
    assert len(stage.waited) == 1


def test_it_waits_for_less_than_29_minutes(stage: Stage) -> None:
    stage.watch.run()
    assert 0 < stage.waited[0] < 29 * 60


def test_a_lost_connection_is_made_anew_after_a_pause(stage: Stage) -> None:
    def lose() -> None:
        stage.box.put("INBOX", mail(1, "generic"))
        raise ServerUnreachable("the connection was lost")

    stage.waits.append(lose)
    stage.watch.run()
    assert len(stage.logins) == 2 and len(stage.pauses) == 1
    assert len(stage.box.contents("Invitations/Generic")) == 1


@pytest.mark.parametrize(
    ("stood", "expected"), [(60, [5.0, 10.0, 20.0, 5.0]), (59, [5.0, 10.0, 20.0, 40.0])]
)
def test_back_off_grows_and_starts_again_after_a_connection_that_stood(
    stage: Stage, stood: float, expected: list[float]
) -> None:
    down = ServerUnreachable("nothing listens there")

    def lose() -> None:
        stage.now += timedelta(seconds=stood)
        raise ServerUnreachable("the connection was lost")

    stage.connects.extend([down, down, down, None])
    stage.waits.append(lose)
    stage.watch.run()
    assert stage.pauses == expected


def test_a_server_that_tells_of_changes_without_end_is_not_asked_without_pause(
    stage: Stage,
) -> None:
    stage.waits.extend([lambda: None] * 30)
    stage.watch.run()
    assert len(stage.logins) == 1 and len(stage.pauses) > 15
    assert set(stage.pauses) == {10.0}


def test_a_server_whose_uids_are_always_void_is_not_asked_without_pause(stage: Stage) -> None:
    stage.box.put("INBOX", mail(1))

    def void(name: str) -> None:
        if name == "search":
            stage.box.after = lambda name: None
            stage.box.void_uids("INBOX")
            stage.box.reopen()
            stage.box.after = void

    stage.box.after = void
    stage.waits.extend([lambda: None] * 12)
    stage.watch.run()
    assert stage.pauses and stage.box.calls["search"] < 60


def test_delays_are_bounded_and_spread() -> None:
    assert delay_after(1000, 1.0) == LONGEST_DELAY_SECONDS * 1.25
    assert delay_after(3, 0.0) == 15.0 and delay_after(3, 1.0) == 25.0


@pytest.mark.parametrize(
    "error", [PasswordUnavailable("exit code 2"), TriageError("not within 120 seconds")], ids=str
)
def test_a_password_that_cannot_be_had_now_is_asked_for_again(
    stage: Stage, error: TriageError
) -> None:
    stage.connects.extend([error, error, None])
    stage.box.put("INBOX", mail(1, "generic"))
    stage.watch.run()
    assert stage.pauses == [5.0, 10.0] and len(stage.logins) == 3
    assert len(stage.box.contents("Invitations/Generic")) == 1


@pytest.mark.parametrize("kind", [LoginRefused, UserError])
def test_a_refused_login_is_not_tried_again_and_is_told(
    stage: Stage, caplog: pytest.LogCaptureFixture, kind: type[Exception]
) -> None:
    stage.connects.append(kind("the server refused user or password"))
    stage.watch.run()
    assert len(stage.logins) == 1 and stage.pauses == []
    assert stage.told()["state"] == "stopped" and "refused" in stage.told()["why"]
    assert "stands still" in caplog.text


def test_a_state_file_that_fails_is_not_acted_without(stage: Stage, memory: Memory) -> None:
    stage.box.put("INBOX", mail(1, "generic"))

    def full(entries: object) -> object:
        raise StateError("the disk is full")

    memory.journal.intend = full  # type: ignore[assignment, method-assign]
    stage.watch.run()
    assert stage.box.contents("INBOX") == (mail(1, "generic"),)
    assert stage.box.calls["move"] == 0 and len(stage.pauses) > 1
    assert "disk is full" in stage.told()["why"] and stage.told()["next_try"]


def test_a_fault_that_nobody_foresaw_is_told_without_its_words(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.connects.append(RuntimeError(SECRET_NOTE))
    stage.watch.run()
    assert "RuntimeError at test_watching.py" in caplog.text
    assert SECRET_NOTE not in caplog.text and SECRET_NOTE not in str(stage.told())
    assert len(stage.logins) == 2


def test_new_rules_count_from_the_next_pass_on_the_same_connection(stage: Stage) -> None:
    asked: list[str] = []

    def change() -> None:
        old = stage.desk
        stage.desk = desk()
        assert stage.desk is not old
        stage.box.put("INBOX", mail(1, "generic"))
        stage.box.after = asked.append

    stage.waits.append(change)
    stage.watch.run()
    assert "fetch" in asked and len(stage.logins) == 1


def test_rules_that_read_other_header_fields_get_a_new_connection(stage: Stage) -> None:
    stage.desk = desk(headers=("X-One",))

    def change() -> None:
        stage.desk = desk(headers=("X-One", "X-Two"))

    stage.waits.append(change)
    stage.watch.run()
    assert stage.logins == [("X-One",), ("X-One", "X-Two")]
    assert stage.pauses == []


def test_a_held_pass_waits_for_approval_without_planning_again(
    memory: Memory, tmp_path: Path
) -> None:
    stage = Stage(memory, tmp_path, filled())
    stage.watch.max_moves = 3
    thread = threading.Thread(target=stage.watch.run, daemon=True)
    held = threading.Event()
    plain = stage.health.passed

    def passed(account: str, report: Any, now: datetime) -> None:
        plain(account, report, now)
        held.set()

    stage.health.passed = passed  # type: ignore[method-assign]
    thread.start()
    assert held.wait(30)
    assert stage.told()["state"] == "held" and "triage approve" in stage.told()["now"]
    searches = stage.box.calls["search"]
    for _ in range(3):
        stage.watch.wake.set()
    assert stage.box.calls["search"] == searches
    held.clear()
    assert memory.approvals.grant("main", NOW)
    stage.watch.wake.set()
    assert held.wait(30)
    thread.join(30)
    assert len(stage.box.contents("Invitations/Generic")) == 2
    assert stage.told()["filed"] == 10


def test_a_folder_that_is_missing_is_waited_for(memory: Memory, tmp_path: Path) -> None:
    stage = Stage(memory, tmp_path)
    object.__setattr__(stage.watch, "account", AccountSettings(
        "main", "h", 993, "tls", "dave", PasswordSetting("env", "S"), folders=("Nowhere",)
    ))  # fmt: skip
    stage.watch.run()
    assert stage.pauses == [] and len(stage.waited) == 1


def test_health_is_whole_private_and_says_what_was_not_readable(
    stage: Stage, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stage.box.put("INBOX", mail(1, "template"))
    stage.box.put("INBOX", mail(2, "personal"))
    stage.watch.run()
    assert stage.health.path.stat().st_mode & 0o777 == 0o600
    assert stage.told()["unreadable"] == {"example": 1}
    assert stage.told()["last_pass"] == stage.told()["last_alive"] == NOW.isoformat()
    assert SECRET_NOTE not in stage.health.path.read_text()
    assert [one.name for one in stage.health.path.parent.glob("health.json*")] == ["health.json"]


def test_a_health_file_that_cannot_be_written_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    health = Health(tmp_path / "none" / "health.json")
    health.alive("main", NOW)
    health.alive("main", NOW)
    assert caplog.text.count("cannot be written") == 1


def test_what_was_lost_and_is_back_is_told_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "triage")
    stage.connects.extend([ServerUnreachable("no answer"), ServerUnreachable("no answer"), None])
    stage.waits.append(lambda: arrives(stage.box, 1))
    stage.watch.run()
    assert caplog.messages.count("account main: connected again") == 1
