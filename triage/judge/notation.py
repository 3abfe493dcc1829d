"""The short notation of a default text to a tree of words, choices and merged-in values.

``(a|b)`` one of, ``word?`` may be missing, ``{name}`` a merged-in value: the notation of
the phrases in evidence rules, without the parts that would let unknown words in. May not
know a note: it reads a text of a rule file, or says what is wrong with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Union

from triage.judge.normalise import key_of, words_of

SLOTS = {"name": 4, "place": 4, "company": 5, "group": 7, "site": 2, "number": 1, "platform": 0}
ANY_PLATFORM = "{platform}"  # stands for the word of any platform's name
PLATFORMS = frozenset(
    key_of(name)
    for name in (
        "LinkedIn", "XING", "openBC", "Facebook", "FB", "Viadeo", "Plaxo", "Skype", "ResearchGate",
        "Academia", "Naymz", "MySpace", "hi5", "Orkut", "Ning", "WAYN", "Friendster", "Twitter",
        "Instagram", "Badoo", "Bebo", "Netlog", "Ecademy", "Ryze", "VK", "VKontakte", "ВКонтакте",
        "Одноклассники", "Odnoklassniki", "StudiVZ", "MeinVZ", "Hyves", "Tuenti", "GoldenLine",
        "Quechup", "Yaari", "Tagged", "Zorpia", "Flixster", "Goodreads", "Shelfari", "BranchOut",
        "MSN", "Messenger", "Yahoo", "ICQ", "Steam", "PSN", "Линкедин", "Фейсбук", "Фейсбуке",
        "Скайп", "Скайпе", "لينكدإن", "فيسبوك", "سكايب", "לינקדאין", "פייסבוק", "סקייפ",
    )
)  # fmt: skip
_LONGER_NAMES = (
    "Research Gate", "My Space", "Google Plus", "Google+", "Plaxo Pulse", "Second Life",
    "Xbox Live", "Windows Live", "Academia.edu", "Yahoo Messenger", "PlayStation Network",
    "Copains d'avant",
)  # fmt: skip
_FOREIGN_NAMES = (
    "领英", "領英", "リンクトイン", "リンクドイン", "링크드인", "لينكد إن", "लिंक्डइन",
    "フェイスブック", "페이스북", "臉書", "脸书", "스카이프", "スカイプ", "ลิงค์อิน",
)  # fmt: skip
_PIECE = re.compile(r"\s*(?:(\{[^{}]*\})|([()|])|([^\s(){}|]+)|(\S))")
_MAX_DEPTH = 6


class NotationError(ValueError):
    """What is wrong in a text, and in which column (from 1)."""

    def __init__(self, what: str, column: int) -> None:
        self.column = column
        super().__init__(f"{what} (column {column})")


@dataclass(frozen=True, slots=True)
class Word:
    """One word, in each spelling that it may have."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A merged-in value of a kind, such as a name."""

    kind: str


@dataclass(frozen=True, slots=True)
class Chain:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    """What may be missing, at a cost in edits (0: it need not be there)."""

    part: Node
    cost: int


Node = Union[Word, Slot, Chain, Choice, Maybe]
Spellings = dict[
    str, tuple[tuple[str, ...], ...]
]  # a word of a text to its words, each in its spellings


def _names(names: tuple[str, ...]) -> tuple[Node, ...]:
    return tuple(Chain(tuple(Word((key,)) for key in words_of(name).keys)) for name in names)


_PLATFORM: tuple[Node, ...] = (Word((ANY_PLATFORM,)), *_names(("Linked In", *_LONGER_NAMES)))
_PLATFORM_ABROAD: tuple[Node, ...] = (*_PLATFORM, *_names(_FOREIGN_NAMES))
_LINKEDIN = Choice((Word(("linkedin",)), *_names(("Linked In",))))


def read_notation(
    text: str, droppable: frozenset[str] = frozenset(), spellings: Spellings | None = None
) -> Node:
    """Read one text. ``droppable`` are words that a writer may forget, at the price of
    one edit each; ``spellings`` keeps words from one call to the next. Raises
    NotationError."""
    reader = _Reader(text, droppable, {} if spellings is None else spellings)
    whole = reader.choice(0)
    if reader.peek():
        raise NotationError("a bracket is closed that was not opened", reader.column())
    if missing_cost(whole) == 0:
        raise NotationError("nothing in it must stand there, so it would match anything", 1)
    return whole


class _Reader:
    def __init__(self, text: str, droppable: frozenset[str], spellings: Spellings) -> None:
        self.pieces = [
            (m.group().strip(), m.end() - len(m.group().strip()) + 1)
            for m in _PIECE.finditer(text)
            if not m.group().isspace()
        ]
        self.end = len(text) + 1
        self.at = 0
        self.droppable = droppable
        self.spellings = spellings
        self.platform = Choice(_PLATFORM if text.isascii() else _PLATFORM_ABROAD)

    def peek(self) -> str:
        return self.pieces[self.at][0] if self.at < len(self.pieces) else ""

    def column(self) -> int:
        return self.pieces[self.at][1] if self.at < len(self.pieces) else self.end

    def choice(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise NotationError("brackets nested too deeply", self.column())
        parts = [self.chain(depth)]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.chain(depth))
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def chain(self, depth: int) -> Node:
        column = self.column()
        parts: list[Node] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.item(depth))
        if not parts:
            raise NotationError("nothing between the bars or brackets", column)
        return parts[0] if len(parts) == 1 else Chain(tuple(parts))

    def item(self, depth: int) -> Node:
        piece, column = self.pieces[self.at]
        self.at += 1
        if piece == "(":
            part = self.choice(depth + 1)
            if self.peek() != ")":
                raise NotationError("a bracket is not closed", column)
            self.at += 1
        elif piece.startswith("{") and piece.endswith("}"):
            part = self.slot(piece[1:-1], column)
        elif piece in ("{", "}"):
            raise NotationError("a brace without its other half", column)
        elif piece[0] == "~" or piece.startswith("..."):
            what = f"{piece!r} would let any word in, which a default text may not"
            raise NotationError(what, column)
        else:
            return self.word(piece, column)
        if self.peek().startswith("?"):
            self.at += 1
            return Maybe(part, 0)
        return part

    def word(self, piece: str, column: int) -> Node:
        words = self.spellings.get(piece)
        if words is None:
            words = self.spellings[piece] = _spelled(piece)
        if not words:
            if piece.endswith("?"):
                raise NotationError("'?' stands behind no word", column)
            return Maybe(Chain(()), 0)
        names = tuple(keys[0] for keys in words)
        part: Node = Chain(tuple(map(Word, words))) if len(words) > 1 else Word(words[0])
        if "".join(names) == "linkedin":
            part = _LINKEDIN
        if piece.endswith("?"):
            return Maybe(part, 0)
        return Maybe(part, 1) if len(names) == 1 and names[0] in self.droppable else part

    def slot(self, kind: str, column: int) -> Node:
        if kind == "platform":
            return self.platform
        if kind not in SLOTS:
            known = ", ".join(f"{{{slot}}}" for slot in SLOTS)
            raise NotationError(f"{{{kind}}} is no slot; there are {known}", column)
        return Slot(kind)


def missing_cost(node: Node) -> int | None:
    """At what cost all of it may be missing; None: never."""
    if isinstance(node, Maybe):
        return node.cost
    if isinstance(node, (Word, Slot)):
        return None
    costs = [missing_cost(part) for part in node.parts]
    known = [cost for cost in costs if cost is not None]
    if isinstance(node, Choice):
        return min(known, default=None)
    return sum(known) if len(known) == len(costs) else None


def _spelled(piece: str) -> tuple[tuple[str, ...], ...]:
    """Its words, each with the spelling that keyboards without its letters give it."""
    keys = words_of(piece).keys
    wide = piece.lower()
    for letter, two in (
        ("ä", "ae"),
        ("ö", "oe"),
        ("ü", "ue"),
        ("å", "aa"),
        ("ø", "oe"),
        ("æ", "ae"),
    ):
        wide = wide.replace(letter, two)
    if wide == piece.lower():
        return tuple((key,) for key in keys)
    return tuple((a,) if a == b else (a, b) for a, b in zip(keys, words_of(wide).keys, strict=True))
