"""Where phrases stand in notes: quicker than any matcher.

The places of a note at which a word fits are the bits of a whole number, so a phrase is
held against all places at once, slot by slot; those of many notes are laid end to end,
with a blank between, and held against as one. It finds exactly what spaCy's matcher would,
which keeps every way in which a gap may be filled: one of twelve tokens is four thousand,
two are sixteen million. Before the model has told the entities of a note, anything is
taken for one. May not weigh what it finds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from triage.judge.norms import NoteWords, ones
from triage.judge.patterns import ENTITY_LABELS, NAME, NAME_ON, NO_NAME, SENTENCE_ENDS
from triage.judge.token_texts import TextTest, TextTests
from triage.judge.ways import NoName, OfKind, Step, Way

CAPITAL, GOES_ON = TextTest(lower=False, regex=NAME), TextTest(lower=False, regex=NAME_ON)
_ENDS = frozenset(SENTENCE_ENDS)
_NONE = frozenset(NO_NAME)
ALWAYS = _ENDS | _NONE  # norms that are looked for whatever the phrases
_ALONE = TextTests([CAPITAL, GOES_ON])
Key = TypeVar("Key")


class Places:
    """Which words stand where in some notes: bit 3 is the fourth token of the first.
    ``heed`` are the norms that are looked for, None for any."""

    def __init__(
        self,
        notes: Sequence[NoteWords],
        tests: TextTests = _ALONE,
        heed: Collection[str] | None = None,
    ) -> None:
        self._notes, self._tests = notes, tests
        self._begins: list[int] = []  # the first token of each note
        self._solid = after = 0  # the tokens, as against the blanks
        for words in notes:
            self._begins.append(after)
            self._solid |= (1 << len(words.norms)) - 1 << after
            after += len(words.norms) + 1
        self.bits = self._joined([words.bits for words in notes], heed)
        self._known: dict[Hashable, int] = dict(self.bits.items())

    def _joined(
        self, every: Sequence[Mapping[Key, int]], heed: Collection[Key] | None = None
    ) -> Mapping[Key, int]:
        """The places of each key, note for note, as those of all notes."""
        if len(every) == 1:
            return every[0]
        found: dict[Key, int] = {}
        for begin, one in zip(self._begins, every, strict=True):
            for key, bits in one.items():
                if heed is None or key in heed:
                    found[key] = found.get(key, 0) | bits << begin
        return found

    @property
    def words(self) -> NoteWords:
        """Those of the first note, where it is the only one."""
        return self._notes[0]

    @cached_property
    def _met(self) -> Mapping[int, int]:
        """The tokens that meet the same tests, by the bits of these."""
        return self._joined([self._tests.met(words.texts) for words in self._notes])

    def ends(self, way: Way) -> Iterator[tuple[int, int]]:
        """For each note that holds ``way``, entities aside, its number, and the places
        in it where the run may end."""
        if way.beside:
            yield from ((note, 0) for note in self._with_all_beside(way.parties))
        elif way.run:
            found = self._through(way.steps, self._solid)
            while found:
                note = self._note_of((found & -found).bit_length() - 1)
                begin, size = self._begins[note], len(self._notes[note].norms) + 1
                yield note, found >> begin & (1 << size) - 1
                found = found >> begin + size << begin + size
        else:
            yield from ((note, 0) for note in self._that_meet(way.tests))

    def spans(self, way: Way, ends: int) -> Iterator[tuple[int, int]]:
        """First token, and one after the last, wherever the run of ``way`` stands in a
        single note, entities aside. It ends at one of ``ends``."""
        steps, length = way.steps, way.length
        if length is not None:
            for end in ones(ends):
                yield end - length, end
            return
        for start in ones(self._starts(steps) if ends else 0):
            for end in ones(self._through(steps, 1 << start)):
                if end > start:
                    yield start, end

    def named_spans(self, way: Way) -> Iterator[tuple[int, int]]:
        """As ``spans``, of the first note, whose entities the model has told."""
        steps = way.named_steps
        for start in ones(self._starts(steps)):
            for end in ones(self._through(steps, 1 << start)):
                if end > start:
                    yield start, end

    def _note_of(self, at: int) -> int:
        return bisect_right(self._begins, at) - 1

    def _starts(self, steps: Sequence[Step]) -> int:
        """The places where a run may begin: where the first slot that must be there
        does, or one that may stand before it."""
        starts = 0
        for step in steps:
            if step.gap:
                return self._solid
            starts |= self._first(step)
            if not step.optional:
                break
        return starts

    def _with_all_beside(self, steps: Sequence[Step]) -> list[int]:
        """The notes in one sentence of which there is what each of ``steps`` asks for."""
        rarest, *others = sorted((self._first(step) for step in steps), key=int.bit_count)
        found: dict[int, None] = {}
        for at in ones(rarest):
            sentence = bisect_right(self._stops, at - 1)
            begin, end = self._stops[sentence - 1] + 1 if sentence else 0, self._stops[sentence]
            whole = (1 << end - begin) - 1
            if at < end and all(bits >> begin & whole for bits in others):
                found[self._note_of(at)] = None
        return list(found)

    @cached_property
    def _stops(self) -> list[int]:
        """The last token of each sentence, or the blank behind it."""
        blanks = (2 << self._begins[-1] + len(self._notes[-1].norms)) - 1 & ~self._solid
        return list(ones(self._where(_ENDS) | blanks))

    def _that_meet(self, tests: Sequence[TextTest]) -> list[int]:
        """The notes in which some token meets each of ``tests``."""
        every = [self._where(test) for test in tests]
        found = []
        for note, (begin, words) in enumerate(zip(self._begins, self._notes, strict=True)):
            whole = (1 << len(words.norms)) - 1
            if all(bits >> begin & whole for bits in every):
                found.append(note)
        return found

    def _first(self, step: Step) -> int:
        """The tokens that may begin what stands in a slot."""
        return self._solid if step.what is None else self._where(step.what)

    def _through(self, steps: Sequence[Step], at: int) -> int:
        """The places where a run may end that begins at one of those ``at``."""
        known = self._known
        for what, most, optional, gap, name in steps:
            if what is None:
                reached = self._moved(at, self._within if gap else self._solid, most)
                at = at | reached if gap else reached
            else:
                bits = known.get(what)
                moved = (at & (self._where(what) if bits is None else bits)) << 1
                if most > 1:
                    goes_on = GOES_ON if name else what
                    moved |= self._moved(moved, self._where(goes_on), most - 1)
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
            every = self.bits
            for norm in what.intersection(every) if len(what) > len(every) else what:
                bits |= every.get(norm, 0)
        elif isinstance(what, TextTest):
            test = self._tests.bit[what]
            for met, places in self._met.items():
                bits |= places if met & test else 0
        elif isinstance(what, NoName):
            bits = self._where(CAPITAL) & ~(self._where(_NONE) | self._where(what.unlike))
        elif isinstance(what, OfKind):
            labels = ENTITY_LABELS[what.kind]
            bits = sum(1 << token.i for token in self.words.doc if token.ent_type_ in labels)
        return bits

    @cached_property
    def _within(self) -> int:
        """The tokens that end no sentence."""
        return self._solid & ~self._where(_ENDS)

    def _moved(self, at: int, through: int, most: int) -> int:
        """The places up to ``most`` tokens on, all of them in ``through``."""
        reached = 0
        for _ in range(most):
            at = (at & through) << 1
            if not at:
                break
            reached |= at
        return reached
