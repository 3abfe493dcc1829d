"""Every command of a pass is the one at which it goes wrong, once: cut, refused, unanswered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faults.faults import Fault, How
from faults.law import Court
from faults.points import Points, more
from faults.runs import a_pass

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600)]

Courts = Callable[[str], Court]

Case = tuple[str, How]
CUTS: list[Case] = [
    (kind, how)
    for kind in ("all", "no MOVE", "no MOVE, no UIDPLUS", *more("no UIDPLUS", "bare"))
    for how in ("cut before", "cut after")
]
REFUSALS: list[Case] = [
    ("all", "no"), ("no MOVE", "no"), ("no MOVE, no UIDPLUS", "no"), ("all", "bad"),
    ("no MOVE", "no after"), *more(("no MOVE", "bad"), ("no MOVE, no UIDPLUS", "bad")),
    *more(("all", "no after"), ("no MOVE, no UIDPLUS", "no after"), ("no UIDPLUS", "bad after")),
]  # fmt: skip
SILENCES: list[Case] = [("all", "drop"), ("all", "stall")]
SILENCES += more(("no MOVE", "drop"), ("no UIDPLUS", "drop"))
ALL_OF_A_VERB: list[Case] = [("all", "no"), ("no MOVE", "no"), ("no MOVE, no UIDPLUS", "bad")]
ALL_OF_A_VERB += more(("all", "bad"), ("no MOVE", "bad"), ("no MOVE, no UIDPLUS", "no"))


def commands_of(court: Court) -> int:
    """How many commands an undisturbed pass has."""
    with court.proxy() as proxy:
        user = court.fresh()
        a_pass(proxy.port, user, court.state(user))
        court.server.forget(user)
        return proxy.count


@pytest.mark.parametrize(("kind", "how"), CUTS)
def test_a_cut_at_any_command(court: Courts, points: Points, kind: str, how: How) -> None:
    one = court(kind)
    last = commands_of(one)
    for at in range(1, last + 1):
        user = one.fresh()
        assert one.disturbed(user, Fault(how, at))
        points.tried(f"{how} command {at}", one.judge(user))
    points.verdict(18)


@pytest.mark.parametrize(("kind", "how"), REFUSALS)
def test_a_refusal_of_any_command(court: Courts, points: Points, kind: str, how: How) -> None:
    one = court(kind)
    last = commands_of(one)
    for at in range(1, last + 1):
        user = one.fresh()
        assert one.disturbed(user, Fault(how, at))
        points.tried(f"{how} to command {at}", one.judge(user))
    points.verdict(18)


@pytest.mark.parametrize(("kind", "how"), SILENCES)
def test_no_answer_to_any_command(court: Courts, points: Points, kind: str, how: How) -> None:
    """The client gives up by its time-out. Where the machine is so busy that it gave up
    earlier, at another command, it is given more time."""
    one = court(kind)
    last = commands_of(one)

    def tried(at: int) -> list[str]:
        for seconds in (0.5, 3.0, 30.0):
            user = one.fresh()
            if one.disturbed(
                user, Fault(how, at), run=lambda *a, s=seconds: a_pass(*a, seconds=s),
                then=lambda proxy: proxy.cut(),
            ):  # fmt: skip
                return one.judge(user)
        return ["it did not strike"]

    for at in range(1, last + 1):
        points.tried(f"{how} at command {at}", tried(at))
    points.verdict(18)


@pytest.mark.parametrize(("kind", "word"), ALL_OF_A_VERB)
def test_a_refusal_of_all_commands_of_a_verb(
    court: Courts, points: Points, kind: str, word: How
) -> None:
    """As a server does that is overloaded, or that lacks what it announces."""
    one = court(kind)
    with one.proxy() as proxy:
        user = one.fresh()
        a_pass(proxy.port, user, one.state(user))
        verbs = list(dict.fromkeys(command.verb for command in proxy.commands))
    for verb in verbs:
        user = one.fresh()
        assert one.disturbed(user, Fault(word, verb, always=True))
        problems = one.judge(user)
        if verb == "SUBSCRIBE":  # it is not asked again: afterwards it would be against the
            problems = [one for one in problems if "subscribed" not in one]  # user's will
        points.tried(f"{word} to all {verb}", problems)
    points.verdict(10)
