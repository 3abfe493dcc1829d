"""A login to a mailbox that is logged in.

TLS with certificate checks unless told otherwise, plain text towards this machine alone,
time-outs always. Each way in which this fails has its own words. May not retry: waiting
is the daemon's business. May not tell a password to anyone but the server.
"""

from __future__ import annotations

import imaplib
import logging
import socket
import ssl
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal, get_args

from imapclient import IMAPClient, SocketTimeout

from triage.errors import UserError
from triage.loopback import is_loopback
from triage.mailbox import why_not
from triage.mailbox.credentials import PasswordSource
from triage.mailbox.imap_reader import ImapReader
from triage.mailbox.imap_writer import ImapWriter
from triage.mailbox.session import Session
from triage.mailbox.stream import probe_when_silent

Security = Literal["tls", "starttls", "none"]

TIMEOUT_SECONDS = 60.0

# imapclient and imaplib log what they read and write, mail included, at level DEBUG.
logging.getLogger("imapclient").setLevel(logging.ERROR)


@dataclass(frozen=True)
class AccountLogin:
    """Where a mailbox is and how to get in. ``name`` is the account's in the config;
    ``ca_file`` is trusted beside the system's authorities."""

    name: str
    host: str
    port: int
    security: Security
    user: str
    password: PasswordSource
    ca_file: str | None = None
    timeout_seconds: float = TIMEOUT_SECONDS

    def __post_init__(self) -> None:
        if self.security not in get_args(Security):
            raise ValueError(f"security is one of {', '.join(get_args(Security))}")

    @property
    def where(self) -> str:
        """How errors name it."""
        return f"account {self.name}, {self.host}:{self.port}"


def connect(login: AccountLogin, headers: Iterable[str] = ()) -> ImapWriter:
    """Connect and log in. ``headers`` are names of header fields to fetch beside those of
    ``triage.identity``. Raises ``LoginRefused`` where trying again may lock the account,
    ``ServerUnreachable`` where it may help, ``UserError`` for what the config must say."""
    return ImapWriter(_session(login), login.name, headers)


def connect_reader(login: AccountLogin, headers: Iterable[str] = ()) -> ImapReader:
    """As ``connect``, without a method that changes anything."""
    return ImapReader(_session(login), login.name, headers)


def _session(login: AccountLogin) -> Session:
    if login.security == "none" and not is_loopback(login.host):
        raise UserError(
            'security = "none" would send the password in plain text over the network',
            where=login.where,
            now='Use "tls" (port 993) or "starttls" (port 143); "none" is for localhost alone.',
        )
    password = login.password.read(login.user, login.where)
    client = _client(login)
    with ExitStack() as on_failure:
        on_failure.callback(_hang_up, client)
        _log_in(client, login, password)
        session = Session(client, login.where)
        on_failure.pop_all()
    return session


def _client(login: AccountLogin) -> IMAPClient:
    context = _tls(login) if login.security != "none" else None
    timeout = SocketTimeout(login.timeout_seconds, login.timeout_seconds)
    try:
        client = IMAPClient(
            login.host,
            login.port,
            ssl=login.security == "tls",
            ssl_context=context,
            timeout=timeout,
        )
    except (OSError, imaplib.IMAP4.error) as error:
        raise why_not.unreachable(login.where, error, login.timeout_seconds) from error
    client._imap.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # it sends in pieces
    probe_when_silent(client._imap.sock)
    client._imap.debug = 0  # it would format every line that is read, for a log that is off
    client.folder_encode = False  # folders.py does both ways, broken names included
    if login.security == "starttls":
        try:
            client.starttls(context)
        except (OSError, imaplib.IMAP4.error) as error:
            _hang_up(client)
            raise why_not.unreachable(login.where, error, login.timeout_seconds) from error
    return client


def _tls(login: AccountLogin) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if login.ca_file is not None:
        try:
            context.load_verify_locations(login.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UserError(
                f"ca_file {login.ca_file} holds no certificate that can be read",
                where=login.where,
                now="Name a PEM file.",
            ) from error
    return context


def _log_in(client: IMAPClient, login: AccountLogin, password: str) -> None:
    capabilities = _capabilities(client, login)
    plain_is_better = not (_is_simple(login.user) and _is_simple(password))
    try:
        if "LOGINDISABLED" in capabilities or plain_is_better:
            if "AUTH=PLAIN" not in capabilities:
                raise why_not.no_way_in(login.where, capabilities)
            client.plain_login(login.user, password)
        else:
            client.login(_quoted(login.user), password)
    except imaplib.IMAP4.error as error:
        # imapclient turns a cut connection into its LoginError too; the cause tells.
        if isinstance(error, imaplib.IMAP4.abort) or isinstance(
            error.__context__, imaplib.IMAP4.abort
        ):
            raise why_not.cut_off(login.where) from error
        raise why_not.refused(login.where, password, str(error)) from None
    except OSError as error:
        raise why_not.unreachable(login.where, error, login.timeout_seconds) from error


def _capabilities(client: IMAPClient, login: AccountLogin) -> set[str]:
    try:
        return {name.decode("ascii", "replace").upper() for name in client.capabilities()}
    except (OSError, imaplib.IMAP4.error) as error:
        raise why_not.unreachable(login.where, error, login.timeout_seconds) from error


def _is_simple(text: str) -> bool:
    """Whether a quoted string can hold it (RFC 3501 section 9)."""
    return all(" " <= char <= "~" for char in text)


def _quoted(text: str) -> str:
    # imaplib quotes the password, but not the user.
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _hang_up(client: IMAPClient) -> None:
    try:
        client.shutdown()
    except (OSError, imaplib.IMAP4.error):
        return
