"""The same note gets the same answer, whatever its company, its place and the process."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from spacy.language import Language

from triage.judge.judging import Judge
from triage.language import load_model
from triage.model import Verdict
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook

ROOT = Path(__file__).resolve().parents[2]
_WORDS = """
    we met at the fair in Bergen . you told me about your book and I read it ! our client hires
    drivers , call +1 555 010 0123 I'd love to connect Ada Kell suggested I write you “ great ” talk
    wir haben uns in Ulm kennengelernt your artcle helped us at Northwind thx 50% off we worked with
"""
WORDS = _WORDS.split()


def _notes(count: int = 150) -> list[str]:
    """Sentences that nobody wrote, so that rules meet in ways that nobody thought of;
    every third begins with a default text."""
    chance = random.Random(7)
    notes = [" ".join(chance.choices(WORDS, k=chance.randint(1, 40))) for _ in range(count)]
    default = "I'd like to add you to my professional network on LinkedIn. "
    return [default + note if at % 3 == 0 else note for at, note in enumerate(notes)]


def _digest(verdicts: Sequence[Verdict]) -> str:
    return hashlib.sha256("\n".join(map(repr, verdicts)).encode()).hexdigest()


@pytest.fixture(scope="module")
def judge(nlp: Language) -> Judge:
    return Judge(load_rulebook(None), nlp, Me(), Costs())


@pytest.fixture(scope="module")
def answers(judge: Judge) -> list[Verdict]:
    found = judge.judge_notes(_notes())
    assert sum(len(v.because) + len(v.against) for v in found) > len(found)
    return found


@pytest.mark.parametrize("size", [1, 7, 64, 299])
def test_the_batch_does_not_count(judge: Judge, answers: list[Verdict], size: int) -> None:
    notes = _notes()
    batches = [notes[at : at + size] for at in range(0, len(notes), size)]
    assert [one for batch in batches for one in judge.judge_notes(batch)] == answers


def test_the_order_does_not_count(judge: Judge, answers: list[Verdict]) -> None:
    notes = _notes()
    order = list(range(len(notes)))
    random.Random(3).shuffle(order)
    found = judge.judge_notes([notes[at] for at in order])
    assert [found[order.index(at)] for at in range(len(notes))] == answers


def test_what_was_judged_before_does_not_count(judge: Judge, answers: list[Verdict]) -> None:
    """What is remembered of earlier notes changes nothing."""
    judge.judge_notes([f"word{at}x artcle{at} {note}" for at, note in enumerate(_notes())])
    assert judge.judge_notes(_notes()) == answers


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_process_does_not_count(answers: list[Verdict], seed: str) -> None:
    """Sets are in another order in every process."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.judge.test_same_answers"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == _digest(answers)


if __name__ == "__main__":
    everyday = Judge(load_rulebook(None), load_model(), Me(), Costs())
    print(_digest(everyday.judge_notes(_notes())))
