"""The quick search for phrases finds what spaCy's own matcher finds, and nothing else."""

from __future__ import annotations

import random
from typing import Any

import pytest
from spacy.language import Language
from spacy.matcher import Matcher

from triage.judge.compiled import annotate, compile_tokens, longest
from triage.judge.fitting import Places
from triage.judge.inflections import Inflections
from triage.judge.norms import NoteWords, WordCutter
from triage.judge.patterns import (
    ENTITY_AT_MOST,
    NAME_ON,
    SENTENCE_ENDS,
    Run,
    Slot,
    entity_token,
    name_token,
    patterns,
)
from triage.judge.phrase_grammar import parse_phrase
from triage.judge.phrases import Expansion
from triage.judge.shortlist import Shortlist
from triage.judge.ways import Way

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
TOKENS = [
    [{"LOWER": "your"}, {"TEXT": {"REGEX": "^[A-Z]"}}],
    [{"TEXT": {"IN": ["we", "the"]}}, {"ORTH": "big", "OP": "?"}, {"LOWER": {"REGEX": "l"}}],
    [{"TEXT": {"REGEX": "^\\d+$"}, "OP": "?"}, {"TEXT": "!"}],
]


def _runs(nlp: Language, phrase: str) -> tuple[Run, ...]:
    expansion = Expansion(WordCutter(nlp), Inflections({"see": ["saw"]}), {})
    return patterns(expansion.runs(parse_phrase(phrase))).runs


def _as_spacy_has_it(run: Run) -> list[dict[str, Any]]:
    return [token for slot in run for token in _slot(slot)]


def _slot(slot: Slot) -> list[dict[str, Any]]:
    if slot.gap:
        return [{"NORM": {"NOT_IN": SENTENCE_ENDS}, "OP": f"{{0,{slot.gap}}}"}]
    if slot.entity == "NAME":
        return [name_token(slot.unlike), {"TEXT": {"REGEX": NAME_ON}, "OP": "{0,4}"}]
    if slot.entity:
        return [{**entity_token(slot.entity), "OP": f"{{1,{ENTITY_AT_MOST}}}"}]
    return [{"NORM": {"IN": sorted(slot.words)}, **({"OP": "?"} if slot.optional else {})}]


def _spans(words: NoteWords, run: Run) -> list[tuple[int, int]]:
    places, way = Places([words]), Way(run)
    return [span for _, ends in places.ends(way) for span in places.spans(way, ends)]


@pytest.mark.parametrize("phrase", PHRASES)
def test_it_finds_what_spacy_finds(nlp: Language, phrase: str) -> None:
    chance = random.Random(phrase)
    cutter = WordCutter(nlp)
    runs = _runs(nlp, phrase)
    matcher = Matcher(nlp.vocab)
    matcher.add("phrase", [_as_spacy_has_it(run) for run in runs], greedy="LONGEST")
    found = 0
    for _ in range(150):
        note = " ".join(chance.choices(WORDS, k=chance.randint(1, 25)))
        words = cutter.cut(note, [(0, len(note))])
        quick = longest({span for run in runs for span in _spans(words, run)})
        assert sorted(quick) == sorted((first, last) for _, first, last in matcher(words.doc)), note
        found += len(quick)
    assert found


@pytest.mark.parametrize(
    "phrase", ["met ...2 {PERSON}", "{PERSON} told? me", "{DATE} ...1 {PERSON}?"]
)
def test_it_finds_the_entities_that_spacy_finds(nlp: Language, phrase: str) -> None:
    chance = random.Random(phrase)
    runs = _runs(nlp, phrase)
    matcher = Matcher(nlp.vocab)
    matcher.add("phrase", [_as_spacy_has_it(run) for run in runs], greedy="LONGEST")
    found = 0
    for _ in range(150):
        note = " ".join(chance.choices(WORDS, k=chance.randint(1, 25)))
        words = WordCutter(nlp).cut(note, [(0, len(note))])
        annotate(nlp, [(words.doc, frozenset(["ner"]))])
        places = Places([words])
        quick = longest({span for run in runs for span in places.named_spans(Way(run))})
        assert sorted(quick) == sorted((first, last) for _, first, last in matcher(words.doc)), note
        found += len(quick)
    assert found


def test_wide_gaps_before_an_entity_take_no_memory(nlp: Language) -> None:
    note = "we saw Ada " * 200
    words = WordCutter(nlp).cut(note, [(0, len(note))])
    annotate(nlp, [(words.doc, frozenset(["ner"]))])
    for run in _runs(nlp, "we ...12 we ...12 we ...12 {ORG} met"):
        assert list(Places([words]).named_spans(Way(run))) == []


def test_a_long_note_takes_no_long(nlp: Language) -> None:
    note = "we " * 600
    words = WordCutter(nlp).cut(note, [(0, len(note))])
    for run in _runs(nlp, "we ...9 we ...9 we ...9 met"):
        assert _spans(words, run) == []


@pytest.mark.parametrize("phrase", PHRASES)
def test_many_notes_at_once_are_as_each_alone(nlp: Language, phrase: str) -> None:
    chance = random.Random(phrase)
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(0, 25))) for _ in range(150)]
    notes = [WordCutter(nlp).cut(text, [(0, len(text))]) for text in texts]
    together, found = Places(notes), 0
    for way in map(Way, _runs(nlp, phrase)):
        alone = [(at, e) for at, note in enumerate(notes) for _, e in Places([note]).ends(way)]
        assert list(together.ends(way)) == alone
        found += len(alone)
    assert found


@pytest.mark.parametrize("phrase", PHRASES)
def test_all_beside_one_another_stand_in_one_sentence(nlp: Language, phrase: str) -> None:
    """Held against a plain reading of the note, sentence by sentence."""
    chance = random.Random(phrase)
    sets = [frozenset(chance.sample(WORDS, 3)) for _ in range(2)]
    way = Way(beside=tuple(map(Slot, sets)))
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(0, 25))) for _ in range(60)]
    notes = [WordCutter(nlp).cut(text, [(0, len(text))]) for text in texts]
    expected = []
    for at, note in enumerate(notes):
        sentences: list[set[str]] = [set()]
        for norm in note.norms:
            if norm in SENTENCE_ENDS:
                sentences.append(set())
            else:
                sentences[-1].add(norm)
        if any(all(norms & one for norms in sets) for one in sentences):
            expected.append(at)
    assert expected and sorted(note for note, _ in Places(notes).ends(way)) == expected


@pytest.mark.parametrize("pattern", TOKENS, ids=str)
def test_a_raw_pattern_of_texts_finds_what_spacy_finds(
    nlp: Language, pattern: list[dict[str, object]]
) -> None:
    chance = random.Random(str(pattern))
    quick = compile_tokens(nlp, pattern)
    matcher = Matcher(nlp.vocab)
    matcher.add("pattern", [pattern], greedy="LONGEST")
    assert quick.way.run
    shortlist = Shortlist([quick])
    found = 0
    for _ in range(150):
        note = " ".join(chance.choices(WORDS, k=chance.randint(1, 25)))
        words = WordCutter(nlp).cut(note, [(0, len(note))])
        spans = {(first, last) for _, first, last in matcher(words.doc)}
        held = [held for _, held in shortlist.of([words])[0]]
        assert bool(held) == bool(spans)
        if held:
            assert set(quick.find(Places([words], shortlist.tests), held[0])) == spans
        found += len(spans)
    assert found
