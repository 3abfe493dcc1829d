"""Labelled notes, by path, to figures: how often triage is right, and what mistakes cost.

Reads JSON Lines of ``{"text", "label"}`` with, where known, ``id``, ``lang``, ``kind``,
``edge`` and ``doubt``; judges them with the shipped rules and no ``[me]``, prints tables.
May not write anything, nor learn from what it measures.

    python bench/accuracy.py notes.jsonl [--misses 10] [--ablation] [--baselines] [--plot FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spacy.language import Language

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.baselines import baselines
from bench.reliability import calibration_error, drawn, table
from triage.judge import explain
from triage.judge.judging import Judge
from triage.judge.rules import Rulebook
from triage.language import load_model
from triage.model import Verdict
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook

COLUMNS = ("personal", "generic", "boilerplate", "unsure")
LABELS = COLUMNS[:3]


@dataclass(frozen=True)
class Case:
    """A note with its true label and the verdict on it."""

    id: str
    text: str
    label: str
    facets: tuple[tuple[str, str], ...]
    doubt: bool
    verdict: Verdict

    @property
    def said(self) -> str:
        return self.verdict.label

    @property
    def personal(self) -> float:
        """The probability, by the verdict, that it is personal."""
        towards = self.said in ("personal", "unsure")
        return self.verdict.probability if towards else 1 - self.verdict.probability


def cost_of(case: Case, costs: Costs) -> float:
    """What this verdict costs; generic and boilerplate are filed alike, and a mistake
    between them costs nothing here."""
    if case.said == "unsure":
        return costs.unsure
    if case.label == "personal" and case.said != "personal":
        return costs.personal_lost
    if case.label != "personal" and case.said == "personal":
        return costs.false_personal
    return 0.0


def read_cases(path: Path, judge: Judge) -> list[Case]:
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    verdicts = judge.judge_notes([line["text"] for line in lines])
    return [
        Case(
            id=str(line.get("id", number)),
            text=line["text"],
            label=line["label"],
            facets=tuple((name, str(line.get(name, "?"))) for name in ("lang", "edge", "kind")),
            doubt=bool(line.get("doubt")),
            verdict=verdict,
        )
        for number, (line, verdict) in enumerate(zip(lines, verdicts, strict=True), 1)
    ]


def report(title: str, cases: Sequence[Case], costs: Costs) -> list[str]:
    """The tables for ``cases``."""
    said = [f"== {title}: {len(cases)} notes", f"{'':12}" + "".join(f"{c:>12}" for c in COLUMNS)]
    table = Counter((case.label, case.said) for case in cases)
    said += [f"{label:12}" + "".join(f"{table[label, c]:12}" for c in COLUMNS) for label in LABELS]
    said.append(f"{'':12}{'precision':>12}{'recall':>12}{'F1':>12}")
    for label in LABELS:
        right = table[label, label]
        found = sum(table[true, label] for true in LABELS)
        there = sum(table[label, c] for c in COLUMNS)
        precision, recall = right / found if found else 0.0, right / there if there else 0.0
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        said.append(f"{label:12}{precision:12.3f}{recall:12.3f}{f1:12.3f}")
    said += summary(cases, costs)
    return said


def chances(cases: Sequence[Case]) -> list[tuple[float, bool]]:
    return [(case.personal, case.label == "personal") for case in cases]


def summary(cases: Sequence[Case], costs: Costs) -> list[str]:
    size = len(cases) or 1
    personal = [case for case in cases if case.label == "personal"]
    lost = sum(case.said in ("generic", "boilerplate") for case in personal)
    unsure = sum(case.said == "unsure" for case in cases)
    cost = sum(cost_of(case, costs) for case in cases) / size
    error = calibration_error(chances(cases))
    away = f"personal filed away {lost} of {len(personal)} ({lost / (len(personal) or 1):.1%})"
    sure = f"unsure {unsure / size:.1%}; coverage {1 - unsure / size:.1%}"
    return [f"cost a note {cost:.3f}; {away}; {sure}; calibration error {error:.3f}"]


def by_facet(cases: Sequence[Case], costs: Costs) -> list[str]:
    said = []
    for at, name in enumerate(("lang", "edge", "kind")):
        groups: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            groups[f"{case.label} {case.facets[at][1]}"].append(case)
        said.append(f"-- by {name}{'':22}notes   right  unsure    cost")
        for value, group in sorted(groups.items()):
            right = sum(case.said == case.label for case in group) / len(group)
            unsure = sum(case.said == "unsure" for case in group) / len(group)
            cost = sum(cost_of(case, costs) for case in group) / len(group)
            said.append(f"{value:30}{len(group):8}{right:8.2f}{unsure:8.2f}{cost:8.2f}")
    return said


def worst(cases: Sequence[Case], costs: Costs, most: int) -> list[str]:
    """The dearest mistakes with their explanation."""
    wrong = [case for case in cases if case.said not in (case.label, "unsure")]
    wrong.sort(key=lambda case: (-cost_of(case, costs), -case.verdict.probability, case.id))
    said = []
    for case in wrong[:most]:
        said += [f"-- {case.id}: is {case.label}{' (doubtful)' if case.doubt else ''}"]
        said += [f"   {line}" for line in explain.lines(case.text, case.verdict, costs)]
    return said


def ablation(cases: Sequence[Case], rulebook: Rulebook, nlp: Language, costs: Costs) -> list[str]:
    """The same notes by the rules alone, by the voice alone, and by neither."""
    said = []
    for name, book in (
        ("rules alone", replace(rulebook, voice=None)),
        ("voice alone", replace(rulebook, evidence=())),
        ("default texts alone", replace(rulebook, evidence=(), voice=None)),
    ):
        verdicts = Judge(book, nlp, Me(), costs).judge_notes([case.text for case in cases])
        pairs = zip(cases, verdicts, strict=True)
        said += [f"-- {name}", *summary([replace(c, verdict=v) for c, v in pairs], costs)]
    return said


def against(cases: Sequence[Case], costs: Costs) -> list[str]:
    """The same notes by what a user could reach for instead."""
    said = []
    for name, found in baselines([case.text for case in cases], costs):
        said.append(f"-- baseline: {name}")
        if found is None:
            said.append("its library is not installed")
            continue
        judged = []
        for case, (label, personal) in zip(cases, found, strict=True):
            chance = personal if label in ("personal", "unsure") else 1.0 - personal
            judged.append(replace(case, verdict=Verdict(label, chance)))  # type: ignore[arg-type]
        said += summary(judged, costs)
    return said


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the shipped rules on labelled notes.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--misses", type=int, default=5, help="worst mistakes to explain")
    parser.add_argument("--rules", type=Path, default=None, help="a folder laid over the rules")
    parser.add_argument("--ablation", action="store_true", help="rules and voice apart, too")
    parser.add_argument("--baselines", action="store_true", help="what a user could use instead")
    parser.add_argument("--plot", type=Path, default=None, help="reliability, as a PNG")
    options = parser.parse_args(arguments)
    costs = Costs()
    rulebook, nlp = load_rulebook(options.rules), load_model()
    judge = Judge(rulebook, nlp, Me(), costs)
    cases = read_cases(options.path, judge)
    clear = [case for case in cases if not case.doubt]
    lines = [*report("all", cases, costs), *report("label not in doubt", clear, costs)]
    lines += ["-- reliability of the probability of personal", *table(chances(clear))]
    if options.ablation:
        lines += ablation(clear, rulebook, nlp, costs)
    if options.baselines:
        lines += against(clear, costs)
    if options.plot:
        lines.append(drawn(chances(clear), options.plot))
    lines += [*by_facet(cases, costs), *worst(cases, costs, options.misses)]
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
