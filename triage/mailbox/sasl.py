"""An access token to what AUTHENTICATE says, and a server's refusal to its few words.

OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's and Microsoft's, which came before it). A
refusal comes as a challenge in JSON that has to be answered before the server says NO
(RFC 7628 section 3.2.3). May not connect; of the server's JSON only status and scope are
kept, cleaned.
"""

from __future__ import annotations

import imaplib
import json
import re
from collections.abc import Iterable

from triage.clean import shown

MECHANISMS = ("OAUTHBEARER", "XOAUTH2")  # the one that is a standard first
_TOKEN = re.compile(r"[!-~]+")
_CHALLENGES = 3  # a server that asks more often never ends


def mechanism(capabilities: Iterable[str]) -> str | None:
    """The best that the server announces (RFC 3501 section 7.2.1), None if it has none."""
    there = set(capabilities)
    return next((name for name in MECHANISMS if f"AUTH={name}" in there), None)


def is_token(text: str) -> bool:
    """Whether it can be sent at all: printable ASCII without a space, which is a little more
    than RFC 6750 section 2.1 allows."""
    return _TOKEN.fullmatch(text) is not None


class Bearer:
    """The client's side of one exchange: called with each challenge, decoded, it gives the
    answer. ``told`` is what the server said of a refusal: "" where it said nothing."""

    def __init__(self, mechanism: str, user: str, token: str, host: str, port: int) -> None:
        self._mechanism, self._token = mechanism, token
        if mechanism == "OAUTHBEARER":
            # RFC 7628 section 3.1, the user escaped as RFC 5801 section 4 says
            name = user.replace("=", "=3D").replace(",", "=2C")
            head = f"n,a={name},\1host={host}\1port={port}\1"
        else:
            head = f"user={user}\1"
        self._first = f"{head}auth=Bearer {token}\1\1".encode()
        self._asked = 0
        self.told = ""

    def __repr__(self) -> str:
        return f"<{self._mechanism}>"

    def __call__(self, challenge: bytes) -> bytes:
        self._asked += 1
        if self._asked == 1:
            return self._first
        if self._asked > _CHALLENGES:
            raise imaplib.IMAP4.abort("the server asks without end")
        self.told = self._refusal(challenge)
        return b"\1" if self._mechanism == "OAUTHBEARER" else b""

    def _refusal(self, challenge: bytes) -> str:
        try:
            found = json.loads(challenge)
        except (ValueError, RecursionError):
            return ""
        found = found if isinstance(found, dict) else {}
        told = [
            f"{name} {shown(str(found[name]).replace(self._token, '…'), 80, lines=False)}"
            for name in ("status", "scope")
            if isinstance(found.get(name), str | int)
        ]
        return ", ".join(told)
