"""What a login is asked with and what it is given, as values; and what a provider can do.

May not reach the network. None of these shows a secret when it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Browse = Callable[[str, str], Mapping[str, str]]
"""Shows an address to a person and waits for what their browser brings back for the state
that goes with it: the query of the redirect (RFC 6749 section 4.1.2)."""


@dataclass(frozen=True)
class Registration:
    """As what, and where, an account's access is asked for. ``account`` is its name in the
    config and ``user`` its login name, to spare a person typing it. ``secret`` reads the
    client secret, None where there is none. "" is for what the provider's own URLs are."""

    account: str
    provider: Literal["google", "microsoft", "other"]
    user: str
    client_id: str
    secret: Callable[[], str] | None = field(default=None, repr=False)
    tenant: str = "common"
    authority: str = ""
    auth_url: str = ""
    token_url: str = ""
    device_url: str = ""
    scopes: tuple[str, ...] = ()
    ca_file: str | None = None

    @property
    def remedy(self) -> str:
        """What a person types where only they can help."""
        return f"triage login {self.account}"


@dataclass(frozen=True)
class Grant:
    """A provider's yes (RFC 6749 section 5.1). ``lifetime`` is how many seconds the access
    token holds from now on; ``refresh_token`` is "" where the former one stays; ``ends_in``
    is how many seconds the whole login holds, None where the provider does not say."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    lifetime: float
    ends_in: float | None = None


@dataclass(frozen=True)
class Prompt:
    """What a person types where, and how many seconds they have (RFC 8628 section 3.2)."""

    url: str
    code: str
    seconds: float
    url_with_code: str = ""


class Provider(Protocol):
    """An identity provider. Each method raises ``Ended`` where only a new login helps,
    ``ServerUnreachable`` where waiting may, ``UserError`` where the config is at fault."""

    def renew(self, refresh_token: str) -> Grant:
        """A new access token, and perhaps a new refresh token (RFC 6749 section 6)."""

    def by_device(self, show: Callable[[Prompt], None]) -> Grant:
        """Show a code, and wait until it was typed or is too old (RFC 8628)."""

    def by_loopback(self, redirect_uri: str, browse: Browse) -> Grant:
        """Send a person's browser to the provider and back to this machine (RFC 8252
        section 7.3), with a proof that it is the same program (RFC 7636)."""


LIFETIME = 3600.0  # where the provider does not say, as it should (RFC 6749 section 5.1)
LONGEST = 366 * 86400.0
_TOKEN = re.compile(r"[!-~]+")
_ENDS_IN = ("refresh_token_expires_in", "refresh_expires_in")  # no standard; Google, Keycloak


def grant_of(answer: Mapping[str, Any]) -> Grant | None:
    """The grant that the answer of a token endpoint is, None if it is none."""
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or ""
    if not isinstance(access, str) or not _TOKEN.fullmatch(access) or not isinstance(refresh, str):
        return None
    lifetime = _seconds(answer.get("expires_in"))
    ends_in = next((_seconds(answer[name]) for name in _ENDS_IN if name in answer), None)
    return Grant(
        access,
        refresh,
        LIFETIME if lifetime is None else lifetime,
        ends_in or None,  # 0: it does not end by itself
    )


def _seconds(value: object) -> float | None:
    """Some providers send text where a number belongs."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return max(0.0, min(seconds, LONGEST)) if seconds == seconds else None
