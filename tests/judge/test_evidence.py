"""Rule files and what they find: strict to their writer, exact in the note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language

from triage.judge.boilerplate import DefaultTexts
from triage.judge.evidence import EvidenceFinder
from triage.judge.evidence_rules import parse_evidence
from triage.judge.rules import EXAMPLE_ME, Rulebook, check_examples
from triage.preferences import Me
from triage.rulebook import load_rulebook, shipped_folder

Find = Callable[..., Any]
MakeRules = Callable[..., Any]

THREE_FAULTS = """\
[[evidence]]
id = "personal.sound"
says = "is sound"
points_to = "personal"
bits = 2.0
phrases = ["we met"]
matches = ["we met"]
ignores = ["we eat"]

[[evidence]]
id = "personal.one"
says = "has a phrase that ends too early"
points_to = "personal"
bits = 2.0
phrases = [
  "we met",
  "we (met",
]
matches = ["we met"]
ignores = ["we eat"]

[[evidence]]
id = "personal.two"
says = "has an unknown key and too many bits"
points_to = "personal"
bits = 99
phrazes = ["we met"]
phrases = ["we met"]
matches = ["we met"]
ignores = ["we eat"]

[[evidence]]
id = "personal.three"
says = "has no example to ignore"
points_to = "personal"
bits = 1
phrases = ["we met"]
matches = ["we met"]
"""


def test_all_faults_of_a_file_come_at_once_and_the_sound_rules_stay() -> None:
    rules, faults = parse_evidence("mine.toml", THREE_FAULTS)
    assert [rule.id for rule in rules] == ["personal.sound"]
    assert [(fault.line, fault.item) for fault in faults] == [
        (17, "personal.one"),
        (27, "personal.two"),
        (26, "personal.two"),
        (32, "personal.three"),
    ]
    said = [str(fault) for fault in faults]
    assert "column 8" in said[0] and '")"' in said[0]
    assert '"phrases"' in said[1]
    assert all(fault.now for fault in faults)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('id = "Has Capitals"', "no sound id"),
        ("id = 7", "no sound id"),
        ('points_to = "suspicious"', "points_to"),
        ("bits = 0", "bits"),
        ("bits = true", "bits"),
        ("bits = nan", "bits"),
        ('enabled = "no"', "enabled"),
        ("phrases = [1]", "phrases"),
        ('phrases = "we met"', "phrases"),
        ("phrases = []", "looks for nothing"),
        ('signs = ["smoke"]', "signs"),
        ('tokens = ["met"]', "tokens"),
        ("matches = []", "no example in matches"),
        ("says = ''", "does not say"),
        ("group = 3", "group"),
    ],
)
def test_each_key_is_checked(line: str, says: str) -> None:
    keys = {
        "id": 'id = "personal.a"',
        "says": 'says = "a"',
        "points_to": 'points_to = "personal"',
        "bits": "bits = 1",
        "phrases": 'phrases = ["we met"]',
        "matches": 'matches = ["we met"]',
        "ignores": 'ignores = ["we eat"]',
    }
    keys[line.split(" ", 1)[0]] = line
    rules, faults = parse_evidence("mine.toml", "[[evidence]]\n" + "\n".join(keys.values()))
    assert rules == ()
    assert any(says in fault.what for fault in faults), faults


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[evidence]\n", "TOML"),
        ("[[evidnce]]\nid = 'a'\n", "not known here"),
        ("evidence = 3\n", "no list of tables"),
        ("evidence = [1]\n", "no list of tables"),
    ],
)
def test_a_file_of_another_shape_is_a_fault(text: str, says: str) -> None:
    rules, faults = parse_evidence("mine.toml", text)
    assert rules == ()
    assert says in faults[0].what


def test_an_entry_that_only_switches_off_is_sound() -> None:
    rules, faults = parse_evidence("m.toml", '[[evidence]]\nid = "a.b"\nenabled = false\n')
    assert faults == ()
    assert (rules[0].id, rules[0].enabled) == ("a.b", False)


def test_an_id_stands_once_in_a_file() -> None:
    once = THREE_FAULTS.split("\n\n", 1)[0]
    rules, faults = parse_evidence("m.toml", f"{once}\n\n{once}\n")
    assert len(rules) == 1
    assert "second rule" in faults[0].what and faults[0].line == 10


def test_inflections_are_refused_where_they_are_not_known() -> None:
    text = THREE_FAULTS.split("\n\n", 1)[0].replace('"we met"]\nm', '"wir ~treffen"]\nm')
    assert "English" in parse_evidence("mine.de.toml", text)[1][0].what
    assert parse_evidence("mine.en.toml", text)[1] == ()


@pytest.mark.parametrize("before", ["", "😀👍🏽 ", "Hi!\r\n\r\n", "e\u0301te\u0301: ", "\u200b“"])
def test_offsets_count_characters_of_the_note_as_it_is(find: Find, before: str) -> None:
    note = f"{before}We’ve  met you\r\nin Oslo 🎉"
    (found,) = find(note, phrases=["we have met you"])
    assert note[found.start : found.end] == found.quote == "We’ve  met you"


def test_nothing_is_found_outside_the_pieces_that_are_left(
    nlp: Language, rules_of: MakeRules
) -> None:
    finder = EvidenceFinder(rules_of(phrases=["we met", "met here"]), nlp, Me())
    note = "we met. XXXX we met"
    assert finder.find(note, [(8, 12)]) == ()
    (found,) = finder.find(note, [(8, 19)])
    assert (found.start, found.end) == (13, 19)
    # A hole ends the sentence: what stands around it is not one phrase.
    assert finder.find("we XXXX met", [(0, 2), (8, 11)]) == ()


def test_a_default_text_is_never_evidence(nlp: Language, rules_of: MakeRules) -> None:
    defaults = DefaultTexts(load_rulebook(None).boilerplate)
    finder = EvidenceFinder(rules_of(phrases=["professional network", "bell"]), nlp, Me())
    note = "Hi Dave,\n\nI'd like to add you to my professional network on LinkedIn. The bell rang."
    subtraction = defaults.subtract(note)
    (found,) = finder.find(note, subtraction.residue)
    assert found.quote == "bell"
    assert all(found.start >= span.end or found.end <= span.start for span in subtraction.spans)


@pytest.mark.parametrize(
    ("sign", "note", "quote"),
    [
        ("link", "see https://example.org/a?b=c now", "https://example.org/a?b=c"),
        ("link", "see www.example.org", "www.example.org"),
        ("link", "it was lovely.so was it", None),
        ("email", "to ada@example.org.", "ada@example.org"),
        ("phone", "ring +1 555 010 0123", "+1 555 010 0123"),
        ("phone", "from 2010 to 2014", None),
        ("phone", "at Kelvin (2001-2008)", None),
        ("phone", "ring 2001 2008 44", "2001 2008 44"),
        ("price", "only $49.50 a month", "$49.50"),
        ("price", "49 at the table", None),
        ("percent", "saves 30 %", "30 %"),
        ("calendar", "https://calendly.com/ada/30min", "https://calendly.com/ada/30min"),
    ],
)
def test_signs(find: Find, sign: str, note: str, quote: str | None) -> None:
    assert [one.quote for one in find(note, signs=[sign])] == ([quote] if quote else [])


def test_a_hostile_note_takes_no_long(find: Find) -> None:
    note = "we " * 3000 + "a.b@" * 3000 + "1 " * 3000 + "- x\n" * 3000
    find(note, phrases=["we ...9 we ...9 met"], signs=["link", "email", "phone", "price", "list"])


def test_every_example_of_the_shipped_rules_does_what_it_says(nlp: Language) -> None:
    rulebook = load_rulebook(None)
    assert len(rulebook.evidence) > 50
    only_evidence = Rulebook.of((), rulebook.boilerplate, rulebook.evidence)
    assert [str(fault) for fault in check_examples(only_evidence, nlp)] == []


def test_an_example_that_does_not_hold_is_a_fault(nlp: Language, rules_of: MakeRules) -> None:
    rules = rules_of(phrases=["we met"], matches=["we met", "we ate"], ignores=["so we met"])
    faults = check_examples(Rulebook.of((), (), rules), nlp)
    assert "example 2 of matches is not found" in faults[0].what
    assert "example 1 of ignores is found" in faults[1].what


def test_every_phrase_of_the_shipped_rules_can_match(nlp: Language) -> None:
    """A phrase whose words contradict the way notes are cut would be silent for ever."""
    for path in sorted((shipped_folder() / "evidence").glob("*.toml")):
        rules, faults = parse_evidence(str(path), Path(path).read_text("utf-8"))
        assert faults == ()
        EvidenceFinder(rules, nlp, EXAMPLE_ME)
