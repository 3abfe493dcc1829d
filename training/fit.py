"""Held notes to the bits that they would give each English rule, beside those it has.

Only says so: rules fitted to notes of our making tell real ones apart worse than what
their authors wrote (``training/README.md`` has the figures). It is the check that no rule
is far from what it says, and points at those that are.

    python -m training.fit [NOTES...]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from training.ablation import voice_line
from training.corpus import LANGUAGE
from training.found import Found, find, held_files
from triage.judge.verdict import signed
from triage.rulebook import load_rulebook

LEAST_FOUND = 10  # notes that hold a rule, or they say nothing of it
LEAST, MOST = 0.2, 9.0  # bits of a fitted rule
TRUST = 3.0  # how hard it is to draw a rule from what was written


@dataclass(frozen=True)
class Table:
    """A row a note: the rules found in it, +1 or -1 by their side, the bits of the voice,
    and the truth. ``written`` are the bits of each rule as they stand."""

    names: tuple[str, ...]
    written: np.ndarray
    found: np.ndarray
    voice: np.ndarray
    truth: np.ndarray


def table(found: Sequence[Found]) -> Table:
    rules = {one.id: one.bits for one in load_rulebook(None).evidence if one.language == LANGUAGE}
    names = tuple(sorted(rules))
    place = {name: at for at, name in enumerate(names)}
    rows = np.zeros((len(found), len(names)))
    for row, one in zip(rows, found, strict=True):
        for line in one.lines:
            if line.rule in place:
                row[place[line.rule]] = np.sign(signed(line))
    voice = np.array([sum(map(signed, voice_line(one.heard))) for one in found])
    truth = np.array([one.sample.personal for one in found])
    return Table(names, np.array([rules[name] for name in names]), rows, voice, truth)


def fit(data: Table) -> np.ndarray:
    """The bits of each rule that make the truth likeliest, beside the voice and a prior
    of these notes, drawn back to what was written."""
    sign = np.where(data.truth, 1.0, -1.0)

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        margin = np.log(2) * sign * (data.found @ point[:-1] + data.voice + point[-1])
        slope = -np.log(2) * sign / (1.0 + np.exp(margin))
        drawn = point[:-1] - data.written
        value = np.logaddexp(0.0, -margin).sum() + 0.5 * TRUST * (drawn @ drawn)
        return float(value), np.append(data.found.T @ slope + TRUST * drawn, slope.sum())

    limits = [(LEAST, MOST)] * len(data.names) + [(-4.0, 4.0)]
    start = np.append(data.written, 0.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits)
    return np.asarray(found.x[:-1])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check the bits of the English rules.")
    parser.add_argument("notes", type=Path, nargs="*", default=held_files())
    data = table(find(parser.parse_args(arguments).notes))
    fitted, count = fit(data), np.abs(data.found).sum(axis=0)
    print(f"{'rule':40}{'notes':>6}{'personal':>10}{'written':>9}{'fitted':>8}")
    for at in np.argsort(-np.abs(fitted - data.written)):
        if count[at] >= LEAST_FOUND:
            share = data.truth[data.found[:, at] != 0].mean()
            said = f"{data.names[at]:40}{count[at]:6.0f}{share:10.2f}"
            print(f"{said}{data.written[at]:9.1f}{fitted[at]:8.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
