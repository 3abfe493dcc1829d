"""A login at any provider that keeps to the standards, by the addresses in the config.

RFC 6749 (code and refresh), RFC 7636 (PKCE, S256), RFC 8628 (device), as plain requests: a
form out, JSON back. May not keep anything.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from triage.errors import UserError
from triage.logins.grant import Browse, Grant, Prompt, Registration
from triage.logins.wire import Wire

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL = 5.0  # seconds between two questions, and how much slow_down adds (RFC 8628, 3.5)
CODE_SECONDS = 900.0  # where the provider breaks the standard and does not say


class Other:
    """``pause`` waits so many seconds between two questions whether the code was typed."""

    def __init__(
        self, registration: Registration, pause: Callable[[float], object] = time.sleep
    ) -> None:
        self._registration = registration
        self._pause = pause

    def renew(self, refresh_token: str) -> Grant:
        wire = self._wire(self._registration.token_url)
        return self._ask(wire, grant_type="refresh_token", refresh_token=refresh_token)

    def by_loopback(self, redirect_uri: str, browse: Browse) -> Grant:
        registration = self._registration
        self._need("auth_url")
        verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(32)
        hashed = hashlib.sha256(verifier.encode("ascii")).digest()
        question = {
            "response_type": "code",
            "client_id": registration.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode("ascii"),
            "code_challenge_method": "S256",
            "login_hint": registration.user,
            **self._scope(),
        }
        joint = "&" if "?" in registration.auth_url else "?"
        query = browse(f"{registration.auth_url}{joint}{urlencode(question)}", state)
        wire = self._wire(registration.token_url)
        return self._ask(
            wire,
            grant_type="authorization_code",
            code=query["code"],
            redirect_uri=redirect_uri,
            code_verifier=verifier,
        )

    def by_device(self, show: Callable[[Prompt], None]) -> Grant:
        self._need("device_url")
        wire = self._wire(self._registration.device_url)
        told = self._post(wire, self._registration.device_url, self._scope())
        try:
            code, interval = str(told["device_code"]), float(told.get("interval", INTERVAL))
            seconds = float(told.get("expires_in", CODE_SECONDS))
            url = str(told.get("verification_uri") or told["verification_url"])
            prompt = Prompt(
                url, str(told["user_code"]), seconds, str(told.get("verification_uri_complete", ""))
            )
        except (KeyError, TypeError, ValueError):
            raise wire.failure() from None
        show(prompt)
        wire = self._wire(self._registration.token_url)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._pause(interval)
            self._post(
                wire, self._registration.token_url,
                {"grant_type": DEVICE_CODE, "device_code": code},
            )  # fmt: skip
            error = wire.answer.get("error")
            if error == "slow_down":
                interval += INTERVAL
            elif error != "authorization_pending":
                return wire.granted()
        raise wire.meaning({"error": "expired_token"})

    def _need(self, url: str) -> None:
        if not getattr(self._registration, url):
            where = f"account {self._registration.account}"
            raise UserError(f"oauth says no {url}", where=where, now="Add it, or use another flow.")

    def _wire(self, url: str) -> Wire:
        return Wire(self._registration, url)

    def _scope(self) -> dict[str, str]:
        scopes = " ".join(self._registration.scopes)
        return {"scope": scopes} if scopes else {}

    def _ask(self, wire: Wire, **form: str) -> Grant:
        self._post(wire, self._registration.token_url, form)
        return wire.granted()

    def _post(self, wire: Wire, url: str, form: dict[str, str]) -> dict[str, Any]:
        from requests import RequestException

        form = {"client_id": self._registration.client_id, **form}
        if self._registration.secret is not None:
            # In the form, not by HTTP Basic: the two that are common both take it there.
            form["client_secret"] = self._registration.secret()
        wire.status, wire.answer = 0, {}
        try:
            with wire.session() as session:
                session.post(url, data=form, headers={"Accept": "application/json"})
        except RequestException as error:
            raise wire.failure(error) from None
        return wire.answer
