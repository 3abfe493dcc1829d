"""Which phrases may stand in a note, and where: quicker than any matcher.

The places of a note at which a word fits are the bits of a whole number, so a phrase is
held against all places at once, slot by slot. What it says no to, spaCy's matcher would
not find; of a phrase without entities it finds exactly what the matcher would. May not
know entities: it takes anything for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Generic, NamedTuple, Protocol, TypeVar

from triage.judge.norms import NoteWords, ones
from triage.judge.patterns import NAME, NAME_ON, NO_NAME, SENTENCE_ENDS
from triage.judge.token_texts import TextTest, TextTests
from triage.judge.ways import NoName, Norms, Step, Way

_CAPITAL, _NAME_ON = TextTest(lower=False, regex=NAME), TextTest(lower=False, regex=NAME_ON)
_ENDS = frozenset(SENTENCE_ENDS)
_NONE = frozenset(NO_NAME)


class Sought(Protocol):
    """What is looked for: it may stand in a note in any of several ways."""

    def ways(self) -> Sequence[Way]: ...


Wanted = TypeVar("Wanted", bound=Sought)


class _Entry(NamedTuple):
    """A way of the one sought that has this number, and the bits that a note's signature
    must have for it."""

    number: int
    signature: int
    way: Way


class Shortlist(Generic[Wanted]):
    """All that is looked for, sorted by the rarest word that each cannot do without."""

    def __init__(self, every: Iterable[Wanted]) -> None:
        self._every = list(every)
        ways = [(number, way) for number, one in enumerate(self._every) for way in one.ways()]
        common = Counter(norm for _, way in ways for norms in way.needed for norm in norms)
        slots = [slot.test for _, way in ways for slot in way.run if slot.test]
        self._tests = TextTests([_CAPITAL, _NAME_ON, *slots, *(t for _, w in ways for t in w.tests)])
        # A note's signature: first the bits of the tests, then one for each set of norms.
        numbers: dict[Norms, int] = {}
        above = len(self._tests.bit)
        self._always: list[_Entry] = []
        self._by_norm: dict[str, list[_Entry]] = {}
        for number, way in ways:
            signature = sum(self._tests.bit[test] for test in {*way.tests})
            for norms in way.needed:
                signature |= 1 << above + numbers.setdefault(norms, len(numbers))
            if not way.needed:
                self._always.append(_Entry(number, signature, way))
                continue
            rarest = min(way.needed, key=lambda norms: sum(common[norm] for norm in norms))
            for norm in rarest:
                self._by_norm.setdefault(norm, []).append(_Entry(number, signature, way))
        self._signatures: dict[str, int] = {}
        for norms, bit in numbers.items():
            for norm in norms:
                self._signatures[norm] = self._signatures.get(norm, 0) | 1 << above + bit

    def places(self, words: NoteWords) -> Places:
        """``words``, ready for what is looked for."""
        return Places(words, self._tests)

    def of(self, places: Places) -> list[tuple[Wanted, list[Way]]]:
        """Those that a note may hold, in the order given, each with the ways in which."""
        bits, signature = places.words.bits, 0
        for met in places.met:
            signature |= met
        near = [self._always]
        for norm in bits:
            if norm in self._signatures:
                signature |= self._signatures[norm]
                if norm in self._by_norm:
                    near.append(self._by_norm[norm])
        found: dict[int, list[Way]] = {}
        for entries in near:
            for number, needed, way in entries:
                if needed & signature == needed and places.hold(way):
                    # Of a set of norms a note may have two: the way is met twice then.
                    ways = found.setdefault(number, [])
                    if not any(way is other for other in ways):
                        ways.append(way)
        return [(self._every[number], found[number]) for number in sorted(found)]


class Places:
    """Where in a note which words stand: bit 3 is the fourth token."""

    def __init__(self, words: NoteWords, tests: TextTests | None = None) -> None:
        self.words = words
        self._tests = tests or TextTests([_CAPITAL, _NAME_ON])
        self._all = (1 << len(words.norms)) - 1
        self._known: dict[Hashable, int] = dict(words.bits)

    @cached_property
    def met(self) -> list[int]:
        """The bits of the tests that each token meets."""
        return self._tests.met(self.words.texts)

    def hold(self, way: Way) -> bool:
        """Whether it is there, entities aside."""
        return bool(self._through(way.steps, self._all)) and self._beside(way.parties)

    def spans(self, way: Way) -> Iterator[tuple[int, int]]:
        """First token, and one after the last, wherever its run stands, entities aside."""
        steps, length = way.steps, way.length
        ends = self._through(steps, self._all)
        if length is not None or not ends:
            for end in ones(ends):
                yield end - (length or 0), end
            return
        for start in ones(self._starts(steps)):
            for end in ones(self._through(steps, 1 << start)):
                if end > start:
                    yield start, end

    def _starts(self, steps: Sequence[Step]) -> int:
        """The places where a run may begin: where the first slot that must be there
        does, or one that may stand before it."""
        starts = 0
        for step in steps:
            if step.gap:
                return self._all
            starts |= self._first(step)
            if not step.optional:
                break
        return starts

    def _beside(self, steps: Sequence[Step]) -> bool:
        every = [self._first(step) for step in steps]
        return not every or any(
            all(sentence & bits for bits in every) for sentence in self._sentences
        )

    @cached_property
    def _sentences(self) -> list[int]:
        found, begin = [], 0
        for at in ones(self._where(_ENDS)):
            found.append((1 << at) - (1 << begin))
            begin = at + 1
        return [*found, self._all + 1 - (1 << begin)]

    def _first(self, step: Step) -> int:
        """The tokens that may begin what stands in a slot."""
        return self._all if step.what is None else self._where(step.what)

    def _through(self, steps: Sequence[Step], at: int) -> int:
        """The places where a run may end that begins at one of those ``at``."""
        known = self._known
        for what, most, optional, gap, name in steps:
            if what is None:
                reached = self._moved(at, self._within if gap else self._all, most)
                at = at | reached if gap else reached
            else:
                bits = known.get(what)
                moved = (at & (self._where(what) if bits is None else bits)) << 1
                if name:
                    moved |= self._moved(moved, self._where(_NAME_ON), most - 1)
                at = at | moved if optional else moved
            if not at:
                break
        return at

    def _where(self, what: Hashable) -> int:
        """The tokens that are ``what``, as ``Step`` has it."""
        bits = self._known.get(what)
        if bits is None:
            bits = self._known[what] = self._look(what)
        return bits

    def _look(self, what: Hashable) -> int:
        bits = 0
        if isinstance(what, frozenset):
            every = self.words.bits
            for norm in what.intersection(every) if len(what) > len(every) else what:
                bits |= every.get(norm, 0)
        elif isinstance(what, TextTest):
            test = self._tests.bit[what]
            bits = sum(1 << at for at, met in enumerate(self.met) if met & test)
        elif isinstance(what, NoName):
            bits = self._where(_CAPITAL) & ~(self._where(_NONE) | self._where(what.unlike))
        return bits

    @cached_property
    def _within(self) -> int:
        """The tokens that end no sentence."""
        return self._all & ~self._where(_ENDS)

    def _moved(self, at: int, through: int, most: int) -> int:
        """The places up to ``most`` tokens on, all of them in ``through``."""
        reached = 0
        for _ in range(most):
            at = (at & through) << 1
            if not at:
                break
            reached |= at
        return reached
