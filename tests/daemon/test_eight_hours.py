"""Eight hours of watching, driven by the test: mail at random moments, and all that can befall
a connection. Nothing is missed or doubled, nothing spins, and back-off is as specified."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from daemon.desks import mail
from daemon.simulated_day import (
    HOURS,
    LONGEST_PAUSE,
    PROVE,
    SWEEP,
    SWEPT,
    TIMEOUT,
    Day,
)
from daemon.simulated_server import Delivered
from triage.daemon.pace import FIRST_DELAY_SECONDS, STOOD_SECONDS
from triage.errors import LoginRefused, ServerUnreachable
from triage.memory import Memory

LOOPS = 2  # the account's own, and that of its second folder
WORK = 30.0  # for a login and two passes, of which one may have begun before the mail came
QUIET = 1500.0  # after a trouble: the longest pause, and what it takes to notice


@pytest.fixture
def day(request: pytest.FixtureRequest, memory: Memory, tmp_path: Path) -> Day:
    return Day(getattr(request, "param", 1), memory, tmp_path)


def invitations(day: Day) -> list[Delivered]:
    return [one for one in day.server.delivered.values() if one.label]


def delay(one: Delivered) -> float:
    """Seconds that the machine was awake until something was done about it."""
    assert one.acted is not None, f"{one} was missed"
    return one.acted - one.at


def nothing_is_lost_or_doubled(day: Day) -> None:
    held = [
        (content.content, bool(content.flags or content.labels), name)
        for name, folder in day.server.store._folders.items()
        for content in folder.held.values()
    ]
    sent = {mail(one.number, one.label): one for one in day.server.delivered.values()}
    assert sorted(content for content, _, _ in held) == sorted(sent)
    for content, marked, folder in held:
        one = sent[content]
        moved = one.label in ("generic", "boilerplate", "suspicious")
        assert (folder == one.folder) is not moved, one
        assert marked is (one.label in ("personal", "unsure")), one
    lines = day.memory.journal.recent(10_000)
    assert sorted(line.state for line in lines) == ["DONE"] * len(invitations(day))


def back_off_is_as_specified(day: Day) -> None:
    """5 s, doubled up to a quarter of an hour, and 5 s again after a connection that stood."""
    for name, noted in day.pauses.items():
        logins = [at for who, at, taken in day.server.logins if who == name and taken]
        for (then, before), (now, base) in zip([(0.0, 0.0), *noted], noted, strict=False):
            doubled = min(before * 2, 900.0) or 5.0
            latest = max((at for at in logins if then <= at <= now), default=None)
            if base == 0.0:
                continue
            if latest is None or now - latest < STOOD_SECONDS:
                assert base == doubled, (name, now)
            elif now - latest > STOOD_SECONDS + WORK:
                assert base == 5.0, (name, now)
            else:
                assert base in (5.0, doubled), (name, now)


def test_hours_without_trouble(day: Day) -> None:
    day.begin(sweeps=False)
    day.mail_all_day(4 * HOURS, 90)
    day.simulation.run(4 * HOURS)
    assert day.oldest <= PROVE + day.pulse.seconds and not day.lies
    day.end()
    watched = [one for one in invitations(day) if one.folder != SWEPT]
    assert len(watched) > 150 and max(map(delay, watched)) <= WORK
    assert len(day.server.logins) == LOOPS and not day.pauses
    # Idle or not: two proofs every four minutes, a wait or two a mail, and that is all.
    assert day.server.heard <= LOOPS * (4 * HOURS / PROVE + 2 * day.mails)


@pytest.mark.parametrize("day", [1, 2], indirect=True)
def test_a_day_with_everything(day: Day, caplog: pytest.LogCaptureFixture) -> None:
    day.begin()
    day.mail_all_day(8 * HOURS, 120)
    day.trouble_all_day(7.5 * HOURS, 480)
    day.simulation.run(8.5 * HOURS)
    assert all(day.beats), "no loop hung, so the watchdog was told of life all day"
    day.end()
    assert len({what for _, _, what in day.troubles}) == 8 and day.mails > 300
    assert not day.lies and "please report" not in caplog.text

    nothing_is_lost_or_doubled(day)
    back_off_is_as_specified(day)

    calm = 0
    for one in invitations(day):
        waited = delay(one)
        refused = sum(
            max(0.0, min(until, one.acted or 0.0) - max(begun, one.at))
            for begun, until, _ in day.troubles
        )
        assert waited <= refused + LONGEST_PAUSE + PROVE + 3 * TIMEOUT + WORK, one
        if not any(begun <= one.at + waited and until + QUIET > one.at
                   for begun, until, _ in day.troubles):  # fmt: skip
            calm += 1
            assert waited <= (SWEEP if one.folder == SWEPT else 0) + WORK, one
    assert calm, "no mail came at a quiet time"

    pauses = sum(base > 0 for noted in day.pauses.values() for _, base in noted)
    assert len(day.server.logins) <= LOOPS + pauses + LOOPS * day.renewals
    proofs = LOOPS * 8.5 * HOURS / PROVE
    sweeps = 8.5 * HOURS / SWEEP
    assert day.server.heard <= proofs + sweeps + LOOPS * (day.mails + len(day.server.logins))


def test_a_line_that_falls_silent_is_mended_without_the_sweep(day: Day) -> None:
    day.begin(sweeps=False)
    day.mail_all_day(8 * HOURS, 120)
    for number, folder in enumerate(("", "INBOX", "Lists") * 5, 1):
        at = number * 1800.0 + day.dice.uniform(0, 600)
        day.simulation.at(at, partial(day.server.fall_silent, folder))
    day.simulation.run(8.5 * HOURS)
    day.end()
    watched = [one for one in invitations(day) if one.folder != SWEPT]
    assert max(map(delay, watched)) <= PROVE + TIMEOUT + FIRST_DELAY_SECONDS * 1.25 + WORK
    assert any(delay(one) > PROVE / 2 for one in watched), "the silence was not felt"


def test_the_second_folders_line_is_mended_too_and_tells_what_came_meanwhile(day: Day) -> None:
    day.begin(sweeps=False)
    day.simulation.run(600)
    day.server.fall_silent("Lists")
    day.server.deliver(1, "generic", "Lists", mail(1, "generic"))
    day.simulation.run(1 * HOURS)
    (one,) = invitations(day)
    assert PROVE / 2 < delay(one) <= PROVE + TIMEOUT + FIRST_DELAY_SECONDS * 1.25 + WORK
    assert day.health.content()["accounts"]["main"]["lost"] == 0


@pytest.mark.parametrize("silent", ["fallen silent", "backing off"])
def test_mail_that_came_during_sleep_is_filed_at_once_on_waking(day: Day, silent: str) -> None:
    day.begin()
    if silent == "backing off":
        day.simulation.at(600, lambda: day.refuse(ServerUnreachable("no network"), 1400))
        day.simulation.run(2001)  # it is back, and nobody knows yet
    else:
        day.simulation.run(2000)
    day.sleep()
    day.server.deliver(9999, "generic", "INBOX", mail(9999, "generic"))
    day.simulation.run(2000 + 3 * HOURS)
    slept = next(one for one in invitations(day) if one.number == 9999)
    assert delay(slept) <= day.pulse.seconds + WORK / 3
    assert day.renewals == 1
    day.end()
    nothing_is_lost_or_doubled(day)


def test_a_refused_password_is_not_tried_again_all_day(day: Day) -> None:
    day.begin()
    day.mail_all_day(8 * HOURS, 600)
    day.simulation.run(2 * HOURS)
    before = len(day.server.logins)
    day.refuse(LoginRefused("the server refused user or password"), 8 * HOURS)
    day.simulation.run(8 * HOURS)
    assert len(day.server.logins) - before <= LOOPS
    told = day.health.content()["accounts"]["main"]
    assert told["state"] == "stopped" and "refused" in told["why"]
    assert all(day.beats), "who has ended in order does not hang"
    assert not day.simulation._sleepers
