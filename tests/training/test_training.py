"""Training: the same notes give the same bytes, wrapping proves nothing, bits go where they belong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from training.augment import augmented, wrapping
from training.corpus import Sample, files, read_corpus
from training.fit import Table, fit
from training.found import held_files
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


def test_a_fit_draws_a_rule_towards_what_the_notes_show() -> None:
    found = np.array([[1.0, 0.0]] * 40 + [[0.0, -1.0]] * 40 + [[0.0, 0.0]] * 40)
    truth = np.array([True, False] * 20 + [False] * 40 + [True, False] * 20)
    data = Table(("idle", "telling"), np.array([3.0, 3.0]), found, np.zeros(120), truth)
    idle, telling = fit(data)
    assert idle < 2.0 < 3.0 <= telling


def test_no_held_note_is_among_those_to_learn_from() -> None:
    def texts(paths: list[Path]) -> set[str]:
        lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
        notes = [json.loads(line) for line in lines]
        return {one["text"] for one in notes if one["label"] != "boilerplate"}

    assert len(texts(held_files())) > 3000
    assert not texts(held_files()) & texts(files())
