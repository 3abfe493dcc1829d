"""A login to a mailbox that is logged in.

By password, or by an access token of an OAuth2 login. TLS with certificate checks unless
told otherwise, plain text towards this machine alone, time-outs always. Each way in which
this fails has its own words. May not retry, but once with another token: waiting is the
daemon's business. May not tell a password or a token to anyone but the server.
"""

from __future__ import annotations

import imaplib
import logging
import socket
import ssl
from binascii import Error as NoBase64
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from imapclient import IMAPClient, SocketTimeout

from triage.errors import LoginRefused, UserError
from triage.loopback import is_loopback
from triage.mailbox import sasl, why_not
from triage.mailbox.credentials import PasswordSource
from triage.mailbox.imap_reader import ImapReader
from triage.mailbox.imap_writer import ImapWriter
from triage.mailbox.session import Session
from triage.mailbox.stream import probe_when_silent

Security = Literal["tls", "starttls", "none"]

TIMEOUT_SECONDS = 60.0

# imapclient and imaplib log what they read and write, mail included, at level DEBUG.
logging.getLogger("imapclient").setLevel(logging.ERROR)


class Tokens(Protocol):
    """A login by OAuth2. ``token`` is an access token that should hold; ``instead_of``
    another one where that was refused, None if there is none; ``remedy`` is what a person
    does where neither is taken."""

    @property
    def remedy(self) -> str: ...
    def token(self) -> str: ...
    def instead_of(self, refused: str) -> str | None: ...


class TokenRefused(LoginRefused):
    """The server did not take the access token: perhaps it takes another."""


@dataclass(frozen=True)
class AccountLogin:
    """Where a mailbox is and how to get in. ``name`` is the account's in the config;
    ``ca_file`` is trusted beside the system's authorities."""

    name: str
    host: str
    port: int
    security: Security
    user: str
    password: PasswordSource | Tokens
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
    if isinstance(login.password, PasswordSource):
        return _logged_in(login, login.password.read(login.user, login.where))
    token = login.password.token()
    try:
        return _logged_in(login, token)
    except TokenRefused:
        # It may have been revoked, or a clock is wrong: one more try with a new one, over a
        # new connection, since some servers cut the one that failed.
        another = login.password.instead_of(token)
        if another is None:
            raise
    return _logged_in(login, another)


def _logged_in(login: AccountLogin, secret: str) -> Session:
    client = _client(login)
    with ExitStack() as on_failure:
        on_failure.callback(_hang_up, client)
        if isinstance(login.password, PasswordSource):
            _log_in(client, login, secret)
        else:
            _present(client, login, secret, login.password.remedy)
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


def _present(client: IMAPClient, login: AccountLogin, token: str, remedy: str) -> None:
    """Log in by an access token."""
    capabilities = _capabilities(client, login)
    mechanism = sasl.mechanism(capabilities)
    if mechanism is None:
        raise why_not.no_way_in_by_token(login.where)
    if not sasl.is_token(token):
        what = "the access token is none: it is empty, or holds a space or worse"
        raise UserError(what, where=login.where, now=remedy)
    bearer = sasl.Bearer(mechanism, login.user, token, login.host, login.port)
    try:
        client._imap.authenticate(mechanism, bearer)
    except imaplib.IMAP4.abort:
        raise why_not.cut_off(login.where) from None
    except NoBase64:
        raise why_not.unreadable(login.where) from None
    except imaplib.IMAP4.error as error:
        if (busy := why_not.busy(login.where, token, str(error))) is not None:
            raise busy from None
        what, now = why_not.token_refused(token, bearer.told, str(error), remedy)
        raise TokenRefused(what, where=login.where, now=now) from None
    except OSError as error:
        raise why_not.unreachable(login.where, error, login.timeout_seconds) from None


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
