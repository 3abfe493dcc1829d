"""Mails made by chance, read and judged: a slice of what ``make fuzz`` and ``fuzz.many`` do.

The same mails every time, so that a failure is one of the code. May not hold a mail to an
answer: whatever it says, it must be an answer, the same each time, and safe to show.
"""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings

from fuzz.many import Outcome, made, open_desk, run, work
from fuzz.strategy import mails
from triage.cli.records import line, mail_record
from triage.daemon.desk import Desk
from triage.identity import identity_of
from triage.judge.budget import SPENT
from triage.judge.explain import lines
from triage.model import Flag, Invitation, Label, Leave, Move, NotInvitation, RawMessage
from triage.preferences import DEFAULT_ROUTES

SEED = 2026
ROUTED = {
    name
    for route in DEFAULT_ROUTES.values()
    for name in (route.move, route.label, route.flag)
    if name
}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return open_desk()


@settings(max_examples=120, derandomize=True, deadline=None, database=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])  # fmt: skip
@given(content=mails())
def test_whatever_stands_in_a_mail_is_answered_safely(desk: Desk, content: bytes) -> None:
    message = RawMessage(content, identity_of(content))
    reading = desk.read(message)
    assert isinstance(reading, (Invitation, NotInvitation)) and reading != NotInvitation(SPENT)
    assert desk.read(message) == reading
    verdict = desk.judge.judge_all([reading])[0]
    actions = desk.plan(verdict) if verdict else ()
    told = line(mail_record("x", message.identity.message_id, reading, verdict, actions))
    assert json.loads(told)["source"] == "x" and "\x1b" not in told
    told.encode("utf-8")
    for action in actions:  # no name of a folder, label or flag comes out of a mail
        name = action.to if isinstance(action, Move) else getattr(action, "name", "")
        assert isinstance(action, Leave) or (
            isinstance(action, (Move, Label, Flag)) and name in ROUTED
        )
    for row in lines(reading, verdict) if verdict else ():
        assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in row), row


def test_a_slice_of_the_many(desk: Desk) -> None:
    outcome = Outcome()
    run(desk, SEED, range(150), outcome)
    assert not outcome.crashes and not outcome.ended
    assert outcome.mails == 150 and len(outcome.kinds) > 5


def test_a_mail_is_named_by_seed_and_number(desk: Desk) -> None:
    assert made(SEED, 3) == made(SEED, 3) != made(SEED, 4)
    assert work(desk, made(SEED, 3)) == work(desk, made(SEED, 3))
