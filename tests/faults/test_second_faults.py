"""A second fault: in the pass that mends the first, in an undo, and a command that reaches the
server only when the next pass is under way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faults.faults import Fault, How, Meanwhile
from faults.law import Court, Run
from faults.points import Points, more
from faults.runs import a_pass, an_undo
from triage.errors import ServerUnreachable

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600)]

Courts = Callable[[str], Court]

# Where the first pass broke (the server did it, and we never heard), and what comes next.
MENDING: list[tuple[str, str, How]] = [
    ("all", "UID MOVE", "no"), ("no MOVE", "UID COPY", "cut after"),
    *more(("all", "UID MOVE", "cut after"), ("all", "UID MOVE", "cut before")),
    *more(("no MOVE", "UID COPY", "no"), ("no MOVE", "UID COPY", "no after")),
    *more(("no MOVE", "UID EXPUNGE", "no"), ("no UIDPLUS", "UID MOVE", "cut after")),
]  # fmt: skip
UNDOING: list[tuple[str, How]] = [("all", "no"), ("no MOVE", "cut after")]
UNDOING += more(("all", "cut after"), ("no MOVE", "no"), ("no MOVE", "bad after"))
UNDOING += more(("no UIDPLUS", "cut after"), ("no MOVE, no UIDPLUS", "cut after"))
LATE = [("all", "UID MOVE"), ("no MOVE", "UID COPY")]
LATE += more(("no MOVE", "UID EXPUNGE"), ("no UIDPLUS", "UID MOVE"), ("all", "UID STORE"))
LATE += more(("all", "CREATE"), ("bare", "UID MOVE"))


def broken(court: Court, verb: str) -> str:
    """A user whose first pass broke off after this command."""
    user = court.fresh()
    assert court.disturbed(user, Fault("cut after", verb))
    return user


def filed(court: Court) -> str:
    """A user whose first pass went well."""
    user = court.fresh()
    court.calmly(user)
    return user


def commands_of(court: Court, user: str, run: Run) -> int:
    """How many commands it takes undisturbed."""
    with court.proxy() as proxy:
        run(proxy.port, user, court.state(user))
        court.server.forget(user)
        return proxy.count


@pytest.mark.parametrize(("kind", "verb", "how"), MENDING)
def test_a_fault_at_any_command_of_the_pass_that_mends_one(
    court: Courts, points: Points, kind: str, verb: str, how: How
) -> None:
    one = court(kind)
    last = commands_of(one, broken(one, verb), a_pass)
    for at in range(1, last + 1):
        user = broken(one, verb)
        assert one.disturbed(user, Fault(how, at))
        points.tried(f"{how} at command {at}", one.judge(user))
    points.verdict(12)


@pytest.mark.parametrize(("kind", "how"), UNDOING)
def test_a_fault_at_any_command_of_an_undo(
    court: Courts, points: Points, kind: str, how: How
) -> None:
    """The next undo, or the next pass, goes on with it."""
    one = court(kind)
    last = commands_of(one, filed(one), an_undo)
    for at in range(1, last + 1):
        user = filed(one)
        assert one.disturbed(user, Fault(how, at), run=an_undo)
        if at % 2:
            one.calmly(user)
        points.tried(f"{how} at command {at}", one.undoing(user))
        one.server.forget(user)
    points.verdict(12)


def late(court: Court, user: str, verb: str, run: Run, at: int) -> int:
    """The run twice, the first one's command reaching the server only ahead of command
    ``at`` of the second, whose commands are counted."""
    with court.proxy(Fault("late", verb)) as first:
        with pytest.raises(ServerUnreachable):
            run(first.port, user, court.state(user))
        with court.proxy(Meanwhile(first.release, at)) as second:
            run(second.port, user, court.state(user))
            return second.count


@pytest.mark.parametrize(("kind", "verb"), LATE)
def test_a_command_that_reaches_the_server_while_the_next_pass_runs(
    court: Courts, points: Points, kind: str, verb: str
) -> None:
    """As where a server is so slow that we gave it up and came anew."""
    one = court(kind)
    last = late(one, one.fresh(), verb, a_pass, 0)
    for at in range(1, last + 1):
        user = one.fresh()
        late(one, user, verb, a_pass, at)
        points.tried(f"{verb} comes ahead of command {at}", one.judge(user))
    points.verdict(12)


@pytest.mark.parametrize(("kind", "verb"), [LATE[1], *more(LATE[0])])
def test_a_command_of_an_undo_that_reaches_the_server_while_the_next_runs(
    court: Courts, points: Points, kind: str, verb: str
) -> None:
    one = court(kind)
    last = late(one, filed(one), verb, an_undo, 0)
    for at in range(1, last + 1):
        user = filed(one)
        late(one, user, verb, an_undo, at)
        points.tried(f"{verb} comes ahead of command {at}", one.undoing(user))
        one.server.forget(user)
    points.verdict(12)
