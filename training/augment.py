"""Notes to more notes: what proves nothing is put around them, and their label stays.

People who have something to say wrap it in the same words as people who have not: they
hope you are well, say who they are and would love to connect. Notes that were written to
be clear examples do without, and a voice that learns from them takes the wrapping for the
sign. So each note is repeated with wrapping around it. A personal note with a sales pitch
behind it is generic, and some of these are made too. The same seed gives the same notes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from training.corpus import LANGUAGE, Sample

WRAPPING = Path(__file__).resolve().parent / "wrapping.txt"
EMPTY = frozenset({"near-empty", "no-reason", "stock-plus-padding"})
PITCHES = frozenset({
    "sales-pitch", "outsourcing", "recruiter-blast", "survey", "guest-bait", "crypto",
    "event-blast", "expert-network",
})  # fmt: skip
HOOKS = frozenset({"own-work-named", "shared-event", "same-school"})
COPIES = 2
PITCHED = 0.25  # the share of the hooks that get a pitch behind them
_BETWEEN = (" ", " ", "\n", ", ")


def wrapping() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what stands before, what stands behind), a line each."""
    before, _, behind = WRAPPING.read_text("utf-8").partition("\n\n")
    return tuple(_lines(before)), tuple(_lines(behind))


def augmented(samples: Sequence[Sample], seed: int, copies: int = COPIES) -> list[Sample]:
    """The new notes alone, made of ``samples`` and the wrapping."""
    chance = random.Random(seed)
    before, behind = wrapping()
    empty = [one.rest for one in samples if one.kind in EMPTY and len(one.rest) < 160]
    pitches = [one.rest for one in samples if one.kind in PITCHES and len(one.rest) < 260]
    made: list[Sample] = []
    for one in samples:
        for _ in range(copies):
            parts = [one.rest]
            for _ in range(chance.choice((1, 1, 2, 2, 3))):
                which = chance.random()
                if which < 0.4:
                    parts.insert(0, chance.choice(before))
                elif which < 0.85 or not empty:
                    parts.append(chance.choice(behind))
                else:
                    parts.insert(chance.choice((0, len(parts))), chance.choice(empty))
            made.append(_sample(chance.choice(_BETWEEN).join(parts), one.label, one.kind))
        if pitches and one.personal and one.kind in HOOKS and chance.random() < PITCHED:
            made.append(_sample(f"{one.rest} {chance.choice(pitches)}", "generic", "hook-pitch"))
    return made


def _sample(text: str, label: str, kind: str) -> Sample:
    return Sample(text, label, kind, LANGUAGE, ((0, len(text)),))


def _lines(block: str) -> list[str]:
    return [line for line in block.splitlines() if line and not line.startswith("#")]
