"""Labelled notes to figures: rules alone, voice alone, both, with what is shipped.

By default on the held notes, which neither were made from; on others by path. Default
texts are left out, since they are settled before. May not write anything.

    python -m training.ablation [NOTES...]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from training.found import Found, figures, find, held_files
from training.train import INTERCEPT, SLOPE
from triage.judge.verdict import PRIOR_BITS, probability, strongest, total_bits
from triage.judge.voice import GROUP, LEAST_BITS, MOST_AGAINST, MOST_BITS
from triage.model import Evidence
from triage.preferences import Costs

PARTS = {"rules alone": (True, False), "voice alone": (False, True), "both": (True, True)}


def voice_line(heard: float, slope: float = SLOPE, intercept: float = INTERCEPT) -> list[Evidence]:
    """The voice as the one line that it is in a verdict, or none."""
    bits = max(-MOST_AGAINST, min(MOST_BITS, slope * heard + intercept))
    if abs(bits) < LEAST_BITS:
        return []
    side = "personal" if bits > 0 else "generic"
    return [Evidence("voice.en", "the voice", side, abs(bits), group=GROUP)]  # type: ignore[arg-type]


def judged(found: Iterable[Found], rules: bool, voice: bool) -> list[tuple[float, bool]]:
    """(probability of personal, whether it is), note by note."""
    return [
        (
            probability(
                total_bits(
                    strongest(
                        [*(one.lines if rules else ()), *(voice_line(one.heard) if voice else ())]
                    )
                )
            ),
            one.sample.personal,
        )
        for one in found
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Rules alone, voice alone, both.")
    parser.add_argument("notes", type=Path, nargs="*", default=held_files())
    for path in parser.parse_args(arguments).notes:
        found = find([path])
        print(f"{path.name}: {len(found)} notes, prior {PRIOR_BITS} bits")
        for name, (rules, voice) in PARTS.items():
            print(f"  {name:12} {figures(judged(found, rules, voice), Costs())}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
