"""`triage init` and `triage doctor`: from nothing to a config that works."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import PASSWORD, USER, Run, write_config
from triage.cli.config_text import Answers, config_text
from triage.demo.server import EmbeddedServer, Mail
from triage.settings import load_settings


@pytest.fixture
def target(home: Path) -> Path:
    return home / ".config" / "triage" / "config.toml"


def options(server: EmbeddedServer, tmp_path: Path) -> list[str]:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    return [
        "--user", USER, "--host", server.host, "--port", str(server.port), "--security", "none",
        "--password-file", str(secret),
    ]  # fmt: skip


def test_init_tests_the_login_and_writes_what_works(
    triage: Run, server: EmbeddedServer, tmp_path: Path, target: Path
) -> None:
    told = triage("init", *options(server, tmp_path))
    assert told.status == 0, told.err
    assert "Logged in" in told.out and "triage doctor" in told.out and str(target) in told.out
    assert target.stat().st_mode & 0o777 == 0o600
    assert (target.parent / "rules").is_dir() and not any((target.parent / "rules").iterdir())
    settings = load_settings(target)
    assert settings.accounts[0].user == USER and settings.me.names == ()
    assert "# " in target.read_text() and PASSWORD not in target.read_text()
    assert sorted(path.name for path in target.parent.iterdir()) == ["config.toml", "rules"]
    assert triage("doctor").status == 0
    assert triage("plan").status == 0


def test_init_never_writes_over_a_config_unless_told(
    triage: Run, server: EmbeddedServer, tmp_path: Path, target: Path
) -> None:
    target.parent.mkdir(parents=True)
    target.write_text("# mine\n")
    told = triage("init", *options(server, tmp_path))
    assert told.status == 2 and "--force" in told.err and target.read_text() == "# mine\n"
    assert triage("init", "--force", *options(server, tmp_path)).status == 0
    assert load_settings(target).accounts


def test_init_writes_nothing_when_the_login_fails(
    triage: Run, server: EmbeddedServer, tmp_path: Path, target: Path
) -> None:
    argv = options(server, tmp_path)
    (tmp_path / "secret").write_text("wrong")
    told = triage("init", *argv)
    assert told.status == 1 and "refused" in told.err
    assert not target.exists() and not list(target.parent.iterdir())
    assert triage("init", "--no-test", *argv).status == 0


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        ((), "--user is missing"),
        (("--user", "x"), "--host is missing"),
        (("--user", "x", "--host", "h"), "--password-command is missing"),
        (("--user", "x", "--host", "a b", "--keyring"), "holds a space"),
        (("--user", "x", "--host", "mx.example.org", "--security", "none"), "unencrypted"),
        (("--user", "x", "--host", "h", "--ca-file", "gone.pem", "--keyring"), "no such file"),
    ],
)
def test_init_without_a_terminal_says_what_is_missing(
    triage: Run, argv: tuple[str, ...], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: PTH123, SIM115
    told = triage("init", *argv)
    assert told.status == 2 and word in told.err and told.err.count("\n") <= 3


def test_init_asks_at_a_terminal(
    server: EmbeddedServer, tmp_path: Path, target: Path, home: Path
) -> None:
    server.deliver("INBOX", *(_dated(number, "mx.example.org") for number in range(40)))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "triage", "init", "--port", str(server.port)]
    process = subprocess.Popen(
        [*command, "--security", "none"], stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, close_fds=True,
    )  # fmt: skip
    os.close(theirs)
    seen = ""
    for expected, answer in (
        ("login name", USER),
        ("IMAP server [imap.example.org]", "local host"),
        ("holds a space", "127.0.0.1"),
        ("1, 2, 3 or 4 [3]", ""),
        ("Password (not shown)", PASSWORD),
        ("Trust its word?", "y"),
    ):
        seen = _read_until(ours, expected, seen)
        os.write(ours, answer.encode() + b"\n")
    seen = _read_until(ours, "triage run ", seen)
    assert process.wait(30) == 0
    os.close(ours)
    assert PASSWORD not in seen
    settings = load_settings(target)
    assert settings.trust.authserv_ids == ("mx.example.org",)
    assert (target.parent / "imap-password").stat().st_mode & 0o777 == 0o600


def _read_until(terminal: int, expected: str, seen: str) -> str:
    until = time.monotonic() + 30
    fresh = ""
    while expected not in fresh:
        ready, _, _ = select.select([terminal], [], [], max(0.0, until - time.monotonic()))
        try:
            said = os.read(terminal, 4096) if ready else b""
        except OSError:  # the other end was closed
            said = b""
        assert said, f"{expected!r} was never said: {seen + fresh}"
        fresh += said.decode()
    return seen + fresh


def _dated(number: int, authserv_id: str) -> Mail:
    """A letter on which a server wrote its word."""
    return Mail(
        f"Date: Mon, 5 Jan 2026 10:00:{number:02} +0000\r\nFrom: a@example.org\r\n"
        f"Authentication-Results: {authserv_id}; dkim=pass\r\n\r\nHi\r\n".encode()
    )


def test_no_server_is_proposed_where_senders_bring_their_own_word(
    triage: Run, tmp_path: Path, target: Path
) -> None:
    from triage.demo import server as embedded

    mails = [_dated(number, f"mx{number}.example.net") for number in range(20)]
    with embedded.start({"INBOX": mails}, USER, PASSWORD) as server:
        told = triage("init", *options(server, tmp_path))
    assert told.status == 0 and "[trust] stays empty" in told.out
    assert load_settings(target).trust.authserv_ids == ()


def test_hostile_answers_stay_in_their_quotes(tmp_path: Path) -> None:
    hostile = 'x" \\ # ] = \u00e9'
    text = config_text(Answers("h", hostile, ("command", hostile), authserv_ids=(hostile,)))
    (tmp_path / "config.toml").write_text(text.replace(hostile, hostile))
    from triage.toml_source import TomlSource, read_toml

    source = read_toml("c", text)
    assert isinstance(source, TomlSource)
    account = source.data["accounts"]["main"]
    assert account["user"] == account["password"]["command"] == hostile


def test_doctor_finds_all_at_once(triage: Run, tmp_path: Path, server: EmbeddedServer) -> None:
    config = write_config(tmp_path, server.port, extra='folders = ["INBOX", "Gone"]\n')
    config.chmod(0o666)
    told = triage("-c", config, "doctor")
    assert told.status == 2 and told.err == ""
    assert "fail  config" in told.out and "others can change it" in told.out
    assert "fail  main" in told.out and "folder Gone" in told.out
    assert "ok    main         folder INBOX: " in told.out
    assert "Invitations/Generic will be made" in told.out
    assert told.out.rstrip().endswith("2 to mend.")


def test_doctor_without_a_config_still_looks_at_the_rest(triage: Run) -> None:
    told = triage("doctor")
    assert told.status == 2
    assert "fail  config" in told.out and "triage init" in told.out
    assert "ok    model" in told.out and "ok    rules" in told.out


def test_doctor_offline_does_not_connect(triage: Run, tmp_path: Path) -> None:
    told = triage("-c", write_config(tmp_path, 1), "doctor", "--offline")
    assert told.status == 0 and "--offline" in told.out
