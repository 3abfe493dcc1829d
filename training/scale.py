"""Held notes, and real ones by path, to how the few figures of the whole sum were chosen.

Tries the prior, the slope and intercept of the voice, and all bits of the rules times one
factor; prints what each choice costs on both. The factor is 1 as the rules stand, after
it was found here: as their authors wrote them, bits were two thirds of what they are. May
not fit a rule, nor write anything.

    python -m training.scale notes.jsonl
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from training.ablation import voice_line
from training.found import Found, figures, find, held_files
from training.train import INTERCEPT, SLOPE
from triage.judge.verdict import PRIOR_BITS, probability, signed, strongest, total_bits
from triage.preferences import Costs


@dataclass(frozen=True)
class Choice:
    """The figures of the whole sum."""

    factor: float = 1.0
    slope: float = SLOPE
    intercept: float = INTERCEPT
    prior: float = PRIOR_BITS


FACTORS = (0.67, 0.85, 1.0, 1.2)
SLOPES = (1.8, 2.6, 3.4)
INTERCEPTS = (-1.5, 0.0, 1.0, 2.0, 3.0)
PRIORS = (-1.0, -0.5, 0.5)


def judged(found: Sequence[Found], choice: Choice) -> Iterator[tuple[float, bool]]:
    """(probability of personal, whether it is), note by note."""
    for one in found:
        lines = [replace(line, bits=line.bits * choice.factor) for line in one.lines]
        lines += voice_line(one.heard, choice.slope, choice.intercept)
        bits = total_bits(strongest(lines)) - PRIOR_BITS + choice.prior
        yield probability(bits), one.sample.personal


def choices() -> Iterator[Choice]:
    """As it is, each figure changed alone, then rules and voice together."""
    yield Choice()
    yield from (Choice(factor=factor) for factor in FACTORS if factor != 1.0)
    yield from (Choice(slope=slope) for slope in SLOPES if slope != SLOPE)
    yield from (Choice(intercept=one) for one in INTERCEPTS if one != INTERCEPT)
    yield from (Choice(prior=prior) for prior in PRIORS if prior != PRIOR_BITS)
    for factor, slope, intercept in product(FACTORS, SLOPES, INTERCEPTS):
        yield Choice(factor, slope, intercept)


def nothing_found(found: Sequence[Found]) -> str:
    """How many of the notes are personal in which no rule finds anything."""
    silent = [one for one in found if not sum(map(abs, map(signed, one.lines)))]
    personal = sum(one.sample.personal for one in silent)
    return f"no rule finds anything in {len(silent)} of {len(found)}; {personal} are personal"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The figures of the whole sum.")
    parser.add_argument("notes", type=Path, nargs="?", help="real notes, by path")
    path = parser.parse_args(arguments).notes
    sources = {"held": find(held_files())} | ({"real": find([path])} if path else {})
    for name, found in sources.items():
        print(f"{name}: {nothing_found(found)}")
    for choice in choices():
        print(choice)
        for name, found in sources.items():
            print(f"  {name:6} {figures(list(judged(found, choice)), Costs())}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
