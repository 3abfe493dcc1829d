"""What a person is shown of a verdict, and what a log may hold."""

from __future__ import annotations

import pytest
from spacy.language import Language

from triage.judge import explain
from triage.judge.judging import Judge
from triage.model import Evidence, Invitation, Inviter, NotInvitation, Span, Verdict
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook

NOTE = "I'd like to add you to my professional network on LinkedIn. We met at the Kettle Fair."


@pytest.fixture(scope="module")
def judge(nlp: Language) -> Judge:
    return Judge(load_rulebook(None), nlp, Me(), Costs())


def met(note: str, quote: str) -> Verdict:
    start = note.index(quote)
    piece = Evidence("personal.met", "met you", "personal", 4.0, quote, start, start + len(quote))
    return Verdict("personal", 0.89, (piece,), prior_bits=-1.0, why="The sender met you.")


def test_the_evidence_is_underlined_and_the_default_text_marked(judge: Judge) -> None:
    said = explain.lines(NOTE, judge.judge_note(NOTE))
    shown = next(line for line in said if "Kettle" in line and line.startswith("  | "))
    under = said[said.index(shown) + 1]
    assert under[shown.index("We met")] == "1"
    assert under[4] == "="
    assert not any(under[at] == "=" for at in range(shown.index("We met"), len(under)))


def test_the_sum_can_be_checked_by_hand(judge: Judge) -> None:
    verdict = judge.judge_note(NOTE)
    text = "\n".join(explain.lines(NOTE, verdict))
    assert "-0.5      before the note is read" in text
    total = -0.5 + min(12.0, sum(one.bits for one in verdict.because))
    assert f"{total:+5.1f}      in all" in text
    assert "Least: personal." in text


def test_it_says_what_would_have_changed_the_label() -> None:
    text = "\n".join(explain.lines("We met.", met("We met.", "We met")))
    assert "Without [1] it would be unsure." in text
    assert "More than 7.7 bits the other way would make it generic." in text


def test_what_one_side_counts_at_the_most_is_a_line_of_the_sum(judge: Judge) -> None:
    note = "We help kettle makers sell more, our clients save 30%. Open to a quick call? Call 555 010 0123."
    verdict = judge.judge_note(note)
    lines = explain.lines(note, verdict)
    bits = [
        float(line.split()[0]) for line in lines if line.startswith("  ") and "." in line.split()[0]
    ]
    assert any("generic counts for 12 at the most" in line for line in lines)
    assert sum(bits[:-1]) == pytest.approx(bits[-1], abs=0.05)
    assert bits[-1] == -12.5


def test_marks_stay_under_their_words_whatever_is_cleaned_away() -> None:
    note = "\x1b[31mH\u202eé\u0301y 漢字 We met you"
    said = explain.lines(note, met(note, "We met"))
    row = next(line for line in said if "We met" in line and line.startswith("  | "))
    under = said[said.index(row) + 1]
    columns = sum(
        2 if char in "漢字" else 0 if char == "\u0301" else 1 for char in row.split("We")[0]
    )
    assert under.index("1") == columns
    assert "\x1b" not in "".join(said) and "\u202e" not in "".join(said)


def test_long_notes_are_broken_at_spaces() -> None:
    note = "word " * 60 + "We met."
    said = explain.lines(note, met(note, "We met"))
    assert max(map(len, said)) <= explain.WIDTH + 5


def test_a_name_cannot_steer_the_terminal() -> None:
    reading = Invitation("linkedin", "invitation", Inviter(name="Ada\x1b[2J\nKell"), note="We met.")
    said = explain.lines(reading, met("We met.", "We met"))
    assert any("Ada Kell" in line for line in said)
    assert not any("\x1b" in line or "\n" in line for line in said)


def test_mails_without_a_note_are_explained_too() -> None:
    reading = Invitation("linkedin", "invitation", shown="hidden")
    verdict = Verdict("unsure", 0.3, prior_bits=-1.0, why="The mail does not show the note.")
    assert any("does not show" in line for line in explain.lines(reading, verdict))
    warning = Evidence("spoof", "fails its authentication", "suspicious", 6.0)
    posing = NotInvitation("it only poses", warnings=(warning,))
    said = explain.lines(posing, Verdict("suspicious", 0.98, (warning,), why="It poses."))
    assert any("it only poses" in line for line in said)
    assert any("+6.0" in line for line in said)


def test_a_verdict_held_back_says_so(judge: Judge) -> None:
    reading = Invitation("linkedin", "invitation", note=NOTE, doubts=("Two notes differ.",))
    verdict = judge.judge(reading)
    assert verdict is not None
    assert "Yet unsure: Two notes differ." in explain.lines(reading, verdict)


def test_one_line_holds_no_word_of_the_note(judge: Judge) -> None:
    for note in (
        "We met at the Kettle Fair.",
        "Zanzibar",
        "Our platform boosts your Quuxian sales.",
    ):
        line = explain.one_line(judge.judge_note(note))
        assert "\n" not in line
        assert not {"Kettle", "Fair", "Zanzibar", "Quuxian"} & set(line.replace(".", " ").split())


def test_default_spans_are_explained() -> None:
    verdict = Verdict("boilerplate", 0.99, subtracted=(Span(0, 5, "linkedin.en"),), why="It is.")
    assert any("not judged" in line for line in explain.lines("Hello", verdict))
