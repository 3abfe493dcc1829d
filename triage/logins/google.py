"""A login at Google, by Google's own libraries: consent by google-auth-oauthlib (with PKCE),
renewal by google-auth.

For mail there is no device flow: the scopes that Google gives to devices do not hold it
(developers.google.com/identity/protocols/oauth2/limited-input-device). May not keep
anything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from triage.errors import UserError
from triage.logins.grant import Browse, Grant, Prompt, Registration
from triage.logins.wire import Wire

AUTH_URL = "https://accounts.google.com/o/oauth2/auth"
TOKEN_URL = "https://oauth2.googleapis.com/token"
SCOPES = ("https://mail.google.com/",)  # the one that IMAP takes


class Google:
    """The provider ``google`` of the config."""

    def __init__(self, registration: Registration) -> None:
        self._registration = registration
        self._token_url = registration.token_url or TOKEN_URL
        self._scopes = list(registration.scopes or SCOPES)

    def renew(self, refresh_token: str) -> Grant:
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request
        from google.oauth2.credentials import Credentials

        wire, secret = self._wire()
        failed: Exception | None = None
        credentials = Credentials(
            None,
            refresh_token=refresh_token,
            token_uri=self._token_url,
            client_id=self._registration.client_id,
            client_secret=secret,
        )
        with wire.session() as session:
            try:
                credentials.refresh(Request(session))
            except GoogleAuthError as error:
                failed = _cause(error)
            except (ValueError, TypeError, OverflowError) as error:  # an odd answer
                failed = error
        # Not the credentials' own expiry: that is a time of this machine's clock.
        return wire.granted(failed)

    def by_loopback(self, redirect_uri: str, browse: Browse) -> Grant:
        from google_auth_oauthlib.flow import Flow
        from oauthlib.oauth2 import OAuth2Error
        from requests import RequestException

        wire, secret = self._wire()
        client = {
            "client_id": self._registration.client_id,
            "client_secret": secret,
            "auth_uri": self._registration.auth_url or AUTH_URL,
            "token_uri": self._token_url,
        }
        flow = Flow.from_client_config(
            {"installed": client}, self._scopes, autogenerate_code_verifier=True
        )
        with ExitStack() as stack:
            stack.callback(flow.oauth2session.close)
            wire.prepare(flow.oauth2session)
            flow.redirect_uri = redirect_uri
            # Only with a consent does Google give a refresh token again.
            url, state = flow.authorization_url(
                access_type="offline", prompt="consent", login_hint=self._registration.user
            )
            code = browse(url, state)["code"]
            try:
                flow.fetch_token(code=code)
            except RequestException as error:
                raise wire.failure(error) from None
            except (OAuth2Error, ValueError, TypeError, OverflowError):
                raise wire.failure() from None
            except Warning:  # oauthlib: the scopes are others than those asked for
                return wire.granted()
        return wire.granted()

    def by_device(self, show: Callable[[Prompt], None]) -> Grant:
        raise UserError(
            "Google gives access to mail by no device flow",
            where=f"account {self._registration.account}",
            now=f"Type: {self._registration.remedy} --flow loopback",
        )

    def _wire(self) -> tuple[Wire, str]:
        """With the client secret, which may go in a header."""
        wire = Wire(self._registration, self._token_url)
        secret = self._registration.secret() if self._registration.secret else ""
        wire.secrets |= {secret} - {""}
        return wire, secret


def _cause(error: Exception) -> Exception | None:
    """A TransportError of google-auth holds what requests raised."""
    cause = error.args[0] if error.args else None
    return cause if isinstance(cause, Exception) else None
