"""A raw spaCy pattern to what must be written in a note for it to match at all.

Each of the tests must be met by some token, wherever it stands; a note without one need
not be given to spaCy. Only what can be told from a token's text is tested, everything
else is taken to hold. May not match.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from triage.judge.linear import holds

_OF_TEXT = ("TEXT", "ORTH", "LOWER")
_CERTAIN = ("1", "+")  # operators under which a token must be there


@dataclass(frozen=True)
class TextTest:
    """Met by a token that is one of ``words``, or in which ``regex`` is found. ``lower``:
    its text in lower case."""

    lower: bool
    words: frozenset[str] = frozenset()
    regex: str = ""

    def meets(self, text: str) -> bool:
        text = text.lower() if self.lower else text
        return holds(self.regex, text) if self.regex else text in self.words


def text_tests(pattern: Sequence[Mapping[str, Any]]) -> tuple[TextTest, ...]:
    """The tests of a pattern that spaCy accepts."""
    certain = [token for token in pattern if token.get("OP", "1") in _CERTAIN]
    return tuple(test for token in certain for test in _tests(token))


def _tests(token: Mapping[str, Any]) -> Iterator[TextTest]:
    for key in _OF_TEXT:
        value, lower = token.get(key), key == "LOWER"
        if isinstance(value, str):
            yield TextTest(lower, frozenset([value]))
        elif isinstance(value, dict) and isinstance(value.get("IN"), list):
            if all(isinstance(word, str) for word in value["IN"]):
                yield TextTest(lower, frozenset(value["IN"]))
        elif isinstance(value, dict) and isinstance(value.get("REGEX"), str) and value["REGEX"]:
            yield TextTest(lower, regex=value["REGEX"])
