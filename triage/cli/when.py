"""What a person types for a time to a moment, and a moment to what they read.

Takes "2026-11-05", "2026-11-05 14:30", "today", "yesterday", "90m", "3h", "2d", "1w". May
not read the clock: the caller says what time it is, with its time zone.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from triage.errors import UserError

_AGO = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)(?:\s+ago)?")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, now: datetime) -> datetime:
    """The moment that ``text`` means; a time without a zone is in that of ``now``."""
    text = text.strip().lower()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text == "today":
        return midnight
    if text == "yesterday":
        return midnight - timedelta(days=1)
    try:
        if found := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
        given = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UserError(
            f'"{text}" is no time that is understood',
            where="--since",
            now='Write it like 2026-11-05, "2026-11-05 14:30", yesterday, 3h or 2d.',
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=now.tzinfo)


def told(time: datetime, now: datetime) -> str:
    """A moment in the zone of ``now``: "14:30" today, else "2026-11-05 14:30"."""
    local = time.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M}"
