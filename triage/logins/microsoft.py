"""A login at Microsoft (Entra ID, Microsoft 365, outlook.com), by Microsoft's library msal.

msal asks the authority for its addresses, adds offline_access, and speaks all three flows.
Its own cache of tokens is thrown away: one place keeps the tokens of all providers, and
writes them down before they are used. May not keep anything.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from triage.errors import TriageError
from triage.logins.grant import Browse, Grant, Prompt, Registration
from triage.logins.wire import Wire

AUTHORITY = "https://login.microsoftonline.com"  # national clouds have their own
SCOPES = ("https://outlook.office.com/IMAP.AccessAsUser.All",)


class Microsoft:
    """The provider ``microsoft`` of the config."""

    def __init__(self, registration: Registration) -> None:
        self._registration = registration
        base = (registration.authority or AUTHORITY).rstrip("/")
        self._authority = f"{base}/{registration.tenant}"
        self._scopes = list(registration.scopes or SCOPES)
        self._wire = Wire(registration, self._authority)

    def renew(self, refresh_token: str) -> Grant:
        def ask(app: Any) -> object:
            return app.acquire_token_by_refresh_token(refresh_token, self._scopes)

        return self._granted(ask, anyhow=True)

    def by_device(self, show: Callable[[Prompt], None]) -> Grant:
        def ask(app: Any) -> object:
            flow = app.initiate_device_flow(scopes=self._scopes)
            if "user_code" not in flow:
                raise self._wire.failure()
            show(Prompt(flow["verification_uri"], flow["user_code"], flow["expires_in"]))
            answer: dict[str, Any] = app.acquire_token_by_device_flow(flow)
            if answer.get("error") == "authorization_pending":  # it stopped waiting
                raise self._wire.meaning({"error": "expired_token"})
            return answer

        return self._granted(ask)

    def by_loopback(self, redirect_uri: str, browse: Browse) -> Grant:
        def ask(app: Any) -> object:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it would rather have the answer as a form
                flow = app.initiate_auth_code_flow(
                    self._scopes, redirect_uri=redirect_uri, login_hint=self._registration.user
                )
            query = dict(browse(flow["auth_uri"], flow["state"]))
            return app.acquire_token_by_auth_code_flow(flow, query)

        return self._granted(ask)

    def _granted(self, ask: Callable[[Any], object], anyhow: bool = False) -> Grant:
        """What ``ask`` brought. ``anyhow``: also where msal finds fault with the answer, since
        a refresh token that is given has replaced the one before."""
        import msal
        from msal.exceptions import MsalError
        from requests import RequestException

        failed: Exception | None = None
        with self._wire.session() as session:
            try:
                # The config names the authority: nobody else need vouch for it.
                app = msal.PublicClientApplication(
                    self._registration.client_id,
                    authority=self._authority,
                    instance_discovery=False,
                    http_client=session,
                )
                ask(app)
            except TriageError:
                raise
            except (MsalError, RequestException) as error:
                failed = error
            except (ValueError, TypeError, KeyError, OverflowError, RuntimeError) as error:
                failed = error  # an odd answer
        if failed is not None and not anyhow:
            raise self._wire.failure(failed)
        return self._wire.granted(failed)
