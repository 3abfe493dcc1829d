"""Labelled notes to the bits of the shipped English rules, fitted together with the voice.

Each rule's bits are drawn from what its author wrote (``bits.tsv``) half the way to what
the notes show: a voice knows notes of our making better than real ones, so that beside it
the rules look weaker here than they are. Of each note the voice is one that has not heard
its writer. A rule that the notes hardly hold keeps its author's bits. Writes ``bits`` into
``rules/evidence`` with ``--write``; else it only says what it would.

    python -m training.fit [--write]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from training.corpus import LANGUAGE, read_corpus
from training.train import Corpus, Held, calibrated, left_out, truth_of
from triage.judge.boilerplate import DefaultTexts
from triage.judge.evidence import EvidenceFinder
from triage.judge.verdict import strongest
from triage.judge.voice import MOST_AGAINST, MOST_BITS
from triage.language import load_model
from triage.model import Evidence
from triage.preferences import Me
from triage.rulebook import load_rulebook, shipped_folder

AUTHORED = Path(__file__).resolve().parent / "bits.tsv"
LEAST_FOUND = 10  # notes that hold a rule, or it stays as its author wrote it
LEAST, MOST = 0.2, 6.0  # bits of a fitted rule
TRUST = 6.0  # how hard it is to draw a rule from what was written
_BITS = re.compile(r"^bits = .*$", re.MULTILINE)
_ID = re.compile(r'^id = "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Table:
    """A row a note: the signed rules found in it, the bits of the voice, and the truth."""

    names: tuple[str, ...]
    written: np.ndarray
    found: np.ndarray
    voice: np.ndarray
    truth: np.ndarray


def voice_bits(held: Held, name: str) -> np.ndarray:
    """Of the notes of file ``name``, by a voice that knows that writer in no way."""
    others = [held[other] for other in held if other != name]
    values = np.concatenate([sums for _, _, sums in others])
    truth = np.concatenate([truth_of(notes) for _, notes, _ in others])
    voice, _, mine = held[name]
    scaled = calibrated(voice, values, truth)
    return np.clip(scaled.slope * mine + scaled.intercept, -MOST_AGAINST, MOST_BITS)


def table(
    held: Held, found: Mapping[str, Sequence[Sequence[Evidence]]], bits: Mapping[str, float]
) -> Table:
    names = tuple(sorted(bits))
    place = {name: at for at, name in enumerate(names)}
    samples = [one for name in held for one in held[name][1]]
    rows = np.zeros((len(samples), len(names)))
    for row, lines in zip(rows, (one for name in held for one in found[name]), strict=True):
        for one in strongest(lines):
            if one.rule in place:
                row[place[one.rule]] = 1.0 if one.points_to == "personal" else -1.0
    voice = np.concatenate([voice_bits(held, name) for name in held])
    written = np.array([bits[name] for name in names])
    return Table(names, written, rows, voice, truth_of(samples))


def fit(data: Table) -> dict[str, float]:
    """The bits of each rule. First one scale for each side, then each rule by itself."""
    towards = np.sign(data.found.sum(axis=0))
    sides = np.stack(
        [data.found[:, towards > 0] @ data.written[towards > 0],
         data.found[:, towards < 0] @ data.written[towards < 0]], axis=1,
    )  # fmt: skip
    scales = _minimum(sides, data, np.array([0.5, 0.5]), np.array([0.5, 0.5]), 0.01, (0.15, 1.2))
    start = data.written * np.where(towards > 0, scales[0], scales[1])
    bits = _minimum(data.found, data, start, start, TRUST, (LEAST, MOST))
    known = np.abs(data.found).sum(axis=0) >= LEAST_FOUND
    bits = np.where(known, (bits + data.written) / 2, data.written)
    return {name: round(float(b), 1) for name, b in zip(data.names, bits, strict=True)}


def _minimum(
    columns: np.ndarray,
    data: Table,
    start: np.ndarray,
    centre: np.ndarray,
    trust: float,
    bounds: tuple[float, float],
) -> np.ndarray:
    """The bits of the ``columns`` that make the truth likeliest, beside the voice and a
    prior of these notes, drawn back to ``centre``."""
    sign = np.where(data.truth, 1.0, -1.0)

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        margin = np.log(2) * sign * (columns @ point[:-1] + data.voice + point[-1])
        slope = -np.log(2) * sign / (1.0 + np.exp(margin))
        drawn = point[:-1] - centre
        value = np.logaddexp(0.0, -margin).sum() + 0.5 * trust * (drawn @ drawn)
        return float(value), np.append(columns.T @ slope + trust * drawn, slope.sum())

    limits = [bounds] * len(start) + [(-3.0, 3.0)]
    found = minimize(loss, np.append(start, 0.0), jac=True, method="L-BFGS-B", bounds=limits)
    return np.asarray(found.x[:-1])


def evidence_of(finder: EvidenceFinder, held: Held) -> dict[str, list[tuple[Evidence, ...]]]:
    """What the rules find in all notes, file by file."""
    return {
        name: finder.find_all([(one.text, one.pieces) for one in notes])
        for name, (_, notes, _) in held.items()
    }


def rewritten(text: str, bits: Mapping[str, float]) -> str:
    """A rule file's text with other bits, everything else as it was."""
    blocks = re.split(r"(?m)^(?=\[\[evidence\]\])", text)
    for at, block in enumerate(blocks):
        name = _ID.search(block)
        if name and name[1] in bits:
            blocks[at] = _BITS.sub(f"bits = {bits[name[1]]:.1f}", block, count=1)
    return "".join(blocks)


def prepare() -> tuple[Corpus, Held, dict[str, list[tuple[Evidence, ...]]], dict[str, float]]:
    """The notes, their left-out voices, what the rules find, and the bits as written."""
    rulebook = load_rulebook(None)
    corpus = read_corpus(DefaultTexts(rulebook.boilerplate))
    held = left_out(corpus)
    finder = EvidenceFinder(rulebook.evidence, load_model(), Me())
    lines = AUTHORED.read_text("utf-8").splitlines()
    authored = {name: float(bits) for name, bits in (line.split("\t") for line in lines)}
    english = [rule for rule in rulebook.evidence if rule.language == LANGUAGE]
    bits = {rule.id: authored.get(rule.id, rule.bits) for rule in english}
    return corpus, held, evidence_of(finder, held), bits


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Fit the bits of the shipped English rules.")
    parser.add_argument("--write", action="store_true", help="into rules/evidence")
    options = parser.parse_args(arguments)
    _, held, found, bits = prepare()
    fitted = fit(table(held, found, bits))
    for name, new in fitted.items():
        print(f"{name:40}{bits[name]:6.1f} -> {new:.1f}")
    if options.write:
        write_bits(shipped_folder() / "evidence", fitted)
    return 0


def write_bits(folder: Path, bits: Mapping[str, float]) -> None:
    for path in sorted(folder.glob(f"*.{LANGUAGE}.toml")):
        text = path.read_text("utf-8")
        path.write_text(rewritten(text, bits), "utf-8", newline="\n")


if __name__ == "__main__":
    raise SystemExit(main())
