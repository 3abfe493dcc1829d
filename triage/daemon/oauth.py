"""An account's ``oauth`` setting to what gives its access tokens.

The one place where settings, credentials and logins meet: the client secret and a token
that a command prints come from where passwords come from. May not ask a provider by
itself, nor read a secret before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from triage.errors import TriageError, UserError
from triage.logins.grant import Registration
from triage.logins.login import Login, Standing
from triage.logins.store import FileStore, KeyringStore, Store
from triage.mailbox.credentials import PasswordSource
from triage.settings import AccountSettings, OauthSetting

KEYRING_SERVICE = "triage-oauth"


@dataclass(frozen=True)
class PrintedToken:
    """An access token that a command prints, which sees to its renewal itself."""

    source: PasswordSource
    user: str
    where: str
    remedy: str = "Run the token command by hand to see whether its login has ended."

    def token(self) -> str:
        """What the command prints now. That it fails is no one's mistake as long as it
        worked before: it asks a provider over the network, so trying again is right."""
        try:
            return self.source.read(self.user, self.where)
        except UserError as error:
            raise TriageError(error.what, where=error.where, now=error.now) from None

    def instead_of(self, refused: str) -> str | None:
        """What it prints when asked again, None if that is the same."""
        token = self.token()
        return token if token != refused else None


def tokens_of(account: AccountSettings, oauth: OauthSetting) -> Login | PrintedToken:
    """Where the access tokens of the account come from."""
    if oauth.provider == "command":
        source = PasswordSource("command", oauth.command, "token")
        return PrintedToken(source, account.user, f"account {account.name}")
    registration = Registration(
        account=account.name,
        provider=oauth.provider,
        user=account.user,
        client_id=oauth.client_id,
        secret=_secret(account, oauth),
        tenant=oauth.tenant,
        authority=oauth.authority,
        auth_url=oauth.auth_url,
        token_url=oauth.token_url,
        device_url=oauth.device_url,
        scopes=oauth.scopes,
        ca_file=oauth.ca_file,
    )
    store: Store = KeyringStore(KEYRING_SERVICE, f"{account.user} {account.host}")
    if oauth.token.kind == "file":
        store = FileStore(Path(oauth.token.value))
    return Login(registration, store, oauth.lock)


def login_of_a_person(account: AccountSettings) -> Login:
    """The login that a person makes by ``triage login``; an error where there is none."""
    tokens = tokens_of(account, account.oauth) if account.oauth else None
    if isinstance(tokens, Login):
        return tokens
    what = "takes a password" if tokens is None else "has its tokens from a command"
    raise UserError(
        f"the account {what}, so there is nothing to log in to",
        where=f"account {account.name}",
        now="See oauth in config.example.toml for logins by OAuth2.",
    )


def standing_of(account: AccountSettings) -> Standing | None:
    """How the account's login stands as far as is known here, None where it has none."""
    tokens = tokens_of(account, account.oauth) if account.oauth else None
    return tokens.standing() if isinstance(tokens, Login) else None


def _secret(account: AccountSettings, oauth: OauthSetting) -> Callable[[], str] | None:
    if oauth.secret_text:
        return lambda: oauth.secret_text
    if oauth.client_secret is None:
        return None
    source = PasswordSource(oauth.client_secret.kind, oauth.client_secret.value, "client secret")
    return lambda: source.read(oauth.client_id, f"account {account.name}")
