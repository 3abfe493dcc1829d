"""Questions to answers: asks a person at a terminal, and checks what they type.

Where stdin is no terminal nothing is asked: the error says which option answers instead.
May not write a file or keep a password.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable

from triage.errors import UserError

Fit = Callable[[str], "tuple[str, str] | None"]

# The servers of well-known providers, by the domain of the address.
PROVIDERS = {
    "gmail.com": "imap.gmail.com",
    "googlemail.com": "imap.gmail.com",
    "outlook.com": "outlook.office365.com",
    "hotmail.com": "outlook.office365.com",
    "live.com": "outlook.office365.com",
    "icloud.com": "imap.mail.me.com",
    "me.com": "imap.mail.me.com",
    "fastmail.com": "imap.fastmail.com",
    "yahoo.com": "imap.mail.yahoo.com",
    "gmx.net": "imap.gmx.net",
    "gmx.de": "imap.gmx.net",
    "web.de": "imap.web.de",
    "mailbox.org": "imap.mailbox.org",
    "posteo.de": "posteo.de",
}


def asked(question: str, option: str, default: str = "", fit: Fit | None = None) -> str:
    """What the person answers; Enter takes the default. Asked again until it fits."""
    need_terminal(option)
    while True:
        hint = f" [{default}]" if default else ""
        answer = input(f"{question}{hint}: ").strip() or default
        fault = fit(answer) if fit else None
        if answer and fault is None:
            return answer
        what, now = fault or ("is empty", "Please answer.")
        print(f"  That {what}. {now}")


def agreed(question: str) -> bool:
    """Whether the person says yes; Enter does. Yes by itself where no one can be asked."""
    if not sys.stdin.isatty():
        return True
    return input(f"{question} [Y/n]: ").strip().lower() in ("", "y", "yes")


def secret(question: str) -> str:
    """A password, typed without being shown."""
    while True:
        if answer := getpass.getpass(f"{question}: "):
            return answer


def need_terminal(option: str) -> None:
    """An error that names ``option`` where no one can be asked."""
    if not sys.stdin.isatty():
        raise UserError(
            f"{option} is missing, and there is no terminal to ask for it",
            where="init",
            now=f"Add {option}; triage init --help shows all.",
        )


def provider_of(user: str) -> str:
    """The IMAP server that goes with an address, "" where it is not known."""
    domain = user.rpartition("@")[2].lower() if "@" in user else ""
    return PROVIDERS.get(domain, f"imap.{domain}" if domain else "")
