"""Invented notes to notes a second, and the share of the time that each step takes.

Two figures: over a mix of which 60% is boilerplate, and over personal notes alone; then
the same two over the project's training notes, no two of which are alike. One core;
memory is that of the whole process. May not read any other data.

    python bench/speed.py [--notes 3000]
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import cProfile
import json
import pstats
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from triage.judge.judging import Judge
from triage.language import load_detector, load_model
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook

NAMES = ("Ada", "Tom", "Ines", "Oskar", "Petra", "Joe", "Lena", "Sam", "Nadia", "Kemal")
BOILERPLATE = (
    "I'd like to add you to my professional network on LinkedIn.",
    "Hi {name},\n\nI'd like to join your LinkedIn network.\n\n- {other}",
    "{name},\n\nI’d like to add you to my professional network on LinkedIn.\n\n- {other}",
    "Ich möchte Sie gerne zu meinem beruflichen Netzwerk auf LinkedIn hinzufügen.",
)
GENERIC = (
    (
        "Hi {name}, we help garden centres sell more bulbs online. Would you be open to a quick "
        "call next week? Happy to share a short deck with numbers from our clients."
    ),
    (
        "Hello {name}, I came across your profile and was impressed by your background. I am "
        "growing my network of people in logistics and hope that we can learn from each other."
    ),
    (
        "Dear {name}, our client in Leeds has several openings for crane drivers. Please send your "
        "updated CV to jobs@example.org if you are interested."
    ),
)
PERSONAL = (
    (
        "Hi {name}, we met at the harbour fair in Bergen, I was the one with the broken umbrella. "
        "You told me about the lighthouse books and I have finally read your chapter on fog horns. "
        "Could we talk about the drawings some day?"
    ),
    (
        "Hello {name}, {other} Kell told me to write to you, we sing in the same choir. Your talk "
        "on dry stone walls made me rebuild ours last autumn and I have a question about the footings."
    ),
    (
        "{name}, good to see you again at the rowing club on Saturday. I promised to send you the "
        "recipe, it is in your mail now. Say hello to the dog from me!"
    ),
    (
        "Hi {name}, I was in the Tidewell pottery course as well, two rows behind. How did you get "
        "that blue glaze? Mine turned out grey three times."
    ),
)


TRAINING = Path(__file__).resolve().parent.parent / "training" / "notes"
STEPS = {
    "judge_notes": "all",
    "subtract": "default texts",
    "cut": "words",
    "of": "which rules may match",
    "annotate": "parser and entities",
    "_evidence": "matching",
    "hear": "voice",
    "judge_evidence": "verdict",
}


def mixed(texts: Sequence[str], count: int) -> list[str]:
    """``count`` notes, no two names in a row alike."""
    return [
        texts[at % len(texts)].format(name=NAMES[at % 10], other=NAMES[(at * 7 + 3) % 10])
        for at in range(count)
    ]


def written(label: str, count: int) -> list[str]:
    """``count`` training notes with this label, fewer where there are not so many."""
    found = []
    for path in sorted(TRAINING.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            entry = json.loads(line)
            if entry["label"] == label:
                found.append(entry["text"])
    random.Random(1).shuffle(found)
    return found[:count]


def timed(action: Callable[[], object]) -> float:
    """Seconds of this core's time."""
    start = time.process_time()
    action()
    return time.process_time() - start


def shares(judge: Judge, notes: Sequence[str]) -> list[str]:
    """The share of each step, by a profiler, which makes Python's own look larger."""
    profile = cProfile.Profile()
    profile.runcall(judge.judge_notes, notes)
    spent: dict[str, float] = {}
    for (_, _, function), (_, _, _, seconds, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if function in STEPS:
            spent[function] = spent.get(function, 0.0) + seconds
    whole = spent.pop("judge_notes")
    said = [f"    {STEPS[name]:24}{seconds / whole:6.1%}" for name, seconds in spent.items()]
    return [*sorted(said), f"    {'the rest':24}{1 - sum(spent.values()) / whole:6.1%}"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Notes a second, on invented notes.")
    parser.add_argument("--notes", type=int, default=2000)
    count = parser.parse_args(arguments).notes
    judge = Judge(load_rulebook(None), load_model(), Me(), Costs())
    mix = [
        *mixed(BOILERPLATE, count * 60 // 100),
        *mixed(GENERIC, count * 25 // 100),
        *mixed(PERSONAL, count * 15 // 100),
    ]
    judge.judge_notes(mix[:50] + mix[-50:])
    own = written("personal", count // 4)
    own_mix = [
        *mixed(BOILERPLATE, len(own) * 60 // 15),
        *written("generic", len(own) * 25 // 15),
        *own,
    ]
    runs = [
        ("60% boilerplate", mix),
        ("personal alone", mixed(PERSONAL, count // 4)),
        ("60%, training notes", own_mix),
        ("personal, training", own),
    ]
    load_detector()("a note in a language")
    spent = [timed(lambda notes=notes: judge.judge_notes(notes)) for _, notes in runs]  # type: ignore[misc]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # a profiler's not counted
    for (title, notes), seconds in zip(runs, spent, strict=True):
        if notes:
            print(f"{title:24}{len(notes) / seconds:8.0f} notes/s")
            print("\n".join(shares(judge, notes)))
    print(f"memory at most {memory:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
