"""Bytes that nobody would send for good: the door answers, and at a bounded price.

The price is counted in calls of Python functions, not in seconds, so that the test means
the same on every machine.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from tests.judge.letters import letter, member_2019, page_2019, read_bytes
from triage.judge.html import read_page
from triage.judge.html_weight import MAX_DEPTH
from triage.judge.mail import read_mail
from triage.model import Invitation, NotInvitation

TOP = b"From: Ada Quill <invitations@linkedin.com>\nSubject: I want to connect\nMIME-Version: 1.0\n"


def nested(depth: int) -> bytes:
    body = TOP
    for index in range(depth):
        body += f'Content-Type: multipart/mixed; boundary="b{index}"\n\n--b{index}\n'.encode()
    return body + b"Content-Type: text/plain\n\nhello\n"


BOMBS = {
    "nothing": b"",
    "blank": b"\n\n\n  \n",
    "zeros": b"\0" * 5000,
    "noise": random.Random(7).randbytes(20_000),
    "header noise": TOP + random.Random(8).randbytes(5_000),
    "no header": b"just some words\nand more\n",
    "nested parts": nested(40),
    "deeply nested parts": nested(3_000),
    "many parts": TOP + b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\nContent-Type: text/plain\n\nx\n" * 5_000,
    "ten thousand fields": TOP + b"".join(b"X-%d: y\n" % i for i in range(10_000)) + b"\nhello",
    "a long header": b"Subject: " + b"a" * 300_000 + b"\n\nhello",
    "a long line": TOP + b"\n" + b"a " * 700_000,
    "a megabyte of links": TOP + b"\n" + b"https://www.linkedin.com/comm/in/x?trk=1 " * 30_000,
    "many encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 10_000 + b"\n\nhello",
    "broken base64": TOP + b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!====A\n",
    "no such charset": TOP + b"Content-Type: text/plain; charset=\"x-\xff\"\n\nhello \xff\xfe\n",
    "broken boundary": TOP + b"Content-Type: multipart/alternative; boundary=\n\n--\nhello\n",
    "boundary never closed": TOP + b"Content-Type: multipart/alternative; boundary=q\n\n--q\nContent-Type: text/html\n\n<p>",
    "rfc822 in rfc822": TOP + b"Content-Type: message/rfc822\n\n" * 200 + b"hello",
    "surrogates": TOP.replace(b"Ada", b"\xed\xa0\x80") + b"\nhello",
    "folded to nothing": b"From:\n Ada\n\t<invitations@linkedin.com>\nReply-To:\n\tx\n\nhello",
    "a date that is none": TOP + b"Date: Fri, 99 Foo 99999999999 99:99:99 +9999\n\nhello",
    "many comments": TOP + b"Authentication-Results: " + b"(" * 4000 + b"x\n\nhello",
    "many results": TOP + b"Authentication-Results: mx.example.org" + b"; dkim=pass header.d=a" * 300 + b"\n\nhi",
    "quoted deeply": TOP + b"\n" + b"> " * 20_000 + b"x\n" + b">\n" * 20_000,
    "dashes": TOP + b"\n" + b"-" * 200_000 + b"\n" + b"- - - -\n" * 20_000,
    "ampersands": TOP + b"\n" + b"&#39;" * 60_000,
    "microdata": TOP + b"\n" + b"<div itemscope " * 30_000,
}  # fmt: skip

PAGES = {
    "deep": "<div>" * 100_000 + "x",
    "deep tables": "<table><tr><td>" * 20_000 + "x",
    "many tags": "<b>x</b>" * 60_000,
    "unclosed": "<" * 100_000,
    "junk tags": "".join(f"<q{i}>w" for i in range(20_000)),
    "long attribute": f'<p style="{"a:b;" * 50_000}">x</p>',
    "hidden in hidden": '<div style="display:none">' * 1_400 + "x",
    "many links": '<a href="https://www.linkedin.com/comm/in/x">x</a><br>' * 5_000,
    "entities": "&nbsp;&amp;" * 50_000,
    "comments": "<!--" * 50_000,
}


def calls_of(work: Callable[[], object], limit: int) -> int:
    """How many Python functions ``work`` enters; stops counting a little above limit."""
    count = 0

    def count_call(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(count_call)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS.keys())
def test_any_bytes_get_an_answer_at_a_bounded_price(content: bytes) -> None:
    answers: list[object] = []
    price = calls_of(lambda: answers.append(read_bytes(content)), 0)
    assert isinstance(answers[0], (Invitation, NotInvitation))
    assert price < 1_500_000


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_any_page_gets_an_answer_at_a_bounded_price(page: str) -> None:
    answers: list[object] = []
    content = letter(html=page)
    price = calls_of(lambda: answers.append(read_bytes(content)), 0)
    assert isinstance(answers[0], (Invitation, NotInvitation))
    assert price < 1_500_000


def test_a_page_that_is_too_deep_is_cut_before_it_is_parsed() -> None:
    page = read_page("<p>top</p>" + "<div>" * (MAX_DEPTH + 10) + "bottom")
    assert [line.text for line in page.lines] == ["top"]
    assert not page.whole


def test_every_cut_of_a_mail_is_read() -> None:
    content = letter(member_2019("You spoke in Leeds."), page_2019("You spoke in Leeds."))
    for end in range(0, len(content), 97):
        assert isinstance(read_bytes(content[:end]), (Invitation, NotInvitation))


def test_broken_bytes_anywhere_are_read() -> None:
    content = letter(member_2019("You spoke in Leeds."), page_2019("You spoke in Leeds."))
    chance = random.Random(11)
    for _ in range(150):
        broken = bytearray(content)
        for _ in range(20):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        assert isinstance(read_bytes(bytes(broken)), (Invitation, NotInvitation))


def test_a_refused_mail_says_why_and_keeps_its_key() -> None:
    content = TOP + b"X-LinkedIn-Template: email_m2m_invite_single_01\n" + nested(100)
    reading = read_bytes(content)
    assert isinstance(reading, Invitation)
    assert not reading.readable
    assert reading.doubts
    assert read_mail(nested(100)).reason


def test_a_mail_larger_than_what_is_read_is_a_doubt() -> None:
    content = letter(member_2019("You spoke in Leeds.") + "x\n" * 900_000, encoding="8bit")
    reading = read_bytes(content)
    assert isinstance(reading, Invitation)
    assert reading.note == "You spoke in Leeds."
    assert reading.doubts
