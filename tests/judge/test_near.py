"""What nearly matched is told with what was missing, and what matched is not."""

from __future__ import annotations

import pytest
from spacy.language import Language

from triage.judge.evidence_rules import parse_evidence
from triage.judge.near import Near, NearMisses
from triage.preferences import Me

RULES = """
[[evidence]]
id = "personal.heard"
says = "heard you speak"
points_to = "personal"
bits = 3.0
phrases = ["(enjoyed|liked) your (talk|panel) ...3 {EVENT}", "(enjoyed|liked) your (talk|panel) today"]
matches = ["I liked your talk today"]
ignores = ["I like talks"]

[[evidence]]
id = "personal.read"
says = "read your work"
points_to = "personal"
bits = 3.0
relations = ["(I|we) ~read your (article|book)"]
matches = ["I read your article"]
ignores = ["I will read your article"]

[[evidence]]
id = "generic.bare"
says = "says hello"
points_to = "generic"
bits = 3.0
alone = true
phrases = ["just saying hello"]
matches = ["just saying hello"]
ignores = ["hello"]
"""


@pytest.fixture(scope="module")
def misses(nlp: Language) -> NearMisses:
    rules, faults = parse_evidence("personal.en.toml", RULES)
    assert not faults
    return NearMisses(rules, nlp, Me())


def near(misses: NearMisses, note: str, *found: str) -> dict[str, Near]:
    return {one.rule: one for one in misses.of(note, [(0, len(note))], found)}


def test_the_one_word_that_is_missing_is_told(misses: NearMisses) -> None:
    note = "Hello there, we enjoyed your cooking today"
    one = near(misses, note)["personal.heard"]
    assert one.missing == 'without one of "talk", "panel"'
    assert note[one.start : one.end] == "enjoyed your cooking today"
    assert one.phrase == "(enjoyed|liked) your (talk|panel) today"


def test_an_entity_that_was_not_recognised_is_told(misses: NearMisses) -> None:
    one = near(misses, "I liked your talk at the thing")["personal.heard"]
    assert one.missing == "without {EVENT} recognised there"


def test_words_without_the_grammar_are_told(misses: NearMisses) -> None:
    one = near(misses, "I hope that our AI will read your article")["personal.read"]
    assert "who does what to whom" in one.missing


def test_a_phrase_that_must_stand_alone_says_so(misses: NearMisses) -> None:
    one = near(misses, "just saying hello from the harbour, where the boats are")["generic.bare"]
    assert "nothing else" in one.missing


def test_what_was_found_or_is_far_off_is_not_told(misses: NearMisses) -> None:
    assert not near(misses, "I liked your talk today", "personal.heard")
    assert not near(misses, "Your boat is in the harbour")
    assert not near(misses, "")
