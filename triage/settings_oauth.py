"""The ``oauth`` table of an account to a value, or to all that is wrong with it.

Says of each key for which provider it counts, so that one that says nothing is a fault and
not a surprise. A client secret may stand in the config if no one else can read that. May
not ask a provider anything: ``logins/`` does.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from triage.settings_places import below, place
from triage.settings_schema import PASSWORD, Check, Key, printable, word
from triage.settings_values import OauthSetting, PasswordSetting

_PROVIDERS = ("google", "microsoft", "other")
_FOR_ALL = {"provider", "client_id", "flow", "token", "scopes", "ca_file"}
_TAKES = {
    "command": {"command"},
    "google": _FOR_ALL | {"client_secret", "auth_url", "token_url"},
    "microsoft": _FOR_ALL | {"tenant", "authority"},
    "other": _FOR_ALL | {"client_secret", "auth_url", "token_url", "device_url"},
}
_NEEDS = {
    "command": (),
    "google": ("client_id", "client_secret"),
    "microsoft": ("client_id",),
    "other": ("client_id", "token_url"),
}
_EITHER = 'Write provider = "google", "microsoft" or "other", or command = "…".'
_NO_DEVICE = (
    "Google gives access to mail by no device flow",  # its list of scopes for devices
    'Write flow = "loopback"; without a browser on this machine, README.md says how.',
)


def _https(text: str) -> tuple[str, str] | None:
    """The fault of a text that is no address to send a secret to (RFC 6749 section 3.2)."""
    if fault := word(text):
        return fault
    try:
        url = urlsplit(text)
        right = url.scheme == "https" and bool(url.hostname) and url.port != 0
    except ValueError:
        right = False
    if not right or url.username is not None or url.fragment:
        return "is no https address", 'Write it like "https://login.example.org/token".'
    return None


OAUTH = (
    Key("provider", "text", None, choices=_PROVIDERS),
    Key("command", "text", None, check=printable),
    Key("client_id", "text", None, check=word, example='"…"'),
    Key("client_secret", "text or table", None, check=printable, example='{ file = "…" }'),
    Key("flow", "text", None, choices=("device", "loopback")),
    Key("token", "table", None),
    Key("tenant", "text", "common", check=word),
    Key("authority", "text", None, check=_https),
    Key("auth_url", "text", None, check=_https),
    Key("token_url", "text", None, check=_https, example='"https://…"'),
    Key("device_url", "text", None, check=_https),
    Key("scopes", "list of texts", [], check=word),
    Key("ca_file", "text", None, check=printable),
)
_TOKEN = tuple(key for key in PASSWORD if key.name in ("file", "keyring"))


def oauth_setting(
    check: Check, path: tuple[str, ...], home: Path, state_file: Path
) -> OauthSetting | None:
    """What the table at ``path`` says; the tokens of the account ``path[1]`` are kept in
    ``NAME.token`` beside the config unless it says otherwise. None if no provider is named."""
    values = check.table(path, OAUTH)
    table = check.value(path)
    named = [name for name in ("provider", "command") if name in table]
    if len(named) != 1:
        check.fault(path, f"names {len(named)} ways to a token, not one", _EITHER)
        return None
    provider: Any = "command" if named == ["command"] else values["provider"]
    if provider is None:
        return None  # told already
    _fitting(check, path, provider, table)
    if provider == "command":
        return OauthSetting("command", command=values["command"] or "")
    ca_file = below(home, values["ca_file"]) if values["ca_file"] else None
    if ca_file and not ca_file.is_file():
        now = "Name a PEM file with the certificate to trust."
        check.fault((*path, "ca_file"), "there is no such file", now)
    account = quote(path[1], safe="")  # as a part of a file's name
    token = PasswordSetting("file", str(below(home, f"{account}.token")))
    if isinstance(table.get("token"), dict):
        token = place(check, (*path, "token"), home, _TOKEN, "tokens")
    secret, text = _secret(check, path, home)
    return OauthSetting(
        provider=provider,
        client_id=values["client_id"] or "",
        client_secret=secret,
        secret_text=text,
        flow=_flow(check, path, provider, values),
        token=token,
        lock=_lock(token, account, state_file),
        tenant=values["tenant"],
        authority=values["authority"] or "",
        auth_url=values["auth_url"] or "",
        token_url=values["token_url"] or "",
        device_url=values["device_url"] or "",
        scopes=tuple(values["scopes"]),
        ca_file=str(ca_file) if ca_file else None,
    )


def _fitting(check: Check, path: tuple[str, ...], provider: str, table: dict[str, Any]) -> None:
    for key in OAUTH:
        if key.name in table and key.name not in _TAKES[provider]:
            beside = "command" if provider == "command" else f'provider = "{provider}"'
            check.fault((*path, key.name), f"says nothing beside {beside}", "Take it out.")
        elif key.name not in table and key.name in _NEEDS[provider]:
            check.fault(path, "is missing", f"Add {key.name} = {key.example}.", (*path, key.name))


def _flow(check: Check, path: tuple[str, ...], provider: str, values: dict[str, Any]) -> Any:
    by_code = provider == "microsoft" or values["device_url"] is not None
    flow = values["flow"] or ("device" if by_code else "loopback")
    if provider == "google" and flow == "device":
        check.fault((*path, "flow"), *_NO_DEVICE)
    needed = {"device": "device_url", "loopback": "auth_url"}[flow]
    if provider == "other" and values[needed] is None:
        now = f'Add {needed} = "https://…": flow "{flow}" goes there.'
        check.fault(path, "is missing", now, (*path, needed))
    return flow


def _secret(check: Check, path: tuple[str, ...], home: Path) -> tuple[PasswordSetting | None, str]:
    """Where the client secret is kept, or itself."""
    value, here = check.value((*path, "client_secret")), (*path, "client_secret")
    if isinstance(value, dict):
        return place(check, here, home, what="client secret"), ""
    if not isinstance(value, str):
        return None, ""
    file = Path(check.source.file)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        what = "is a secret, and others can read this file"
        check.fault(here, what, f'chmod 600 {file}, or write {{ file = "…" }}.')
    return None, value


def _lock(token: PasswordSetting, account: str, state_file: Path) -> Path:
    """Beside the tokens, or beside the state file where they are in the keyring."""
    if token.kind == "file":
        return Path(token.value + ".lock")
    return state_file.with_name(f"{state_file.name}.{account}.token.lock")
