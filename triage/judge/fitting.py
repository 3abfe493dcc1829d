"""Which phrases may stand in a note, and where: quicker than any matcher.

The places of a note at which a word fits are the bits of a whole number, so a phrase is
held against all places at once, slot by slot. What it says no to, spaCy's matcher would
not find; of a phrase without entities it finds exactly what the matcher would. May not
know entities: it takes anything for one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Generic, Protocol, TypeVar

from triage.judge.norms import NoteWords
from triage.judge.patterns import ENTITY_AT_MOST, NAME, NAME_ON, NO_NAME, SENTENCE_ENDS, Run, Slot
from triage.judge.token_texts import TextTest

Norms = frozenset[str]
_LONG = 30  # characters; longer words are not remembered, nor are more than so many
_REMEMBERED = 8192
_CAPITAL, _NAME_ON = re.compile(NAME), re.compile(NAME_ON)


@dataclass(frozen=True)
class Way:
    """What a note must have: a ``run`` of slots; each of the slots ``beside`` one
    another in one sentence, in any order; a token that meets each of ``tests``."""

    run: Run = ()
    beside: tuple[Slot, ...] = ()
    tests: tuple[TextTest, ...] = ()

    @cached_property
    def needed(self) -> frozenset[Norms]:
        """Sets of norms, of each of which a note must have one."""
        slots = (*self.run, *self.beside)
        return frozenset(slot.words for slot in slots if slot.words and not slot.optional)


class Wanting(Protocol):
    """What is looked for: it may stand in a note in any of several ways."""

    def ways(self) -> Sequence[Way]: ...


Wanted = TypeVar("Wanted", bound=Wanting)


class Shortlist(Generic[Wanted]):
    """All that is looked for, sorted by the rarest word that each cannot do without."""

    def __init__(self, every: Iterable[Wanted]) -> None:
        self._every = list(every)
        ways = [(number, way) for number, one in enumerate(self._every) for way in one.ways()]
        common = Counter(norm for _, way in ways for norms in way.needed for norm in norms)
        numbers: dict[Norms | TextTest, int] = {}
        self._always: list[tuple[int, int, Way]] = []
        self._by_norm: dict[str, list[tuple[int, int, Way]]] = {}
        for number, way in ways:
            signature = 0
            wanted: list[Norms | TextTest] = [*way.needed, *way.tests]
            for what in wanted:
                signature |= 1 << numbers.setdefault(what, len(numbers))
            if not way.needed:
                self._always.append((number, signature, way))
                continue
            rarest = min(way.needed, key=lambda norms: sum(common[norm] for norm in norms))
            for norm in rarest:
                self._by_norm.setdefault(norm, []).append((number, signature, way))
        self._signatures: dict[str, int] = {}
        self._tests: list[tuple[TextTest, int]] = []
        for what, bit in numbers.items():
            if isinstance(what, TextTest):
                self._tests.append((what, 1 << bit))
                continue
            for norm in what:
                self._signatures[norm] = self._signatures.get(norm, 0) | 1 << bit
        self._tested = lru_cache(_REMEMBERED)(self._meets)

    def of(self, places: Places) -> list[Wanted]:
        """Those that a note may hold, in the order given."""
        words = places.words
        signature = 0
        for norm in words.places.keys() & self._signatures.keys():
            signature |= self._signatures[norm]
        for text in words.texts if self._tests else ():
            signature |= self._tested(text) if len(text) <= _LONG else self._meets(text)
        found: set[int] = set()
        near = [self._by_norm[norm] for norm in words.places if norm in self._by_norm]
        for entries in (self._always, *near):
            for number, needed, way in entries:
                if needed & signature == needed and number not in found and places.hold(way):
                    found.add(number)
        return [self._every[number] for number in sorted(found)]

    def _meets(self, text: str) -> int:
        """The bits of the tests that a token's text meets."""
        return sum(bit for test, bit in self._tests if test.meets(text))


class Places:
    """Where in a note which words stand: bit 3 is the fourth token."""

    def __init__(self, words: NoteWords) -> None:
        self.words = words
        self._all = (1 << len(words.norms)) - 1
        self._bits: dict[Norms, int] = {}
        self._patterns: dict[re.Pattern[str], int] = {}

    def hold(self, way: Way) -> bool:
        """Whether it is there, entities aside."""
        return bool(self._through(way.run, self._all)) and self._beside(way.beside)

    def spans(self, run: Run) -> Iterator[tuple[int, int]]:
        """First token, and one after the last, wherever ``run`` stands, entities aside."""
        if not self._through(run, self._all):
            return
        for start in _bits(self._starts(run)):
            for end in _bits(self._through(run, 1 << start)):
                if end > start:
                    yield start, end

    def _starts(self, run: Run) -> int:
        """The places where ``run`` may begin: where the first slot that must be there
        does, or one that may stand before it."""
        starts = 0
        for slot in run:
            if slot.gap:
                return self._all
            starts |= self._first(slot)
            if not slot.optional:
                break
        return starts

    def _beside(self, slots: Sequence[Slot]) -> bool:
        every = [self._first(slot) for slot in slots]
        return not every or any(
            all(sentence & bits for bits in every) for sentence in self._sentences
        )

    @cached_property
    def _sentences(self) -> list[int]:
        found, ends, begin = [], self._norms(_ENDS), 0
        for at in range(len(self.words.norms)):
            if ends >> at & 1:
                found.append((1 << at) - (1 << begin))
                begin = at + 1
        return [*found, self._all + 1 - (1 << begin)]

    def _first(self, slot: Slot) -> int:
        """The tokens that may begin what stands in ``slot``."""
        if slot.words:
            return self._norms(slot.words)
        if slot.entity == "NAME":
            none = self._norms(_NONE) | self._norms(slot.unlike)
            return self._like(_CAPITAL) & ~none
        return self._all

    def _through(self, run: Run, at: int) -> int:
        """The places where ``run`` may end that begins at one of those ``at``."""
        for slot in run:
            if slot.words:
                moved = (at & self._first(slot)) << 1
                at = at | moved if slot.optional else moved
            elif slot.gap:
                ends = self._norms(_ENDS)
                at |= self._moved(at, self._all & ~ends, slot.gap)
            elif slot.entity == "NAME":
                first = (at & self._first(slot)) << 1
                at = first | self._moved(first, self._like(_NAME_ON), 4)
            else:
                at = self._moved(at, self._all, ENTITY_AT_MOST)
            if not at:
                break
        return at

    def _norms(self, norms: Norms) -> int:
        bits = self._bits.get(norms)
        if bits is None:
            places: Mapping[str, Sequence[int]] = self.words.places
            bits = sum(1 << at for norm in norms & places.keys() for at in places[norm])
            self._bits[norms] = bits
        return bits

    def _like(self, pattern: re.Pattern[str]) -> int:
        bits = self._patterns.get(pattern)
        if bits is None:
            texts = self.words.texts
            bits = sum(1 << at for at, text in enumerate(texts) if pattern.search(text))
            self._patterns[pattern] = bits
        return bits

    def _moved(self, at: int, through: int, most: int) -> int:
        """The places up to ``most`` tokens on, all of them in ``through``."""
        reached = 0
        for _ in range(most):
            at = (at & through) << 1
            if not at:
                break
            reached |= at
        return reached


def _bits(number: int) -> Iterator[int]:
    """The places of the ones in it, the lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


_ENDS = frozenset(SENTENCE_ENDS)
_NONE = frozenset(NO_NAME)
