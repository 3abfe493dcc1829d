"""`triage login` as a person meets it, and what `triage doctor` says before and after."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from logins.bench import Write, account_in, by_code, login_in
from servers.dovecot import Dovecot
from servers.identity import USER, IdentityProvider
from tests.cli.conftest import Outcome, home, spawn
from triage.cli import main

pytestmark = pytest.mark.server
__all__ = ["home"]  # a home of its own, for each test


@pytest.fixture
def config(write: Write, mail_server: Dovecot) -> Path:
    return write("other", mail_server.tls_port, mail_server.ca_file)


class Terminal:
    """A command and what it has said so far; ``reads`` waits for words."""

    def __init__(self, out: int, into: int) -> None:
        self._out, self._into, self.said = out, into, ""

    def reads(self, pattern: str) -> re.Match[str]:
        while not (found := re.search(pattern, self.said)):
            ready, _, _ = select.select([self._out], [], [], 60)
            try:
                text = os.read(self._out, 4096) if ready else b""
            except OSError:  # the other end was closed
                text = b""
            assert text, f"{pattern!r} was never said: {self.said}"
            self.said += text.decode()
        return found

    def types(self, line: str) -> None:
        os.write(self._into, line.encode() + b"\n")


@contextmanager
def running(*argv: str | Path, at_terminal: bool = False) -> Iterator[Terminal]:
    """A command in a process of its own, ended with status 0 at the end."""
    ours, theirs = pty.openpty() if at_terminal else os.pipe()
    command = [sys.executable, "-m", "triage", *map(str, argv)]
    process = subprocess.Popen(
        command, stdin=theirs if at_terminal else subprocess.DEVNULL, stdout=theirs,
        stderr=theirs, start_new_session=True, close_fds=True,
    )  # fmt: skip
    os.close(theirs)
    terminal = Terminal(ours, ours)
    try:
        yield terminal
        assert process.wait(60) == 0, terminal.said
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_by_a_code_that_is_typed_elsewhere(config: Path, identity: IdentityProvider) -> None:
    with running("-c", config, "login", "main") as terminal:
        code = terminal.reads(r"type the code +(\w{8})")[1]
        assert f"    {identity.url}/type\n" in terminal.said
        identity.type_code(code)
        terminal.reads("triage doctor")
    file = config.parent / "main.token"
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"kept in the file {file}" in terminal.said
    assert "The mail server localhost has let us in" in terminal.said
    assert "CANARY" not in terminal.said
    assert login_in(config).token() in identity.tokens and identity.renewals() == 0


def test_by_a_browser_that_comes_back(config: Path, identity: IdentityProvider) -> None:
    with running("-c", config, "login", "main", "--flow", "loopback") as terminal:
        url = terminal.reads(r"    (https://\S+)\n")[1]
        answer = requests.get(url, verify=str(identity.ca_file), timeout=60)
        assert "You can close this window" in answer.text
        assert answer.url.startswith("http://127.0.0.1:")
        terminal.reads("let us in")
    assert "paste" not in terminal.said and "CANARY" not in terminal.said


def test_by_an_address_that_is_pasted(config: Path, identity: IdentityProvider) -> None:
    argv = ("-c", config, "login", "main", "--flow", "loopback")
    with running(*argv, at_terminal=True) as terminal:
        url = terminal.reads(r"    (https://\S+)\r\n")[1]
        terminal.reads("Waiting for you")
        first = requests.get(url, verify=str(identity.ca_file), timeout=60, allow_redirects=False)
        terminal.types("http://127.0.0.1:1/?code=theirs&state=of-somebody-else")
        terminal.reads("not the answer")
        terminal.types(first.headers["Location"])
        terminal.reads("let us in")
    assert "ssh -L" in terminal.said


def test_a_person_who_says_no_is_heard(config: Path, identity: IdentityProvider) -> None:
    argv = ("-c", config, "login", "main", "--flow", "loopback")
    with pytest.raises(AssertionError, match="said no"), running(*argv) as terminal:
        url = terminal.reads(r"    (https://\S+)\n")[1]
        state = re.search(r"state=([^&]+)", url)
        back = re.search(r"redirect_uri=http%3A%2F%2F127.0.0.1%3A(\d+)", url)
        assert state and back
        query = f"error=access_denied&state={state[1]}&error_description=CANARY+{USER}"
        requests.get(f"http://127.0.0.1:{back[1]}/?{query}", timeout=60)
        terminal.reads(r"said no \(access_denied.*")
        assert USER not in terminal.said and "Type: triage login main" in terminal.said
    assert not (config.parent / "main.token").exists()


def run(capsys: pytest.CaptureFixture[str], *argv: str | Path) -> Outcome:
    capsys.readouterr()
    status = main([str(arg) for arg in argv])
    said = capsys.readouterr()
    return Outcome(status, said.out, said.err)


@pytest.mark.parametrize(
    ("argv", "status", "told"),
    [
        (("login",), 2, "required: ACCOUNT"),
        (("login", "mian"), 2, 'no account is called "mian"'),
        (("login", "main", "--port", "0"), 2, "a port is a number from 1 to 65535"),
        (("login", "main", "--port", "99"), 2, "--port goes with --flow loopback"),
    ],
)
def test_what_is_asked_wrongly(
    config: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], status: int, told: str
) -> None:
    found = run(capsys, "-c", config, *argv)
    assert found.status == status and told in found.err and "Traceback" not in found.err


def test_an_account_with_a_password_has_nothing_to_log_in_to(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = config.read_text().partition("[accounts.main.oauth]")[0]
    for way, told in (
        ('password = { env = "X" }', "takes a password"),
        ('oauth = { command = "x" }', "has its tokens from a command"),
    ):
        config.write_text(head + way)
        found = run(capsys, "-c", config, "login", "main")
        assert found.status == 2 and told in found.err


def test_the_provider_is_down(
    config: Path, capsys: pytest.CaptureFixture[str], identity: IdentityProvider
) -> None:
    config.write_text(config.read_text().replace(identity.url, "https://localhost:1"))
    found = run(capsys, "-c", config, "login", "main")
    assert found.status == 1 and "account main, localhost:1: the identity provider" in found.err


@pytest.mark.usefixtures("warm")
def test_doctor_says_how_a_login_stands(
    config: Path, capsys: pytest.CaptureFixture[str], identity: IdentityProvider
) -> None:
    def doctor() -> Outcome:
        found = run(capsys, "-c", config, "doctor")
        assert "CANARY" not in found.out + found.err
        return found

    by_code(login_in(config), identity)
    found = doctor()
    assert found.status == 0, found.out
    assert re.search(r"ok +main +logged in at other on 20\d\d-\d\d-\d\d, tokens in the", found.out)
    assert "ok    main         logged in to localhost" in found.out
    identity.revoke()
    found = doctor()
    assert found.status == 1
    assert re.search(r"fail .*expired or was revoked \(inv.*\n +Type: triage login", found.out)


def test_a_wrong_mailbox_is_found_out_at_once(config: Path, identity: IdentityProvider) -> None:
    """The person logged in as another than the user of the config."""
    config.write_text(config.read_text().replace(USER, "joe@example.org"))
    assert account_in(config).user == "joe@example.org"
    with (
        pytest.raises(AssertionError, match="Check that user"),
        running("-c", config, "login", "main") as terminal,
    ):
        identity.type_code(terminal.reads(r"type the code +(\w{8})")[1])
        terminal.reads("refused the OAuth2 login")
        terminal.reads("Check that user is the one")


def test_the_help_is_there() -> None:
    found = spawn("login", "--help")
    assert found.status == 0 and "--flow {device,loopback}" in found.out
