"""The statistical voice: bounded, silent in other languages, its quote where it says."""

from __future__ import annotations

import pytest
from spacy.language import Language

from triage.errors import Fault
from triage.judge.judging import Judge
from triage.judge.rules import Rulebook
from triage.judge.verdict import judge_evidence
from triage.judge.voice import MOST_AGAINST, MOST_BITS, Voice, parse_voice, written
from triage.model import Evidence, Invitation
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook

ONE = "You showed me the blue kettle at the fair in Bergen and I have a question about its lid."
MANY = "We help companies like yours to grow. Are you open to a quick call next week?"
SMALL = Voice("en", 2.0, 0.0, {"you": (3.0, 1.0), "kettle": (-1.0, 1.0), "my": (0.0, 1.0)})


@pytest.fixture(scope="module")
def voice() -> Voice:
    found = load_rulebook(None).voice
    assert found is not None
    return found


def hear(voice: Voice, note: str):  # type: ignore[no-untyped-def]
    return voice.hear(note, [(0, len(note))])


def test_it_tells_a_note_to_one_from_a_note_to_many(voice: Voice) -> None:
    one, many = hear(voice, ONE), hear(voice, MANY)
    assert one and one.points_to == "personal"
    assert many and many.points_to == "generic"


def test_a_tone_alone_proves_no_more_than_its_bound(voice: Voice) -> None:
    for note in (ONE, MANY, " ".join([ONE] * 10), " ".join([MANY] * 10), "x " * 5000):
        found = hear(voice, note)
        bound = MOST_BITS if found and found.points_to == "personal" else MOST_AGAINST
        assert found is None or 0 < found.bits <= bound


def test_no_tone_alone_files_a_note_away() -> None:
    worst = judge_evidence([Evidence("voice.en", "a tone", "generic", MOST_AGAINST)], Costs())
    assert worst.label == "unsure"


def test_of_a_fragment_the_voice_knows_nothing(voice: Voice, nlp: Language) -> None:
    """It learnt on whole notes; what a mail cuts is judged by rules alone."""
    judge = Judge(Rulebook.of((), (), (), voice), nlp, Me(), Costs())
    whole, cut = judge.judge_all(
        [Invitation("example", "invitation", note=ONE, shown=shown) for shown in ("whole", "cut")]
    )
    assert whole and [one.rule for one in whole.because] == ["voice.en"]
    assert cut and cut.label == "unsure" and not cut.because and not cut.against


def test_the_quote_stands_where_it_says(voice: Voice) -> None:
    note = f"{MANY}\n\n{ONE}"
    start = note.index(ONE)
    found = voice.hear(note, [(start, len(note))])
    assert found and note[found.start : found.end] == found.quote and found.start >= start


@pytest.mark.parametrize(
    "note",
    [
        "",
        "?!",
        "Ada Kell",
        "Wir haben uns gestern auf der Messe kennengelernt und lange geredet.",
        "Merci pour la belle soirée, ma sœur vous salue bien.",
        "Nos conocimos en la feria de Trujillo el año pasado.",
        "我们去年在展会上见过面",
    ],
)
def test_it_is_silent_where_it_does_not_know_the_words(voice: Voice, note: str) -> None:
    assert hear(voice, note) is None


def test_names_and_numbers_are_only_names_and_numbers(voice: Voice) -> None:
    first = hear(voice, "I read your book on the history of Tidewell in 1987, Zorblat told me.")
    other = hear(voice, "I read your book on the history of Kelvinmoor in 1993, Quixby told me.")
    assert first and other and first.bits == other.bits


def test_what_weighs_most_is_quoted() -> None:
    found = hear(SMALL, "my kettle, you")
    assert found and found.quote == "you" and found.points_to == "personal"


def test_weights_survive_being_written() -> None:
    read = parse_voice("en.tsv", written(SMALL))
    assert isinstance(read, Voice) and read.fingerprint
    assert (read.weights, read.slope, read.language) == (SMALL.weights, 2.0, "en")


@pytest.mark.parametrize("text", ["", "other\n", "# triage voice 1\nen\tx\t0\n"])
def test_broken_weights_are_a_fault_with_what_to_do(text: str) -> None:
    found = parse_voice("en.tsv", text)
    assert isinstance(found, Fault) and "make train" in found.now
