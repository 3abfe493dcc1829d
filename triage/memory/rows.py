"""A journal entry to a row of the table, and back.

May not read or write the table.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from triage.memory import codec
from triage.model import Identity, JournalEntry, Place

COLUMNS = (
    "run", "time", "account", "folder", "uidvalidity", "uid", "message_id", "header_sha256",
    "label", "reading", "verdict", "actions", "flags", "labels", "state", "landed_folder",
    "landed_uidvalidity", "landed_uid", "remark",
)  # fmt: skip


def landed_columns(entry: JournalEntry) -> tuple[str | None, int | None, int | None]:
    if entry.landed is None:
        return None, None, None
    return entry.landed.folder, entry.landed.uidvalidity, entry.landed.uid


def row_of(entry: JournalEntry) -> tuple[object, ...]:
    """In the order of ``COLUMNS``."""
    place, identity = entry.place, entry.identity
    return (
        entry.run, entry.time.timestamp(), place.account, place.folder, place.uidvalidity,
        place.uid, identity.message_id, identity.header_sha256, entry.verdict.label,
        codec.reading_to_json(entry.reading), codec.verdict_to_json(entry.verdict),
        codec.actions_to_json(entry.actions), codec.words_to_json(entry.flags),
        codec.words_to_json(entry.labels), entry.state, *landed_columns(entry), entry.remark,
    )  # fmt: skip


def entry_of(row: sqlite3.Row) -> JournalEntry:
    landed = None
    if row["landed_uid"] is not None:
        landed = Place(
            row["account"], row["landed_folder"], row["landed_uidvalidity"], row["landed_uid"]
        )
    return JournalEntry(
        run=row["run"],
        time=datetime.fromtimestamp(row["time"], UTC),
        place=Place(row["account"], row["folder"], row["uidvalidity"], row["uid"]),
        identity=Identity(row["message_id"], row["header_sha256"]),
        reading=codec.reading_from_json(row["reading"]),
        verdict=codec.verdict_from_json(row["verdict"]),
        actions=codec.actions_from_json(row["actions"]),
        flags=codec.words_from_json(row["flags"]),
        labels=codec.words_from_json(row["labels"]),
        state=row["state"],
        landed=landed,
        remark=row["remark"],
        id=row["id"],
    )
