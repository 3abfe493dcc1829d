"""A raw spaCy pattern to tests of how a token is written.

A pattern that asks for nothing else becomes its tests in their order, and spaCy need not
be asked. Of any other one knows what must be written somewhere for it to match at all:
only what can be told from a token's text is tested, everything else is taken to hold.
May not match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from triage.judge.linear import holds

_OF_TEXT = ("TEXT", "ORTH", "LOWER")
_CERTAIN = ("1", "+")  # operators under which a token must be there
_LONG = 30  # characters; longer words are not remembered, nor are more than so many
_REMEMBERED = 8192


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


class TextTests:
    """Many tests at once: a bit for each. What a word meets is remembered."""

    def __init__(self, tests: Iterable[TextTest]) -> None:
        self.bit = {test: 1 << number for number, test in enumerate(dict.fromkeys(tests))}
        self._remembered = lru_cache(_REMEMBERED)(self._met)

    def met(self, texts: Sequence[str]) -> dict[int, int]:
        """The bits of the tests that a token meets, to the places of such tokens."""
        found: dict[int, int] = {}
        place = 1
        for text in texts:
            met = self._remembered(text) if len(text) <= _LONG else self._met(text)
            found[met] = found.get(met, 0) | place
            place <<= 1
        return found

    def _met(self, text: str) -> int:
        return sum(bit for test, bit in self.bit.items() if test.meets(text))


def exact_tests(pattern: Sequence[Mapping[str, Any]]) -> tuple[tuple[TextTest, bool], ...] | None:
    """Each token's test, and whether the token may be missing; None where a pattern asks
    for more than one thing of a token, or for what its text does not tell."""
    found = []
    for token in pattern:
        asked = [key for key in token if key != "OP"]
        tests, operator = list(_tests(token)), token.get("OP", "1")
        if len(asked) != 1 or len(tests) != 1 or operator not in ("1", "?"):
            return None
        value = token[asked[0]]
        if isinstance(value, dict) and len(value) > 1:
            return None
        found.append((tests[0], operator == "?"))
    return tuple(found) if any(not optional for _, optional in found) else None


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
