"""FETCH answers to values: which message, its flags, labels, date and parts.

Reads each answer by itself, so that one that is broken does not spoil the others. Pure.
May not ask the server anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from imapclient.datetime_util import parse_to_datetime
from imapclient.exceptions import ProtocolError
from imapclient.imap_utf7 import decode
from imapclient.response_parser import parse_response

from triage.mailbox.session import Record

_RECENT = "\\recent"

Items = dict[bytes, object]
"""What is told of one message, by the upper-case name of the item."""


def read(records: Iterable[Record]) -> dict[int, Items]:
    """FETCH answers by uid. One that cannot be read, or tells no uid (it answers nothing
    that we asked), is passed over; two about one message are taken together."""
    found: dict[int, Items] = defaultdict(dict)
    for record in records:
        try:
            _, values = parse_response(record)
            items = dict(zip((key.upper() for key in values[::2]), values[1::2], strict=True))
        except (ProtocolError, ValueError, TypeError, AttributeError, RecursionError):
            continue  # the last of them: of parts in parts in parts, as deep as a sender likes
        uid = items.get(b"UID")
        if isinstance(uid, int):
            found[uid].update(items)
    return dict(found)


def flags_of(items: Items) -> tuple[str, ...]:
    return tuple(flag for flag in _texts(items.get(b"FLAGS")) if flag.lower() != _RECENT)


def labels_of(items: Items) -> tuple[str, ...]:
    labels = []
    for label in _texts(items.get(b"X-GM-LABELS")):
        try:
            labels.append(decode(label.encode("latin-1")))
        except ValueError:
            labels.append(label)
    return tuple(labels)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, tuple) else ()
    return [one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in values]


def date_of(items: Items) -> datetime | None:
    value = items.get(b"INTERNALDATE")
    try:
        date: datetime = parse_to_datetime(value, normalise=False)
        return date.astimezone(UTC)
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None


def part_of(items: Items, section: bytes) -> bytes:
    """The part as it came: its name may carry where it starts, ``BODY[1]<0>``."""
    wanted = (b"BODY[" + section + b".FIELDS", b"BODY[" + section + b"]")
    for name, value in items.items():
        if name.startswith(wanted):
            return value if isinstance(value, bytes) else str(value or "").encode("latin-1")
    return b""
