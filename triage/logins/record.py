"""What is kept of a login: the refresh token, the newest access token, how it stands.

To JSON and back. When an access token ends is reckoned by the time since the machine was
started, suspended time included, so that a wrong or mended clock of this machine or of the
provider's changes nothing (RFC 6749 section 5.1 gives a duration, no date). May not read
or write a file of its own but that which names the boot.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from triage.logins.grant import Grant, Registration

VERSION = 1
MARGIN = 300.0  # seconds before its end in which a token is no longer used
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux: random(4)


@dataclass(frozen=True)
class Moment:
    """Now: ``since_start`` seconds after the start of the machine that ``boot`` names, and
    ``date`` for people alone."""

    boot: str
    since_start: float
    date: datetime


def moment() -> Moment:
    """The present one."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return Moment(_boot(), time.clock_gettime(clock), datetime.now(UTC))


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:  # not Linux: only this process knows its own tokens' ages
        return str(uuid.uuid4())


@dataclass(frozen=True)
class Record:
    """A login. ``ended`` is the provider's word for why it is over, "" while it is not;
    dates are ISO 8601 in UTC, for people, "" where there is none."""

    provider: str
    client_id: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    lifetime: float
    boot: str
    received: float
    renewed: str
    logged_in: str
    ends: str = ""
    ended: str = ""
    ended_on: str = ""

    def seconds_left(self, now: Moment) -> float:
        """How long the access token still holds; 0 where that cannot be known."""
        if self.ended or now.boot != self.boot or now.since_start < self.received:
            return 0.0
        return max(0.0, self.received + self.lifetime - now.since_start)

    def is_fresh(self, now: Moment) -> bool:
        """Whether the access token still holds for long enough to log in with it."""
        return self.seconds_left(now) > min(MARGIN, self.lifetime / 4)

    def is_of(self, registration: Registration) -> bool:
        """Whether it was given to this client (RFC 6749 section 6 binds it to one)."""
        told = (registration.provider, registration.client_id)
        return (self.provider, self.client_id) == told

    def renewed_by(self, grant: Grant, now: Moment) -> Record:
        """With what the provider gave for it."""
        return replace(
            self,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or self.refresh_token,
            lifetime=grant.lifetime,
            boot=now.boot,
            received=now.since_start,
            renewed=now.date.isoformat(timespec="seconds"),
            ends=_end(grant, now) or self.ends,
            ended="",
            ended_on="",
        )

    def over(self, why: str, now: Moment) -> Record:
        """Without the access token, which ends with it."""
        date = now.date.isoformat(timespec="seconds")
        return replace(self, access_token="", lifetime=0.0, ended=why, ended_on=date)


def new_record(registration: Registration, grant: Grant, now: Moment) -> Record:
    """The record of a login that a person has just made."""
    date = now.date.isoformat(timespec="seconds")
    return Record(
        provider=registration.provider,
        client_id=registration.client_id,
        refresh_token=grant.refresh_token,
        access_token=grant.access_token,
        lifetime=grant.lifetime,
        boot=now.boot,
        received=now.since_start,
        renewed=date,
        logged_in=date,
        ends=_end(grant, now),
    )


def _end(grant: Grant, now: Moment) -> str:
    if grant.ends_in is None:
        return ""
    return (now.date + timedelta(seconds=grant.ends_in)).isoformat(timespec="seconds")


def to_text(record: Record) -> str:
    """As it is kept."""
    return json.dumps({"version": VERSION, **asdict(record)}, indent=1) + "\n"


def from_text(text: str) -> Record | None:
    """What was kept, None where that is no record of this version."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.pop("version", None) != VERSION:
        return None
    numbers = {"lifetime", "received"}
    for one in fields(Record):
        kind = (int, float) if one.name in numbers else str
        if not isinstance(values.get(one.name), kind):
            return None
    return Record(**values) if len(values) == len(fields(Record)) else None
