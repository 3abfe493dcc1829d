"""plan, run --once, history, explain, undo, approve: a day at the command line, on a server."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Run, write_config
from triage.demo.demo import folders_of
from triage.demo.server import EmbeddedServer, Mail
from triage.memory import open_memory


def standing(server: EmbeddedServer) -> dict[str, Counter[tuple[bytes, tuple[str, ...]]]]:
    """All mail of all folders, with its flags."""
    return {
        name: Counter((mail.content, mail.flags) for mail in server.mails(name))
        for name in server.folders()
    }


def counts(server: EmbeddedServer) -> dict[str, int]:
    return {folder.name: folder.mails for folder in folders_of(server)}


def test_a_day(triage: Run, server: EmbeddedServer, config: Path) -> None:
    before = standing(server)

    planned = triage("-c", config, "plan")
    assert planned.status == 0, planned.err
    assert "Nothing was changed" in planned.out and "move to Invitations/" in planned.out
    assert standing(server) == before and not (config.parent / "triage.db").exists()
    would = [json.loads(line) for line in triage("-c", config, "plan", "--json").out.splitlines()]

    filed = triage("-c", config, "run", "--once")
    assert filed.status == 0, filed.err
    assert "moved to Invitations/Boilerplate" in filed.out and "triage undo" in filed.out
    after = counts(server)
    assert sum(after.values()) == sum(counts_of(before).values())
    for label in ("Generic", "Boilerplate", "Suspicious"):
        said = sum(record["label"] == label.lower() for record in would)
        assert after[f"Invitations/{label}"] == said > 0

    again = triage("-c", config, "run", "--once")
    assert again.status == 0 and "nothing new" in again.out and counts(server) == after
    assert "nothing new" in triage("-c", config, "plan").out

    told = triage("-c", config, "history", "--json", "--limit", "100")
    entries = [json.loads(line) for line in told.out.splitlines()]
    assert len(entries) == len(would) and {entry["state"] for entry in entries} == {"DONE"}
    generic = next(entry for entry in entries if entry["label"] == "generic")
    assert generic["landed"]["folder"] == "Invitations/Generic"
    told = triage("-c", config, "history", "--label", "personal", "--since", "1h")
    assert told.status == 0 and "personal" in told.out and "generic" not in told.out

    why = triage("-c", config, "explain", generic["id"])
    assert why.status == 0, why.err
    assert "moved to Invitations/Generic" in why.out and "generic" in why.out

    dry = triage("-c", config, "undo", generic["id"], "--dry-run")
    assert dry.status == 0 and "nothing was changed" in dry.out and counts(server) == after
    undone = triage("-c", config, "undo", f"#{generic['id']}")
    assert (undone.status, undone.out) == (0, "1 put back as it was.\n"), undone.err
    assert counts(server)["Invitations/Generic"] == after["Invitations/Generic"] - 1
    twice = triage("-c", config, "undo", generic["id"])
    assert twice.status == 1 and "undone already" in twice.out

    rest = triage("-c", config, "undo", "--last-run")
    assert rest.status == 0, rest.out + rest.err
    assert standing(server)["INBOX"] == before["INBOX"]
    assert "nothing to undo" in triage("-c", config, "undo", "--since", "today").out
    assert "nothing new" in triage("-c", config, "run", "--once").out  # what was undone stays


def counts_of(state: dict[str, Counter[tuple[bytes, tuple[str, ...]]]]) -> dict[str, int]:
    return {name: sum(found.values()) for name, found in state.items()}


def test_a_message_moved_by_hand_is_left_and_told(
    triage: Run, server: EmbeddedServer, config: Path
) -> None:
    triage("-c", config, "run", "--once")
    entries = triage("-c", config, "history", "--json", "--label", "boilerplate").out.splitlines()
    entry = json.loads(entries[0])
    from triage.daemon.accounts import open_mailbox
    from triage.settings import load_settings

    with open_mailbox(load_settings(config).accounts[0]) as by_hand:
        by_hand.ensure_folder("Mine")
        by_hand.move("Invitations/Boilerplate", [entry["landed"]["uid"]], "Mine")
    told = triage("-c", config, "undo", entry["id"])
    assert told.status == 1 and f"{entry['id']} was left as it is" in told.out
    assert counts(server)["Mine"] == 1


def test_the_guard_waits_for_yes_or_approval(
    triage: Run, tmp_path: Path, server: EmbeddedServer
) -> None:
    config = write_config(tmp_path, server.port, extra="[guard]\nmax_moves = 2\n")
    assert "needs triage approve" in triage("-c", config, "plan").out
    assert triage("-c", config, "approve").out == "Nothing waits for approval.\n"
    held = triage("-c", config, "run", "--once")
    assert held.status == 2 and server.folders() == ("INBOX",)
    assert "nothing was filed" in held.err and "--yes" in held.err
    assert "waits." in triage("-c", config, "approve", "--list").out
    assert "guard" in triage("-c", config, "doctor").out
    approved = triage("-c", config, "approve")
    assert approved.status == 0 and "approved" in approved.out
    assert "approved already" in triage("-c", config, "approve").out
    assert triage("-c", config, "run", "--once").status == 0
    assert "Invitations/Boilerplate" in server.folders()


def test_yes_passes_the_guard(triage: Run, tmp_path: Path, server: EmbeddedServer) -> None:
    config = write_config(tmp_path, server.port, extra="[guard]\nmax_moves = 2\n")
    assert triage("-c", config, "run", "--once", "--yes").status == 0
    assert "Invitations/Boilerplate" in server.folders()


def test_the_daemon_files_what_is_there_and_what_comes_and_ends_when_told(
    server: EmbeddedServer, config: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "triage", "-c", str(config), "run"], stderr=subprocess.PIPE
    )
    try:
        _until(process, lambda: counts(server).get("Invitations/Suspicious", 0) > 0)
        filed = counts(server)["Invitations/Boilerplate"]
        first = server.mails("Invitations/Boilerplate")[0].content
        server.deliver("INBOX", b"Received: by mx.example.org; again\r\n" + first)
        _until(process, lambda: counts(server)["Invitations/Boilerplate"] == filed + 1)
    finally:
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=180)[1].decode()
    assert process.returncode == 0, log
    assert "Traceback" not in log and "moved to Invitations/Boilerplate" in log
    assert not re.search(r"Marisol|Vega|@|Tulsa", log)  # no name, address or note


def _until(process: subprocess.Popen[bytes], true: Callable[[], bool]) -> None:
    """Wait for what another process does; the server tells when it is done."""
    end = time.monotonic() + 60
    while not true():
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < end, "it did not happen within a minute"
        time.sleep(0.05)


def test_an_empty_journal_is_kind(triage: Run, config: Path) -> None:
    for command in (("history",), ("history", "--label", "personal"), ("undo", "--last-run"),
                    ("approve",)):  # fmt: skip
        told = triage("-c", config, *command)
        assert (
            told.status == 0 and told.err == "" and re.match("(Nothing|There is nothing)", told.out)
        )
    assert triage("-c", config, "history", "--json").out == ""
    assert not (config.parent / "triage.db").exists()


def test_one_bad_account_does_not_keep_the_other_from_its_pass(
    triage: Run, tmp_path: Path, server: EmbeddedServer
) -> None:
    config = write_config(tmp_path, server.port)
    text = config.read_text()
    broken = text[: text.index("[trust]")].replace("main", "away").replace(str(server.port), "1")
    config.write_text(broken + text)
    told = triage("-c", config, "run", "--once")
    assert told.status == 1 and "account away" in told.err and "main: " in told.out
    assert "Invitations/Boilerplate" in server.folders()


def test_no_mail_is_marked_read_and_others_are_untouched(
    triage: Run, server: EmbeddedServer, config: Path
) -> None:
    letter = Mail(b"From: ann@example.org\r\nSubject: lunch?\r\n\r\nAt noon?\r\n", ("\\Answered",))
    server.deliver("INBOX", letter)
    triage("-c", config, "run", "--once")
    mails = [mail for name in server.folders() for mail in server.mails(name)]
    assert not any("\\Seen" in mail.flags for mail in mails)
    kept = [mail for mail in server.mails("INBOX") if mail.content == letter.content]
    assert [mail.flags for mail in kept] == [("\\Answered",)]


def test_the_state_file_is_the_users_alone(triage: Run, config: Path) -> None:
    triage("-c", config, "run", "--once")
    state = config.parent / "triage.db"
    assert state.stat().st_mode & 0o077 == 0
    with open_memory(state) as memory:
        assert memory.journal.last_run()
