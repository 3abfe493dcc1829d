"""config.toml to Settings, a frozen value, or to all its faults at once.

Each fault names the file, the line, the key, what is wrong and what to do about it. The
password is named here (a command, a variable, a file, the keyring), never read: that is
the mailbox's. May not connect, create a file, or change what it finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from triage import settings_schema as schema
from triage.errors import Fault, SettingsError
from triage.loopback import is_loopback
from triage.model import LABELS
from triage.preferences import DEFAULT_ROUTES, Costs, Me, Route, Routes, Trust
from triage.settings_oauth import oauth_setting
from triage.settings_places import below, expanded, place
from triage.settings_values import (
    AccountSettings,
    OauthSetting,
    PasswordSetting,
    Settings,
    default_settings,
)
from triage.toml_source import TomlSource, read_toml

__all__ = [
    "AccountSettings",
    "OauthSetting",
    "PasswordSetting",
    "Settings",
    "default_path",
    "default_settings",
    "load_settings",
]

_MAX_BYTES = 1_000_000
_PORTS = {"tls": 993, "starttls": 143, "none": 143}


def default_path(environ: Mapping[str, str]) -> Path:
    """Where the config stands if nothing else is said (XDG Base Directory)."""
    base = environ.get("XDG_CONFIG_HOME") or "~/.config"
    return expanded(base) / "triage" / "config.toml"


def load_settings(path: Path) -> Settings:
    """Read and check the config file. ``SettingsError`` with every fault in it."""
    check = schema.Check(_read(path))
    for name in check.source.data:
        if name not in schema.SECTIONS:
            check.unknown((name,), schema.SECTIONS, "section")
    home = path.absolute().parent
    state = check.table(("state",), schema.STATE)
    state_file = below(home, state["file"])
    accounts = _accounts(check, home, state_file)
    routes = _routes(check, accounts)
    trust = check.table(("trust",), schema.TRUST)
    me = check.table(("me",), schema.ME)
    costs = check.table(("costs",), schema.COSTS)
    rules = check.table(("rules",), schema.RULES)
    guard = check.table(("guard",), schema.GUARD)
    metrics = check.table(("metrics",), schema.METRICS)
    if check.faults:
        raise SettingsError(tuple(check.faults))
    return Settings(
        file=path.absolute(),
        accounts=accounts,
        trust=Trust(tuple(trust["authserv_ids"])),
        routes=routes,
        me=Me(**{name: tuple(texts) for name, texts in me.items()}),
        costs=Costs(**{name: float(cost) for name, cost in costs.items()}),
        rules_folder=below(home, rules["folder"]),
        state_file=state_file,
        max_moves=guard["max_moves"],
        metrics_port=metrics["port"],
        keep_days=float(state["keep_days"]),
    )


def _read(path: Path) -> TomlSource:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        source = read_toml(str(path), content.decode("utf-8-sig"))
        if len(content) > _MAX_BYTES:
            source = Fault(str(path), 0, "", "larger than 1 MB", "That is no config; name another.")
    except FileNotFoundError:
        now = "Run triage init to write one, or triage demo to look around without one."
        source = Fault(str(path), 0, "", "there is no config file", now)
    except OSError as error:
        now = "Mend its permissions, or name another with -c."
        source = Fault(str(path), 0, "", f"cannot be read: {error.strerror}", now)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        source = Fault(str(path), line, "", "is not UTF-8", "Save the file as UTF-8.")
    if isinstance(source, Fault):
        raise SettingsError((source,))
    return source


def _accounts(check: schema.Check, home: Path, state: Path) -> tuple[AccountSettings, ...]:
    tables = check.value(("accounts",)) or {}
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        now = "Write each account as a section of its own: [accounts.main]."
        check.fault(("accounts",), "is no table of accounts", now)
        return ()
    return tuple(_account(check, name, home, state) for name in tables)


def _account(check: schema.Check, name: str, home: Path, state: Path) -> AccountSettings:
    path = ("accounts", name)
    if fault := schema.word(name):
        check.fault(path, f"the name {fault[0]}", fault[1])
    values = check.table(path, schema.ACCOUNT)
    password, oauth = _way_in(check, path, home, state)
    if values["security"] == "none" and values["host"] and not is_loopback(values["host"]):
        what = "would send the password unencrypted over the network"
        check.fault((*path, "security"), what, 'Use "tls" or "starttls".')
    if not values["folders"]:
        check.fault((*path, "folders"), "is empty", 'Write folders = ["INBOX"].')
    ca_file = below(home, values["ca_file"]) if values["ca_file"] else None
    if ca_file and not ca_file.is_file():
        now = "Name a PEM file with the certificate to trust."
        check.fault((*path, "ca_file"), "there is no such file", now)
    return AccountSettings(
        name=name,
        host=values["host"] or "",
        port=values["port"] or _PORTS[values["security"]],
        security=values["security"],
        user=values["user"] or "",
        password=password,
        folders=tuple(dict.fromkeys(values["folders"])),
        watch=values["watch"],
        poll_minutes=float(values["poll_minutes"]),
        ca_file=str(ca_file) if ca_file else None,
        timeout_seconds=float(values["timeout_seconds"]),
        oauth=oauth,
        prove_minutes=float(values["prove_minutes"]),
        connections=values["connections"],
    )


def _way_in(
    check: schema.Check, path: tuple[str, ...], home: Path, state: Path
) -> tuple[PasswordSetting | None, OauthSetting | None]:
    """Exactly one of password and OAuth2."""
    password, oauth = (check.value((*path, name)) for name in ("password", "oauth"))
    if password is not None and oauth is not None:
        what = "stands beside a password, and only one of both can count"
        check.fault((*path, "oauth"), what, "Take one of both out.")
    elif password is None and oauth is None:
        now = 'Add password = { command = "pass show imap" }, or oauth: see config.example.toml.'
        check.fault(path, "is missing", now, (*path, "password"))
    return (
        place(check, (*path, "password"), home) if isinstance(password, dict) else None,
        oauth_setting(check, (*path, "oauth"), home, state) if isinstance(oauth, dict) else None,
    )


def _routes(check: schema.Check, accounts: tuple[AccountSettings, ...]) -> Routes:
    tables = check.value(("routes",))
    if not isinstance(tables, dict | None):
        check.fault(("routes",), "is no table", "Write [routes].")
        tables = None
    routes = dict(DEFAULT_ROUTES)
    watched = {_folded(folder) for account in accounts for folder in account.folders}
    for name in tables or {}:
        path = ("routes", name)
        if name not in LABELS:
            check.unknown(path, LABELS, "label")
            continue
        values = check.table(path, schema.ROUTE)
        leave = values.pop("leave")
        route = Route(**values)
        if leave and route != Route():
            now = f"Write {name} = {{ leave = true }} alone, or take leave out."
            check.fault(path, "leave stands beside something to do", now)
        if name == "unsure" and route.move:
            now = "Take move out: what is unsure stays where a person will see it."
            check.fault(path, "unsure never moves mail", now)
        elif route.move and _folded(route.move) in watched:
            what = "moves into a folder that is watched, so the mail would come round again"
            now = "Name another folder, or take it out of the account's folders."
            check.fault(path, what, now)
        routes[name] = route
    return Routes(tuple(routes.items()))


def _folded(folder: str) -> str:
    """INBOX is the same folder in any case (RFC 3501 section 5.1), others are not."""
    return "INBOX" if folder.upper() == "INBOX" else folder
