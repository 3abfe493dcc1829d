"""The labelled notes of ``training/notes`` to what is left of each when default texts are gone.

One file is one writer, so that a file left out is a writer not heard. May not change a
note, and looks at no other data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.judge.boilerplate import DefaultTexts

HERE = Path(__file__).resolve().parent
NOTES = HERE / "notes"
LANGUAGE = "en"


@dataclass(frozen=True)
class Sample:
    """A labelled note; ``pieces`` is what is left of it, empty where nothing is."""

    text: str
    label: str
    kind: str
    language: str
    pieces: tuple[tuple[int, int], ...]
    id: str = ""
    doubt: bool = False

    @property
    def personal(self) -> bool:
        return self.label == "personal"

    @property
    def rest(self) -> str:
        return "\n".join(self.text[start:end] for start, end in self.pieces)


def files(folder: Path = NOTES) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def read_samples(path: Path, defaults: DefaultTexts) -> list[Sample]:
    """All notes of a file."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [
        Sample(
            text=line["text"],
            label=line["label"],
            kind=str(line.get("kind", "")),
            language=line.get("lang", LANGUAGE),
            pieces=tuple(defaults.subtract(line["text"]).residue),
            id=str(line.get("id", number)),
            doubt=bool(line.get("doubt")),
        )
        for number, line in enumerate(lines, 1)
    ]


def heard(samples: Iterable[Sample]) -> list[Sample]:
    """Those from which a voice can learn: something is left, in its language."""
    return [one for one in samples if one.pieces and one.language == LANGUAGE]


def read_corpus(
    defaults: DefaultTexts, paths: Sequence[Path] | None = None
) -> dict[str, list[Sample]]:
    """What a voice can learn from, by the name of the file."""
    chosen = files() if paths is None else paths
    return {path.stem: heard(read_samples(path, defaults)) for path in chosen}
