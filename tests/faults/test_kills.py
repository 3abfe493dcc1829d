"""The process is killed by SIGKILL at every write of the journal and every change of the
mailbox: in a pass, in the pass that mends one, and in an undo."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faults.faults import Fault
from faults.kills import Launcher
from faults.law import Court
from faults.points import Points, more

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600)]

Courts = Callable[[str], Court]
KINDS = ["all", "no MOVE", "no MOVE, no UIDPLUS", *more("no UIDPLUS")]

# Where the first pass broke: the server did it, and we never heard.
HALFWAY = [("no MOVE", "UID COPY")]
HALFWAY += more(("all", "UID MOVE"), ("no MOVE", "UID EXPUNGE"), ("no UIDPLUS", "UID MOVE"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_pass_killed_at_any_step(
    court: Courts, launcher: Launcher, points: Points, kind: str
) -> None:
    one = court(kind)
    steps = launcher.steps(one, one.fresh())
    assert {"ahead of a commit", "behind STORE"} <= set(steps)
    for at, name in enumerate(steps, 1):
        user = one.fresh()
        assert launcher.run(one, user, at=at).killed
        points.tried(f"killed at step {at}, {name}", one.judge(user))
    points.verdict(20)


@pytest.mark.parametrize(("kind", "verb"), HALFWAY)
def test_the_pass_that_mends_one_killed_at_any_step(
    court: Courts, launcher: Launcher, points: Points, kind: str, verb: str
) -> None:
    one = court(kind)

    def halfway() -> str:
        user = one.fresh()
        assert one.disturbed(user, Fault("cut after", verb))
        return user

    steps = launcher.steps(one, halfway())
    for at, name in enumerate(steps, 1):
        user = halfway()
        assert launcher.run(one, user, at=at).killed
        points.tried(f"killed at step {at}, {name}", one.judge(user))
    points.verdict(20)


@pytest.mark.parametrize("kind", ["no MOVE", *more("all", "no MOVE, no UIDPLUS", "no UIDPLUS")])
def test_an_undo_killed_at_any_step(
    court: Courts, launcher: Launcher, points: Points, kind: str
) -> None:
    """The next undo, or the next pass, goes on with it."""
    one = court(kind)

    def filed() -> str:
        user = one.fresh()
        one.calmly(user)
        return user

    steps = launcher.steps(one, filed(), "undo")
    for at, name in enumerate(steps, 1):
        user = filed()
        assert launcher.run(one, user, "undo", at=at).killed
        if at % 2:
            one.calmly(user)
        points.tried(f"killed at step {at}, {name}", one.undoing(user))
        one.server.forget(user)
    points.verdict(6)
