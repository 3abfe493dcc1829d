"""Notes to what may stand in each: all that is looked for is sorted by its rarest word.

Most of what is looked for lacks a word in most notes, and is never held against them.
What is left is held against all notes of a batch at once (``fitting.py``): that took a
quarter of the time that a note by itself takes. May not find the exact place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from triage.judge.fitting import ALWAYS, CAPITAL, GOES_ON, Places
from triage.judge.norms import NoteWords
from triage.judge.token_texts import TextTests
from triage.judge.ways import Norms, Way


class Sought(Protocol):
    """What is looked for: it may stand in a note in any of several ways."""

    def ways(self) -> Sequence[Way]: ...


Wanted = TypeVar("Wanted", bound=Sought)
Held = tuple[Way, int]  # a way that holds in a note, and the places where its run may end


class _Entry(NamedTuple):
    """A way of the one sought that has this number, and the bits that the signature of
    some notes must have for it."""

    number: int
    signature: int
    way: Way


class Shortlist(Generic[Wanted]):
    """Holds all that is looked for."""

    def __init__(self, every: Iterable[Wanted]) -> None:
        self._every = list(every)
        ways = [(number, way) for number, one in enumerate(self._every) for way in one.ways()]
        common = Counter(norm for _, way in ways for norms in way.needed for norm in norms)
        slots = [slot for _, way in ways for slot in (*way.run, *way.beside)]
        tests = [slot.test for slot in slots if slot.test]
        self.tests = TextTests([CAPITAL, GOES_ON, *tests, *(t for _, w in ways for t in w.tests)])
        unlike = [slot.unlike for slot in slots]
        self._heed = ALWAYS.union(*(slot.words for slot in slots), *unlike)
        numbers: dict[Norms, int] = {}  # each set of norms has a bit in the signature
        self._always: list[_Entry] = []
        self._by_norm: dict[str, list[_Entry]] = {}
        for number, way in ways:
            signature = sum(1 << numbers.setdefault(norms, len(numbers)) for norms in way.needed)
            entry = _Entry(number, signature, way)
            if not way.needed:
                self._always.append(entry)
                continue
            rarest = min(way.needed, key=lambda norms: sum(common[norm] for norm in norms))
            for norm in rarest:
                self._by_norm.setdefault(norm, []).append(entry)
        self._signatures: dict[str, int] = {}
        for norms, bit in numbers.items():
            for norm in norms:
                self._signatures[norm] = self._signatures.get(norm, 0) | 1 << bit

    def of(self, notes: Sequence[NoteWords]) -> list[list[tuple[Wanted, list[Held]]]]:
        """Those that each note may hold, in the order given, with the ways in which."""
        places = Places(notes, self.tests, self._heed)
        signature, near = 0, [self._always]
        for norm in places.bits:
            if norm in self._signatures:
                signature |= self._signatures[norm]
                if norm in self._by_norm:
                    near.append(self._by_norm[norm])
        found: list[dict[int, list[Held]]] = [{} for _ in notes]
        tried: set[int] = set()  # of a set of norms there may be two, so a way is met twice
        for entries in near:
            for number, needed, way in entries:
                if needed & signature == needed and id(way) not in tried:
                    tried.add(id(way))
                    for note, ends in places.ends(way):
                        found[note].setdefault(number, []).append((way, ends))
        return [[(self._every[number], one[number]) for number in sorted(one)] for one in found]
