"""Training: the same notes give the same bytes, wrapping proves nothing, bits go where they belong."""

from __future__ import annotations

import pytest

from training.augment import augmented, wrapping
from training.corpus import Sample, files, read_corpus
from training.fit import rewritten
from training.train import train
from triage.judge.boilerplate import DefaultTexts
from triage.judge.voice import written


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[Sample]]:
    found = read_corpus(DefaultTexts(()), files()[:2])
    return {name: notes[:80] for name, notes in found.items()}


def test_the_same_notes_give_the_same_bytes(corpus: dict[str, list[Sample]]) -> None:
    assert written(train(corpus)) == written(train(corpus))


def test_wrapping_keeps_the_note_and_its_label(corpus: dict[str, list[Sample]]) -> None:
    notes = corpus[files()[0].stem]
    made = [one for one in augmented(notes, 1, copies=1) if one.kind != "hook-pitch"]
    assert augmented(notes, 1) == augmented(notes, 1) != augmented(notes, 2)
    for before, after in zip(notes, made, strict=True):
        assert before.rest in after.text and before.label == after.label


def test_the_wrapping_has_two_sides() -> None:
    before, behind = wrapping()
    assert len(before) > 20 and len(behind) > 20


def test_only_the_bits_are_rewritten() -> None:
    text = (
        '# head\n[[evidence]]\nid = "a.b"\nbits = 3.0 # old\n\n[[evidence]]\nid = "c"\nbits = 1\n'
    )
    assert rewritten(text, {"a.b": 1.5}) == text.replace("bits = 3.0 # old", "bits = 1.5")
