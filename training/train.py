"""Labelled notes to the weights of the voice: ``rules/voice/en.tsv``.

Logistic regression over words, pairs of words and pieces of words. What its sum is worth
in bits is not learnt from the same notes, see ``SLOPE``. The same notes give the same
bytes. Needs scikit-learn, which the program itself does not.

    python -m training.train [--out FILE] [--notes FOLDER]
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from training.augment import augmented
from training.corpus import LANGUAGE, NOTES, Sample, files, read_corpus
from triage.judge.boilerplate import DefaultTexts
from triage.judge.voice import Voice, features, parse_voice, words_of, written
from triage.rulebook import load_rulebook, shipped_folder

STRENGTH = 2.0  # C of the regression
LEAST_NOTES = 7  # in which a feature must stand; each is there three times, wrapped
SEED = 20
# What the sum of weights is worth in bits. A voice that learnt from us knows our manner: of
# our own notes, even by writers it has not heard, it tells 98 in 100 apart, of real ones 94
# (area under the curve), and it hears real personal notes, which are plainer, too low: by
# our notes alone the intercept would be -1.5. ``training/scale.py`` shows what these two do
# to notes that nothing was made from, and to real ones.
SLOPE, INTERCEPT = 2.6, 2.0
Corpus = Mapping[str, Sequence[Sample]]


def fit_weights(samples: Sequence[Sample]) -> Voice:
    """The voice that these notes make."""
    cut = [words_of(one.text, one.pieces) for one in samples]
    small: Counter[str] = Counter()
    for words in cut:
        small.update({word.low for word in words if not word.capital})
    known = {low for low, count in small.items() if count >= LEAST_NOTES}
    rows = [sorted({feature.key for feature in features(words, known)}) for words in cut]
    counts = Counter(key for row in rows for key in row)
    keys = sorted(key for key, count in counts.items() if count >= LEAST_NOTES)
    # What stands in every note, such as a comma, is style and not content: it weighs less.
    rarity = {key: round(math.log((1 + len(rows)) / (1 + counts[key])) / 4, 3) for key in keys}
    matrix = _matrix([[key for key in row if key in rarity] for row in rows], rarity)
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=1000, random_state=0)
    model.fit(matrix, np.array([one.personal for one in samples]))
    weights = {
        key: (round(float(weight) * rarity[key], 3), rarity[key])
        for key, weight in zip(keys, model.coef_[0], strict=True)
    }
    return Voice(LANGUAGE, SLOPE, INTERCEPT, weights)


def train(corpus: Corpus) -> Voice:
    """The voice that is shipped: every note as it is, and wrapped."""
    everything = [one for notes in corpus.values() for one in notes]
    for at, notes in enumerate(corpus.values()):
        everything += augmented(notes, SEED + at)
    return fit_weights(everything)


def _matrix(rows: Sequence[Sequence[str]], rarity: Mapping[str, float]) -> csr_matrix:
    """A row a note, of length 1 for its words and 1 for its pieces of words."""
    place = {key: at for at, key in enumerate(rarity)}
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row in rows:
        for pieces in (True, False):
            chosen = [key for key in row if (key[0] == "#") == pieces]
            length = math.sqrt(sum(rarity[key] ** 2 for key in chosen))
            data += [rarity[key] / max(length, 1.0) for key in chosen]
            columns += [place[key] for key in chosen]
        ends.append(len(columns))
    return csr_matrix((data, columns, ends), shape=(len(rows), len(place)))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the voice on labelled notes.")
    parser.add_argument("--notes", type=Path, default=NOTES)
    parser.add_argument("--out", type=Path, default=shipped_folder() / "voice" / "en.tsv")
    options = parser.parse_args(arguments)
    defaults = DefaultTexts(load_rulebook(None).boilerplate)
    corpus = read_corpus(defaults, files(options.notes))
    text = written(train(corpus))
    assert isinstance(parse_voice(options.out.name, text), Voice)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text, "utf-8", newline="\n")
    notes = sum(map(len, corpus.values()))
    print(f"{options.out}: {len(text.splitlines()) - 2} weights from {notes} notes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
