"""The quick search for phrases finds what spaCy's own matcher finds, and nothing else."""

from __future__ import annotations

import random

import pytest
from spacy.language import Language
from spacy.matcher import Matcher

from triage.judge.compiled import longest
from triage.judge.fitting import Places
from triage.judge.inflections import Inflections
from triage.judge.norms import WordCutter
from triage.judge.patterns import Run, patterns
from triage.judge.phrase_grammar import parse_phrase
from triage.judge.phrases import Expansion

WORDS = [
    "we",
    "met",
    "saw",
    ".",
    "your",
    "big",
    "talk",
    ",",
    "of",
    "Ada",
    "Kell",
    "Ulm",
    "the",
    "told",
]
WORDS += ["me", "!", "...", "O'Hara", "2011", "linkedin"]
PHRASES = [
    "we met",
    "(we|me) ~see? (your|the)? talk",
    "your ...3 talk",
    "...2 talk ...1 of",
    "{NAME}",
    "{NAME} told? me",
    "the {NAME} ...2 met",
    "we? ...4 (talk|big talk)? me",
    "(met|saw|saw your) (big|{NAME})?",
]


def _runs(nlp: Language, phrase: str) -> tuple[Run, ...]:
    expansion = Expansion(WordCutter(nlp), Inflections({"see": ["saw"]}), {})
    return patterns(expansion.runs(parse_phrase(phrase))).runs


@pytest.mark.parametrize("phrase", PHRASES)
def test_it_finds_what_spacy_finds(nlp: Language, phrase: str) -> None:
    chance = random.Random(phrase)
    cutter = WordCutter(nlp)
    runs = _runs(nlp, phrase)
    matcher = Matcher(nlp.vocab)
    matcher.add("phrase", patterns(runs).exact(), greedy="LONGEST")
    found = 0
    for _ in range(150):
        note = " ".join(chance.choices(WORDS, k=chance.randint(1, 25)))
        words = cutter.cut(note, [(0, len(note))])
        quick = longest({span for run in runs for span in Places(words).spans(run)})
        assert sorted(quick) == sorted((first, last) for _, first, last in matcher(words.doc)), note
        found += len(quick)
    assert found


def test_a_long_note_takes_no_long(nlp: Language) -> None:
    note = "we " * 600
    words = WordCutter(nlp).cut(note, [(0, len(note))])
    for run in _runs(nlp, "we ...9 we ...9 we ...9 met"):
        assert list(Places(words).spans(run)) == []
