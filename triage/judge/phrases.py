"""The parts of a phrase to runs of slots: one run for every way to say it.

A phrase becomes at most ``MAX_PATTERNS`` runs; ``patterns.py`` makes one spaCy pattern
of each. The user's own facts and the inflections of words are put in here. May not
match anything, nor know spaCy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.judge.inflections import Inflections
from triage.judge.norms import WordCutter
from triage.judge.patterns import Run, Slot
from triage.judge.phrase_grammar import (
    Entity,
    Gap,
    Group,
    Lemma,
    Part,
    PhraseFault,
    Start,
    Word,
)

MAX_PATTERNS = 300  # of one phrase
_EVENTS = """
    summit conference conf meetup fair expo forum congress symposium workshop webinar hackathon
    bootcamp festival fest week day days camp con event seminar convention retreat roundtable
    masterclass unconference gala
"""
_EVENT_WORDS = frozenset(_EVENTS.split())
_ARTICLE = Slot(frozenset(["the", "a", "an"]), optional=True)


class Expansion:
    """Turns parts into runs of slots, for one set of the user's facts."""

    def __init__(
        self, words: WordCutter, inflections: Inflections, facts: Mapping[str, Sequence[str]]
    ) -> None:
        self._words, self._inflections, self._facts = words, inflections, facts

    def runs(self, parts: Sequence[Part]) -> list[Run]:
        """Every run of slots that ``parts`` stand for; none where the phrase needs a
        fact that the user has not given. Raises PhraseFault."""
        runs: list[Run] = [()]
        for part in parts:
            choices = self._choices(part)
            if len(runs) * len(choices) > MAX_PATTERNS:
                what = f"the phrase stands for more than {MAX_PATTERNS} patterns"
                now = "Split it, or join words of one place in one group: (a|b|c)."
                raise PhraseFault(1, what, now)
            runs = [run + choice for run in runs for choice in choices]
        return runs

    def one_of(self, part: Part) -> frozenset[str]:
        """The norms that ``part`` stands for where a single word has to stand; empty
        where it can be anything else."""
        choices = self._choices(part)
        single = [run[0] for run in choices if len(run) == 1]
        if len(single) != len(choices) or any(s.optional or not s.words for s in single):
            return frozenset()
        return frozenset().union(*(slot.words for slot in single))

    def forms(self, lemma: str) -> frozenset[str]:
        """All inflections of ``lemma``, as norms."""
        norms = (self._words.norms_of(form) for form in self._inflections.of(lemma))
        return frozenset(form[0] for form in norms if len(form) == 1)

    def _choices(self, part: Part) -> list[Run]:
        if isinstance(part, Word):
            run = tuple(Slot(frozenset([norm])) for norm in self._words.norms_of(part.text))
            return _maybe([run], part.optional)
        if isinstance(part, Lemma):
            return _maybe([(Slot(self.forms(part.text)),)], part.optional)
        if isinstance(part, Group):
            branches = [run for branch in part.branches for run in self.runs(branch)]
            return _maybe(_merged(branches), part.optional)
        if isinstance(part, Start):
            return [()]
        if isinstance(part, Gap):
            return [(Slot(gap=part.most),)]
        if isinstance(part, Entity):
            return _maybe(_entity(part.kind), part.optional)
        facts = [self._words.norms_of(fact) for fact in self._facts.get(part.name, ())]
        if part.other:
            unlike = frozenset(norm for fact in facts for norm in fact)
            other = Slot(entity="NAME", unlike=unlike)
            return _maybe([(_ARTICLE, other)] if facts else [], part.optional)
        runs = [tuple(Slot(frozenset([norm])) for norm in fact) for fact in facts if fact]
        return _maybe(_merged(runs), part.optional)


def _entity(kind: str) -> list[Run]:
    """An article may stand before it. What is named like an event is one, whether or
    not the entity model knows it."""
    named = (_ARTICLE, Slot(entity=kind))
    if kind == "EVENT":
        return [named, (_ARTICLE, Slot(entity="NAME"), Slot(_EVENT_WORDS))]
    return [named]


def _maybe(runs: list[Run], optional: bool) -> list[Run]:
    if not optional:
        return runs
    if len(runs) == 1 and len(runs[0]) == 1 and runs[0][0].words:
        return [(Slot(runs[0][0].words, optional=True),)]
    return [*runs, ()]


def _merged(runs: list[Run]) -> list[Run]:
    """Runs of one plain word become one slot: a group of words costs one pattern."""
    plain = [run for run in runs if len(run) == 1 and run[0].words and not run[0].optional]
    others = [run for run in dict.fromkeys(runs) if run not in plain]
    if not plain:
        return others
    return [(Slot(frozenset().union(*(run[0].words for run in plain))),), *others]
