"""Notes to what is left of them: the shipped default texts at the door of the room.

Says what is taken away (in every variation that carries no content), what never is, that
offsets hold, and that hostile notes stay cheap. May not time anything: work is counted.
"""

from __future__ import annotations

import itertools
import unicodedata
from pathlib import Path

import pytest

from triage.judge.boilerplate import MAX_STEPS, DefaultTexts, example_faults
from triage.judge.boilerplate_rules import BoilerplateText, parse_boilerplate

RULES = Path(__file__).parents[2] / "rules" / "boilerplate"
PERSONAL = {  # short personal sentences, invented, one a line: never to be swallowed
    path.stem: tuple(path.read_text(encoding="utf-8").splitlines())
    for path in sorted(Path(__file__).with_name("personal").glob("*.txt"))
}
ADD_YOU = "I'd like to add you to my professional network on LinkedIn."
MAIN_LANGUAGES = {
    "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "ro", "hu", "tr",
    "id", "ru", "uk", "ar", "ja", "ko", "zh", "el",
}  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> tuple[BoilerplateText, ...]:
    found: list[BoilerplateText] = []
    for path in sorted(RULES.glob("*.toml")):
        texts, faults = parse_boilerplate(path.name, path.read_text(encoding="utf-8"))
        assert not faults, "\n".join(map(str, faults))
        found += texts
    return tuple(found)


@pytest.fixture(scope="module")
def defaults(rules: tuple[BoilerplateText, ...]) -> DefaultTexts:
    return DefaultTexts(rules)


def left(defaults: DefaultTexts, note: str) -> list[str]:
    return [note[start:end] for start, end in defaults.subtract(note).residue]


def test_every_example_does_what_it_says(rules: tuple[BoilerplateText, ...]) -> None:
    assert "\n".join(map(str, example_faults(rules))) == ""


def test_every_main_language_has_texts_greetings_and_signatures(
    rules: tuple[BoilerplateText, ...],
) -> None:
    for language in MAIN_LANGUAGES:
        roles = {rule.role for rule in rules if rule.language == language}
        assert {"text", "openings", "closings", "joiners", "no_names"} <= roles, language
    assert len({rule.id for rule in rules}) == len(rules)


@pytest.mark.parametrize(
    "note",
    [
        ADD_YOU,
        ADD_YOU.rstrip("."),
        ADD_YOU.upper(),
        ADD_YOU.lower(),
        ADD_YOU + "..",
        ADD_YOU.replace("'", "’"),
        ADD_YOU.replace("'", "`"),
        ADD_YOU.replace("'", "&#39;"),
        ADD_YOU.replace("'", "&rsquo;").replace(" ", "&nbsp;"),
        ADD_YOU.replace("'", "?"),
        ADD_YOU.replace("'", ""),
        ADD_YOU.replace(" ", "  "),
        ADD_YOU.replace(" ", "\n"),
        ADD_YOU.replace(" ", "\u00a0"),
        ADD_YOU.replace("add", "a\u200bdd\u00ad"),
        ADD_YOU.replace("LinkedIn", "Linked In"),
        ADD_YOU.replace("LinkedIn", "Linked-in"),
        ADD_YOU.replace("LinkedIn", "Linkdin"),
        ADD_YOU.replace("professional", "profesional"),
        ADD_YOU.replace("I'd", "I would"),
        ADD_YOU.replace("my professional", "my"),
        ADD_YOU.replace("like to", "like to please"),
        ADD_YOU.replace("like to", "like"),
        "“" + ADD_YOU + "”",
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in ADD_YOU),
        "Hi Dave, " + ADD_YOU,
        "hi dave,\n" + ADD_YOU,
        "Dave - " + ADD_YOU,
        "Dear Mr. Fielding:\n\n" + ADD_YOU + "\n\nKind regards,\nJ. R. van Brandt",
        "Hello Dave! Good morning, " + ADD_YOU,
        "Fielding,\n\n" + ADD_YOU + "\n\n- Marlene B.",
        ADD_YOU + "    —Marlene",
        ADD_YOU + "\n\nThanks!\nSent from my iPhone",
        ADD_YOU + " Please accept my invitation. Best, Jo",
        ADD_YOU + " 🙂👍",
        "Hallo Herr Fielding, " + ADD_YOU + " Viele Grüße, Marlene",
    ],
)
def test_variations_without_content_leave_nothing(defaults: DefaultTexts, note: str) -> None:
    found = defaults.subtract(note)
    assert found.residue == ()
    assert found.language == "en"


@pytest.mark.parametrize(
    "note",
    [
        "Hi Dave,",
        "Hello!",
        "Dear Ms. Fielding",
        "Thanks!",
        "Best regards, Jo",
        "👍",
        "",
        " \n ",
        "...",
    ],
)
def test_a_greeting_or_signature_alone_leaves_nothing(defaults: DefaultTexts, note: str) -> None:
    assert left(defaults, note) == []


@pytest.mark.parametrize(
    ("note", "residue"),
    [
        (f"{ADD_YOU} We met in Tulsa.", ["We met in Tulsa."]),
        (f"We met in Tulsa. {ADD_YOU}", ["We met in Tulsa."]),
        (f"Hi Dave,\nWe met in Tulsa.\n\n{ADD_YOU}\n\n- Jo", ["We met in Tulsa."]),
        (f'Hi Dave, {ADD_YOU} "We met" in Tulsa!', ['"We met" in Tulsa!']),
        ("Hi Dave from Tulsa", ["from Tulsa"]),
        ("Dave, great talk", ["great talk"]),
        ("Hope you are well", ["Hope you are well"]),
        ("Let's connect", ["Let's connect"]),
        (
            "I'd like to add you to my professional network because of your talk",
            ["because of your talk"],
        ),
        ("I'd like to add Joe to my professional network on LinkedIn.", None),
        ("I'd like to add you to my Tulsa network on LinkedIn.", None),
    ],
)
def test_what_carries_content_is_left(
    defaults: DefaultTexts, note: str, residue: list[str] | None
) -> None:
    assert left(defaults, note) == (residue if residue is not None else [note])


@pytest.mark.parametrize("line", [line for lines in PERSONAL.values() for line in lines])
def test_no_personal_line_is_swallowed(defaults: DefaultTexts, line: str) -> None:
    for note in (line, line.lower(), f"{ADD_YOU} {line}", f"{ADD_YOU}\n{line}\n- Jo"):
        assert left(defaults, note), note
    assert left(defaults, f"Hi Dave,\n{line}\n{ADD_YOU}\nBest, Jo")


def test_there_are_personal_lines_enough() -> None:
    assert len(PERSONAL["en"]) >= 150
    assert len(PERSONAL) >= 15
    assert all(len(lines) >= 8 for lines in PERSONAL.values())


@pytest.mark.parametrize(
    ("note", "language"),
    [
        ("Ich m?chte Sie gerne zu meinem Netzwerk hinzuf?gen", "de"),
        ("Ich moechte Sie gerne zu meinem Netzwerk hinzufuegen!", "de"),
        ("J'aimerais vous inviter \ufffd rejoindre mon r\ufffdseau", "fr"),
        ("Me gustaria agregarte a mi red profesional", "es"),
        (
            unicodedata.normalize("NFD", "Я хотел бы добавить вас в свою профессиональную сеть"),
            "ru",
        ),
        (unicodedata.normalize("NFD", "Jag vill lägga till dig i mitt nätverk"), "sv"),
        ("Chcialbym dodac Cie do mojej sieci kontaktow", "pl"),
        ("SENİ PROFESYONEL AĞIMA EKLEMEK İSTERİM", "tr"),
        ("LinkedIn で あなたと つながりたいです", "ja"),
        ("제 네트워크에 추가하고싶습니다", "ko"),
        ("我想 将您 添加到 我的 职业人脉", "zh"),
    ],
)
def test_lost_letters_and_spaces_are_forgiven(
    defaults: DefaultTexts, note: str, language: str
) -> None:
    found = defaults.subtract(note)
    assert (found.residue, found.language) == ((), language)


@pytest.mark.parametrize(
    "note",
    [
        f"Hi Dave,\n\n{ADD_YOU} (We met in Tulsa!)\n\n- Jo",
        "Bonjour Maëlle, c&rsquo;est Zo&eacute;. Je souhaite rejoindre votre réseau. Merci",
        "𝐇𝐢 𝐃𝐚𝐯𝐞, e\u0301te\u0301 – we met. " + ADD_YOU,
        "我想将您添加到我的人脉网络中，上周在苏州我们坐在一起。谢谢",
        "x" + ADD_YOU * 3,
    ],
)
def test_spans_and_residue_cover_the_note(defaults: DefaultTexts, note: str) -> None:
    found = defaults.subtract(note)
    pieces = sorted([(s.start, s.end) for s in found.spans] + list(found.residue))
    for (_, end), (start, _) in itertools.pairwise(pieces):
        assert end <= start
    gaps = itertools.pairwise([0, *itertools.chain.from_iterable(pieces), len(note)])
    outside = [note[a:b] for a, b in itertools.islice(gaps, 0, None, 2)]
    assert not any(char.isalnum() for piece in outside for char in piece)
    for start, end in pieces:
        assert note[start:end] == note[start:end].strip() != ""


def test_spans_name_their_rule(defaults: DefaultTexts) -> None:
    note = f"Hi Dave, {ADD_YOU} Best, Jo"
    found = [(span.rule, note[span.start : span.end]) for span in defaults.subtract(note).spans]
    assert found == [
        ("greeting", "Hi Dave,"),
        ("linkedin.en.add-you", ADD_YOU),
        ("signature", "Best, Jo"),
    ]


@pytest.mark.parametrize(
    "note",
    [
        "I'd like to add you to my, " * 4000,
        "please, " * 20000,
        "Dave " * 20000,
        "A" * 500_000,
        "?" * 200_000 + "a?" * 50_000,
        "&#39;" * 50_000,
        "Hi " * 10_000,
        "- Dave\n" * 10_000,
        "我想将您，" * 20_000,
        "e\u0301" * 50_000,
        "Thanks, " * 10_000,
    ],
)
def test_hostile_notes_cost_little(defaults: DefaultTexts, note: str) -> None:
    found = defaults.subtract(note)
    assert found.steps <= MAX_STEPS + 2_000
    assert all(0 <= start < end <= len(note) for start, end in found.residue)


def test_what_comes_after_the_last_word_looked_at_is_left(defaults: DefaultTexts) -> None:
    note = f"{ADD_YOU} " * 400 + "We met in Tulsa."
    assert left(defaults, note)[-1].endswith("We met in Tulsa.")


def test_words_that_are_not_looked_at_are_left(defaults: DefaultTexts) -> None:
    note = "please " * 3000 + "we met in Tulsa"
    assert left(defaults, note)[-1].endswith("we met in Tulsa")


def test_the_same_note_gives_the_same_answer(rules: tuple[BoilerplateText, ...]) -> None:
    notes = [f"Hi Dave, {ADD_YOU} {line}" for line in PERSONAL["en"][:30]]
    one, other = DefaultTexts(rules), DefaultTexts(rules)
    there = [one.subtract(note) for note in notes]
    back = [other.subtract(note) for note in reversed(notes)]
    assert there == back[::-1]
