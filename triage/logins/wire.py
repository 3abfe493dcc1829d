"""A session for talking to an identity provider, and what its answers mean.

Over HTTPS alone, with time-outs, following no redirect (the body of a request is a secret).
Each way of failing becomes one of three: ``Ended`` (only a new login helps),
``ServerUnreachable`` (waiting may), ``UserError`` (the config is wrong). May not say a
secret, nor an address: what a provider writes into an error is cleaned of both.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from triage.clean import shown
from triage.errors import LoginRefused, ServerUnreachable, TriageError, UserError
from triage.logins.grant import Grant, Registration, grant_of

SECONDS = 20.0  # for one answer of a provider

# These log requests and answers with all that is in them; msal an answer that is no JSON
# even as an error.
for _name in ("msal", "requests_oauthlib", "oauthlib", "google", "google_auth_oauthlib", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

# RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6, RFC 8628 section 3.5
_ENDED = {
    "invalid_grant": "the login has expired or was revoked",
    "interaction_required": "the provider wants a person to log in again",
    "login_required": "the provider wants a person to log in again",
    "consent_required": "the provider wants a person to consent again",
    "access_denied": "the provider or the person said no",
    "expired_token": "the code was not typed in time",
}
_CONFIG = {
    "invalid_client": "client_id or client_secret is not accepted",
    "unauthorized_client": "the client may not log in this way",
    "invalid_scope": "the scopes are not accepted",
    "unsupported_grant_type": "the provider does not know this way of logging in",
    "invalid_tenant": "the tenant is not known",
    "invalid_request": "the provider does not understand the request",
}
_BUSY = {"server_error", "temporarily_unavailable", "slow_down"}
_SECRET_FIELDS = {"refresh_token", "code", "code_verifier", "device_code", "client_secret"}
_CODE = re.compile(r"[a-z_]{1,60}")
_ADDRESS = re.compile(r"\S+@\S+")


class Ended(LoginRefused):
    """The login is over; ``reason`` is the provider's word for it, such as invalid_grant."""

    def __init__(self, what: str, reason: str, *, where: str, now: str) -> None:
        self.reason = reason
        super().__init__(what, where=where, now=now)


class Wire:
    """What is said between this program and a provider for one account. Every session that
    was prepared keeps its last answer here: ``status`` (0: there was none) and ``answer``;
    and the ``secrets`` that it sent, which are cut out of an error should they come back."""

    def __init__(self, registration: Registration, url: str) -> None:
        self.registration = registration
        host = urlsplit(url).netloc
        self.where = f"account {registration.account}{', ' if host else ''}{host}"
        self.status = 0
        self.answer: dict[str, Any] = {}
        self.secrets: set[str] = set()

    def __repr__(self) -> str:
        return f"<wire of {self.where}>"

    def session(self) -> Any:
        """A session of requests'."""
        import requests

        return self.prepare(requests.Session())

    def prepare(self, session: Any) -> Any:
        """Bind a session, which may be a library's own, to the rules above."""
        from requests.adapters import HTTPAdapter

        ca_file = self.registration.ca_file

        class Timely(HTTPAdapter):
            def send(self, request: Any, *more: Any, **options: Any) -> Any:
                options["timeout"] = SECONDS
                if ca_file:  # here, since a session's own loses to REQUESTS_CA_BUNDLE
                    options["verify"] = ca_file
                return super().send(request, *more, **options)

        session.adapters.clear()
        session.mount("https://", Timely())
        session.max_redirects = 0
        session.hooks["response"].append(self._hear)
        return session

    def _hear(self, response: Any, *more: object, **options: object) -> None:
        self.status = response.status_code
        try:
            answer = response.json()
        except ValueError:
            answer = {}
        self.answer = answer if isinstance(answer, dict) else {}
        sent = response.request.body or ""
        sent = sent.decode("utf-8", "replace") if isinstance(sent, bytes) else str(sent)
        self.secrets |= {value for name, value in parse_qsl(sent) if name in _SECRET_FIELDS}

    def granted(self, error: Exception | None = None) -> Grant:
        """The grant that the last answer is, or the failure that it is. A library's ``error``
        over an answer is no reason to lose the tokens in it: only no answer is."""
        grant = None
        if self.status == 200 and not _is_lost(error):
            grant = grant_of(self.answer)
        if grant is None:
            raise self.failure(error) from None
        return grant

    def failure(self, error: Exception | None = None) -> TriageError:
        """What the last answer means, or ``error`` where there was none."""
        if _is_lost(error) or self.status == 0:
            return self._unreachable(error)
        return self.meaning(self.answer, self.status)

    def meaning(self, answer: Mapping[str, Any], status: int = 400) -> TriageError:
        """The error that ``answer`` is: of a token endpoint, or of a redirect."""
        code = answer.get("error")
        code = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
        said = self._said(answer.get("error_description"))
        told = f" ({code}{': ' if said else ''}{said})" if code else ""
        if status >= 500 or status == 429 or code in _BUSY:
            what = f"the identity provider is out of order for now (HTTP {status}){told}"
            return ServerUnreachable(what, where=self.where, now="Try again later.")
        if code in _ENDED:
            now = f"Type: {self.registration.remedy}"
            return Ended(_ENDED[code] + told, code, where=self.where, now=now)
        if code in _CONFIG:
            now = "Check oauth in the config against what the provider's console says."
            return UserError(_CONFIG[code] + told, where=self.where, now=now)
        what = f"the identity provider's answer (HTTP {status}) is not understood{told}"
        if 300 <= status < 400:
            what = "the identity provider sends the request elsewhere, which is not followed"
        now = "Check the URLs of oauth in the config, and the network."
        return ServerUnreachable(what, where=self.where, now=now)

    def _said(self, text: object) -> str:
        if not isinstance(text, str):
            return ""
        for secret in (*self.secrets, self.registration.user):
            text = text.replace(secret, "…")
        return shown(_ADDRESS.sub("…", text), 120, lines=False).rstrip(".")

    def _unreachable(self, error: Exception | None) -> ServerUnreachable:
        from requests import exceptions

        now = "Check the network."
        if isinstance(error, exceptions.SSLError):
            what = "the certificate of the identity provider is not accepted"
            now = "If the provider is your own, name the certificate of its authority in ca_file."
        elif isinstance(error, exceptions.Timeout):
            what = f"the identity provider did not answer within {SECONDS:g} seconds"
        else:
            what = "the identity provider cannot be reached"
        return ServerUnreachable(what, where=self.where, now=now)


def _is_lost(error: Exception | None) -> bool:
    """Whether ``error`` is that no answer came."""
    from requests import RequestException

    return isinstance(error, RequestException) and error.response is None
