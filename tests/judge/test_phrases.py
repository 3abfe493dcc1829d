"""The phrase language: what each phrase finds, what it leaves, and how mistakes are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import spacy
from spacy.language import Language

from triage.errors import RulesError
from triage.judge.evidence import EvidenceFinder
from triage.judge.phrase_grammar import PhraseFault, parse_phrase
from triage.preferences import Me

Find = Callable[..., Any]
MakeRules = Callable[..., Any]

FINDS = [
    ("we met", "Hello. WE MET in the rain.", "WE MET"),
    ("you ~speak at", "You spoke at length", "You spoke at"),
    ("~speak", "nobody was speaking", "speaking"),
    ("~try", "he tries", "tries"),
    ("~stop", "we stopped there", "stopped"),
    ("~be here", "I am here", "am here"),
    ("(talk|key note)", "your key note", "key note"),
    ("(talk|key note)", "your talk", "talk"),
    ("your great? talk", "your talk", "your talk"),
    ("your great? talk", "your great talk", "your great talk"),
    ("(read|went to) (your|the)? talk", "went to talk", "went to talk"),
    ("your ...3 talk", "your very long second talk", "your very long second talk"),
    ("({NAME}) told me", "Ada Kell told me", "Ada Kell told me"),
    ("told by {NAME}", "told by Ines O'Hara of Bergen", "told by Ines O'Hara of Bergen"),
    (
        "spoke at {EVENT}",
        "you spoke at the Kettle Makers Summit",
        "spoke at the Kettle Makers Summit",
    ),
    ("born in {PLACE}", "I was born in Norway", "born in Norway"),
    ("what\\?", "So what? I go.", "what?"),
    ("\\(sic\\)", "met (sic) you", "(sic)"),
    # Typing as people type.
    ("I would love", "I'd love", "I'd love"),
    ("I'd love", "i would love", "i would love"),
    ("we've met", "we have met", "we have met"),
    ("do not know", "I dont know", "dont know"),
    ("can't come", "I cannot come", "cannot come"),
    ("don’t stop", "don't stop", "don't stop"),
    ("I'd love", "I’d love", "I’d love"),
    ("please come", "pls come", "pls come"),
    ("your talk", "ur talk", "ur talk"),
    ("enjoyed your talk", "enjoyd your talk", "enjoyd your talk"),
    ("enjoyed your talk", "enjoeyd your talk", "enjoeyd your talk"),
    ("we met", "we \t met", "we \t met"),
    ("we met", "we\nmet", "we\nmet"),
    ("we met", "𝘄𝗲 met", "𝘄𝗲 met"),
    ("we met", "we\u200b met", "we\u200b met"),
    ("resume", "my résumé", "résumé"),
    ("^ saw you", "Saw you there", "Saw you"),
    ("^ saw you", "Well, saw you there", "saw you"),
]
LEAVES = [
    ("we met", "we have met"),
    ("we met", "we. Met"),
    ("we met", "So did we\n\nMet others"),
    ("your ...2 talk", "your very long second talk"),
    ("your ...3 talk", "your dog. A talk"),
    ("{NAME} told me", "LinkedIn told me"),
    ("{NAME} told me", "The told me"),
    ("{my.friends}", "Joe Marsh"),
    ("~speak", "the speaker"),
    ("^ saw you", "she saw you"),
    ("enjoyed", "employed"),
]


@pytest.mark.parametrize(("phrase", "note", "quote"), FINDS)
def test_a_phrase_finds(find: Find, phrase: str, note: str, quote: str) -> None:
    assert [one.quote for one in find(note, phrases=[phrase])] == [quote]


@pytest.mark.parametrize(("phrase", "note"), LEAVES)
def test_a_phrase_leaves(find: Find, phrase: str, note: str) -> None:
    assert find(note, phrases=[phrase]) == ()


def test_my_facts_stand_in_for_their_names(find: Find) -> None:
    me = Me(employers=("Northwind", "Kettle & Sons"))
    phrase = ["(worked|was) at {my.employers}"]
    assert find("I worked at northwind.", me, phrases=phrase)
    assert find("I was at Kettle & Sons", me, phrases=phrase)
    assert not find("I worked at Southwind.", me, phrases=phrase)


def test_a_name_that_is_none_of_mine_is_one_only_where_i_gave_mine(find: Find) -> None:
    phrase = ["together at {other.employers}"]
    me = Me(employers=("Northwind",))
    assert find("We worked together at Kettle Brothers", me, phrases=phrase)
    assert not find("We worked together at Northwind", me, phrases=phrase)
    assert not find("We worked together at Kettle Brothers", phrases=phrase)


def test_a_phrase_alone_counts_only_where_the_note_says_nothing_else(find: Find) -> None:
    assert find("Would love to connect, Ada!", phrases=["would love to connect"], alone=True)
    assert not find(
        "Would love to connect, the soup was so good", phrases=["would love to connect"], alone=True
    )


def test_raw_patterns_may_use_what_the_tagger_knows(find: Find) -> None:
    tokens = '[[{ LEMMA = "meet" }, { POS = "PRON" }]]'
    assert find("We were meeting them", tokens=Raw(tokens))


class Raw:
    """TOML that is put into a rule as it stands."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


MISTAKES = [
    ("we (met|saw you", 16, "too early"),
    ("we met)", 7, '")"'),
    ("we ...40 met", 4, "40"),
    ("we ... met", 4, "number"),
    ("{FRIEND} told", 2, "{FRIEND}"),
    ("{my.freinds} told", 2, "{my.freinds}"),
    ("we ~ (met)", 6, '"("'),
    ("we | met", 4, '"|"'),
    ("", 1, "empty"),
    ("((((((((a))))))))", 7, "deep"),
    ("we () met", 5, '")"'),
]


@pytest.mark.parametrize(("phrase", "column", "says"), MISTAKES)
def test_a_mistake_is_told_by_its_column(phrase: str, column: int, says: str) -> None:
    with pytest.raises(PhraseFault) as caught:
        parse_phrase(phrase)
    assert (caught.value.column, says in caught.value.what) == (column, True), caught.value.what
    assert caught.value.now


def test_a_mistyped_fact_is_answered_with_the_nearest() -> None:
    with pytest.raises(PhraseFault) as caught:
        parse_phrase("{my.freinds} told")
    assert "{my.friends}" in caught.value.now


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"phrases": [" ".join(["(a b|c d)"] * 9)]}, "more than"),
        ({"phrases": ["a? b?"]}, "may be missing"),
        ({"relations": ["~meet you"]}, "no relation"),
        ({"relations": ["(I|we) ~meet (you all|you)"]}, "single words"),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_a_fault(
    nlp: Language, rules_of: MakeRules, keys: dict, says: str
) -> None:
    rules = rules_of(**keys)
    with pytest.raises(RulesError) as caught:
        EvidenceFinder(rules, nlp, Me())
    fault = caught.value.faults[0]
    assert (fault.file, fault.item) == ("probe.en.toml", "personal.probe")
    assert says in fault.what
    assert fault.line > 1


def test_a_pattern_over_a_component_that_is_missing_is_a_fault_at_load(rules_of: MakeRules) -> None:
    rules = rules_of(relations=["(I|we) ~meet you"])
    with pytest.raises(RulesError, match="parser"):
        EvidenceFinder(rules, spacy.blank("en"), Me())


def test_spacy_refuses_a_raw_pattern_in_its_own_words(nlp: Language, rules_of: MakeRules) -> None:
    rules = rules_of(tokens=Raw('[[{ LENGTH = "2" }]]'))
    with pytest.raises(RulesError, match=r"spacy\.io"):
        EvidenceFinder(rules, nlp, Me())


RELATIONS = [
    ("(I|we) ~meet you", "We met you last year in Tulsa", True),
    ("(I|we) ~meet you", "I loved meeting you", True),
    ("(I|we) ~meet you", "I have met with you", True),
    ("(I|we) ~meet you", "I would love to meet you", False),
    ("(I|we) ~meet you", "I hope to meet you", False),
    ("(I|we) ~meet you", "I did not meet you", False),
    ("(I|we) ~meet you", "My boss met you", False),
    ("(I|we) ~meet you", "I wonder if I met you", False),
    ("(I|we) ~read your (article|post|talk)", "I got round to reading your last article at last", True),
    ("(I|we) ~read your (article|post|talk)", "I read and shared your post", True),
    ("(I|we) ~read your (article|post|talk)", "Your article was read by all of us", True),
    ("(I|we) ~read your (article|post|talk)", "your article, which I read today, was good", True),
    ("(I|we) ~read your (article|post|talk)", "our AI read your article", False),
    ("(I|we) ~read your (article|post|talk)", "Your article was read by our AI", False),
    ("(I|we) ~read your (article|post|talk)", "I read my article", False),
    ("(I|we) ~read your (article|post|talk)", "I can read your article", False),
    ("{NAME} ~tell me", "Joe, whom I know from Oslo, told me to write", True),
    ("you (taught|helped) me", "You taught me to sail", True),
    ("you (taught|helped) me", "Could you help me?", False),
    ("you ~speak at {NAME}", "You spoke so very well at Kettlefest", True),
]  # fmt: skip


@pytest.mark.parametrize(("relation", "note", "holds"), RELATIONS)
def test_a_relation_asks_who_did_what(find: Find, relation: str, note: str, holds: bool) -> None:
    assert bool(find(note, relations=[relation])) is holds
