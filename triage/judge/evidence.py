"""What is left of a note to the evidence in it, each with its place in the note.

Compiles the rules once for a language model and a user's facts; then finds, for each
rule, the one place that shows it best. May not sum or decide, and looks nowhere but in
the pieces of the note that it is given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from spacy.language import Language

from triage.errors import Fault, RulesError
from triage.judge.budget import MAX_STEPS, Budget
from triage.judge.compiled import (
    Match,
    PatternFault,
    annotate,
    compile_phrase,
    compile_relation,
    compile_tokens,
)
from triage.judge.evidence_rules import EvidenceRule, Written
from triage.judge.fitting import Places
from triage.judge.inflections import Inflections, Spelling, tables
from triage.judge.norms import NoteWords, WordCutter
from triage.judge.patterns import patterns
from triage.judge.phrase_grammar import PhraseFault, Start
from triage.judge.phrases import Expansion
from triage.judge.relations import Asserted, relation
from triage.judge.shortlist import Held, Shortlist
from triage.judge.signs import find_sign
from triage.judge.ways import Way
from triage.model import Evidence
from triage.preferences import Me

Pieces = Sequence[tuple[int, int]]
_BATCH, _BATCH_CHARS = 256, 60_000  # notes in memory at a time, and how long all of them
_SPARE_WORDS = 2  # that may stand beside what is "alone": a name, a word of thanks


@dataclass(frozen=True)
class _Compiled:
    rule: EvidenceRule
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class _Sought:
    """What is looked for, and the number of its rule."""

    rule: int
    match: Match

    def ways(self) -> Sequence[Way]:
        return self.match.ways()


class EvidenceFinder:
    """Holds the rules compiled. Raises RulesError with every rule that this model
    cannot match."""

    def __init__(self, rules: Iterable[EvidenceRule], nlp: Language, me: Me) -> None:
        self._nlp = nlp
        irregular, known = tables(nlp)
        words = WordCutter(nlp)
        facts = {name: tuple(values) for name, values in asdict(me).items()}
        expansion = Expansion(words, Inflections(irregular), facts)
        faults: list[Fault] = []
        enabled = [rule for rule in rules if rule.enabled]
        self._compiled = [_compile(rule, nlp, expansion, faults) for rule in enabled]
        if faults:
            raise RulesError(tuple(faults))
        self._shortlist = Shortlist(
            _Sought(number, match)
            for number, compiled in enumerate(self._compiled)
            for match in compiled.matches
        )
        self._signed = [
            (number, sign)
            for number, compiled in enumerate(self._compiled)
            for sign in compiled.rule.signs
        ]
        english, foreign = self._vocabulary()
        spelling = Spelling(english, known | foreign)
        self._words = WordCutter(nlp, spelling.correct if known else None)

    def find(self, note: str, pieces: Pieces) -> tuple[Evidence, ...]:
        """What stands in the ``pieces`` of ``note``; every rule once at most."""
        return self.find_all([(note, pieces)])[0]

    def find_all(
        self, notes: Sequence[tuple[str, Pieces]], budget: Budget | None = None
    ) -> list[tuple[Evidence, ...]]:
        """As ``find``, for many notes; the same answers, whatever their order. OverBudget
        where all together need more than the ``budget``."""
        budget = budget or Budget(steps=MAX_STEPS * len(notes))
        found: list[tuple[Evidence, ...]] = []
        batch: list[tuple[str, Pieces]] = []
        size = 0
        for one in notes:
            if batch and (len(batch) == _BATCH or size + len(one[0]) > _BATCH_CHARS):
                found += self._find_batch(batch, budget)
                batch, size = [], 0
            batch.append(one)
            size += len(one[0])
        return [*found, *self._find_batch(batch, budget)]

    def _find_batch(
        self, notes: Sequence[tuple[str, Pieces]], budget: Budget
    ) -> list[tuple[Evidence, ...]]:
        cuts = [self._words.cut(note, pieces) for note, pieces in notes]
        budget.spend(sum(len(words.norms) for words in cuts))
        candidates = self._shortlist.of(cuts)
        wanted = [
            (words, frozenset(need for sought, _ in chosen for need in sought.match.needs))
            for words, chosen in zip(cuts, candidates, strict=True)
        ]
        annotate(self._nlp, [(words.doc, needs) for words, needs in wanted if needs], budget)
        return [
            self._evidence(note, pieces, Places([words], self._shortlist.tests), chosen, budget)
            for (note, pieces), words, chosen in zip(notes, cuts, candidates, strict=True)
        ]

    def _vocabulary(self) -> tuple[set[str], set[str]]:
        """The words that rules look for: English ones, in which typing mistakes are
        forgiven, and others."""
        english: set[str] = set()
        foreign: set[str] = set()
        for compiled in self._compiled:
            vocabulary = english if compiled.rule.language in (None, "en") else foreign
            for match in compiled.matches:
                vocabulary.update(*(norms for way in match.ways() for norms in way.needed))
        return english, foreign

    def _evidence(
        self,
        note: str,
        pieces: Pieces,
        where: Places,
        chosen: Sequence[tuple[_Sought, Sequence[Held]]],
        budget: Budget,
    ) -> tuple[Evidence, ...]:
        places: dict[int, list[tuple[int, int]]] = {}
        for sought, held in chosen:
            rule = self._compiled[sought.rule].rule
            budget.spend(10)
            for first, last in sought.match.find(where, held):
                if rule.alone and not _alone(where.words, first, last):
                    continue
                places.setdefault(sought.rule, []).append(where.words.span(first, last))
        for number, sign in self._signed:
            for start, end in pieces:
                places.setdefault(number, []).extend(find_sign(sign, note, start, end))
        return tuple(
            _as_evidence(self._compiled[number].rule, note, spans)
            for number, spans in sorted(places.items())
            if spans
        )


def _compile(
    rule: EvidenceRule, nlp: Language, expansion: Expansion, faults: list[Fault]
) -> _Compiled:
    matches: list[Match] = []
    asserted = Asserted(expansion)

    def phrase(written: Written) -> Match | None:
        runs = expansion.runs(written.parts)
        starts = isinstance(written.parts[0], Start)
        return compile_phrase(nlp, patterns(runs, starts)) if runs else None

    def related(written: Written) -> Match | None:
        found = relation(written.parts, expansion)
        return compile_relation(nlp, found, asserted) if found else None

    makers: tuple[tuple[Sequence[Written], Callable[[Written], Match | None]], ...]
    makers = ((rule.phrases, phrase), (rule.relations, related))
    for written_ones, make in makers:
        for written in written_ones:
            try:
                match = make(written)
            except PhraseFault as fault:
                what = f"{fault.what}, in {json.dumps(written.text, ensure_ascii=False)}"
                faults.append(rule.fault(what, fault.now, written.line))
            except PatternFault as pattern_fault:
                what = f"the model cannot match {json.dumps(written.text, ensure_ascii=False)}"
                now = f"spaCy says: {pattern_fault}."
                faults.append(rule.fault(what, now, written.line))
            else:
                matches += [match] if match else []
    for text in rule.tokens:
        try:
            matches.append(compile_tokens(nlp, json.loads(text)))
        except PatternFault as pattern_fault:
            now = f"Put it right: {pattern_fault}. See https://spacy.io/api/matcher."
            faults.append(rule.fault("tokens holds a pattern that cannot be matched", now))
    return _Compiled(rule, tuple(matches))


def _alone(words: NoteWords, first: int, last: int) -> bool:
    others = 0
    for at in (*range(first), *range(last, len(words.norms))):
        word = words.vocab[words.texts[at]]
        others += word.is_alpha or word.like_num
        if others > _SPARE_WORDS:
            return False
    return True


def _as_evidence(rule: EvidenceRule, note: str, spans: list[tuple[int, int]]) -> Evidence:
    start, end = min(spans, key=lambda span: (span[0] - span[1], span[0]))
    return Evidence(
        rule=rule.id,
        says=rule.says,
        points_to=rule.points_to,
        bits=rule.bits,
        quote=note[start:end],
        start=start,
        end=end,
        group=rule.group or rule.id,
    )
