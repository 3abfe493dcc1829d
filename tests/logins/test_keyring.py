"""Tokens in a keyring: the real library, over a file of the test's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from logins.bench import Write, by_code, login_in
from servers.identity import IdentityProvider
from triage.errors import TriageError, UserError
from triage.logins.store import KeyringStore


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The real keyring library over a file of its own."""
    import keyring
    from keyrings.alt.file import PlaintextKeyring

    backend = PlaintextKeyring()
    monkeypatch.setattr(PlaintextKeyring, "file_path", str(tmp_path / "keyring.cfg"))
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    yield keyring
    keyring.set_keyring(before)


def test_the_keyring_keeps_a_login(
    write: Write, identity: IdentityProvider, keyring: Any, tmp_path: Path
) -> None:
    config = write(more="token = { keyring = true }\n")
    login = login_in(config)
    assert isinstance(login.store, KeyringStore) and login.store.read() is None
    by_code(login, identity)
    second = login.instead_of(login.token())
    assert login_in(config).token() == second and identity.renewals() == 1
    assert not (tmp_path / "main.token").exists()
    assert "the keyring" in login.standing().what
    kept = keyring.get_password("triage-oauth", "dave@example.org localhost")
    assert identity.families[0].newest in kept


def test_a_keyring_that_is_closed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    try:
        with pytest.raises(TriageError, match="keyring cannot be opened"):
            KeyringStore("triage-oauth", "dave").read()
    finally:
        keyring.set_keyring(before)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UserError, match="pip install keyring"):
        KeyringStore("triage-oauth", "dave").read()
