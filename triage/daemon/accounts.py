"""An account of the config to a login, and to an open mailbox.

The one place where settings and mailbox meet, for the daemon and the command line alike.
May not read a password or token itself: ``connect`` does, when it logs in.
"""

from __future__ import annotations

from collections.abc import Iterable

from triage.daemon.oauth import tokens_of
from triage.mailbox.connect import AccountLogin, Tokens, connect
from triage.mailbox.credentials import PasswordSource
from triage.mailbox.imap_writer import ImapWriter
from triage.settings import AccountSettings


def login_of(account: AccountSettings) -> AccountLogin:
    """Where the account's mailbox is and how to get in."""
    return AccountLogin(
        name=account.name,
        host=account.host,
        port=account.port,
        security=account.security,
        user=account.user,
        password=_password(account),
        ca_file=account.ca_file,
        timeout_seconds=account.timeout_seconds,
    )


def _password(account: AccountSettings) -> PasswordSource | Tokens:
    if account.oauth is not None:
        return tokens_of(account, account.oauth)
    assert account.password is not None  # the settings see to it
    return PasswordSource(account.password.kind, account.password.value)


def open_mailbox(account: AccountSettings, headers: Iterable[str] = ()) -> ImapWriter:
    """Log in. ``headers`` are the desk's; see ``mailbox.connect.connect`` for errors."""
    return connect(login_of(account), headers)
