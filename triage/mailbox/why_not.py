"""A login that failed to what, where and what now.

Each way of failing has its own words, and its own kind: ``LoginRefused`` where trying
again may lock the account, ``ServerUnreachable`` where it may help. May not connect, and
never says a password.
"""

from __future__ import annotations

import re
import socket
import ssl

from imapclient.exceptions import CapabilityError

from triage.clean import shown
from triage.errors import LoginRefused, ServerUnreachable, TriageError

# RFC 5530: the server is at fault, not the password. Trying again later is right.
_NOT_THE_PASSWORD = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"}
_TOO_MANY = re.compile(r"too many|try again|temporar", re.IGNORECASE)


def unreachable(where: str, error: Exception, timeout_seconds: float) -> ServerUnreachable:
    """``error`` is what the network, TLS or imapclient raised before login."""
    what, now = _what_now(error, timeout_seconds)
    return ServerUnreachable(what, where=where, now=now)


def _what_now(error: Exception, timeout_seconds: float) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = shown(error.verify_message or "it cannot be checked", 200, lines=False)
        if "mismatch" in why:
            now = "Write the host as the certificate names it."
        elif "expired" in why:
            now = "Its owner must renew it; check this machine's clock too."
        else:
            now = "If the server is your own, name the certificate of its authority in ca_file."
        return f"the server's certificate is not accepted: {why}", now
    if isinstance(error, CapabilityError):
        return (
            "the server does not offer STARTTLS on this port",
            'Use security = "tls" and port 993.',
        )
    if isinstance(error, ssl.SSLError):
        return (
            "the server does not speak TLS here, or another version",
            'Port 993 goes with security = "tls", port 143 with "starttls".',
        )
    if isinstance(error, TimeoutError):
        return (
            f"no answer within {timeout_seconds:g} seconds",
            'Check host, port and network; port 993 answers "tls" alone.',
        )
    if isinstance(error, socket.gaierror):
        return "the host name is not known", "Check the spelling of host, and the network."
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there: connection refused", "Check host and port."
    if isinstance(error, OSError):
        return (
            f"no connection: {error.strerror or 'cut off'}",
            "Check host, port and network.",
        )
    said = shown(str(error), 200, lines=False)
    return f"the server does not greet as an IMAP server: {said}", "Check host and port."


def no_way_in(where: str, capabilities: set[str]) -> LoginRefused:
    """The server announces no way of logging in that would work."""
    if "LOGINDISABLED" in capabilities:
        return LoginRefused(
            "the server takes no password on this connection (LOGINDISABLED)",
            where=where,
            now='Use security = "tls" or "starttls"; some servers want an app password or OAuth.',
        )
    return LoginRefused(
        "the server takes user and password in ASCII alone (no AUTH=PLAIN)",
        where=where,
        now="Choose a password without other characters.",
    )


def cut_off(where: str) -> ServerUnreachable:
    """The connection was lost between the greeting and the answer to the login."""
    return ServerUnreachable(
        "the server closed the connection during login", where=where, now="Try again later."
    )


def unreadable(where: str) -> ServerUnreachable:
    """What the server said in the middle of the login is not of the protocol."""
    return ServerUnreachable(
        "the server's answer to the login cannot be read", where=where, now="Try again later."
    )


def no_way_in_by_token(where: str) -> LoginRefused:
    """The server announces no way of taking an access token."""
    return LoginRefused(
        "the server takes no OAuth2 login (neither AUTH=OAUTHBEARER nor AUTH=XOAUTH2)",
        where=where,
        now="Use password in place of oauth; many providers give app passwords.",
    )


def token_refused(token: str, told: str, answer: str, remedy: str) -> tuple[str, str]:
    """What and what now. ``told`` is what the challenge said (RFC 7628 section 3.2.2),
    ``answer`` the server's NO."""
    told = f" ({told})" if told else ""
    said = _said(answer, token)
    now = f"Check that user is the one who logged in. {remedy}"
    return f"the server refused the OAuth2 login{told}: {said}", now


def busy(where: str, secret: str, answer: str) -> ServerUnreachable | None:
    """The error where the server's NO is not about user or ``secret``."""
    said = _said(answer, secret)
    code = re.search(r"\[([A-Z-]+)", said)
    if (code and code[1] in _NOT_THE_PASSWORD) or _TOO_MANY.search(said):
        return ServerUnreachable(
            f"the server cannot log anyone in now: {said}",
            where=where,
            now="Try again later.",
        )
    return None


def _said(answer: str, secret: str) -> str:
    answer = re.sub(r"^b(['\"])(.*)\1$", r"\2", answer)
    return shown(answer.replace(secret, "…"), 200, lines=False)


def refused(where: str, password: str, answer: str) -> TriageError:
    """``answer`` is the server's NO or BAD to the login."""
    if (later := busy(where, password, answer)) is not None:
        return later
    said = _said(answer, password)
    return LoginRefused(
        f"the server refused user or password: {said}",
        where=where,
        now="Check both; some servers want an app password. It is not tried again by itself.",
    )
