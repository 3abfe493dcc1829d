"""`triage judge` and `triage explain`: what scripts read, and what a person reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, spawn, write_config
from triage.demo.demo import sample_mails

KEYS = [
    "source", "message_id", "platform", "kind", "inviter", "note", "language", "authentic",
    "label", "probability", "because", "against", "actions",
]  # fmt: skip
SPEECH = "I heard you speak at the Blog Business Summit last month. Joe Marsh told me to write."
PLEASE = "I'd like to add you to my professional network on LinkedIn."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample mails as files, with one between them that is no mail."""
    folder = tmp_path_factory.mktemp("mails")
    for number, mail in enumerate(sample_mails()):
        (folder / f"{number:03}.eml").write_bytes(mail.content)
    (folder / "010-broken.eml").write_bytes(b"\x00\x01\x02")
    return folder


def test_a_folder_gives_a_line_each_in_order_bad_input_included(folder: Path) -> None:
    told = spawn("judge", "--json", folder)
    assert told.status == 0, told.err
    records = [json.loads(line) for line in told.out.splitlines()]
    assert [record["source"] for record in records] == sorted(map(str, folder.iterdir()))
    for record in records:
        if record["source"].endswith("broken.eml"):
            assert record == {"source": record["source"], "error": record["error"]}
        elif record["kind"] is None:
            assert list(record) == [*KEYS, "reason"] and record["label"] in (None, "suspicious")
        else:
            assert list(record) == KEYS
            judged = record["kind"] in ("invitation", "reminder")
            assert (record["label"] is not None) == (judged or record["authentic"] is False)
    assert {record.get("label") for record in records} >= {"personal", "generic", "boilerplate"}
    note, quotes = "note", [e for r in records for e in r.get("because", ()) if e["quote"]]
    assert quotes
    for record in records:
        for evidence in (*record.get("because", ()), *record.get("against", ())):
            start, end = evidence["start"], evidence["end"]
            assert evidence["quote"] == (record[note] or "")[start:end]


def test_a_path_that_gives_nothing_is_status_2_and_stops_nothing(
    triage: Run, folder: Path, tmp_path: Path
) -> None:
    told = triage("judge", "--json", tmp_path / "gone.eml", folder / "000.eml")
    assert told.status == 2
    first, second = (json.loads(line) for line in told.out.splitlines())
    assert first == {
        "source": str(tmp_path / "gone.eml"),
        "error": "there is no such file or folder",
    }
    assert "error" not in second


def test_bare_notes_in_order_and_malformed_ones_in_their_place() -> None:
    lines = [
        json.dumps({"id": "a", "text": SPEECH}),
        "{",
        json.dumps({"id": 3, "text": PLEASE}),
        json.dumps({"id": 4, "text": ""}),
    ]
    told = spawn("judge", "--json", "--note", "-", text="\n".join(lines))
    assert told.status == 0, told.err
    speech, broken, please, nothing = (json.loads(line) for line in told.out.splitlines())
    assert broken == {"source": "-:2", "error": "is no JSON object"}
    assert (speech["source"], speech["label"], speech["note"]) == ("a", "personal", SPEECH)
    assert (please["source"], please["label"], please["language"]) == (3, "boilerplate", "en")
    assert nothing["label"] == "boilerplate"
    for record in (speech, please, nothing):
        assert list(record) == KEYS
        assert record["kind"] is record["platform"] is record["inviter"] is None
        assert record["authentic"] is record["message_id"] is None
        assert record["actions"]


def test_the_config_is_used_where_there_is_one(triage: Run, tmp_path: Path) -> None:
    extra = '[routes]\npersonal = { move = "Wow" }\n'
    config = write_config(tmp_path, 143, extra)
    notes = tmp_path / "notes.jsonl"
    notes.write_text(json.dumps({"id": 1, "text": SPEECH}))
    told = triage("-c", config, "judge", "--json", "--note", notes)
    assert json.loads(told.out)["actions"] == [{"do": "move", "to": "Wow"}]


def test_plain_output_is_a_block_a_mail(triage: Run, folder: Path) -> None:
    told = triage("judge", folder / "000.eml", folder / "010-broken.eml")
    assert told.status == 2  # the second path that was named gave nothing
    first, second = told.out.rstrip("\n").split("\n\n")
    assert first.splitlines()[0] == str(folder / "000.eml")
    assert 2 <= len(first.splitlines()) <= 4
    assert "not judged: is no email" in second


def test_hostile_text_is_shown_and_steers_nothing(triage: Run, tmp_path: Path) -> None:
    note = "I \x1b]0;pwned\x07heard you speak at \u202ethe Blog Business Summit\x1b[2J."
    (tmp_path / "note.txt").write_text(note)
    for told in (
        triage("explain", "--note", tmp_path / "note.txt"),
        triage("rules", "try", note),
    ):
        assert told.status == 0, told.err
        assert "\x1b" not in told.out and "\u202e" not in told.out


def test_explain_shows_note_evidence_and_sum(triage: Run, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "note.txt").write_text(SPEECH)
    told = triage("explain", "--note", tmp_path / "note.txt")
    assert told.status == 0 and told.out.startswith("personal")
    assert "heard you speak" in told.out and "~~~" in told.out and "+" in told.out
    assert triage("explain", folder / "000.eml").status == 0
    assert "is no email" in triage("explain", folder / "010-broken.eml").err
