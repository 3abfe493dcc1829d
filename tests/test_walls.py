"""The walls of the house: who may import whom, and which room names which library.

Reads the source as syntax trees, imports inside functions included. May not import the
package: a wall that is checked by what happens to be loaded is no wall.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "triage"
SOURCES = sorted(PACKAGE.rglob("*.py"))

BOTTOM = {"model", "errors", "preferences", "toml_source", "identity", "clean", "loopback"}
MIDDLE = {"judge", "mailbox", "memory", "logins", "settings", "rulebook", "language"}

# Which rooms a room may import, beside itself. Imports run one way: down.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": {"cli"},
    "cli": MIDDLE | BOTTOM | {"daemon", "demo"},
    "demo": MIDDLE | BOTTOM | {"daemon"},
    "daemon": MIDDLE | BOTTOM,
    "judge": BOTTOM,
    "mailbox": BOTTOM,
    "memory": BOTTOM,
    "logins": BOTTOM,
    "settings": BOTTOM,
    "language": BOTTOM,
    "rulebook": BOTTOM | {"judge"},
    **dict.fromkeys(BOTTOM, BOTTOM),
}

# Where a third-party or risky standard library may be named: a room, or one module.
MAY_NAME: dict[str, set[str]] = {
    "imapclient": {"mailbox"},
    "imaplib": {"mailbox"},
    "mailparser": {"judge.mail"},
    "spacy": {"judge", "language"},
    "apscheduler": {"daemon"},
    "selectolax": {"judge.html"},
    "lark": {"judge"},
    "re2": {"judge.linear"},
    "pymap": {"demo.server"},
    "pysasl": {"demo.server"},
    "sqlite3": {"memory"},
    "tree_sitter": {"toml_source"},
    "tree_sitter_toml": {"toml_source"},
    "keyring": {"mailbox.credentials", "logins.store"},
    "requests": {"logins"},
    "msal": {"logins.microsoft"},
    "google": {"logins.google"},
    "google_auth_oauthlib": {"logins.google"},
    "oauthlib": {"logins.google"},
    "prometheus_client": {"daemon.metrics"},
    "py3langid": {"language"},
}

# What the pure room may not reach for: clock, disk, network, log, chance.
IMPURE = {
    "datetime", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "ssl",
    "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib.request", "http",
}  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by full name, not relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def room_of(module: str) -> str:
    """The room that a module belongs to; ``settings_schema`` is a part of ``settings``."""
    first = module.split(".")[0]
    return "settings" if first.startswith("settings_") else first


def within(name: str, allowed: set[str]) -> bool:
    return any(name == a or name.startswith(a + ".") for a in allowed)


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(module_of(path))
    allowed = MAY_IMPORT[room] | {room}
    for name in imports(path):
        if name.startswith("triage.") and name != "triage.__version__":
            assert room_of(name.removeprefix("triage.")) in allowed, (
                f"{module_of(path)} imports {name}"
            )


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_each_library_is_named_where_it_belongs(path: Path) -> None:
    for name in imports(path):
        allowed = MAY_NAME.get(name.split(".")[0])
        if allowed is not None:
            assert within(module_of(path), allowed), f"{module_of(path)} imports {name}"


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parts[-2] == "judge"], ids=module_of)
def test_the_judge_is_pure(path: Path) -> None:
    for name in imports(path):
        assert not within(name, IMPURE), f"{module_of(path)} imports {name}"
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "print", "input", "exec", "eval"}
        assert not isinstance(node, ast.Global), f"{module_of(path)} has global state"


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_a_file_says_what_it_may_not_do_and_stays_readable(path: Path) -> None:
    text = path.read_text("utf-8")
    if not text.strip():
        return
    head = ast.get_docstring(ast.parse(text))
    assert head, f"{module_of(path)} has no opening docstring"
    assert text.count("\n") <= 260, f"{module_of(path)} is two files by now"


def test_nobody_swallows_everything_but_the_outermost_rooms() -> None:
    for path in SOURCES:
        if module_of(path).split(".")[0] in {"daemon", "cli"}:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                names = ast.unparse(node.type) if node.type else "everything"
                assert names not in {"Exception", "BaseException", "everything"}, module_of(path)
