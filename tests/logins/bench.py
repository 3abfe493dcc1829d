"""The helpers of the tests of logins: a Dovecot that asks a provider, a config, a person.

What needs no fixture stands here, so that tests can import it. May not start anything by
itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import requests

from servers import dovecot as dovecots
from servers.dovecot import Dovecot
from servers.identity import CLIENT, SCOPE, USER, IdentityProvider
from triage.daemon.oauth import login_of_a_person
from triage.logins.login import Login
from triage.logins.other import Other
from triage.settings import AccountSettings, load_settings

_OAUTH_CONF = """
introspection_mode = post
introspection_url = {url}/introspect
username_attribute = username
active_attribute = active
active_value = true
tls_ca_cert_file = {ca}
openid_configuration_url = {url}/v2.0/.well-known/openid-configuration
"""
_PASSDB = """
auth_mechanisms = {mechanisms} plain
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {conf}
}}
"""
CONFIG = """[accounts.main]
host = "localhost"
port = {port}
security = "tls"
user = "{user}"
ca_file = "{mail_ca}"
timeout_seconds = 20
[accounts.main.oauth]
client_id = "{client}"
ca_file = "{ca}"
{provider}
"""
Write = Callable[..., Path]


def start_dovecot(
    folder: Path, provider: IdentityProvider, mechanisms: str = "oauthbearer xoauth2"
) -> Dovecot:
    """One that checks each access token at ``provider``."""
    conf = folder / "oauth2.conf.ext"
    conf.write_text(_OAUTH_CONF.format(url=provider.url, ca=provider.ca_file))
    return dovecots.start(folder, {}, extra=_PASSDB.format(mechanisms=mechanisms, conf=conf))


def lines_of(provider: str, identity: IdentityProvider) -> str:
    """What names a provider in the config, all leading to the one on this machine."""
    url = identity.url
    return {
        "google": f'provider = "google"\nclient_secret = {{ env = "TRIAGE_CLIENT_SECRET" }}\n'
        f'auth_url = "{url}/authorize"\ntoken_url = "{url}/token"\nscopes = ["{SCOPE}"]',
        "microsoft": f'provider = "microsoft"\nauthority = "{url}"\ntenant = "home"\n'
        f'scopes = ["{SCOPE}"]',
        "other": f'provider = "other"\nauth_url = "{url}/authorize"\ntoken_url = "{url}/token"\n'
        f'device_url = "{url}/device"\nscopes = ["{SCOPE}"]',
    }[provider]


def config_text(
    identity: IdentityProvider, provider: str, port: int, mail_ca: Path, more: str
) -> str:
    """A config whose one account logs in at the provider."""
    return CONFIG.format(
        port=port, user=USER, client=CLIENT, ca=identity.ca_file, mail_ca=mail_ca,
        provider=f"{lines_of(provider, identity)}\n{more}",
    )  # fmt: skip


def account_in(config: Path) -> AccountSettings:
    return load_settings(config).accounts[0]


def login_in(config: Path) -> Login:
    return login_of_a_person(account_in(config))


def by_code(login: Login, identity: IdentityProvider) -> None:
    """Log in by device, as a person who types the code at once."""
    provider = Other(login.registration, pause=lambda seconds: None)
    login.keep(provider.by_device(lambda prompt: identity.type_code(prompt.code)))


def browser(url: str, identity: IdentityProvider) -> requests.Response:
    """A browser in which the person says yes: to the provider, and back."""
    return requests.get(url, verify=str(identity.ca_file), timeout=30)


def browse_in_background(url: str, identity: IdentityProvider) -> threading.Thread:
    thread = threading.Thread(target=browser, args=(url, identity), daemon=True)
    thread.start()
    return thread
