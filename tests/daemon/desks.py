"""Mails whose label stands in their header, and a desk that goes by it.

For what the daemon does with verdicts, whatever judges: the desk is a value made of
functions, so a plain one can be handed in. The real judge is used in test_real_judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from triage.daemon.desk import Desk, Language
from triage.identity import header_fields
from triage.mailbox.types import Criteria
from triage.model import (
    LABELS,
    Action,
    Flag,
    Invitation,
    Label,
    Leave,
    Move,
    NotInvitation,
    RawMessage,
    Reading,
    Verdict,
)
from triage.preferences import Route, Routes

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET_NOTE = "we met at the harbour in the rain"


def mail(number: int, label: str = "", *, message_id: str | None = None, extra: str = "") -> bytes:
    """A mail, an invitation if it names a label."""
    known = f"X-Example-Label: {label}\r\n" if label else ""
    found = f"<{number}@example.org>" if message_id is None else message_id
    line = f"Message-ID: {found}\r\n" if found else ""
    return (
        f"From: Ada Quill <ada@example.org>\r\nTo: Dave <dave@example.org>\r\n"
        f"Subject: mail number {number}\r\nDate: Sun, 01 Mar 2026 10:00:00 +0000\r\n"
        f"{line}{known}{extra}\r\n{SECRET_NOTE} {number}\r\n"
    ).encode()


def read(message: RawMessage) -> Reading:
    fields = dict(header_fields(message.content))
    label = fields.get("x-example-label", b"").decode()
    if label == "explodes":
        raise ZeroDivisionError("a fault in the reading")
    if label == "template":
        return Invitation("example", "invitation", readable=False, doubts=("no note found",))
    if label not in LABELS:
        return NotInvitation("no platform's mail")
    return Invitation("example", "invitation", note=SECRET_NOTE, template=label)


class ByHeader:
    """Judges by what the header said."""

    def judge_all(self, readings: Sequence[Reading]) -> list[Verdict | None]:
        return [self._judge(reading) for reading in readings]

    def _judge(self, reading: Reading) -> Verdict | None:
        if isinstance(reading, NotInvitation):
            return None
        if not reading.readable:
            return Verdict("unsure", 0.5, why="it could not be read")
        return Verdict(reading.template or "unsure", 0.9, why="its header says so")  # type: ignore[arg-type]


def plan_by(routes: Routes) -> Any:
    def plan(verdict: Verdict) -> tuple[Action, ...]:
        route: Route = routes.of(verdict.label)
        actions: list[Action] = []
        if route.flag:
            actions.append(Flag(route.flag))
        if route.mark_read:
            actions.append(Flag("\\Seen"))
        if route.label:
            actions.append(Label(route.label))
        if route.move:
            actions.append(Move(route.move))
        return tuple(actions) or (Leave("no route"),)

    return plan


def desk(routes: Routes | None = None, headers: tuple[str, ...] = ()) -> Desk:
    return Desk(
        rulebook=None,  # type: ignore[arg-type]
        language=Language(None, lambda text: None),
        judge=ByHeader(),
        read=read,
        plan=plan_by(routes or Routes()),
        say=lambda verdict: f"{verdict.label}: {verdict.why}",
        criteria=Criteria(headers=(("X-Example-Label", ""),)),
        headers=headers,
        found_in=lambda note: ((), ()),
        detect=lambda text: None,
    )


def routes(**changed: Route) -> Routes:
    """The shipped routes with some of them changed."""
    return Routes(tuple({**dict(Routes().routes), **changed}.items()))
