"""Times that a person types, JSON that scripts read, and text that is safe to show."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from triage.cli import records, screen
from triage.cli.when import moment, told
from triage.errors import UserError
from triage.model import Evidence, Invitation, Inviter, Label, Leave, Move, NotInvitation, Verdict

NOW = datetime(2026, 11, 5, 14, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=NOW.tzinfo)),
        ("2026-11-01 08:15", datetime(2026, 11, 1, 8, 15, tzinfo=NOW.tzinfo)),
        ("2026-11-01T08:15:00+00:00", datetime(2026, 11, 1, 8, 15, tzinfo=UTC)),
        ("today", datetime(2026, 11, 5, tzinfo=NOW.tzinfo)),
        ("Yesterday", datetime(2026, 11, 4, tzinfo=NOW.tzinfo)),
        ("90m", NOW - timedelta(minutes=90)),
        ("3h ago", NOW - timedelta(hours=3)),
        ("2w", NOW - timedelta(weeks=2)),
    ],
)
def test_times(text: str, means: datetime) -> None:
    assert moment(text, NOW) == means


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "999999w", "-3h"])
def test_what_is_no_time_says_how_to_write_one(text: str) -> None:
    with pytest.raises(UserError, match="Write it like"):
        moment(text, NOW)


def test_a_moment_is_told_in_the_readers_zone() -> None:
    assert told(datetime(2026, 11, 5, 12, 0, tzinfo=UTC), NOW) == "13:00"
    assert told(datetime(2026, 11, 4, 23, 30, tzinfo=UTC), NOW) == "00:30"
    assert told(datetime(2026, 11, 3, 12, 0, tzinfo=UTC), NOW) == "2026-11-03 13:00"


KEYS = [
    "source", "message_id", "platform", "kind", "inviter", "note", "language", "authentic",
    "label", "probability", "because", "against", "actions",
]  # fmt: skip


def test_the_contract_of_an_invitation() -> None:
    evidence = Evidence("personal.met", "met you", "personal", 3.0, "met at the summit", 3, 20)
    against = Evidence("generic.sells", "sells", "generic", 1.25)
    verdict = Verdict("personal", 0.971234, (evidence,), (against,), why="met you")
    reading = Invitation(
        "linkedin", "invitation", Inviter("Ann Lee", mutual_connections=3), "we met"
    )
    actions = (Label("Invitation/Personal"), Move("Kept"))
    record = records.mail_record("a.eml", "1@example.org", reading, verdict, actions)
    assert list(record) == KEYS
    assert record["inviter"] == {
        "name": "Ann Lee", "headline": None, "company": None, "location": None,
        "profile_url": None, "mutual_connections": 3,
    }  # fmt: skip
    assert (record["label"], record["probability"]) == ("personal", 0.9712)
    assert record["because"] == [
        {
            "rule": "personal.met", "says": "met you", "bits": 3.0, "quote": "met at the summit",
            "start": 3, "end": 20,
        }
    ]  # fmt: skip
    assert record["against"][0]["bits"] == 1.25
    assert record["actions"] == [
        {"do": "label", "name": "Invitation/Personal"},
        {"do": "move", "to": "Kept"},
    ]


def test_the_contract_of_what_is_no_invitation() -> None:
    reading = NotInvitation("a digest", "linkedin", authentic=True)
    record = records.mail_record("a.eml", "", reading, None, ())
    assert list(record) == [*KEYS, "reason"]
    assert record["message_id"] is record["kind"] is record["label"] is record["inviter"] is None
    assert (record["platform"], record["authentic"], record["reason"]) == (
        "linkedin",
        True,
        "a digest",
    )
    assert record["because"] == record["against"] == record["actions"] == []


def test_the_contract_of_a_bare_note() -> None:
    verdict = Verdict("unsure", 0.4, why="nothing found")
    record = records.note_record(7, "Hello.", None, verdict, (Leave("unsure"),))
    assert list(record) == KEYS
    nulls = ("message_id", "platform", "kind", "inviter", "authentic", "language")
    assert all(record[key] is None for key in nulls)
    assert (record["source"], record["note"]) == (7, "Hello.")
    assert record["actions"] == [{"do": "leave", "why": "unsure"}]


def test_a_line_of_json_steers_no_terminal_and_reads_as_the_same() -> None:
    note = "Zoë ✓ \x1b[2J\x9b2J\u202e\u200b\ufeff\x7f\n日本 \ud800 \U000e0041"
    line = records.line({"note": note})
    assert json.loads(line)["note"] == note
    assert line.isprintable() and "Zoë ✓" in line and "日本" in line


def test_text_is_cut_by_columns_and_cleaned() -> None:
    assert screen.clipped("a\x1b[31mb\u202ec\nd", 10) == "abc d"
    assert screen.clipped("日本語の名前", 7) == "日本語…"
    assert screen.padded("né", 4) == "né  "


def test_a_table_keeps_to_the_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = [("1", "personal 97%", "N" * 90, "W" * 200), ("12", "unsure 50%", "日本", "left")]
    screen.print_table(("no.", "label", "from", "what"), rows)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and all(screen.cells(line) <= 80 for line in lines)
    assert lines[0].split() == ["no.", "label", "from", "what"]
