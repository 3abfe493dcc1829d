"""How things stand: from what the daemon said, for as long as that can be believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.desks import NOW, desk, mail
from triage.daemon.health import Health, health_file
from triage.daemon.one_pass import one_pass
from triage.daemon.status import Status, status_of
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import lock, open_memory
from triage.settings import Settings, load_settings

CONFIG = """
[accounts.main]
host = "imap.example.org"
user = "dave"
password = { env = "TRIAGE_TEST" }
folders = ["INBOX", "Lists", "More", "Gone", "Rare"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "config.toml").write_text(CONFIG)
    return load_settings(tmp_path / "config.toml")


@pytest.fixture
def health(settings: Settings) -> Iterator[Health]:
    """As a daemon writes it that runs in this process."""
    with lock(settings.state_file):
        made = Health(health_file(settings.state_file))
        made.began(NOW)
        yield made


def passed(health: Health, settings: Settings, box: MemoryMailbox, max_moves: int = 500) -> None:
    with open_memory(settings.state_file) as memory:
        report = one_pass(
            box, settings.accounts[0].folders, desk(), memory, NOW, "r1", max_moves
        )  # fmt: skip
    health.passed("main", report, NOW)


def state(status: Status) -> str:
    return status.accounts[0].state


def test_without_a_daemon_the_journal_still_says_when_mail_was_filed(settings: Settings) -> None:
    assert status_of(settings, NOW).accounts[0].last_filed is None
    assert not settings.state_file.exists(), "looking leaves nothing behind"
    box = MemoryMailbox("main", ("Lists", "More", "Gone", "Rare"))
    box.put("INBOX", mail(1, "generic"))
    passed(Health(settings.file.with_name("none")), settings, box)
    status = status_of(settings, NOW)
    assert (status.process, status.since, status.well) == (None, None, False)
    assert state(status) == "unwatched" and status.accounts[0].last_filed == NOW


def test_a_watched_account_says_what_it_saw_and_which_folders_are_listened_to(
    settings: Settings, health: Health
) -> None:
    box = MemoryMailbox("main", ("Lists", "More", "Rare"))
    box.put("INBOX", mail(1))
    passed(health, settings, box)
    health.folder("main", "Lists", "watching", NOW)
    health.folder("main", "More", "waiting", NOW, "too many connections", "Try again later.")
    status = status_of(settings, NOW + timedelta(minutes=3))
    (account,) = status.accounts
    assert account.state == "watching" and status.since == NOW
    assert account.last_alive == account.last_mail == account.last_pass == NOW
    assert account.last_filed is None, "a mail that is no invitation is seen, not filed"
    states = {one.folder: one.state for one in account.folders}
    assert states == {
        "INBOX": "watched", "Lists": "watched", "More": "waiting", "Gone": "missing",
        "Rare": "swept",
    }  # fmt: skip
    assert not account.well, "a folder that is not there is not looked at"


def test_a_watch_that_says_nothing_in_time_is_overdue(settings: Settings, health: Health) -> None:
    health.alive("main", NOW)
    assert state(status_of(settings, NOW + timedelta(minutes=9))) == "watching"
    late = status_of(settings, NOW + timedelta(minutes=11))
    assert state(late) == "overdue" and not late.well
    health.stands_still("main", "no answer", "Check the network.", NOW + timedelta(minutes=15))
    assert state(status_of(settings, NOW + timedelta(minutes=20))) == "waiting"
    assert state(status_of(settings, NOW + timedelta(minutes=45))) == "overdue"
    health.stands_still("main", "refused", "Check both.")
    stopped = status_of(settings, NOW + timedelta(days=9))
    assert state(stopped) == "stopped", "until a reload, however long that takes"
    assert (stopped.accounts[0].why, stopped.accounts[0].now) == ("refused", "Check both.")
    assert {one.state for one in stopped.accounts[0].folders} == {"unwatched"}


def test_the_guard_holds_an_account_however_often_the_server_answers(
    settings: Settings, health: Health
) -> None:
    box = MemoryMailbox("main", ("Lists", "More", "Gone", "Rare"))
    for number in range(3):
        box.put("INBOX", mail(number, "generic"))
    passed(health, settings, box, max_moves=2)
    health.alive("main", NOW + timedelta(minutes=4))
    account = status_of(settings, NOW + timedelta(minutes=5)).accounts[0]
    assert account.state == "held" and not account.well
    assert account.why.startswith("3 messages") and "triage approve" in account.now


def test_what_a_daemon_left_that_was_killed_counts_for_nothing(
    settings: Settings, health: Health
) -> None:
    health.alive("main", NOW)
    assert state(status_of(settings, NOW)) == "watching"
    told = json.loads(health.path.read_text())
    health.path.write_text(json.dumps({**told, "process": 1}))
    assert state(status_of(settings, NOW)) == "unwatched"
    for nonsense in ("", "[]", '{"process"'):
        health.path.write_text(nonsense)
        assert state(status_of(settings, NOW)) == "unwatched"


def test_an_account_that_the_daemon_does_not_know_needs_a_reload(
    settings: Settings, health: Health
) -> None:
    account = status_of(settings, NOW).accounts[0]
    assert account.state == "unwatched" and "Reload" in account.now
