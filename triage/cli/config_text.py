"""Answers to the text of a config.toml: the shipped example with the user's values in it.

The comments are those of config.example.toml, so that they are kept in one place. May not
write a file; the facts of the example's invented user stay behind as comments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import triage
from triage.errors import TriageError

_PAIR = re.compile(r"(?P<key>\w+)(?P<gap>\s*=\s*)(?P<value>.*?)(?P<remark>\s+#.*)?")
_HEAD = """\
# The config of triage, written by `triage init`. Unknown keys are refused. Relative paths
# start at the folder of this file. `triage doctor` tells what is still wrong.

"""
_EXAMPLES_OWN = ("authserv_ids", "names", "employers", "schools", "fields", "works", "events",
                 "friends")  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """What `triage init` was told or found out. ``password`` is the TOML table's one key
    and its value."""

    host: str
    user: str
    password: tuple[str, str | bool]
    security: str = "tls"
    port: int = 993
    ca_file: str | None = None
    authserv_ids: tuple[str, ...] = ()


def example_text() -> str:
    """The text of config.example.toml, from the package or from the checkout."""
    package = Path(triage.__file__).parent
    for folder in (package, package.parent):
        path = folder / "config.example.toml"
        if path.is_file():
            return path.read_text("utf-8")
    raise TriageError("config.example.toml is missing", where=str(package), now="Install again.")


def config_text(answers: Answers) -> str:
    """The whole config of an account called main."""
    kind, value = answers.password
    values: dict[str, str] = {
        "host": toml(answers.host),
        "user": toml(answers.user),
        "password": f"{{ {kind} = {toml(value)} }}",
        "security": toml(answers.security),
        "port": str(answers.port),
    }
    if answers.ca_file:
        values["ca_file"] = toml(answers.ca_file)
    if answers.authserv_ids:
        values["authserv_ids"] = f"[{', '.join(toml(name) for name in answers.authserv_ids)}]"
    _, _, body = example_text().partition("\n\n")  # the head is about the example
    return _HEAD + "".join(f"{_line(line, values)}\n" for line in body.splitlines())


def toml(value: str | bool) -> str:
    """A TOML string or boolean; JSON's escapes are TOML's as well."""
    return json.dumps(value, ensure_ascii=False)


def _line(line: str, values: Mapping[str, str]) -> str:
    found = _PAIR.fullmatch(line.removeprefix("# "))
    if not found or (line.startswith("# ") and found["key"] != "ca_file"):
        return line
    key, remark = found["key"], found["remark"] or ""
    if key in values:
        value, remark = values[key], re.sub(r"\s+# yours.*", "", remark)
    elif key in _EXAMPLES_OWN:
        value = "[]"
        remark = f"  # {found['value']}" if found["value"] != "[]" else ""
    else:
        return line
    return f"{key}{found['gap']}{value}{remark}"
