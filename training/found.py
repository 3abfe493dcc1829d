"""Labelled notes to what the rules and the voice find in each, for those who weigh it.

The held notes are those that neither the rules nor the voice were made from. May not
decide or write anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.corpus import HERE, Sample, files, read_corpus
from triage.judge.boilerplate import DefaultTexts
from triage.judge.evidence import EvidenceFinder
from triage.judge.verdict import cheapest, strongest
from triage.language import load_model
from triage.model import Evidence
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook

HELD = HERE / "held"


@dataclass(frozen=True)
class Found:
    """A note, the strongest line of each group of rules, and the bare sum of the voice."""

    sample: Sample
    lines: tuple[Evidence, ...]
    heard: float


def held_files() -> list[Path]:
    return files(HELD)


def find(paths: Sequence[Path]) -> list[Found]:
    """What is found in the English notes of these files that default texts do not settle;
    those of which the label is in doubt are left out."""
    rulebook = load_rulebook(None)
    voice = rulebook.voice
    assert voice is not None
    finder = EvidenceFinder(rulebook.evidence, load_model(), Me())
    corpus = read_corpus(DefaultTexts(rulebook.boilerplate), paths)
    notes = [one for samples in corpus.values() for one in samples if not one.doubt]
    lines = finder.find_all([(one.text, one.pieces) for one in notes])
    return [
        Found(note, strongest(found), voice.sum_of(note.text, note.pieces))
        for note, found in zip(notes, lines, strict=True)
    ]


def figures(judged: Sequence[tuple[float, bool]], costs: Costs) -> str:
    """A line on (probability of personal, whether it is)."""
    from bench.reliability import calibration_error

    labels = [(true, cheapest(chance, costs, "generic")) for chance, true in judged]
    personal = sum(true for true, _ in labels)
    lost = sum(true and label == "generic" for true, label in labels)
    false = sum(not true and label == "personal" for true, label in labels)
    unsure = sum(label == "unsure" for _, label in labels)
    kept = sum(true and label == "personal" for true, label in labels)
    cost = lost * costs.personal_lost + false * costs.false_personal + unsure * costs.unsure
    return (
        f"cost {cost / len(labels):.3f}  lost {lost / personal:6.1%}  unsure "
        f"{unsure / len(labels):6.1%}  recall {kept / personal:.3f}  "
        f"calibration {calibration_error(judged):.3f}"
    )
