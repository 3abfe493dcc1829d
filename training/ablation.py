"""Labelled notes to figures: rules alone, voice alone, both, each writer not heard before.

Every file is judged with a voice trained on the others and the shipped rules, bare notes
and wrapped ones apart. May not write anything.

    python -m training.ablation
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.reliability import calibration_error
from training.fit import prepare, voice_bits
from training.train import Corpus, Held
from triage.judge.verdict import PRIOR_BITS, cheapest, judge_evidence
from triage.judge.voice import GROUP, LEAST_BITS
from triage.model import Evidence
from triage.preferences import Costs

Judged = tuple[bool, float]  # whether it is personal, and the probability of it
PARTS = {"rules alone": (True, False), "voice alone": (False, True), "both": (True, True)}


def line(bits: float) -> tuple[Evidence, ...]:
    """The voice as the one line that it is in a verdict."""
    if abs(bits) < LEAST_BITS:
        return ()
    side = "personal" if bits > 0 else "generic"
    return (Evidence("voice.en", "the voice", side, abs(bits), group=GROUP),)  # type: ignore[arg-type]


def judged(
    corpus: Corpus,
    held: Held,
    found: dict[str, list[tuple[Evidence, ...]]],
    rules: bool,
    voice: bool,
    wrapped: bool,
) -> Iterator[Judged]:
    for name, (_, notes, _) in held.items():
        bare = len(corpus[name])
        rows = zip(notes, found[name], voice_bits(held, name), strict=True)
        for at, (one, lines, bits) in enumerate(rows):
            if (at >= bare) == wrapped:
                evidence = (*(lines if rules else ()), *(line(float(bits)) if voice else ()))
                verdict = judge_evidence(evidence, Costs())
                towards = verdict.label in ("personal", "unsure")
                yield one.personal, verdict.probability if towards else 1 - verdict.probability


def figures(pairs: Sequence[Judged], costs: Costs) -> str:
    labels = [(true, cheapest(chance, costs, "generic")) for true, chance in pairs]
    personal = sum(true for true, _ in labels)
    lost = sum(true and label == "generic" for true, label in labels)
    false = sum(not true and label == "personal" for true, label in labels)
    unsure = sum(label == "unsure" for _, label in labels)
    kept = sum(true and label == "personal" for true, label in labels)
    cost = lost * costs.personal_lost + false * costs.false_personal + unsure * costs.unsure
    error = calibration_error((chance, true) for true, chance in pairs)
    return (
        f"cost {cost / len(labels):.3f}  lost {lost / personal:6.1%}  unsure "
        f"{unsure / len(labels):6.1%}  recall {kept / personal:.3f}  calibration {error:.3f}"
    )


def main() -> int:
    corpus, held, found, _ = prepare()
    print(f"{sum(map(len, corpus.values()))} notes of {len(corpus)} writers, prior {PRIOR_BITS}")
    for name, (rules, voice) in PARTS.items():
        for wrapped in (False, True):
            pairs = list(judged(corpus, held, found, rules, voice, wrapped))
            print(f"{name:12} {'wrapped' if wrapped else 'bare':8} {figures(pairs, Costs())}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
