"""Two daemons on one mailbox by mistake, each with a state file of its own: ahead of each
command of the one, the other makes a whole pass; and both at once."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.faults import Meanwhile
from faults.law import Court
from faults.points import EVERYTHING, Points, more
from faults.runs import a_pass, an_undo
from faults.server import Stands
from triage.errors import StateError
from triage.memory import lock, open_memory

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600)]

Courts = Callable[[str], Court]
Deed = Callable[[], object]
KINDS = ["all", "no MOVE", *more("no MOVE, no UIDPLUS", "no UIDPLUS")]


def other_state(court: Court, user: str) -> Path:
    return court.server.states / f"{user}.db.other"


def ended(court: Court, user: str) -> list[str]:
    """What is wrong after both have made another pass: the mailbox is not as one of them
    alone would leave it, a message was filed by neither, or undo by both does not bring the
    beginning back."""
    states = court.state(user), other_state(court, user)
    with court.proxy() as proxy:
        for state in states:
            a_pass(proxy.port, user, state, "again")
        ending = court.ending(user)
        calm = court.calm
        found = [one for one in ending.differs_from(calm) if not one.startswith("journal")]
        done: set[str] = set()
        for state in states:
            with open_memory(state) as memory:
                lines = memory.journal.recent(100)
            found += [
                f"line {one.id} waits: {one.remark}" for one in lines if one.state == "INTENDED"
            ]
            done |= {one.identity.header_sha256 for one in lines if one.state == "DONE"}
        if len(done) != len({line.split()[1] for line in calm.journal}):
            found.append(f"only {len(done)} were filed by one of them")
        for state in states:
            an_undo(proxy.port, user, state)
    begun, told = _where(court.begun), _where(court.server.look(user))
    return found if told == begun else [*found, "undo does not bring it back"]


def _where(stands: Stands) -> dict[str, list[bytes]]:
    """What stands where. Not its flags: one takes for the user's what the other had set."""
    held = {name: sorted(m.content for m in some.values()) for name, some in stands.folders.items()}
    return {name: contents for name, contents in held.items() if contents}


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_makes_a_pass_ahead_of_any_command(
    court: Courts, points: Points, kind: str
) -> None:
    one = court(kind)

    def the_other(user: str) -> None:
        with one.proxy() as proxy:
            a_pass(proxy.port, user, other_state(one, user), "other")

    user = one.fresh()
    with one.proxy() as proxy:
        a_pass(proxy.port, user, one.state(user))
        last = proxy.count
    for at in range(1, last + 1):
        user = one.fresh()
        assert one.disturbed(user, Meanwhile(lambda: the_other(user), at))  # noqa: B023
        points.tried(f"ahead of command {at}", ended(one, user))
        one.server.forget(user)
    points.verdict(18)


def test_both_stop_in_the_middle_of_a_copy(court: Courts, points: Points) -> None:
    """Without MOVE it takes several commands. One stops ahead of each of them, the other goes
    up to each of them, the first goes on to its end, and then the other."""
    one = court("no MOVE")
    user = one.fresh()
    with one.proxy() as proxy:
        a_pass(proxy.port, user, one.state(user))
        copy = next(command.number for command in proxy.commands if command.verb == "UID COPY")
    around = range(copy - 5, copy + 8) if EVERYTHING else range(copy, copy + 4)
    for ours, theirs in itertools.product(around, around):
        user = one.fresh()
        there, go_on = threading.Event(), threading.Event()

        def hold(there: threading.Event = there, go_on: threading.Event = go_on) -> None:
            there.set()
            go_on.wait(120)

        def the_other(user: str = user, theirs: int = theirs, hold: Deed = hold) -> None:
            with one.proxy(Meanwhile(hold, theirs)) as proxy:
                a_pass(proxy.port, user, other_state(one, user), "other")
            hold()  # where it had less to do

        other = threading.Thread(target=the_other)

        def begin(other: threading.Thread = other, there: threading.Event = there) -> None:
            other.start()
            there.wait(120)

        assert one.disturbed(user, Meanwhile(begin, ours))
        go_on.set()
        other.join(120)
        points.tried(f"one at {ours}, the other at {theirs}", ended(one, user))
        one.server.forget(user)
    points.verdict(16)


@pytest.mark.parametrize("kind", ["all", "no MOVE"])
def test_both_at_once_lose_nothing(court: Courts, kind: str) -> None:
    """Whatever their turns come to. One too many may be left in a target, of a COPY that the
    server is still carrying out when the other one has looked for doubles; Dovecot's MOVE
    is a COPY too."""
    one = court(kind)
    for _ in range(5):
        user = one.fresh()
        start = threading.Barrier(2)

        def run(state: Path, user: str = user, start: threading.Barrier = start) -> None:
            start.wait(60)
            with one.proxy() as proxy:
                a_pass(proxy.port, user, state)

        both = [
            threading.Thread(target=run, args=(state,))
            for state in (one.state(user), other_state(one, user))
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(120)
        allowed = re.compile(r"Invitations/\w+ has \d too many|undo does not")
        assert not [problem for problem in ended(one, user) if not allowed.match(problem)]
        one.server.forget(user)


def test_a_second_one_on_the_same_state_file_is_refused(court: Courts) -> None:
    one = court("all")
    user = one.fresh()
    one.calmly(user)
    with lock(one.state(user)), pytest.raises(StateError, match="another triage runs"):
        one.calmly(user)
