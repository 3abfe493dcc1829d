"""Evidence to a verdict: a sum of bits, a probability, the label of least expected cost.

The whole arithmetic stands here, so that a person can check it by hand: prior plus
evidence, the strongest of each group once. May not look at a note, only at what was
found in it and at how much of it was shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from triage.judge import voice
from triage.model import Evidence, Span, Verdict, VerdictLabel
from triage.preferences import Costs

# Of a note in which nothing is found hardly anything is known: of 3,200 invented ones that no
# rule had been made for, 41 in 100 of those were personal (``training/scale.py``).
PRIOR_BITS = -0.5
DEFAULT_BITS = 9.0  # the whole note is the platform's text: 500 to 1
# Signs of one kind of note come together, so that their bits are not independent: a pitch
# with a price, a link and a call is not ten times as surely a pitch. All of one side count
# for this much at the most; a default text, which needs no signs, is not limited.
SIDE_BITS = 12.0
SHOWN_ENOUGH = 0.9  # a cut note is personal only where what is shown is this sure
_FORGED = "poses as a platform's mail"


@dataclass(frozen=True)
class Doubt:
    """Why a note may not be filed: ``held`` even if it looks personal, too."""

    why: str
    held: bool = True


def judge_evidence(
    evidence: Iterable[Evidence],
    costs: Costs,
    *,
    ruleset: str = "",
    subtracted: Sequence[Span] = (),
    doubts: Sequence[Doubt] = (),
) -> Verdict:
    """The verdict on a note in which ``evidence`` was found."""
    counted = strongest(evidence)
    personal = probability(total_bits(counted))
    label = cheapest(personal, costs, impersonal_label(counted))
    why = _reason(label, counted)
    for doubt in doubts:
        if label != "unsure" and (doubt.held or label != "personal" or personal < SHOWN_ENOUGH):
            label, why = "unsure", doubt.why
    towards = "personal" if label in ("personal", "unsure") else ""
    return Verdict(
        label=label,
        probability=personal if towards else 1.0 - personal,
        because=tuple(e for e in counted if (e.points_to == "personal") == bool(towards)),
        against=tuple(e for e in counted if (e.points_to == "personal") != bool(towards)),
        ruleset=ruleset,
        prior_bits=PRIOR_BITS,
        subtracted=tuple(subtracted),
        why=why,
    )


def suspicious(warnings: Sequence[Evidence], ruleset: str = "") -> Verdict:
    """The verdict on a mail that only poses as a platform's."""
    warnings = tuple(replace(w, points_to="suspicious") for w in warnings)
    bits = sum(warning.bits for warning in strongest(warnings))
    return Verdict(
        label="suspicious",
        probability=probability(bits),
        because=warnings,
        ruleset=ruleset,
        why=f"It {_FORGED}: {_listed(w.says for w in warnings)}.",
    )


def strongest(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The strongest of each group, in the order of the note."""
    best: dict[str, Evidence] = {}
    for one in sorted(evidence, key=lambda e: (-e.bits, e.start, e.rule)):
        best.setdefault(one.group or one.rule, one)
    return tuple(sorted(best.values(), key=lambda e: (e.start, e.end, e.rule)))


def total_bits(counted: Sequence[Evidence]) -> float:
    """Prior and evidence, towards personal: what the probability is made of."""
    return PRIOR_BITS + sum(map(signed, counted)) - excess(counted)


def excess(counted: Sequence[Evidence]) -> float:
    """What ``SIDE_BITS`` takes off the sum, towards personal."""
    over = {side: side_bits(counted, side) - SIDE_BITS for side in ("personal", "generic")}
    return max(0.0, over["personal"]) - max(0.0, over["generic"])


def side_bits(counted: Iterable[Evidence], side: str) -> float:
    """The bits that point to ``side``, without limit."""
    return sum(one.bits for one in counted if one.points_to == side)


def signed(one: Evidence) -> float:
    """Its bits towards personal."""
    return one.bits if one.points_to == "personal" else -one.bits


def probability(bits: float) -> float:
    """That of odds of 2 to the power of ``bits``."""
    bits = max(-60.0, min(60.0, bits))
    return 1.0 / (1.0 + 2.0**-bits)


def expected_costs(personal: float, costs: Costs) -> dict[str, float]:
    """What each label is expected to cost where the note is personal with that
    probability. ``generic`` stands for boilerplate too."""
    return {
        "unsure": costs.unsure,
        "personal": (1.0 - personal) * costs.false_personal,
        "generic": personal * costs.personal_lost,
    }


def cheapest(personal: float, costs: Costs, impersonal: VerdictLabel) -> VerdictLabel:
    """The label of least expected cost; unsure where another costs as much."""
    expected = expected_costs(personal, costs)
    best = min(expected, key=lambda label: expected[label])  # the first of equals: unsure
    return {"unsure": "unsure", "personal": "personal", "generic": impersonal}[best]  # type: ignore[return-value]


def impersonal_label(counted: Iterable[Evidence]) -> VerdictLabel:
    """Boilerplate or generic: whichever has more evidence."""
    bits = {"boilerplate": 0.0, "generic": 0.0, "personal": 0.0, "suspicious": 0.0}
    for one in counted:
        bits[one.points_to] += one.bits
    return "boilerplate" if bits["boilerplate"] > bits["generic"] else "generic"


def _reason(label: str, counted: Sequence[Evidence]) -> str:
    personal = [e for e in counted if e.points_to == "personal"]
    other = [e for e in counted if e.points_to != "personal"]
    if label == "personal":
        return f"The sender {_listed(_heaviest(personal))}."
    if label == "boilerplate":
        return f"{_sentence(_listed(_heaviest(other)))}."
    if label == "generic" and other:
        return f"It could have gone to anyone: {_listed(_heaviest(other))}."
    if personal and other:
        return (
            f"It speaks both ways: {_listed(_heaviest(personal))}, "
            f"but also {_listed(_heaviest(other))}."
        )
    if counted:
        return f"Too little to decide: {_listed(_heaviest(counted))}."
    return "Nothing in the note speaks for either side."


def by_weight(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The heaviest first; the voice, which gives no reason that a person can check, last."""
    return sorted(evidence, key=lambda e: (e.group == voice.GROUP, -e.bits, e.start, e.rule))


def _heaviest(evidence: Sequence[Evidence]) -> list[str]:
    return [e.says for e in by_weight(evidence)[:3]]


def _listed(says: Iterable[str]) -> str:
    words = list(dict.fromkeys(says))
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
