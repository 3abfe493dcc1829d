"""A name in the config to a place: of a file, or of something that must stay secret.

Relative paths start at the folder of the config. A secret is named (a command, a variable,
a file, the keyring), never read. May not look at what stands there.
"""

from __future__ import annotations

import os
from pathlib import Path

from triage import settings_schema as schema
from triage.settings_values import PasswordSetting

KEYRING = PasswordSetting("keyring", "")
_EXAMPLES = {
    "command": '{ command = "…" }',
    "env": '{ env = "…" }',
    "file": '{ file = "…" }',
    "keyring": "{ keyring = true }",
}


def place(
    check: schema.Check,
    path: tuple[str, ...],
    home: Path,
    keys: tuple[schema.Key, ...] = schema.PASSWORD,
    what: str = "password",
) -> PasswordSetting:
    """Where the table at ``path`` says that a secret is kept, its faults noted; the keyring
    where it has some. ``what`` is the secret, for the words of a fault."""
    values = check.table(path, keys)
    given = [name for name in values if name in check.value(path)]
    now = f"Write {path[-1]} = {_one_of([key.name for key in keys])}."
    if len(given) != 1:
        check.fault(path, f"names {len(given)} places to find the {what}, not one", now)
        return KEYRING
    kind = given[0]
    if kind == "keyring" and not values[kind]:
        check.fault((*path, kind), "says nothing where it is false", now)
    if kind == "file":
        return PasswordSetting("file", str(below(home, values[kind] or "")))
    if kind == "command":
        return PasswordSetting("command", values[kind] or "")
    return PasswordSetting("env", values[kind] or "") if kind == "env" else KEYRING


def _one_of(names: list[str]) -> str:
    *most, last = [_EXAMPLES[name] for name in names]
    return f"{', '.join(most)} or {last}"


def below(home: Path, name: str) -> Path:
    """The absolute path of ``name``, which starts at ``home`` unless it says otherwise."""
    return Path(os.path.normpath(home / expanded(name)))


def expanded(name: str) -> Path:
    """``name`` with ``~`` replaced by the home that it stands for."""
    try:
        return Path(name).expanduser()
    except RuntimeError:  # ~nobody: no such home; the path then fails where it is used
        return Path(name)
