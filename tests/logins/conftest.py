"""What the tests of logins share: an identity provider, a Dovecot that asks it, a config.

Both are real and on loopback. May not touch the user's own files or keyring.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from logins.bench import Write, config_text, start_dovecot
from servers.dovecot import Dovecot
from servers.fixtures import require_dovecot
from servers.identity import SECRET, IdentityProvider


@pytest.fixture(scope="session")
def _provider() -> Iterator[IdentityProvider]:
    folder = Path(tempfile.mkdtemp(prefix="tri-", dir="/tmp"))
    folder.chmod(0o755)
    running = IdentityProvider(folder)
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def identity(_provider: IdentityProvider) -> IdentityProvider:
    """An identity provider that has seen nobody yet."""
    _provider.reset()
    return _provider


@pytest.fixture(scope="session")
def mail_server(_provider: IdentityProvider) -> Iterator[Dovecot]:
    """A Dovecot that asks the provider for each token; who is not known has no mailbox."""
    require_dovecot()
    folder = Path(tempfile.mkdtemp(prefix="tri-", dir="/tmp"))
    server = start_dovecot(folder, _provider)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def write(tmp_path: Path, identity: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> Write:
    """``write(provider, port, mail_ca, more)``: a config, and its path."""
    monkeypatch.setenv("TRIAGE_CLIENT_SECRET", SECRET)

    def written(
        provider: str = "other", port: int = 1, mail_ca: Path | None = None, more: str = ""
    ) -> Path:
        path = tmp_path / "config.toml"
        text = config_text(identity, provider, port, mail_ca or identity.ca_file, more)
        path.write_text(text, "utf-8")
        return path

    return written
