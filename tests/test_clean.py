"""What is shown of a mail: nothing that steers a terminal, hides, reorders or imitates."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.clean import mark_foreign_letters, shown
from triage.cli.records import line

CLEANED = {
    "Ada \x1b[31mQuill\x1b[0m": "Ada Quill",
    "\x1b]0;your terminal's title\x07Ada": "Ada",
    "\x1b]8;;https://evil.example\x1b\\LinkedIn\x1b]8;;\x1b\\": "LinkedIn",
    "\x9b2JAda": "2JAda",
    "a\x00\x08\x7fb": "ab",
    "\u202eevaD\u202c \u2066x\u2069": "evaD x",
    "L\u200bi\u200dn\u2060k\ufeffed": "Linked",
    "\ud800 half": " half",
    "\U000e0041\U000e0042flag": "flag",
    "blank\u3164\u115f\u2800": "blank",
    "H\u0300\u0301\u0302\u0303\u0304\u0305i": "H\u0300\u0301\u0302i",
    "one\r\ntwo\rthree\u2028four": "one\ntwo\nthreefour",
    "Linked\u0406n": "Linked<U+0406>n",
    "p\u0430yp\u0430l.com": "p<U+0430>yp<U+0430>l.com",
    "\u039finvitation": "<U+039F>invitation",
    "\u041f\u0440\u0438\u0432e\u0442": "\u041f\u0440\u0438\u0432<U+0065>\u0442",
}
UNCHANGED = (
    "Ada Quill", "Øyvind Å. Çelik", "Анна Коваль", "Αθηνά", "明 王", "м. Київ, Ukraine", "ß", "50 µm", "C\u0327a",
    "م. علي", "नमस्ते", "สวัสดี", "👩‍👩".replace("\u200d", ""), "Dave (Дейв)", "line\tone\nline two",
)  # fmt: skip


@pytest.mark.parametrize("text", CLEANED)
def test_what_would_deceive_is_taken_out_or_named(text: str) -> None:
    assert shown(text) == CLEANED[text]


@pytest.mark.parametrize("text", UNCHANGED)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


@given(st.text(st.characters()))
def test_nothing_unseen_and_nothing_mixed_is_left(text: str) -> None:
    kept = shown(text)
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert all(char in "\n\t" or unicodedata.category(char) not in hidden for char in kept)
    assert shown(kept) == kept
    assert "\n" not in shown(text, lines=False)
    kept.encode("utf-8")


@given(st.text(st.characters()))
def test_json_says_the_same_and_steers_nothing(text: str) -> None:
    told = line({"note": text})
    assert json.loads(told)["note"] == text
    assert all(char not in told for char in "\x1b\x9b\u202e\u2066\u200b\ufeff\u3164\u2800")
    assert mark_foreign_letters(told, lambda letter: "!") == told


def test_a_limit_ends_in_an_ellipsis() -> None:
    assert shown("x" * 50, 10) == "x" * 9 + "…"
    assert shown("\x1b[31m" * 50_000 + "x", 10) in ("", "x")
