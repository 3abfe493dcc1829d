"""The way from a reading to a verdict, with the shipped rules."""

from __future__ import annotations

import subprocess
import sys

import pytest
from spacy.language import Language

from triage.judge.judging import Judge
from triage.model import Evidence, Invitation, NotInvitation
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook

DEFAULT = "I'd like to add you to my professional network on LinkedIn."
MET = "We met at the kettle fair in Bergen, you showed me the blue one."
PITCH = (
    "We help kettle makers sell more. Are you open to a quick call next week? Our clients save 30%."
)
NOTES = [
    (DEFAULT, "boilerplate"),
    (f"Hi Dave,\n\n{DEFAULT}\n\n- Ada", "boilerplate"),
    ("", "boilerplate"),
    ("Hi Dave", "boilerplate"),
    (MET, "personal"),
    (f"{DEFAULT} {MET}", "personal"),
    (f"{MET}\r\n\r\n{DEFAULT}\r\n\r\n- Ada", "personal"),
    ("Good to see you again at the rowing club on Saturday 🚣", "personal"),
    ("i finally got round to reading ur article on moss, so good", "personal"),
    ("Ada Kell told me to write to you about the choir.", "personal"),
    (PITCH, "generic"),
    ("I came across your profile and was impressed by your experience.", "generic"),
    ("We have several openings for welders. Please share your updated CV.", "generic"),
    ("I'd love to connect with you", "generic"),
    ("Purple kettles whistle.", "unsure"),
    (f"{MET} {PITCH} We are hiring, share your CV. I am growing my network.", "unsure"),
    ("Wir haben uns gestern auf der Messe in Gera kennengelernt.", "personal"),
    ("Merci pour notre échange d'hier sur les ruches !", "personal"),
    ("Nos conocimos en la feria de Trujillo.", "personal"),
]


@pytest.fixture(scope="module")
def judge(nlp: Language) -> Judge:
    return Judge(load_rulebook(None), nlp, Me(), Costs())


def invitation(note: str | None = MET, **keys: object) -> Invitation:
    return Invitation("linkedin", keys.pop("kind", "invitation"), note=note, **keys)  # type: ignore[arg-type]


@pytest.mark.parametrize(("note", "label"), NOTES)
def test_notes(judge: Judge, note: str, label: str) -> None:
    assert judge.judge_note(note).label == label


def test_the_same_answers_in_any_order_and_batch(judge: Judge) -> None:
    notes = [note for note, _ in NOTES] * 3
    alone = [judge.judge_note(note) for note in notes]
    assert judge.judge_notes(notes) == alone
    assert judge.judge_notes(notes[::-1])[::-1] == alone


def test_the_evidence_stands_where_it_says(judge: Judge) -> None:
    for note, _ in NOTES:
        verdict = judge.judge_note(note)
        for one in (*verdict.because, *verdict.against):
            assert note[one.start : one.end] == one.quote
        if verdict.label != "boilerplate":
            for one in (*verdict.because, *verdict.against):
                assert not any(s.start < one.end and one.start < s.end for s in verdict.subtracted)


def test_what_default_texts_settle_never_reaches_spacy(nlp: Language) -> None:
    judge = Judge(load_rulebook(None), nlp, Me(), Costs())

    class Untouchable:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"spaCy was asked for {name}")

    judge._nlp = Untouchable()  # type: ignore[assignment]
    judge._finder = Untouchable()  # type: ignore[assignment]
    assert judge.judge_note(DEFAULT).label == "boilerplate"
    with pytest.raises(AssertionError):
        judge.judge_note(MET)


WARNING = Evidence("linkedin.spoof", "fails its authentication", "suspicious", 6.0)
READINGS = [
    (NotInvitation("it is a newsletter"), None),
    (NotInvitation("it poses", warnings=(WARNING,)), "suspicious"),
    (invitation(kind="accepted"), None),
    (invitation(kind="message"), None),
    (invitation(kind="introduction"), None),
    (invitation(kind="reminder"), "personal"),
    (invitation(None), "boilerplate"),
    (invitation(DEFAULT), "boilerplate"),
    (invitation(), "personal"),
    (invitation(warnings=(WARNING,)), "suspicious"),
    (invitation(authentic=False), "suspicious"),
    (invitation(authentic=None), "personal"),
    (invitation(doubts=("Text and HTML hold different notes.",)), "unsure"),
    (invitation(readable=False), "unsure"),
    (invitation(None, readable=False), "unsure"),
    (invitation(None, shown="hidden"), "unsure"),
    (invitation(MET, shown="hidden"), "personal"),
    (invitation(DEFAULT, shown="hidden"), "unsure"),
    (invitation(MET, shown="cut"), "personal"),
    (invitation(PITCH, shown="cut"), "unsure"),
    (invitation(DEFAULT, shown="cut"), "unsure"),
]


@pytest.mark.parametrize(("reading", "label"), READINGS)
def test_readings(judge: Judge, reading: Invitation | NotInvitation, label: str | None) -> None:
    verdict = judge.judge(reading)
    assert (verdict.label if verdict else None) == label


def test_readings_in_a_batch_are_judged_as_alone(judge: Judge) -> None:
    readings = [reading for reading, _ in READINGS]
    assert judge.judge_all(readings) == [judge.judge(reading) for reading in readings]


def test_the_verdict_names_the_rules_that_judged(judge: Judge) -> None:
    assert judge.judge_note(MET).ruleset == load_rulebook(None).fingerprint


@pytest.mark.parametrize(
    "note", ["\x00\x1b[31m", "\ud800 lone", "a" * 50_000, "😀" * 500, " \n\t "]
)
def test_odd_notes_are_judged_too(judge: Judge, note: str) -> None:
    assert judge.judge_note(note).label in ("unsure", "boilerplate")


def test_a_confirmed_fact_speaks_for_the_sender(nlp: Language) -> None:
    note = "I was at Northwind too until 2012."
    without = Judge(load_rulebook(None), nlp, Me(), Costs()).judge_note(note)
    confirmed = Judge(load_rulebook(None), nlp, Me(employers=("Northwind",)), Costs())
    assert "personal.my-employer" in {e.rule for e in confirmed.judge_note(note).because}
    assert "personal.my-employer" not in {e.rule for e in without.because}


def test_a_contradicted_claim_speaks_against_the_sender(nlp: Language) -> None:
    note = "We worked together at Kettle Brothers, remember?"
    me = Me(employers=("Northwind",))
    assert Judge(load_rulebook(None), nlp, Me(), Costs()).judge_note(note).label == "personal"
    verdict = Judge(load_rulebook(None), nlp, me, Costs()).judge_note(note)
    assert verdict.label in ("generic", "unsure")
    assert "where you never did" in verdict.why


def test_importing_judge_loads_neither_server_nor_model() -> None:
    code = (
        "import sys, triage.judge; "
        "print([m for m in ('spacy', 'imapclient', 'apscheduler', 'sqlite3') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_judging_touches_no_file(judge: Judge) -> None:
    opened: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple) -> None:
        if watching and event in ("open", "socket.connect", "subprocess.Popen"):
            opened.append(f"{event} {arguments[0]}")

    sys.addaudithook(watch)
    judge.judge_notes([note for note, _ in NOTES])
    watching = False
    assert opened == []
