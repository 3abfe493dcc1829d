"""Verdicts to JSON, one object a line: the contract of `judge --json`.

The keys and types here are what other people's scripts rely on (DESIGN section 6); a
change of them is a breaking change. May not leave out a key that has no value: it is
null. What could steer a terminal, or looks like another letter in its word, is written as
its JSON escape, which reads as the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from triage.clean import mark_foreign_letters
from triage.model import (
    Action,
    Evidence,
    Flag,
    Invitation,
    Inviter,
    JournalEntry,
    Label,
    Leave,
    Move,
    Reading,
    Unflag,
    Unlabel,
    Verdict,
)

if TYPE_CHECKING:
    from triage.judge.near import Near

Record = dict[str, Any]
_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\u2800\u3164\uffa0\ufeff\ufff9-\ufffb]|[\U000e0000-\U000e007f]"
)
_DEEDS: dict[type, tuple[str, str]] = {
    Move: ("move", "to"),
    Label: ("label", "name"),
    Unlabel: ("unlabel", "name"),
    Flag: ("flag", "name"),
    Unflag: ("unflag", "name"),
    Leave: ("leave", "why"),
}


def line(record: Record) -> str:
    """The record as one line of JSON, readable letters left as they are."""
    text = json.dumps(record, ensure_ascii=False)
    text = _UNSAFE.sub(lambda found: _escaped(found[0]), text)
    return mark_foreign_letters(text, _escaped)


def _escaped(char: str) -> str:
    return json.dumps(char)[1:-1]


def mail_record(
    source: str,
    message_id: str,
    reading: Reading,
    verdict: Verdict | None,
    actions: Iterable[Action],
) -> Record:
    """What was read in a mail, and how it was judged; ``reason`` if it is no invitation."""
    record: Record = {
        "source": source,
        "message_id": message_id or None,
        "platform": reading.platform,
        "kind": None,
        "inviter": None,
        "note": None,
        "language": None,
        "authentic": reading.authentic,
        **_judged(verdict, actions),
    }
    if isinstance(reading, Invitation):
        record["kind"] = reading.kind
        record["inviter"] = _inviter(reading.inviter)
        record["note"] = reading.note
        record["language"] = reading.language
    else:
        record["reason"] = reading.reason
    return record


def note_record(
    source: Any, note: str, language: str | None, verdict: Verdict, actions: Iterable[Action]
) -> Record:
    """How a bare note was judged; what only a mail can tell is null."""
    return {
        "source": source,
        "message_id": None,
        "platform": None,
        "kind": None,
        "inviter": None,
        "note": note,
        "language": language,
        "authentic": None,
        **_judged(verdict, actions),
    }


def try_record(text: str, language: str | None, verdict: Verdict, near: Iterable[Near]) -> Record:
    """A text held against the rules: as a bare note, and what nearly matched."""
    nearly = [
        {"rule": one.rule, "phrase": one.phrase, "start": one.start, "end": one.end,
         "missing": one.missing}
        for one in near
    ]  # fmt: skip
    return {**note_record("text", text, language, verdict, ()), "nearly": nearly}


def error_record(source: Any, error: str) -> Record:
    """An input that could not be judged, and why."""
    return {"source": source, "error": error}


def entry_record(entry: JournalEntry) -> Record:
    """A line of the journal, for `history --json`."""
    source = f"{entry.place.account}/{entry.place.folder}/{entry.place.uid}"
    landed = entry.landed
    return {
        "id": entry.id,
        "time": entry.time.isoformat(timespec="seconds"),
        "run": entry.run,
        "state": entry.state,
        "account": entry.place.account,
        "folder": entry.place.folder,
        "uid": entry.place.uid,
        "landed": {"folder": landed.folder, "uid": landed.uid} if landed else None,
        "remark": entry.remark or None,
        **mail_record(
            source, entry.identity.message_id, entry.reading, entry.verdict, entry.actions
        ),
    }


def deed(action: Action) -> Record:
    """An action as ``{"do": "move", "to": "…"}``."""
    word, key = _DEEDS[type(action)]
    return {"do": word, key: getattr(action, key)}


def _judged(verdict: Verdict | None, actions: Iterable[Action]) -> Record:
    if verdict is None:
        return {"label": None, "probability": None, "because": [], "against": [], "actions": []}
    return {
        "label": verdict.label,
        "probability": round(verdict.probability, 4),
        "because": [_evidence(evidence) for evidence in verdict.because],
        "against": [_evidence(evidence) for evidence in verdict.against],
        "actions": [deed(action) for action in actions],
    }


def _evidence(evidence: Evidence) -> Record:
    return {
        "rule": evidence.rule,
        "says": evidence.says,
        "bits": round(evidence.bits, 3),
        "quote": evidence.quote,
        "start": evidence.start,
        "end": evidence.end,
    }


def _inviter(inviter: Inviter) -> Record:
    return {
        "name": inviter.name,
        "headline": inviter.headline,
        "company": inviter.company,
        "location": inviter.location,
        "profile_url": inviter.profile_url,
        "mutual_connections": inviter.mutual_connections,
    }
