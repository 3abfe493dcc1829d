"""A phrase as a user writes it to its parts, by a grammar; a mistake to column and words.

Knows how phrases are spelt, not what they match: ``phrases.py`` and ``relations.py`` give
the parts their meaning. May not import spaCy.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Union

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

ENTITIES = ("PERSON", "ORG", "EVENT", "PLACE", "DATE", "NAME")
FACTS = ("names", "employers", "schools", "fields", "works", "events", "friends")
MAX_GAP = 12  # tokens; a wider gap joins what does not belong together
MAX_LENGTH = 1000  # characters of one phrase
MAX_DEPTH = 6  # of groups in groups

_GRAMMAR = r"""
    phrase: START? item+
    ?item: word | lemma | group | gap | slot
    word: WORD MAYBE?
    lemma: "~" WORD MAYBE?
    group: "(" branch ("|" branch)* ")" MAYBE?
    branch: item+
    gap: GAP
    slot: "{" SLOT "}" MAYBE?
    MAYBE: "?"
    START: "^"
    GAP.3: /\.\.\.\d+/
    SLOT: /[A-Za-z.]+/
    WORD.1: /(\\.|[^\s\\()|?{}~^])+/
    %ignore /\s+/
"""
_IN_WORDS = {
    "WORD": "a word",
    "MAYBE": '"?"',
    "GAP": 'a gap such as "...4"',
    "SLOT": "a name such as PERSON or my.friends",
    "LPAR": '"("',
    "RPAR": '")"',
    "VBAR": '"|"',
    "LBRACE": '"{"',
    "RBRACE": '"}"',
    "TILDE": '"~"',
    "START": '"^" at the beginning',
    "$END": "the end",
}


@dataclass(frozen=True)
class Word:
    text: str
    optional: bool = False


@dataclass(frozen=True)
class Lemma:
    """Any inflection of ``text``."""

    text: str
    optional: bool = False


@dataclass(frozen=True)
class Group:
    """One of several runs of parts."""

    branches: tuple[tuple[Part, ...], ...]
    optional: bool = False


@dataclass(frozen=True)
class Gap:
    """Up to ``most`` tokens of any kind within the sentence."""

    most: int


@dataclass(frozen=True)
class Start:
    """The beginning of a sentence or clause, or the end of what was taken away."""


@dataclass(frozen=True)
class Entity:
    """A named thing of one of ``ENTITIES``."""

    kind: str
    optional: bool = False


@dataclass(frozen=True)
class MyFact:
    """One of the user's own facts, ``[me]`` in the config; ``other``: a name that is
    none of them, where there are any."""

    name: str
    optional: bool = False
    other: bool = False


Part = Union[Word, Lemma, Group, Gap, Start, Entity, MyFact]


class PhraseFault(ValueError):
    """What is wrong with a phrase, at which column (from 1), and what to do."""

    def __init__(self, column: int, what: str, now: str) -> None:
        super().__init__(what)
        self.column, self.what, self.now = column, what, now


class _Parts(Transformer):
    def phrase(self, parts: list[Part]) -> tuple[Part, ...]:
        return tuple(Start() if isinstance(part, Token) else part for part in parts)

    branch = phrase

    def word(self, found: list[Token]) -> Word:
        if re.match(r"\.\.\.", found[0]):
            raise _fault(found[0], 'a gap needs a number after "..."', 'Write "...4".')
        return Word(_plain(found[0]), len(found) > 1)

    def lemma(self, found: list[Token]) -> Lemma:
        return Lemma(_plain(found[0]), len(found) > 1)

    def gap(self, found: list[Token]) -> Gap:
        most = int(found[0][3:])
        if not 1 <= most <= MAX_GAP:
            now = f"Take one from 1 to {MAX_GAP}, or write a relation."
            raise _fault(found[0], f"a gap of {most} tokens", now)
        return Gap(most)

    def slot(self, found: list[Token]) -> Entity | MyFact:
        name, optional = str(found[0]), len(found) > 1
        if name in ENTITIES:
            return Entity(name, optional)
        if name.startswith("my.") and name[3:] in FACTS:
            return MyFact(name[3:], optional)
        if name.startswith("other.") and name[6:] in FACTS:
            return MyFact(name[6:], optional, other=True)
        known = [*ENTITIES, *(f"{whose}.{fact}" for whose in ("my", "other") for fact in FACTS)]
        near = difflib.get_close_matches(name, known, 1, 0.5) or [known[0]]
        now = f"Write {{{near[0]}}}, or one of {', '.join(known)}."
        raise _fault(found[0], f"{{{name}}} is not known", now)

    def group(self, found: list) -> Group:
        optional = isinstance(found[-1], Token)
        return Group(tuple(found[:-1] if optional else found), optional)


_PARSER = Lark(_GRAMMAR, start="phrase", parser="lalr", maybe_placeholders=False)


def parse_phrase(text: str) -> tuple[Part, ...]:
    """The parts of ``text``. Raises PhraseFault."""
    if not text.strip():
        raise PhraseFault(1, "an empty phrase", "Write the words that it stands for.")
    if len(text) > MAX_LENGTH:
        now = f"Split it: {MAX_LENGTH} characters are the most."
        raise PhraseFault(MAX_LENGTH, f"a phrase of {len(text)} characters", now)
    _check_depth(text)
    try:
        parts = _Parts().transform(_PARSER.parse(text))
    except UnexpectedInput as error:
        raise _unexpected(text, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, PhraseFault):
            raise error.orig_exc from None
        raise
    return parts


def has_lemma(parts: tuple[Part, ...]) -> bool:
    """Whether ``~`` stands anywhere in it."""
    groups = [part for part in parts if isinstance(part, Group)]
    return any(isinstance(part, Lemma) for part in parts) or any(
        has_lemma(branch) for group in groups for branch in group.branches
    )


def _unexpected(text: str, error: UnexpectedInput) -> PhraseFault:
    expected = getattr(error, "accepts", None) or getattr(error, "expected", None)
    expected = expected or getattr(error, "allowed", None) or ()
    wanted = sorted({_IN_WORDS[name] for name in expected if name in _IN_WORDS})
    found = getattr(error, "token", None)
    if (found is not None and found.type == "$END") or error.pos_in_stream is None:
        column, got = len(text) + 1, "the phrase ends too early"
    else:
        column = error.pos_in_stream + 1
        got = f'"{text[error.pos_in_stream]}" stands where it cannot'
    now = f"Expected here: {' or '.join(wanted)}." if wanted else "Take it away."
    if got.startswith('"') and text[column - 1] in "()|?{}~^\\":
        now += f' To mean the character itself write "\\{text[column - 1]}".'
    return PhraseFault(column, got, now)


def _fault(token: Token, what: str, now: str) -> PhraseFault:
    return PhraseFault((token.start_pos or 0) + 1, what, now)


def _plain(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token)


def _check_depth(text: str) -> None:
    depth = 0
    for found in re.finditer(r"\\.|[()]", text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth > MAX_DEPTH:
            what = "groups nested too deeply"
            raise PhraseFault(found.start() + 1, what, "Write two phrases instead.")
