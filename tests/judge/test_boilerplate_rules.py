"""Files of default texts to rules and faults: what a person who edits one is told.

Says that all faults come at once, each with line, id and remedy, and that what a user may
write (an own text, a shipped one replaced or switched off) does what it says.
"""

from __future__ import annotations

import pytest

from triage.errors import Fault
from triage.judge.boilerplate import DefaultTexts, example_faults
from triage.judge.boilerplate_rules import BoilerplateText, parse_boilerplate
from triage.judge.notation import NotationError, read_notation
from triage.judge.spelling import Vocabulary

GOOD = """language = "en"

[words]
may_be_missing = ["the"]

[greetings]
openings = ["(hi|hello) there?"]

[signatures]
closings = ["(kind|best)? regards"]

[[text]]
id = "guild.en.join"
platform = "guild"
since = 2015
texts = ["{name} asks you to (join|enter) the guild (of {company})?"]
matches = ["Hi there, Marlene Brandt asks you to join guild of Northwind. Regards, Jo"]
ignores = ["Marlene Brandt asks you to join the choir."]
"""


def parse(text: str) -> tuple[tuple[BoilerplateText, ...], tuple[Fault, ...]]:
    return parse_boilerplate("own.toml", text)


def test_a_sound_file_has_no_faults_and_its_examples_hold() -> None:
    rules, faults = parse(GOOD)
    assert faults == ()
    assert example_faults(rules) == ()
    text = rules[-1]
    assert (text.id, text.platform, text.since, text.line) == ("guild.en.join", "guild", 2015, 12)
    assert [rule.role for rule in rules] == ["openings", "closings", "may_be_missing", "text"]


def test_all_faults_come_at_once_with_line_id_and_remedy() -> None:
    text = """language = "en"
colour = "red"

[greetings]
opennings = ["hi"]

[[text]]
id = "a.one"
texts = ["join (us"]
ignores = ["x"]

[[text]]
id = "a.one"
txets = ["join us"]
since = "2011"
matches = []
ignores = ["x"]

[[text]]
texts = ["join us"]
"""
    rules, faults = parse(text)
    assert rules == ()
    assert [(fault.line, fault.item) for fault in faults] == [
        (2, "colour"),
        (5, "greetings"),
        (7, "a.one"),
        (9, "a.one"),
        (12, "a.one"),
        (13, "a.one"),
        (14, "a.one"),
        (15, "a.one"),
        (16, "a.one"),
        (19, "text 3"),
    ]
    assert "Did you mean openings?" in str(faults[1])
    assert "a bracket is not closed (column 6)" in str(faults[3])
    assert "stands in line 8 too" in str(faults[5])
    assert all(fault.now for fault in faults)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("join us", "not valid TOML"),
        ('[[text]]\nid = "a.b"', "does not say which language"),
        ('language = "english"', "does not say which language"),
        ('language = "en"\ntext = 3', "no list of tables"),
        ('language = "en"\nwords = 3', "no table"),
        ('language = "en"\n[words]\njoiners = "and"', "no list of texts"),
        ('language = "en"\n[signatures]\nclosings = ["regards?"]', "match anything"),
        ('language = "en"\n[[text]]\nid = "a.b"\nenabled = 1', "neither true nor false"),
        (
            'language = "en"\n[[text]]\nid = "a.b"\nplatform = 1\ntexts = ["x"]',
            "platform is no text",
        ),
        ('language = "en"\n[[text]]\nid = "A B"', "not one of that form"),
    ],
)
def test_a_fault_says_what_is_wrong(text: str, what: str) -> None:
    assert any(what in fault.what for fault in parse(text)[1])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("join ()", "nothing between"),
        ("join (a|)", "nothing between"),
        ("join )", "not opened"),
        ("(join us", "not closed"),
        ("join {nane}", "{name}"),
        ("join {name", "other half"),
        ("~join us", "any word in"),
        ("join ...4 us", "any word in"),
        ("join? us?", "match anything"),
        ("join ... ?", "any word in"),
        ("(" * 9 + "a" + ")" * 9, "too deeply"),
    ],
)
def test_notation_faults_name_the_column(text: str, what: str) -> None:
    with pytest.raises(NotationError, match=r"\(column \d+\)") as caught:
        read_notation(text)
    assert what in str(caught.value)


def test_an_entry_that_only_switches_off_is_legal() -> None:
    rules, faults = parse('[[text]]\nid = "linkedin.en.add-you"\nenabled = false\n')
    assert faults == ()
    assert [(rule.id, rule.enabled) for rule in rules] == [("linkedin.en.add-you", False)]
    assert DefaultTexts(rules).subtract("I'd like to add you").residue == ((0, 19),)


def test_examples_that_fail_are_faults_of_their_rule() -> None:
    text = GOOD.replace("join the choir", "join the guild").replace("join guild", "found a guild")
    faults = example_faults(parse(text)[0])
    assert [(fault.line, fault.item) for fault in faults] == [(12, "guild.en.join")] * 2
    assert [fault.what for fault in faults] == [
        "match 1 is not taken away whole",
        "nothing is left of ignore 1",
    ]


def test_no_fault_repeats_the_note_of_an_example() -> None:
    text = GOOD.replace("join the choir", "join the guild")
    assert "Marlene" not in "".join(map(str, example_faults(parse(text)[0])))


def test_the_language_of_a_text_decides_which_words_may_be_missing() -> None:
    other = parse(GOOD.replace('"en"', '"xx"').replace('missing = ["the"]', 'missing = ["a"]'))[0]
    assert example_faults(other)


def test_every_single_slip_in_a_long_word_is_forgiven_and_two_are_not() -> None:
    word = "professional"
    vocabulary = Vocabulary([word])
    for at in range(len(word)):
        head, letter, tail = word[:at], word[at], word[at + 1 :]
        for slip in (head + tail, head + "q" + tail, head + "q" + letter + tail):
            assert word in vocabulary.forms(slip), slip
        assert word in vocabulary.forms(head + tail[:1] + letter + tail[1:])
    assert vocabulary.forms("profqssioqal") == ("profqssioqal",)
    assert vocabulary.forms("pro") == ("pro",)
