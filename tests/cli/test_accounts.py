"""Several accounts in one run, what comes first when something is wrong, and what undo takes
back of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import PASSWORD, Run, write_config
from tests.cli.test_mailbox import standing
from triage.demo import server as embedded
from triage.demo.demo import sample_mails
from triage.demo.server import EmbeddedServer


@pytest.fixture
def second() -> Iterator[EmbeddedServer]:
    """Another server with the same mails under another user."""
    with embedded.start({"INBOX": sample_mails()}, "ann@example.net", PASSWORD) as running:
        yield running


def two_accounts(folder: Path, first: EmbeddedServer, second: EmbeddedServer) -> Path:
    config = write_config(folder, first.port)
    text = config.read_text()
    account = text[: text.index("[trust]")].replace("main", "second")
    account = account.replace(f"port = {first.port}", f"port = {second.port}")
    config.write_text(account.replace("dave@example.org", "ann@example.net") + text)
    return config


def test_the_last_run_is_that_of_all_accounts(
    triage: Run, tmp_path: Path, server: EmbeddedServer, second: EmbeddedServer
) -> None:
    config = two_accounts(tmp_path, server, second)
    before = standing(server)["INBOX"], standing(second)["INBOX"]
    assert triage("-c", config, "run", "--once").status == 0
    assert "Invitations/Boilerplate" in server.folders()
    assert "Invitations/Boilerplate" in second.folders()
    undone = triage("-c", config, "undo", "--last-run")
    assert undone.status == 0, undone.out + undone.err
    assert (standing(server)["INBOX"], standing(second)["INBOX"]) == before


def test_what_was_left_alone_is_nothing_to_undo(
    triage: Run, tmp_path: Path, server: EmbeddedServer
) -> None:
    config = write_config(tmp_path, server.port)
    with config.open("a") as file:
        file.write("[routes]\nboilerplate = { leave = true }\n")
    before = standing(server)["INBOX"]
    assert triage("-c", config, "run", "--once").status == 0
    told = triage("-c", config, "history", "--json", "--limit", "100").out.splitlines()
    left = [one for one in map(json.loads, told) if one["actions"][0]["do"] == "leave"]
    assert left
    undone = triage("-c", config, "undo", "--last-run")
    assert undone.status == 0 and "left as it is" not in undone.out, undone.out
    assert standing(server)["INBOX"] == before
    asked_for = triage("-c", config, "undo", left[0]["id"])
    assert asked_for.status == 1 and "nothing was done to it" in asked_for.out


@pytest.mark.parametrize("command", [("run", "--once"), ("plan",)], ids=" ".join)
def test_a_server_that_is_down_is_told_before_the_model_is_loaded(
    triage: Run, tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(settings: object) -> object:
        raise AssertionError("it was loaded")

    monkeypatch.setattr("triage.daemon.desk.load_desk", load)
    told = triage("-c", write_config(tmp_path, 1), *command)
    assert told.status == 1 and "connection refused" in told.err


def test_one_bad_account_does_not_keep_the_other_from_being_planned(
    triage: Run, tmp_path: Path, server: EmbeddedServer
) -> None:
    config = write_config(tmp_path, server.port)
    text = config.read_text()
    broken = text[: text.index("[trust]")].replace("main", "away").replace(str(server.port), "1")
    config.write_text(broken + text)
    told = triage("-c", config, "plan")
    assert told.status == 1 and "account away" in told.err
    assert "main: " in told.out and "Nothing was changed" in told.out


def test_a_time_is_checked_where_there_is_no_journal_yet(triage: Run, config: Path) -> None:
    for command in (("undo", "--since", "blah"), ("history", "--since", "")):
        told = triage("-c", config, *command)
        assert told.status == 2 and "is no time" in told.err


def test_the_status_of_doctor_is_that_of_the_first_fault(triage: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, 1)
    assert triage("-c", config, "doctor").status == 1  # the server is down
    config.write_text(config.read_text().replace("port", "prot"))
    assert triage("-c", config, "doctor").status == 2
