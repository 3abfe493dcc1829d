"""The note as the text part has it and as the page has it to the one note, or a doubt.

The text part is preferred; the page where it is fuller or kept the letters that an
archive turned into "?". May not choose between two notes that truly differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from triage.judge.fields import plainly
from triage.judge.salutations import is_salutation
from triage.judge.wording import level

DIFFERENT = "text and HTML hold different notes"
_ALIKE = 0.85
_GREETING = re.compile(r"^(?:[^\W\d_]+[ \u00a0]){1,2}[^\s,.!?]+(?: [^\s,.!?]+)?,\s+(?=\S)")
_COMPARED = 600  # characters; comparing costs more than their square


@dataclass(frozen=True)
class Agreed:
    """The note, and the doubt where the two parts do not agree."""

    note: str | None
    doubt: str = ""


def agree(text: str | None, page: str | None) -> Agreed:
    """One note of two readings, None where neither has one."""
    if not text or not page:
        return Agreed(text or page)
    if _letters(text) != _letters(page):
        page = without_greeting(page, text)
    one, other = _letters(text), _letters(page)
    if one == other:
        return Agreed(page if _lost(text) > _lost(page) else text)
    if _same_but_lost(one, other):
        return Agreed(page if _lost(text) >= _lost(page) else text)
    if other.endswith(one) and _is_greeting(level(page)[: -len(level(text))].strip()):
        return Agreed(text)
    if one in other and len(one) >= 0.5 * len(other):
        return Agreed(page)
    if other in one and len(other) >= 0.5 * len(one):
        return Agreed(text)
    if SequenceMatcher(None, one[:_COMPARED], other[:_COMPARED], False).ratio() >= _ALIKE:
        return Agreed(page if len(other) > len(one) or _lost(text) > _lost(page) else text)
    return Agreed(text, DIFFERENT)


def without_greeting(page: str, text: str = "") -> str:
    """``page`` without the salutation that a platform glued to the note's first line;
    with ``text``, only where that one does not begin so."""
    found = _GREETING.match(page)
    if not found or (text and _letters(text).startswith(_letters(page)[:40])):
        return page
    return page[found.end() :]


def _is_greeting(before: str) -> bool:
    """Whether the page's words before the note are a salutation, of any language."""
    return is_salutation(before) or (0 < len(before) <= 60 and before[-1] in ",:!،，、！：")


def _letters(text: str) -> str:
    """``text`` without what mail programs change: white space, quotes, case."""
    return re.sub(r"\s+", "", plainly(text))


def _lost(text: str) -> int:
    """How many letters an archive may have lost."""
    return len(re.findall(r"\w\?\w|\B\?\w|\w\?\?\w|\s\?\s|\ufffd", text))


def _same_but_lost(one: str, other: str) -> bool:
    """Whether they differ only where one of them has "?" or a replacement character."""
    if abs(len(one) - len(other)) > max(4, len(other) // 10):
        return False
    pieces = re.split(r"([?\ufffd]+)", one)
    if len(pieces) == 1 or not other.startswith(pieces[0]):
        return False
    place = len(pieces[0])
    for lost, kept in zip(pieces[1::2], pieces[2::2], strict=True):
        found = other.find(kept, place, place + 2 * len(lost) + len(kept))
        if found < 0:
            return False
        place = found + len(kept)
    return len(other) - place <= 2 * len(pieces[-2])
