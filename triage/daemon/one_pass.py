"""One account, once: recover, plan, guard, carry out, and say so in the log.

What ``triage run --once``, the daemon and the demo all do. Holds the account's turn, so an
undo never runs in the middle of it. The log gets one line a decision, with the journal's
id and no word, name or address of the mail. May not wait, retry or connect.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.daemon.act import carry_out
from triage.daemon.cycle import Counts, Plan, Stop, never, plan_pass
from triage.daemon.deadman import Watched
from triage.daemon.desk import Desk
from triage.daemon.recover import recover
from triage.daemon.report import Report
from triage.mailbox.types import Writer
from triage.memory import Memory
from triage.model import Flag, JournalEntry, Label, Move

log = logging.getLogger("triage")

_NAMED = 10  # lines of the journal that one line of the log names


@dataclass(frozen=True)
class PassReport:
    """What one pass came to. ``held`` is how many messages it would have moved, where the
    guard stopped it (0: it did not), and then nothing was filed."""

    plan: Plan
    recovered: Report
    filed: Report
    held: int = 0

    @property
    def counts(self) -> Counts:
        """What was seen."""
        return self.plan.counts


def one_pass(
    writer: Writer,
    folders: Sequence[str],
    desk: Desk,
    memory: Memory,
    now: datetime,
    run: str,
    max_moves: int,
    approved: bool = False,
    stop: Stop = never,
) -> PassReport:
    """Look through the account and file what is new. ``approved`` passes the guard, as a
    granted approval in ``memory`` does for one pass of about the size that was asked for.
    """
    account = writer.account
    with memory.turn(account):
        recovered = recover(writer, memory, account, now, stop)
        _tell(recovered, desk)
        with memory.at_work(account) as marks:
            work = Watched(marks)
            plan = plan_pass(writer, account, folders, desk, memory, now, run, stop, work)
        for folder in plan.missing:
            log.warning("%s: the server does not open the folder %s", account, folder)
        asked = memory.approvals.get(account)
        allowed = max_moves
        if asked is not None and asked.granted is not None:
            allowed = asked.moves + max_moves
        if plan.needs_approval(allowed) and not approved:
            if asked is None or asked.granted is not None or asked.moves != plan.moves:
                memory.approvals.ask(account, plan.moves, now)
            log.warning(
                "%s: a pass would move %d messages, more than guard.max_moves (%d);"
                " it waits for triage approve",
                account, plan.moves, max_moves,
            )  # fmt: skip
            return PassReport(plan, recovered, Report(), held=plan.moves)
        filed = carry_out(plan, writer, memory, stop)
        memory.approvals.clear(account)
        _tell(filed, desk)
        return PassReport(plan, recovered, filed)


def _tell(report: Report, desk: Desk) -> None:
    for entry in report.settled:
        log.info("%d: %s; %s", entry.id, desk.say(entry.verdict), deed(entry))
    for why in dict.fromkeys(entry.remark for entry in report.waiting):
        ids = [str(entry.id) for entry in report.waiting if entry.remark == why]
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        log.warning("%s%s: not filed yet: %s", ", ".join(ids[:_NAMED]), more, why)
    for remark in report.remarks:
        log.warning("%s", remark)


def deed(entry: JournalEntry) -> str:
    """What was done to the message, in a few words without its place in the mailbox."""
    if entry.state == "FAILED":
        return f"failed: {entry.remark}"
    if entry.state == "UNDONE":
        return "put back"
    words = {Move: "moved to", Label: "labelled", Flag: "set"}
    told = [
        f"{words[type(action)]} {getattr(action, 'name', '') or getattr(action, 'to', '')}"
        for action in entry.actions
        if type(action) in words
    ]
    return ", ".join(told) or "left where it is"
