"""What is cut, dropped or renamed before a parser, a codec, an expression or the tokenizer gets
it: none of these can be stopped half-way.
"""

from __future__ import annotations

import base64
import encodings
import io
import sys
import zipfile
from types import FrameType

import pytest
from selectolax.lexbor import LexborHTMLParser
from spacy.language import Language

from tests.judge.test_reading_hostile import TOP
from triage.judge.budget import Budget
from triage.judge.fields import charset_of
from triage.judge.html import MAX_IDS, MAX_LINE, MAX_LINES, read_page
from triage.judge.html_weight import bearable
from triage.judge.judging import Judge
from triage.judge.links import MAX_LINKS
from triage.judge.mail import (
    MAX_CONTENT_VALUE,
    MAX_FIELDS,
    MAX_PARTS,
    MAX_TEXT,
    MOST_FIELDS,
    read_mail,
)
from triage.judge.rules import Rulebook
from triage.judge.wording import Wording
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook


@pytest.fixture(scope="module")
def judge(nlp: Language) -> Judge:
    return Judge(load_rulebook(None), nlp, Me(), Costs())


def test_formatting_that_is_never_closed_is_not_opened_anew() -> None:
    """As it stands, fourteen kilobytes make a million elements and take 400 MB."""
    for tag in ("b", "font", "I", "strong", "tt", "nobr", "a"):
        opened = "".join(f"<{tag} a{n}=1\n>" for n in range(1_000))
        kept, _ = bearable(f"<p>{opened}" + "<p>x" * 1_000)
        assert len(LexborHTMLParser(kept).css("*")) < 10_000
        page = read_page(f"<p>{opened}" + "<p>x" * 1_000)
        assert [line.text for line in page.lines] == ["x"] * 1_000 and page.whole


def test_formatting_is_read_as_before() -> None:
    page = read_page(
        '<p>one <b>two</b> <FONT id="n">three</FONT><i/>four <a href="http://x.example">five</a></p>'
    )
    (line,) = page.lines
    assert line.text == "one two threefour five" and line.links == ("http://x.example",)


def test_each_page_has_so_many_lines_links_and_ids_and_says_when_it_had_more() -> None:
    link = '<a href="http://x.example/{}">x</a> '
    page = read_page("".join(link.format(n) for n in range(MAX_LINKS + 1)))
    assert not page.whole and len(page.shown_links) == MAX_LINKS
    assert read_page("".join(link.format(n) for n in range(MAX_LINKS - 1))).whole
    page = read_page("<br>".join("x" * (MAX_LINES + 5)))
    assert not page.whole and len(page.lines) == MAX_LINES
    page = read_page("x" * (MAX_LINE + 1))
    assert not page.whole and len(page.lines[0].text) == MAX_LINE
    page = read_page("".join(f"<div id=i{n}>" for n in range(100)) + "x")
    assert page.lines[0].ids == tuple(f"i{n}" for n in range(100 - MAX_IDS, 100))


def test_a_mail_is_cut_by_lines_fields_parts_and_text_and_says_so() -> None:
    assert not read_mail(TOP + b"\n" + b"\n" * 60_000 + b"x").whole
    assert read_mail(TOP + b"\n" + b"\n" * 40_000 + b"x").whole
    many = read_mail(TOP + b"X: y\n" * (MAX_FIELDS + 1) + b"\nx")
    assert not many.whole and len(many.fields) == MAX_FIELDS
    assert "more fields" in read_mail(TOP + b"X: y\n" * (MOST_FIELDS + 1) + b"\nx").reason
    parts = b"--b\nContent-Type: text/plain\n\nx\n" * (MAX_PARTS + 5)
    mail = read_mail(TOP + b'Content-Type: multipart/mixed; boundary="b"\n\n' + parts)
    assert not mail.whole and len(mail.plain) <= MAX_PARTS
    two = b"--b\nContent-Type: text/plain\n\n" + b"x\n" * 10 + b"y" * (MAX_TEXT - 30) + b"\n"
    mail = read_mail(TOP + b'Content-Type: multipart/mixed; boundary="b"\n\n' + two * 2)
    assert not mail.whole and sum(map(len, mail.plain)) == MAX_TEXT


def test_the_name_of_a_file_that_was_cut_makes_a_mail_doubtful() -> None:
    """The end that was cut off may be the one that says what the file does."""
    name = "x" * MAX_CONTENT_VALUE + ".exe"
    head = (
        TOP
        + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nhi\n--b\n'
    )
    mail = read_mail(
        head + f'Content-Disposition: attachment; filename="{name}"\n\nx\n--b--\n'.encode()
    )
    assert not mail.whole
    assert read_mail(
        head + b'Content-Disposition: attachment; filename="x.exe"\n\nx\n--b--\n'
    ).whole


def test_a_charset_that_is_none_is_utf8_and_none_is_remembered_for_ever() -> None:
    before = set(encodings._cache)
    for name in (
        "punycode",
        "idna",
        "unicode_escape",
        "undefined",
        "zlib",
        "rot13",
        "x" * 9_000,
        "",
        "../x",
        "é",
    ):
        assert charset_of(name) == "utf-8"
        text = read_mail(
            TOP
            + f"Content-Type: text/plain; charset={name}\nContent-Transfer-Encoding: base64\n\n".encode()
            + base64.b64encode("é".encode())
        ).plain
        assert text == ("é",)
    assert all(len(name) < 40 for name in set(encodings._cache) - before)
    for name in (
        "UTF-8",
        "iso-8859-15",
        "Windows-1252",
        "KOI8-R",
        "gb18030",
        "Shift_JIS",
        "us-ascii",
        "utf8",
        "koi8-u",
    ):
        assert "é".encode(charset_of(name), "replace")
        assert charset_of(name) != "utf-8" or name.lower() in ("utf-8", "utf8")


def test_what_a_file_holds_is_never_decoded() -> None:
    """A zip of a gigabyte in a few kilobytes stays as it came, and so does any other file."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.txt", "w") as file,
    ):
        for _ in range(64):
            file.write(b"\0" * 1_000_000)
    coded = base64.encodebytes(held.getvalue())
    kinds = (
        b"application/zip",
        b"application/gzip",
        b"text/plain; name=a.txt",
        b"application/ms-tnef",
        b"image/png",
    )
    body = b"".join(
        b"--b\nContent-Type: %s\nContent-Disposition: attachment; filename=a.zip\nContent-Transfer-Encoding: base64\n\n%s\n"
        % (kind, coded)
        for kind in kinds
    )
    content = (
        TOP
        + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nhi\n'
        + body
    )
    called: set[str] = set()

    def note_call(frame: FrameType, event: str, function: object) -> None:
        if event == "c_call":
            called.add(getattr(function, "__name__", ""))

    sys.setprofile(note_call)
    try:
        mail = read_mail(content)
    finally:
        sys.setprofile(None)
    assert not called & {"a2b_base64", "a2b_qp", "a2b_uu", "decompress", "decompressobj"}, called
    assert mail.plain == ("hi",) and [item.name for item in mail.attachments] == ["a.zip"] * 5


def test_a_line_of_commas_is_no_match_at_once(nlp: Language) -> None:
    """Tried in every way, it takes minutes: 400 characters, four blanks."""
    wording = Wording(
        ("{first}, {headline} (di|presso) {company} (è in attesa|attende) {any}risposta",)
    )
    for line in (
        ", " * 200,
        ", di " * 80,
        ", di è in attesa " * 25,
        ", di è in attesa risposta " * 16,
    ):
        for _ in range(300):
            assert wording.find(line + "!") is None
    assert wording.find("Ada, Bookbinder presso Paper Mill attende una risposta") == {
        "first": "Ada", "headline": "Bookbinder", "company": "Paper Mill",
    }  # fmt: skip


def test_a_note_without_spaces_is_cut_into_words_all_the_same(judge: Judge) -> None:
    """The tokenizer takes 14 s for these seven thousand brackets, one word to it."""
    budget = Budget()
    assert judge.judge_notes(["Write to me" + sign * 7_000 for sign in ")_{<;\"'"], budget)
    assert budget.spent < 60_000


def test_a_rulebook_without_rules_judges_a_hostile_note(nlp: Language) -> None:
    assert Judge(Rulebook(), nlp, Me(), Costs()).judge_note("(" * 20_000).label


def test_parts_are_counted_while_they_are_made() -> None:
    """Each line that is a boundary makes a part, and each part costs some objects."""
    head = TOP + b'Content-Type: multipart/mixed; boundary="b"\n\n'
    assert "more parts" in read_mail(head + b"--b\n\n" * 20_000).reason
    assert "more parts" in read_mail(head + b"--b\nContent-Type: message/x\n\n" * 500).reason
    assert read_mail(head + b"--b\n\nx\n" * 50).plain
