"""JSON Lines to bare notes: ``{"id": …, "text": …}``, one a line.

A line that is no such thing gives a note with an error in it, so that the answer has a
line for every line of the input. May not judge.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from triage.errors import UserError

MAX_NOTE = 100_000


@dataclass(frozen=True)
class Note:
    """A line of the input: a note with its id, or what is wrong with the line."""

    source: Any
    text: str = ""
    error: str = ""


def opened(name: str) -> AbstractContextManager[BinaryIO]:
    """The file of that name; stdin for "-", which stays open."""
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except OSError as error:
        now = "Name a file of JSON Lines, or - for stdin."
        raise UserError(f"cannot be read: {error.strerror}", where=name, now=now) from None


def notes(lines: Iterable[bytes], name: str) -> Iterator[Note]:
    """A note for each line that is not empty; one without an id is named by its line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        source: Any = f"{name}:{number}"
        try:
            value = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, RecursionError):
            yield Note(source, error="is no JSON object")
            continue
        if not isinstance(value, dict):
            yield Note(source, error="is no JSON object")
            continue
        given = value.get("id")
        if isinstance(given, str | int) and not isinstance(given, bool):
            source = given
        elif given is not None:
            yield Note(source, error='"id" is neither a text nor a whole number')
            continue
        text = value.get("text")
        if not isinstance(text, str):
            yield Note(source, error='has no "text"')
        elif len(text) > MAX_NOTE:
            yield Note(source, error=f"is longer than {MAX_NOTE:,} characters")
        else:
            yield Note(source, text)
