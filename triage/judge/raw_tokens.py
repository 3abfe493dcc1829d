"""A raw spaCy pattern to the places where it stands, in time in proportion to the note.

spaCy tells of one token at a time whether it meets one table of the pattern; what follows
what, and how often, is worked out here over all tokens at once. spaCy's own way keeps
every way of matching: two ``{0,20}`` on a long note take all memory there is. The regular
expressions in a table go through ``linear``. May not know what the pattern means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from triage.judge.linear import check, holds

MAX_TABLES = 40  # of one pattern
MAX_TIMES = 100  # that a table may be asked for in "{2,5}"
_KEY = "found"
_TEXTS = {
    "TEXT": "ORTH", **{name: name for name in (
        "ORTH", "LOWER", "NORM", "SHAPE", "PREFIX", "SUFFIX", "LEMMA", "POS", "TAG", "DEP",
        "MORPH", "ENT_TYPE", "ENT_ID", "ENT_KB_ID",
    )},
}  # fmt: skip
_TIMES = {"1": (1, 1), "!": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}
_BRACES = re.compile(r"\{(\d*)(,?)(\d*)\}")


class TokensFault(ValueError):
    """A pattern that cannot be used, and why."""


@dataclass(frozen=True)
class _Regex:
    """The text of ``attribute`` holds one of ``patterns``, or none of them."""

    attribute: str
    patterns: tuple[str, ...]
    wanted: bool = True

    def bits(self, doc: Doc) -> int:
        strings = doc.vocab.strings
        texts = [strings[number] if number else "" for number in doc.to_array(self.attribute)]
        known: dict[str, bool] = {}
        bits = 0
        for at, text in enumerate(texts):
            if text not in known:
                known[text] = any(holds(one, text) for one in self.patterns) is self.wanted
            bits |= known[text] << at
        return bits


@dataclass(frozen=True)
class _Table:
    """One token of a pattern: ``matcher`` for what spaCy is to tell of it, and how often
    in a row it may stand there (no ``most``: for ever)."""

    matcher: Matcher | None
    regexes: tuple[_Regex, ...]
    least: int
    most: int | None
    negated: bool

    def bits(self, doc: Doc) -> int:
        """The tokens that meet it: bit 3 is the fourth."""
        every = (1 << len(doc)) - 1
        bits = every
        if self.matcher is not None:
            bits = sum(1 << first for _, first, _ in self.matcher(doc))
        for regex in self.regexes:
            bits &= regex.bits(doc)
        return every & ~bits if self.negated else bits


class RawTokens:
    """A raw pattern ready for use. Raises TokensFault, and ValueError (of which spaCy's
    MatchPatternError is one) where spaCy does not accept a table."""

    def __init__(self, nlp: Language, pattern: Sequence[Mapping[str, Any]]) -> None:
        if not 0 < len(pattern) <= MAX_TABLES:
            raise TokensFault(f"a pattern has 1 to {MAX_TABLES} tables")
        self._tables = [_table(nlp, table) for table in pattern]
        if not any(table.least for table in self._tables):
            raise TokensFault("every table of the pattern may be missing")

    def find(self, doc: Doc) -> Iterator[tuple[int, int]]:
        """First token, and one after the last: from each place the longest match."""
        tables = [(table.bits(doc), table.least, table.most) for table in self._tables]
        for start in range(len(doc)):
            ends = 1 << start
            for bits, least, most in tables:
                ends = _through(ends, bits, least, most)
                if not ends:
                    break
            if ends:
                yield start, ends.bit_length() - 1


def _through(ends: int, bits: int, least: int, most: int | None) -> int:
    """The places after ``least`` to ``most`` tokens of ``bits``, from any of ``ends``."""
    for _ in range(least):
        ends = (ends & bits) << 1
    reached = ends
    times = 0
    while ends and (most is None or times < most - least):
        ends = ((ends & bits) << 1) & ~reached
        reached |= ends
        times += 1
    return reached


def _table(nlp: Language, table: Mapping[str, Any]) -> _Table:
    regexes: list[_Regex] = []
    rest: dict[str, Any] = {}
    for key, value in table.items():
        if key == "OP":
            continue
        kept = value
        if isinstance(value, dict) and "REGEX" in value:
            regexes.append(_regex(key, value["REGEX"]))
            kept = {name: item for name, item in value.items() if name != "REGEX"}
        if _holds_regex(kept):
            raise TokensFault(f"REGEX stands deeper than directly in {key}")
        if kept != {} or value == {}:
            rest[key] = kept
    least, most = _times(table.get("OP", "1"))
    matcher = None
    if rest or not regexes:
        matcher = Matcher(nlp.vocab, validate=True)
        matcher.add(_KEY, [[rest]])
    return _Table(matcher, tuple(regexes), least, most, table.get("OP") == "!")


def _regex(attribute: str, value: Any) -> _Regex:
    wanted = True
    if attribute.upper() not in _TEXTS:
        raise TokensFault(f"{attribute} is no text that REGEX could look at")
    if isinstance(value, dict) and set(value) in ({"IN"}, {"NOT_IN"}):
        wanted = "IN" in value
        value = value["IN" if wanted else "NOT_IN"]
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not all(isinstance(one, str) for one in patterns):
        raise TokensFault(f"REGEX of {attribute} is neither a text nor a list of texts")
    for pattern in patterns:
        check(pattern)
    return _Regex(_TEXTS[attribute.upper()], tuple(patterns), wanted)


def _holds_regex(value: Any) -> bool:
    if isinstance(value, dict):
        return any(key == "REGEX" or _holds_regex(item) for key, item in value.items())
    return False


def _times(operator: Any) -> tuple[int, int | None]:
    """How often: spaCy's operators, https://spacy.io/api/matcher#patterns."""
    if operator in _TIMES:
        return _TIMES[operator]
    braces = _BRACES.fullmatch(operator) if isinstance(operator, str) else None
    if not braces or not (braces[1] or braces[3]):
        raise TokensFault(f"no operator is called {operator!r}")
    least = int(braces[1] or 0)
    most = int(braces[3]) if braces[3] else None if braces[2] else least
    if max(least, most or 0) > MAX_TIMES or (most is not None and most < least):
        raise TokensFault(f"{operator} asks for more than {MAX_TIMES}, or for none")
    return least, most
