"""Expressions and raw patterns of a user's rule: in proportion to the note, or a fault."""

from __future__ import annotations

import random
import re

import pytest
from spacy.language import Language
from spacy.matcher import Matcher

from tests.judge.conftest import Find, MakeRules
from tests.judge.test_platform_rules import SOUND
from triage.errors import RulesError
from triage.judge.compiled import longest
from triage.judge.evidence import EvidenceFinder
from triage.judge.linear import MAX_PATTERN, NotLinear, check, holds
from triage.judge.platform_rules import parse_platform
from triage.judge.raw_tokens import RawTokens, TokensFault
from triage.preferences import Me

SAME = (r"^[A-Z][a-z]+$", r"\d{2,}", r"\w+é", r"[\w.-]+@[\w-]+", r"^\W", r"(a|b)*c", r"[^\d]x", "\\u00e9",
        "[\\U0001F300-\\U0001F5FF]", r"(?i)ÉTÉ", r"[]x]", r"[^]x]y", r"\[\w\]", r"[\]\w]z")  # fmt: skip
TEXTS = (
    "Ada",
    "été",
    "ЙЦ",
    "a@b-c",
    "12",
    "٣٤",
    "",
    "-",
    "🌍",
    "abac",
    "x]",
    "[a]",
    "1x",
    "]z",
    "éy",
    "_é",
    "m\u0301",
)
ENDLESS = (
    r"(a+)+$",
    r"(a|aa)+$",
    r"(.*)*x",
    r"([a-zA-Z]+)*$",
    r"(a*)*b",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
)


@pytest.mark.parametrize("pattern", SAME)
def test_it_finds_what_pythons_own_engine_finds(pattern: str) -> None:
    assert [holds(pattern, text) for text in TEXTS] == [
        re.search(pattern, text) is not None for text in TEXTS
    ]


@pytest.mark.parametrize("pattern", ENDLESS)
def test_what_would_take_for_ever_elsewhere_is_answered(pattern: str) -> None:
    """Python's engine would need longer than the age of the universe for most of these."""
    assert holds(pattern, "a" * 20_000 + "\n!") in (True, False)


@pytest.mark.parametrize("pattern", [r"(?!x)y", r"(a)\1", "(", "a{1001}", "((a{30}){30}){30}", "x" * (MAX_PATTERN + 1), "\ud800"])  # fmt: skip
def test_what_cannot_be_linear_is_a_fault(pattern: str) -> None:
    with pytest.raises(NotLinear):
        check(pattern)


def test_half_a_character_in_a_note_is_no_fault() -> None:
    assert holds("b", "a\ud800b") and not holds("c", "a\ud800b")


def test_a_message_id_of_a_platform_is_checked_when_it_is_loaded() -> None:
    line = 'message_ids = "(a+)+(?=b)"\nname = "Gardeners"'
    _, faults = parse_platform("x.toml", SOUND.replace('name = "Gardeners"', line))
    assert len(faults) == 1 and "message_ids" in faults[0].what and faults[0].now
    _, faults = parse_platform(
        "x.toml", SOUND.replace('name = "Gardeners"', line.replace("(?=b)", ""))
    )
    assert faults == ()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('subjects = ["{any}a{any}b{any}c{any}d{any}e"]', "more than 4 blanks"),
        ('accept = ["/a**b**c**d"]', 'more than 2 times "**"'),
    ],
)
def test_wording_and_links_have_few_blanks(line: str, says: str) -> None:
    text = SOUND.replace('subjects = ["{name} wants to swap seeds"]', line)
    if "accept" in line:
        text = SOUND + f"[platform.links]\n{line}\n"
    _, faults = parse_platform("x.toml", text)
    assert any(says in fault.what for fault in faults), faults


# -- raw patterns ---------------------------------------------------------------------

WORDS = ("a", "b", "c", "A", "1")


def table(chance: random.Random) -> dict[str, object]:
    made: dict[str, object] = chance.choice(
        (
            {"LOWER": chance.choice("abc")},
            {"TEXT": {"IN": chance.sample(WORDS, 2)}},
            {"TEXT": {"REGEX": chance.choice(("^[a-b]$", "[A-Z]", r"\d", "^c"))}},
            {"LOWER": {"REGEX": {"NOT_IN": ["^a$", "^1"]}}},
            {"LOWER": {"NOT_IN": ["a"], "REGEX": {"IN": ["b", "c"]}}},
            {"IS_DIGIT": True},
            {},
        )
    )
    operator = chance.choice((None, None, None, "?", "*", "+", "!", "{2}", "{1,2}", "{,2}", "{2,}"))
    return made | ({"OP": operator} if operator else {})


def test_a_raw_pattern_is_found_where_spacy_finds_it(nlp: Language) -> None:
    """From each place the longest; spaCy may keep a shorter one beside a longer."""
    chance, found = random.Random(3), 0
    for _ in range(1500):
        pattern = [table(chance) for _ in range(chance.randint(1, 3))]
        doc = nlp.make_doc(" ".join(chance.choices(WORDS, k=chance.randint(1, 8))))
        if all(one.get("OP") in ("?", "*", "{,2}") for one in pattern):
            continue
        matcher = Matcher(nlp.vocab)
        matcher.add("x", [pattern])
        theirs = {(first, last) for _, first, last in matcher(doc)}
        ours = set(RawTokens(nlp, pattern).find(doc))
        assert ours <= theirs and {s for s, _ in ours} == {s for s, _ in theirs}, (pattern, doc)
        assert all(last == max(e for s, e in theirs if s == first) for first, last in ours)
        found += len(longest(ours))
    assert found > 500


@pytest.mark.parametrize(
    "pattern",
    [
        [{"OP": "{0,20}"}, {"OP": "{0,20}"}, {"LOWER": "b"}],
        [
            {"LOWER": "a", "OP": "+"},
            {"LOWER": "a", "OP": "+"},
            {"LOWER": "a", "OP": "*"},
            {"LOWER": "b"},
        ],
        [*[{"OP": "?"}] * 30, {"LOWER": "b"}],
        [{"TEXT": {"REGEX": "(a+)+$"}}, {"LOWER": "b"}],
    ],
)
def test_a_pattern_of_many_ways_takes_no_memory(nlp: Language, pattern: list[dict]) -> None:
    """spaCy's own matcher takes three gigabytes for the first."""
    doc = nlp.make_doc("a " * 600)
    assert list(RawTokens(nlp, pattern).find(doc)) == []


@pytest.mark.parametrize(
    "pattern",
    [
        [{"TEXT": {"REGEX": "(?=x)"}}],
        [{"TEXT": {"REGEX": 5}}],
        [{"LENGTH": {"REGEX": "5"}}],
        [{"_": {"x": {"REGEX": "a"}}}],
        [{"TEXT": {"FUZZY": {"REGEX": "a"}}}],
        [{"LOWER": "a", "OP": "{2000}"}],
        [{"LOWER": "a", "OP": "{3,2}"}],
        [{"LOWER": "a", "OP": "two"}],
        [{"LOWER": "a", "OP": "?"}],
        [{"LOWER": "a"}] * 50,
        [{"LOVER": "a"}],
    ],
)
def test_a_pattern_that_cannot_be_used_is_a_fault(nlp: Language, pattern: list[dict]) -> None:
    with pytest.raises(ValueError) as caught:
        RawTokens(nlp, pattern)
    assert isinstance(caught.value, (TokensFault, NotLinear)) or "Invalid token pattern" in str(
        caught.value
    )


def test_the_fault_names_file_line_and_rule(nlp: Language, rules_of: MakeRules) -> None:
    class Raw(int):
        def __str__(self) -> str:
            return '[[{ TEXT = { REGEX = "(?<=a)b" } }]]'

    with pytest.raises(RulesError) as caught:
        EvidenceFinder(rules_of(tokens=Raw()), nlp, Me())
    (fault,) = caught.value.faults
    assert (
        fault.file == "probe.en.toml"
        and fault.item == "personal.probe"
        and "(?<" in fault.now
        and "RE2" in fault.now
    )


def test_a_rule_that_would_hang_answers(find: Find) -> None:
    class Raw(int):
        def __str__(self) -> str:
            return '[[{ LOWER = { REGEX = "^(([a-z])+.)+[A-Z]$" } }, { LOWER = "met" }]]'

    assert find("a" * 150 + " met", tokens=Raw()) == ()
    assert [one.quote for one in find("we a1a1aZ met", tokens=Raw())] == []
