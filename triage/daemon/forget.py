"""The age to which decisions are kept, to a journal without older ones.

Waits for each account's turn, so no undo or pass is in the middle of a line that goes. May
not forget what is not settled, nor that a message was ever decided about.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from triage.memory import Memory

log = logging.getLogger("triage")

EVERY_SECONDS = 24 * 3600.0


def forget_old(memory: Memory, keep_days: float, now: datetime) -> int:
    """Forget what is older than ``keep_days`` (0: nothing is); how many decisions."""
    if not keep_days:
        return 0
    before = now - timedelta(days=keep_days)
    forgotten = 0
    for account in memory.journal.accounts():
        with memory.turn(account):
            forgotten += memory.journal.forget(account, before)
    if forgotten:
        log.info("%d decisions older than %g days were forgotten", forgotten, keep_days)
    return forgotten
