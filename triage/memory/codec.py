"""Model values to JSON text and back, exactly.

Turns a Reading, a Verdict and Actions into what a journal line stores, so that a decision
can be explained after its mail is gone. Strict: an unknown kind or key, or a value that
the model does not allow, is a ``ValueError``, never a guess. May not read or write files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from triage.model import (
    Action,
    Evidence,
    Flag,
    Invitation,
    Inviter,
    Label,
    Leave,
    Move,
    NotInvitation,
    Reading,
    Span,
    Unflag,
    Unlabel,
    Verdict,
)

_READINGS: dict[str, type[Invitation] | type[NotInvitation]] = {
    "invitation": Invitation,
    "not-invitation": NotInvitation,
}
_ACTIONS: dict[str, tuple[type[Any], str]] = {
    "move": (Move, "to"),
    "label": (Label, "name"),
    "unlabel": (Unlabel, "name"),
    "flag": (Flag, "name"),
    "unflag": (Unflag, "name"),
    "leave": (Leave, "why"),
}
_ACTION_WORDS = {kind: (word, key) for word, (kind, key) in _ACTIONS.items()}

Value = TypeVar("Value")


def reading_to_json(reading: Reading) -> str:
    """The reading as one JSON object; ``what`` says which of the two it is."""
    what = next(word for word, kind in _READINGS.items() if type(reading) is kind)
    return _dump({"what": what, **asdict(reading)})


def reading_from_json(text: str) -> Reading:
    """The inverse of ``reading_to_json``."""
    values = _object(text)
    what = values.pop("what", None)
    if what not in _READINGS:
        raise ValueError(f"a reading is not {what!r}")
    values["warnings"] = _many(Evidence, values.get("warnings", ()))
    if what == "invitation":
        values["inviter"] = _build(Inviter, values.get("inviter", {}))
        values["doubts"] = _texts(values.get("doubts", ()))
    return _build(_READINGS[what], values)


def verdict_to_json(verdict: Verdict) -> str:
    """The verdict as one JSON object, with all of its evidence."""
    return _dump(asdict(verdict))


def verdict_from_json(text: str) -> Verdict:
    """The inverse of ``verdict_to_json``."""
    values = _object(text)
    values["because"] = _many(Evidence, values.get("because", ()))
    values["against"] = _many(Evidence, values.get("against", ()))
    values["subtracted"] = _many(Span, values.get("subtracted", ()))
    return _build(Verdict, values)


def actions_to_json(actions: Iterable[Action]) -> str:
    """A list of objects like ``{"do": "move", "to": "…"}``, in order."""
    rows = []
    for action in actions:
        word, key = _ACTION_WORDS[type(action)]
        rows.append({"do": word, key: getattr(action, key)})
    return _dump(rows)


def actions_from_json(text: str) -> tuple[Action, ...]:
    """The inverse of ``actions_to_json``."""
    found: list[Action] = []
    for row in _list(text):
        if not isinstance(row, dict) or row.get("do") not in _ACTIONS:
            raise ValueError("an action has no known deed")
        kind, key = _ACTIONS[row["do"]]
        if set(row) != {"do", key} or not isinstance(row[key], str):
            raise ValueError(f"a {row['do']} has other keys than {key}")
        found.append(kind(row[key]))
    return tuple(found)


def words_to_json(words: Iterable[str]) -> str:
    """A list of strings: flags, labels."""
    return _dump(list(words))


def words_from_json(text: str) -> tuple[str, ...]:
    """The inverse of ``words_to_json``."""
    return _texts(_list(text))


def _dump(value: object) -> str:
    """Escaped to ASCII, since a mail may hold lone surrogates, which UTF-8 cannot."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - of the text, not the argument
    return value


def _list(text: str) -> list[Any]:
    value = json.loads(text)
    if not isinstance(value, list):
        raise ValueError("not a list")  # noqa: TRY004
    return value


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    words = tuple(values)
    if not all(isinstance(word, str) for word in words):
        raise ValueError("not all of them are text")
    return words


def _many(kind: type[Value], rows: Iterable[Mapping[str, Any]]) -> tuple[Value, ...]:
    return tuple(_build(kind, row) for row in rows)


def _build(kind: type[Value], values: Mapping[str, Any]) -> Value:
    """``kind(**values)``; a key that this version does not know is refused."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    unknown = set(values) - known
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"a {kind.__name__} is incomplete: {error}") from None
