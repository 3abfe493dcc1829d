"""An account of the config to a login, and to an open mailbox.

The one place where settings and mailbox meet, for the daemon and the command line alike.
May not read the password itself: ``connect`` does, when it logs in.
"""

from __future__ import annotations

from collections.abc import Iterable

from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.credentials import PasswordSource
from triage.mailbox.imap_writer import ImapWriter
from triage.settings import AccountSettings


def login_of(account: AccountSettings) -> AccountLogin:
    """Where the account's mailbox is and how to get in."""
    assert account.password is not None
    return AccountLogin(
        name=account.name,
        host=account.host,
        port=account.port,
        security=account.security,
        user=account.user,
        password=PasswordSource(account.password.kind, account.password.value),
        ca_file=account.ca_file,
        timeout_seconds=account.timeout_seconds,
    )


def open_mailbox(account: AccountSettings, headers: Iterable[str] = ()) -> ImapWriter:
    """Log in. ``headers`` are the desk's; see ``mailbox.connect.connect`` for errors."""
    return connect(login_of(account), headers)
