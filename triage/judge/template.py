"""A default text's tree to positions, and which position may follow which at what cost.

The positions are those of Glushkov's construction, so a note is held against a text one
word at a time and without going back. May not read the notation, nor look at a note: it
says what may begin a text, what it needs, and (built when first asked for) what follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from triage.judge.notation import SLOTS, Chain, Choice, Maybe, Node, Slot, Word, missing_cost

WordTable = dict[str, tuple[tuple[int, int], ...]]
SlotTable = tuple[tuple[int, str], ...]


@dataclass(slots=True)
class Positions:
    """Position 0 is the start. ``words[p]`` maps a word to the positions that it leads to
    from ``p``, each with its cost in edits; ``slots[p]`` are those of merged-in values
    with their kinds; ``last`` are the positions where the text may end, with the cost of
    what is then missing."""

    words: list[WordTable]
    slots: list[SlotTable]
    last: dict[int, int]


@dataclass(slots=True)
class Template:
    """A default text ready for use. ``openers`` are the words that may begin it; a text
    that a merged-in value may begin is ``named``. ``needs``: of each of these sets a
    note must have a word, or the text is not in it."""

    tree: Node
    openers: frozenset[str]
    named: bool
    needs: tuple[frozenset[str], ...]
    _positions: Positions | None = None

    def positions(self) -> Positions:
        """Built once, when first asked for."""
        if self._positions is None:
            self._positions = _Builder().build(self.tree)
        return self._positions


def template_of(tree: Node) -> Template:
    """What must be known of a text before it is looked for."""
    openers: set[str] = set()
    named = _openers(tree, openers)
    needs = sorted(_needs(tree), key=len)
    return Template(tree, frozenset(openers), named, tuple(needs))


def _openers(node: Node, found: set[str]) -> bool:
    """Put the words that may begin ``node`` into ``found``; whether a slot may."""
    if isinstance(node, Word):
        found.update(node.keys)
        return False
    if isinstance(node, Slot):
        return True
    if isinstance(node, Maybe):
        return _openers(node.part, found)
    named = False
    for part in node.parts:
        named = _openers(part, found) or named
        if isinstance(node, Chain) and missing_cost(part) is None:
            break
    return named


def _needs(node: Node) -> list[frozenset[str]]:
    if isinstance(node, Word):
        return [frozenset(node.keys)]
    if isinstance(node, Chain):
        return [need for part in node.parts for need in _needs(part)]
    if isinstance(node, Choice):
        each = [_needs(part) for part in node.parts]
        if all(each):
            return [frozenset().union(*(max(needs, key=_length) for needs in each))]
    return []


def _length(need: frozenset[str]) -> int:
    return max(map(len, need))


@dataclass(slots=True)
class _Part:
    """Positions that may begin a part and those that may end it, with their costs."""

    first: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    missing: int | None = None


class _Builder:
    def __init__(self) -> None:
        self.labels: list[tuple[str, ...] | str] = [""]
        self.follow: list[dict[int, int]] = [{}]

    def build(self, tree: Node) -> Positions:
        whole = self.part(tree)
        self.follow[0] = whole.first
        tables = [self.tables(follow) for follow in self.follow]
        return Positions([words for words, _ in tables], [slots for _, slots in tables], whole.last)

    def tables(self, follow: dict[int, int]) -> tuple[WordTable, SlotTable]:
        words: dict[str, list[tuple[int, int]]] = {}
        slots = []
        for position, cost in follow.items():
            label = self.labels[position]
            if isinstance(label, tuple):
                for key in label:
                    words.setdefault(key, []).append((position, cost))
            elif not cost:  # a value stands only behind the words that introduce it
                slots.append((position, label))
        return {key: tuple(found) for key, found in words.items()}, tuple(slots)

    def part(self, node: Node) -> _Part:
        if isinstance(node, Word):
            return self.position(node.keys)
        if isinstance(node, Slot):
            return self.slot(node.kind)
        if isinstance(node, Maybe):
            part = self.part(node.part)
            part.missing = node.cost
            return part
        parts = [self.part(part) for part in node.parts]
        return self.chain(parts) if isinstance(node, Chain) else _one_of(parts)

    def slot(self, kind: str) -> _Part:
        parts = []
        for number in range(SLOTS[kind]):
            part = self.position(f"{kind}+" if number else kind)
            part.missing = 0 if number and kind != "site" else None
            parts.append(part)
        return self.chain(parts)

    def position(self, label: tuple[str, ...] | str) -> _Part:
        self.labels.append(label)
        self.follow.append({})
        number = len(self.labels) - 1
        return _Part({number: 0}, {number: 0})

    def chain(self, parts: list[_Part]) -> _Part:
        whole = _Part(missing=0)
        for part in parts:
            for end, cost in whole.last.items():
                _lower(self.follow[end], part.first, cost)
            if whole.missing is not None:
                _lower(whole.first, part.first, whole.missing)
            kept = {} if part.missing is None else whole.last
            whole.last = {end: cost + (part.missing or 0) for end, cost in kept.items()}
            _lower(whole.last, part.last, 0)
            if whole.missing is not None:
                whole.missing = None if part.missing is None else whole.missing + part.missing
        return whole


def _one_of(parts: list[_Part]) -> _Part:
    whole = _Part()
    for part in parts:
        _lower(whole.first, part.first, 0)
        _lower(whole.last, part.last, 0)
    whole.missing = min((part.missing for part in parts if part.missing is not None), default=None)
    return whole


def _lower(table: dict[int, int], more: dict[int, int], extra: int) -> None:
    for position, cost in more.items():
        table[position] = min(cost + extra, table.get(position, cost + extra))
