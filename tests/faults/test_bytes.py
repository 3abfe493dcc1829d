"""The connection is cut at byte offsets across a whole session, in either direction; and it
comes in single bytes, or late."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from faults.faults import Cut
from faults.law import KINDS, Court
from faults.points import EVERYTHING, Points
from faults.proxy import FaultProxy
from faults.runs import LOST, a_pass

pytestmark = [pytest.mark.server, pytest.mark.timeout(7200)]

Courts = Callable[[str], Court]

# Odd, so that over the session every place within a line has its turn; what comes down is
# mostly mail, of which a few places are as good as all.
STRIDE_UP, STRIDE_DOWN = (7, 97) if EVERYTHING else (89, 1499)


def size_of(court: Court) -> tuple[int, int]:
    """Bytes up and down of an undisturbed pass."""
    user = court.fresh()
    with court.proxy() as proxy:
        a_pass(proxy.port, user, court.state(user))
        proxy.drained()
        court.server.forget(user)
        return proxy.bytes_up, proxy.bytes_down


@pytest.mark.parametrize("kind", ["all", "no MOVE", "no MOVE, no UIDPLUS"])
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_cut_at_any_byte(court: Courts, points: Points, kind: str, way: str) -> None:
    """An offset behind the last byte may not be reached: servers tell times and ids."""
    one = court(kind)
    up, down = size_of(one)
    offsets = range(0, up, STRIDE_UP) if way == "up" else range(0, down, STRIDE_DOWN)
    for after in offsets:
        user = one.fresh()
        struck = one.disturbed(user, Cut(way, after))  # type: ignore[arg-type]
        problems = one.judge(user)
        if struck:
            points.tried(f"cut after {after} bytes {way}", problems)
    points.verdict(len(offsets) - 1)


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_cut_at_any_byte_of_tls(court: Courts, points: Points, way: str) -> None:
    """In the handshake too, and in the middle of a record."""
    one = court("all")
    dovecot = one.server.dovecot

    def session(user: str, *faults: Cut) -> tuple[bool, int]:
        """Whether it was cut, and how many bytes went."""
        with FaultProxy(dovecot.host, dovecot.tls_port, *faults, raw=True) as proxy:
            with suppress(*LOST):
                a_pass(proxy.port, user, one.state(user), ca_file=dovecot.ca_file)
            proxy.drained()
            return bool(proxy.fired), proxy.bytes_up if way == "up" else proxy.bytes_down

    user = one.fresh()
    cut, size = session(user)
    assert not cut and not one.judge(user)
    offsets = range(0, size, size // (60 if EVERYTHING else 15))
    for after in offsets:
        user = one.fresh()
        cut, _ = session(user, Cut(way, after))  # type: ignore[arg-type]
        problems = one.judge(user)
        if cut:
            points.tried(f"cut after {after} bytes {way}", problems)
    points.verdict(len(offsets) - 2)


def test_answers_that_dribble_are_answers(court: Courts) -> None:
    one = court("all")
    user = one.fresh()
    with one.proxy(dribble=True) as proxy:
        a_pass(proxy.port, user, one.state(user))
    assert not one.ending(user).differs_from(one.calm)


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_server_is_a_server(court: Courts, kind: str) -> None:
    """Whatever it lacks."""
    one = court(kind)
    user = one.fresh()
    with one.proxy(delay_seconds=0.01) as proxy:
        a_pass(proxy.port, user, one.state(user))
    assert not one.ending(user).differs_from(one.calm)
    moved = "Invitations/Generic" in one.calm.stands
    assert moved is (kind != "no MOVE, no UIDPLUS")
