"""The arithmetic of a verdict, by hand, and what follows from it."""

from __future__ import annotations

import pytest

from triage.judge.routes import plan
from triage.judge.verdict import PRIOR_BITS, Doubt, judge_evidence, probability, suspicious
from triage.model import Evidence, Flag, Label, Leave, Move, PointsTo, Verdict
from triage.preferences import DEFAULT_ROUTES, Costs, Route, Routes


def piece(points_to: PointsTo, bits: float, group: str = "", rule: str = "") -> Evidence:
    return Evidence(rule or f"{points_to}.{bits}.{group}", "does so", points_to, bits, group=group)


P3, P4, P6 = (piece("personal", bits, f"p{bits}") for bits in (3.0, 4.0, 6.0))
G2, G4, G6 = (piece("generic", bits, f"g{bits}") for bits in (2.0, 4.0, 6.0))
B9 = piece("boilerplate", 9.0, "default")

P9, G9 = piece("personal", 9.0, "p9.0"), piece("generic", 9.0, "g9.0")
SUMS = [
    # evidence, bits in all (the prior is -0.5), label
    ((), -0.5, "unsure"),
    ((P3,), 2.5, "personal"),
    ((P3, P4), 6.5, "personal"),
    ((P9, P4), 11.5, "personal"),  # 12 a side at the most
    ((G4, G6, G9, P9), -3.5, "unsure"),
    ((G2,), -2.5, "unsure"),
    ((G4,), -4.5, "generic"),
    ((P4, G4), -0.5, "unsure"),
    ((P6, G6), -0.5, "unsure"),
    ((P6, G2), 3.5, "personal"),
    ((B9,), -9.5, "boilerplate"),
    ((B9, G2), -11.5, "boilerplate"),
]


@pytest.mark.parametrize(("evidence", "bits", "label"), SUMS)
def test_the_sum_decides(evidence: tuple[Evidence, ...], bits: float, label: str) -> None:
    verdict = judge_evidence(evidence, Costs())
    personal = 1 / (1 + 2**-bits)
    assert PRIOR_BITS == -0.5
    assert verdict.label == label
    assert verdict.probability == pytest.approx(
        1 - personal if label in ("generic", "boilerplate") else personal
    )
    assert verdict.why.endswith(".")
    assert {e.rule for e in (*verdict.because, *verdict.against)} == {e.rule for e in evidence}


def test_of_a_group_only_the_strongest_counts() -> None:
    strong, weak = piece("personal", 4.0, "met"), piece("personal", 3.0, "met")
    verdict = judge_evidence((weak, strong), Costs())
    assert verdict.because == (strong,)
    assert verdict.probability == pytest.approx(probability(3.5))


def test_the_costs_are_the_users() -> None:
    careful = Costs(personal_lost=2000)
    careless = Costs(personal_lost=1.5)
    assert judge_evidence((G6,), Costs()).label == "generic"
    assert judge_evidence((G6,), careful).label == "unsure"
    assert judge_evidence((), careless).label == "generic"
    assert judge_evidence((P3,), Costs(false_personal=50)).label == "unsure"
    assert judge_evidence((G6,), Costs(unsure=0)).label == "unsure"


def test_a_doubt_holds_back_whatever_the_sum_says() -> None:
    verdict = judge_evidence((P6,), Costs(), doubts=(Doubt("It was cut."),))
    assert (verdict.label, verdict.why) == ("unsure", "It was cut.")
    assert verdict.probability == pytest.approx(probability(5.5))


@pytest.mark.parametrize(
    ("evidence", "label"),
    [((P6,), "personal"), ((P3,), "unsure"), ((G6,), "unsure"), ((B9,), "unsure")],
)
def test_a_part_of_a_note_must_be_sure_to_be_personal(
    evidence: tuple[Evidence, ...], label: str
) -> None:
    doubts = (Doubt("Only a part is shown.", held=False),)
    assert judge_evidence(evidence, Costs(), doubts=doubts).label == label


def test_a_forgery_is_suspicious_by_its_warnings() -> None:
    warnings = (piece("suspicious", 5.0, "dkim"), piece("suspicious", 3.0, "links"))
    verdict = suspicious(warnings)
    assert verdict.label == "suspicious"
    assert verdict.because == warnings
    assert verdict.probability == pytest.approx(probability(8.0))


def test_routes_flag_first_and_move_last() -> None:
    routes = dict(DEFAULT_ROUTES) | {
        "generic": Route(move="A/B", label="L", flag="\\Flagged", mark_read=True)
    }
    actions = plan(Verdict("generic", 0.9), Routes(tuple(routes.items())))
    assert actions == (Flag("\\Flagged"), Flag("\\Seen"), Label("L"), Move("A/B"))


def test_unsure_never_moves() -> None:
    routes = dict(DEFAULT_ROUTES) | {"unsure": Route(move="Somewhere")}
    (action,) = plan(Verdict("unsure", 0.5), Routes(tuple(routes.items())))
    assert isinstance(action, Leave)


def test_an_empty_route_leaves_and_says_why() -> None:
    routes = dict(DEFAULT_ROUTES) | {"personal": Route()}
    (action,) = plan(Verdict("personal", 0.5), Routes(tuple(routes.items())))
    assert isinstance(action, Leave) and "personal" in action.why
