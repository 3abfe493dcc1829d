"""The sorts of value that a platform rule file may hold: what is wrong with one, and the
remedy.

A table of checks, one a sort; None means that the value is right. May not know in which
table or under which key a value stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from triage.judge.linear import NotLinear, check
from triage.judge.links import LinkFault, compile_path
from triage.judge.platforms import FORM_KINDS, NOTE_PLACES
from triage.judge.wording import WordingFault, compile_wording

_Wrong = tuple[str, str] | None
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def _is(kind: type, word: str) -> Callable[[object], _Wrong]:
    def check(value: object) -> _Wrong:
        right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        return None if right else (f"not {word}", f"Write {word}.")

    return check


def _each(check: Callable[[str], _Wrong]) -> Callable[[object], _Wrong]:
    def check_all(value: object) -> _Wrong:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return "not a list of texts", 'Write ["one", "two"].'
        return next((wrong for item in value if (wrong := check(item))), None)

    return check_all


def _among(words: tuple[str, ...]) -> Callable[[object], _Wrong]:
    def check(value: object) -> _Wrong:
        return None if value in words else (f"unknown {value!r}", f"One of {', '.join(words)}.")

    return check


def _compiles(make: Callable[[str], object]) -> Callable[[str], _Wrong]:
    def check(item: str) -> _Wrong:
        try:
            make(item)
        except (WordingFault, LinkFault, NotLinear, re.error) as error:
            return f"{item!r} cannot be read ({error})", "Put this line right."
        return None

    return check


SORTS: dict[str, Callable[[Any], _Wrong]] = {
    "text": _is(str, "a text"),
    "switch": _is(bool, "true or false"),
    "year": _is(int, "a year"),
    "table": _is(dict, "a table"),
    "tables": _is(list, "a list of tables"),
    "texts": _each(lambda item: None if item.strip() else ("an empty text", "Take it away.")),
    "wording": _each(_compiles(compile_wording)),
    "paths": _each(_compiles(compile_path)),
    "domains": _each(
        lambda item: (
            None
            if _DOMAIN.fullmatch(item)
            else (f"{item!r} is no domain", "Write it in lower case, as in example.org.")
        )
    ),
    "regex": lambda value: (
        _compiles(check)(value) if isinstance(value, str) else ("not a text", "Write a text.")
    ),
    "kind": _among(FORM_KINDS),
    "note": _among(NOTE_PLACES),
}
