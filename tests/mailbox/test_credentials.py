"""Passwords from where the config says they are, and never in an error."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from triage.errors import PasswordUnavailable, TriageError, UserError
from triage.mailbox.credentials import PasswordSource


def test_a_command_prints_the_password_in_its_first_line() -> None:
    source = PasswordSource("command", "printf 'sécret word\\r\\nurl: example.org\\n' | cat")
    assert source.read("reader") == "sécret word"


def test_a_command_that_fails_says_how_to_find_out_and_no_more() -> None:
    with pytest.raises(PasswordUnavailable) as raised:
        PasswordSource("command", "echo hidden; echo hidden >&2; exit 3").read("reader", "main")
    assert "exit code 3" in str(raised.value)
    assert "by hand" in raised.value.now
    assert raised.value.where == "main"
    assert "hidden" not in str(raised.value)


def test_a_command_that_hangs_is_ended_with_all_it_started() -> None:
    started = time.monotonic()
    with pytest.raises(TriageError, match=r"0\.3 seconds"):
        PasswordSource("command", "sleep 60 | cat").read("reader", seconds=0.3)
    assert time.monotonic() - started < 10


def test_an_empty_answer_is_no_password() -> None:
    with pytest.raises(PasswordUnavailable, match="empty"):  # as behind a pipe that failed
        PasswordSource("command", "false | true").read("reader")


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "pass word")
    assert PasswordSource("env", "IMAP_PASSWORD").read("reader") == "pass word"
    monkeypatch.delenv("IMAP_PASSWORD")
    with pytest.raises(UserError, match="IMAP_PASSWORD is not set"):
        PasswordSource("env", "IMAP_PASSWORD").read("reader")


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("pass word\n")
    path.chmod(0o600)
    assert PasswordSource("file", str(path)).read("reader") == "pass word"
    path.chmod(0o640)
    with pytest.raises(UserError, match="chmod 600") as raised:
        PasswordSource("file", str(path)).read("reader")
    assert "pass word" not in str(raised.value)


def test_a_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    path = tmp_path / "password"
    with pytest.raises(UserError, match="cannot be read"):
        PasswordSource("file", str(path)).read("reader")
    path.write_bytes(b"\xff\xfe")
    path.chmod(0o600)
    with pytest.raises(UserError, match="UTF-8"):
        PasswordSource("file", str(path)).read("reader")


def test_a_missing_keyring_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UserError, match="pip install keyring"):
        PasswordSource("keyring", "true").read("reader")


def test_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    class KeyringError(Exception):
        pass

    held = {("triage", "reader"): "pass word", ("mail", "reader"): "other"}
    keyring, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    keyring.get_password = lambda service, user: held.get((service, user))  # type: ignore[attr-defined]
    errors.KeyringError = KeyringError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    assert PasswordSource("keyring", "true").read("reader") == "pass word"
    assert PasswordSource("keyring", "mail").read("reader") == "other"
    with pytest.raises(UserError, match="keyring set triage stranger"):
        PasswordSource("keyring", "").read("stranger")


def test_no_other_kind() -> None:
    with pytest.raises(ValueError, match="comes from"):
        PasswordSource("plain", "secret")  # type: ignore[arg-type]
