"""Values to JSON and back are the same values; anything else is refused."""

from __future__ import annotations

import json

import pytest

from triage.memory import codec
from triage.model import (
    Evidence,
    Flag,
    Invitation,
    Inviter,
    Label,
    Leave,
    Move,
    NotInvitation,
    Span,
    Unflag,
    Unlabel,
    Verdict,
)

EVIDENCE = Evidence("personal.met", "met you", "personal", 2.5, "in Tülsa", 3, 11, "met")
READINGS = [
    Invitation("example", "reminder"),
    Invitation(
        "example", "invitation",
        Inviter("Ada Quill", "Editor", None, "Oslo", "https://example.org", 3),
        "two\nlines \u202e \x00 \ud800 🦊", "cut", "en", "77", "tmpl_01", False, (EVIDENCE,),
        ("text and HTML differ",), False,
    ),
    NotInvitation("a newsletter"),
    NotInvitation("poses as one", "example", False, (EVIDENCE, EVIDENCE)),
]  # fmt: skip
VERDICTS = [
    Verdict("unsure", 0.5),
    Verdict(
        "personal", 0.97, (EVIDENCE,), (EVIDENCE,), "abc", -3.25, (Span(0, 4, "greeting"),), "why"
    ),
]
ACTIONS = (
    Flag("\\Flagged"), Unflag("x"), Label("Ä/b"), Unlabel("y"), Move("A/B"), Leave("no route"),
)  # fmt: skip


@pytest.mark.parametrize("reading", READINGS)
def test_a_reading_comes_back(reading: Invitation | NotInvitation) -> None:
    text = codec.reading_to_json(reading)
    text.encode("ascii")
    assert codec.reading_from_json(text) == reading


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_comes_back(verdict: Verdict) -> None:
    assert codec.verdict_from_json(codec.verdict_to_json(verdict)) == verdict


def test_actions_come_back_in_order() -> None:
    assert codec.actions_from_json(codec.actions_to_json(ACTIONS)) == ACTIONS


def test_words_come_back() -> None:
    assert codec.words_from_json(codec.words_to_json(("a", "\\Seen"))) == ("a", "\\Seen")


@pytest.mark.parametrize(
    "text",
    [
        "[]", "3", "{", '{"what": "poem"}', '{"what": "invitation"}',
        '{"what": "invitation", "platform": "x", "kind": "visit"}',
        '{"what": "not-invitation", "reason": "x", "mood": "good"}',
        '{"what": "invitation", "platform": "x", "kind": "message", "doubts": [1]}',
    ],
)  # fmt: skip
def test_what_is_no_reading_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        codec.reading_from_json(text)


@pytest.mark.parametrize(
    "rows",
    [{}, ["move"], [{"do": "delete", "name": "x"}], [{"do": "move", "to": "x", "by": "y"}],
     [{"do": "move", "name": "x"}], [{"do": "flag", "name": 3}]],
)  # fmt: skip
def test_what_is_no_list_of_actions_is_refused(rows: object) -> None:
    with pytest.raises(ValueError):
        codec.actions_from_json(json.dumps(rows))
