"""`triage status`, for people and for scripts, and the daemon under a service manager."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import PASSWORD, USER, Run, write_config
from triage.cli import doctor
from triage.cli.status import ago
from triage.daemon.health import Health, health_file
from triage.demo.server import EmbeddedServer
from triage.memory import lock, open_memory
from triage.settings import load_settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of a server that is never asked."""
    return write_config(tmp_path, 1)


@pytest.fixture
def health(config: Path) -> Iterator[Health]:
    """As a daemon writes it that runs in this process."""
    state = config.parent / "triage.db"
    with lock(state), open_memory(state):
        made = Health(health_file(state))
        made.began(datetime.now(UTC) - timedelta(minutes=5))
        yield made


def test_without_a_daemon_it_says_how_to_start_one(triage: Run, config: Path) -> None:
    told = triage("-c", config, "status")
    assert told.status == 1 and told.err == ""
    assert "no daemon runs" in told.out and "triage run" in told.out
    assert not (config.parent / "triage.db").exists()


def test_while_all_is_watched_the_status_is_0(triage: Run, config: Path, health: Health) -> None:
    health.alive("main", datetime.now(UTC) - timedelta(minutes=2))
    told = triage("-c", config, "status")
    assert told.status == 0, told.out
    assert f"process {os.getpid()}" in told.out and "main  watching" in told.out
    assert "server alive 2 minutes ago" in told.out and "INBOX watched" in told.out


def test_what_stands_still_is_told_with_why_and_what_now(
    triage: Run, config: Path, health: Health
) -> None:
    health.stands_still("main", "the server refused user or password", "Check both.")
    told = triage("-c", config, "status")
    assert told.status == 1
    for words in ("main  stopped", "refused user or password.", "Check both.", "kill -HUP"):
        assert words in told.out
    (finding,) = doctor._running(load_settings(config))
    assert finding.what == "the running daemon says: the server refused user or password"
    assert finding.now == "Check both."
    health.stands_still("main", "no answer", "Check the network.", datetime.now(UTC))
    told = triage("-c", config, "status")
    assert told.status == 1 and "tried again at" in told.out and "kill" not in told.out


def test_json_has_the_same_for_scripts(triage: Run, config: Path, health: Health) -> None:
    health.rules("abc", 2)
    health.stands_still("main", "refused \x1b[2J", "Check both.")
    told = triage("-c", config, "status", "--json")
    assert told.status == 1 and told.out.count("\n") == 1 and "\x1b" not in told.out
    record = json.loads(told.out)
    assert list(record) == ["running", "well", "process", "since", "rule_faults", "accounts"]
    assert (record["running"], record["well"], record["rule_faults"]) == (True, False, 2)
    (account,) = record["accounts"]
    assert account["account"] == "main" and account["state"] == "stopped"
    assert account["last_alive"] is None and account["folders"][0]["folder"] == "INBOX"
    assert datetime.fromisoformat(record["since"]).tzinfo


def test_escapes_of_a_server_do_not_reach_the_terminal(
    triage: Run, config: Path, health: Health
) -> None:
    health.stands_still("main", "the server said \x1b]0;owned\x07 \u202eno", "")
    told = triage("-c", config, "status")
    assert "\x1b" not in told.out and "\u202e" not in told.out


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "just now"), (0.9, "just now"), (1, "1 minute ago"), (90, "90 minutes ago")],
)
def test_times_are_told_roughly(minutes: float, words: str) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert ago(now - timedelta(minutes=minutes), now) == words
    assert ago(now - timedelta(hours=3), now) == "09:00"
    assert ago(now - timedelta(days=3), now) == "2026-02-26 12:00"
    assert ago(now + timedelta(hours=1), now) == "13:00"  # the clock was set back


def test_a_service_manager_is_told_all_its_life_and_anyone_may_ask(
    triage: Run, embedded: Callable[..., EmbeddedServer], tmp_path: Path, server_folder: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = embedded({"INBOX": []}, USER, PASSWORD)
    config = write_config(tmp_path, server.port, extra=f"[metrics]\nport = {port}\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(server_folder / "notify"))
        ear.settimeout(120)
        heard: list[str] = []

        def until(words: str) -> None:
            end = time.monotonic() + 120
            while not any(line.startswith(words) for line in heard):
                assert time.monotonic() < end, heard
                heard.extend(ear.recv(4096).decode().split("\n"))

        process = subprocess.Popen(
            [sys.executable, "-m", "triage", "-c", str(config), "run"],
            stderr=subprocess.PIPE,
            env={
                **os.environ,
                "NOTIFY_SOCKET": str(server_folder / "notify"),
                "WATCHDOG_USEC": "1000000",
            },
        )
        try:
            until("READY=1")
            until("STATUS=watching main")
            until("WATCHDOG=1")
            told = triage("-c", config, "status", "--json")
            assert told.status == 0, told.out
            assert json.loads(told.out)["process"] == process.pid
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
                assert b'triage_account_state{account="main",state="watching"} 1' in answer.read()
        finally:
            process.send_signal(signal.SIGTERM)
            log = process.communicate(timeout=180)[1].decode()
        until("STOPPING=1")
    assert process.returncode == 0 and "Traceback" not in log, log
    assert triage("-c", config, "status").status == 1
