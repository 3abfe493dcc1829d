"""The one table of everything that config.toml may hold, and how a value is checked.

Turns a table of TOML into checked values and the faults in it, each with its line, its
key and its remedy. ``settings.py`` builds values from what comes out here, and a test
holds config.example.toml to it. May not read files or know what a setting is used for.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from triage.errors import Fault
from triage.toml_source import Path, TomlSource

Type = Literal[
    "text", "whole number", "number", "true or false", "list of texts", "table", "text or table"
]
Fit = Callable[[str], "tuple[str, str] | None"]
REQUIRED: Any = object()

_PYTHON: dict[Type, tuple[type, ...]] = {
    "text": (str,),
    "whole number": (int,),
    "number": (int, float),
    "true or false": (bool,),
    "list of texts": (list,),
    "table": (dict,),
    "text or table": (str, dict),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TYPED_LIKE: dict[Type, str] = {
    "text": '"…"',
    "whole number": "500",
    "number": "5",
    "true or false": "true",
    "list of texts": '["…", "…"]',
    "table": "{ … }",
    "text or table": "{ … }",
}


@dataclass(frozen=True)
class Key:
    """One key: its name, the type of its value, and what it is if it is not there.

    ``low`` and ``high`` bound a number, ``choices`` a text; ``check`` finds what else is
    wrong with a text, or with each text of a list, as (what, remedy); ``wrong_type`` says
    so where "is no text" would not be enough.
    """

    name: str
    type: Type
    default: Any = REQUIRED
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    check: Fit | None = None
    example: str = ""
    wrong_type: tuple[str, str] | None = None


def printable(text: str) -> tuple[str, str] | None:
    """The fault of a text that is empty or holds control characters."""
    if not text.strip():
        return "is empty", "Write a value between the quotes, or take the line out."
    if _CONTROL.search(text):
        return "holds a control character", "Take it out."
    return None


def word(text: str) -> tuple[str, str] | None:
    """The fault of a text that is no single word (host names, authserv-ids)."""
    if fault := printable(text):
        return fault
    return ("holds a space", "Take the space out.") if re.search(r"\s", text) else None


def folder(text: str) -> tuple[str, str] | None:
    """The fault of a folder name; levels are separated by "/" whatever the server does."""
    if fault := printable(text):
        return fault
    if any(not level.strip() for level in text.split("/")):
        return "has an empty level", 'Write it like "Invitations/Generic".'
    return ("holds a wildcard", "Take * and % out.") if re.search(r"[*%]", text) else None


def flag(text: str) -> tuple[str, str] | None:
    r"""The fault of a system flag: only what a mailbox keeps, and never ``\Deleted``."""
    if text.lower() == "\\deleted":
        return "would let the server delete the mail", "Use move to put it out of sight."
    if text.lower() not in ("\\flagged", "\\answered", "\\draft", "\\seen"):
        now = 'Use "\\\\Flagged"; a word of your own is set with label = "…".'
        return "is no flag of a mailbox", now
    return None


def label(text: str) -> tuple[str, str] | None:
    """The fault of a Gmail label or keyword."""
    if fault := printable(text):
        return fault
    if text.startswith("\\"):
        return "begins with a backslash", 'A flag is set with flag = "\\\\Flagged".'
    return ("is longer than 200 characters", "Shorten it.") if len(text) > 200 else None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was probably meant to be."""
    found = difflib.get_close_matches(word.lower(), tuple(known), n=1, cutoff=0.5)
    return found[0] if found else None


def dotted(path: Path) -> str:
    """``("accounts", "main", "port")`` as it is written in the file."""
    return ".".join(str(part) for part in path)


@dataclass(frozen=True)
class Check:
    """One file being checked, and the faults found in it so far."""

    source: TomlSource
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Path, what: str, now: str, item: Path | None = None) -> None:
        """Note a fault at ``path``, about the key ``item`` where that is another."""
        self.faults.append(self.source.fault(dotted(item or path), what, now, *path))

    def unknown(self, path: Path, known: Iterable[str], what: str = "key") -> None:
        """Note a key that nothing reads, with the one that was probably meant."""
        known = tuple(known)
        guess = nearest(str(path[-1]), known)
        now = f'Did you mean "{guess}"?' if guess else f"Known here: {', '.join(known)}."
        self.fault(path, f"unknown {what}", now)

    def value(self, path: Path) -> Any:
        """The value at ``path``, None where there is none."""
        value: Any = self.source.data
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def table(self, path: Path, keys: tuple[Key, ...]) -> dict[str, Any]:
        """The values of the table at ``path``, defaults filled in, faults noted.

        A value with a fault, and a required one that is missing, come back as their
        default or None, so that the rest of the file can be checked in the same go.
        """
        table = self.value(path)
        if table is not None and not isinstance(table, dict):
            self.fault(path, "is no table", f"Write [{dotted(path)}].")
        table = table if isinstance(table, dict) else {}
        by_name = {key.name: key for key in keys}
        for name in table:
            if name not in by_name:
                self.unknown((*path, name), by_name)
        return {key.name: self._key((*path, key.name), key, table) for key in keys}

    def _key(self, path: Path, key: Key, table: dict[str, Any]) -> Any:
        default = None if key.default is REQUIRED else key.default
        if key.name in table:
            found = tuple(_faults(key, table[key.name]))
            for number, what, now in found:
                self.fault(path if number is None else (*path, number), what, now, path)
            return default if found else table[key.name]
        if key.default is REQUIRED:
            now = f"Add {key.name} = {key.example or _TYPED_LIKE[key.type]}."
            self.fault(path[:-1], "is missing", now, path)
        return default


def _faults(key: Key, value: Any) -> Iterator[tuple[int | None, str, str]]:
    """(number of the list's item or None, what, remedy) of all that is wrong."""
    right = isinstance(value, _PYTHON[key.type])
    if not right or (isinstance(value, bool) and key.type != "true or false"):
        if key.wrong_type:
            yield None, *key.wrong_type
        else:
            example = key.example or _TYPED_LIKE[key.type]
            yield None, f"is no {key.type}", f"Write {key.name} = {example}."
        return
    if key.type in ("number", "whole number") and not key.low <= value <= key.high:
        now = f"Choose a value from {key.low:g} to {key.high:g}."
        yield None, f"{value} is out of range", now
    if key.choices and value not in key.choices:
        guess = nearest(value, key.choices)
        now = f'Did you mean "{guess}"?' if guess else f"Choose {' or '.join(key.choices)}."
        yield None, f"{value!r} is not one of the choices", now
    if isinstance(value, str) and key.check and (fault := key.check(value)):
        yield None, *fault
    for number, item in enumerate(value if key.type == "list of texts" else ()):
        if not isinstance(item, str):
            yield number, f"item {number + 1} is no text", "Put it between quotes."
        elif key.check and (fault := key.check(item)):
            yield number, f"item {number + 1} {fault[0]}", fault[1]


PASSWORD_PLACES = (
    'Write password = { command = "…" }, { env = "…" }, { file = "…" } or { keyring = true }.'
)

ACCOUNT = (
    Key("host", "text", check=word, example='"imap.example.org"'),
    Key("port", "whole number", None, low=1, high=65535),
    Key("security", "text", "tls", choices=("tls", "starttls", "none")),
    Key("user", "text", check=printable, example='"dave@example.org"'),
    Key(
        "password",
        "table",
        None,  # settings.py asks for it, or for oauth
        example='{ command = "pass show imap" }',
        wrong_type=(
            "the password itself has no place in this file",
            f"Take it out. {PASSWORD_PLACES}",
        ),
    ),
    Key("oauth", "table", None),  # settings_oauth.py
    Key("folders", "list of texts", ["INBOX"], check=folder),
    Key("watch", "text", "idle", choices=("idle", "poll")),
    Key("poll_minutes", "number", 5, low=0.1, high=1440),
    Key("ca_file", "text", None, check=printable),
    Key("timeout_seconds", "number", 60, low=1, high=600),
    Key("prove_minutes", "number", 4, low=0.01, high=20),
    Key("connections", "whole number", 3, low=1, high=20),
)
PASSWORD = (
    Key("command", "text", None, check=printable),
    Key("env", "text", None, check=word),
    Key("file", "text", None, check=printable),
    Key("keyring", "true or false", None),
)
ROUTE = (
    Key("move", "text", None, check=folder),
    Key("label", "text", None, check=label),
    Key("flag", "text", None, check=flag),
    Key("mark_read", "true or false", False),
    Key("leave", "true or false", False),
)
ME = tuple(
    Key(name, "list of texts", [], check=printable)
    for name in ("names", "employers", "schools", "fields", "works", "events", "friends")
)
TRUST = (Key("authserv_ids", "list of texts", [], check=word),)
COSTS = (
    Key("personal_lost", "number", 20.0, low=0.01, high=1e6),
    Key("false_personal", "number", 2.0, low=0.01, high=1e6),
    Key("unsure", "number", 1.0, low=0.01, high=1e6),
)
RULES = (Key("folder", "text", "rules", check=printable),)
STATE = (
    Key("file", "text", "triage.db", check=printable),
    Key("keep_days", "number", 730, low=0, high=36_500),
)
GUARD = (Key("max_moves", "whole number", 500, low=0, high=1_000_000),)
METRICS = (Key("port", "whole number", None, low=1, high=65535),)
SECTIONS = ("accounts", "trust", "routes", "me", "costs", "rules", "state", "guard", "metrics")
