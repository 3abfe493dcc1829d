"""What the tests of the command line share: a home of its own, a server, a config for it.

Commands run in this process where that tells the same, in one of their own where start-up,
signals or the disk are at stake. May not touch the user's own files.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from triage.cli import main
from triage.demo import server as embedded

ROOT = Path(__file__).parent.parent.parent
USER, PASSWORD = "dave@example.org", "correct horse"


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a config, so that nothing of the machine's user counts."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "TRIAGE_CONFIG", "TRIAGE_DEBUG", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """A command sets up the log of its process, which here is that of all tests."""
    root, ours = logging.getLogger(), logging.getLogger("triage")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.fixture
def triage(warm: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process."""

    def run(*argv: str | Path) -> Outcome:
        capsys.readouterr()
        status = main([str(arg) for arg in argv])
        said = capsys.readouterr()
        return Outcome(status, said.out, said.err)

    return run


def spawn(*argv: str | Path, text: str = "", **options: object) -> Outcome:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "triage", *map(str, argv)],
        input=text.encode(),
        capture_output=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **options,  # type: ignore[call-overload]
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def server() -> Iterator[embedded.EmbeddedServer]:
    """A mail server with the sample mails of the demo in its INBOX."""
    from triage.demo.demo import sample_mails

    with embedded.start({"INBOX": sample_mails()}, USER, PASSWORD) as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, server: embedded.EmbeddedServer) -> Path:
    """A config for that server."""
    return write_config(tmp_path, server.port)


def write_config(folder: Path, port: int, extra: str = "", security: str = "none") -> Path:
    """A config for a server on this machine, and its password beside it."""
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    path = folder / "config.toml"
    path.write_text(
        f'[accounts.main]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\n'
        f'user = "{USER}"\npassword = {{ file = "password" }}\ntimeout_seconds = 10\n{extra}'
        '[trust]\nauthserv_ids = ["mx.example.org"]\n'
    )
    return path
