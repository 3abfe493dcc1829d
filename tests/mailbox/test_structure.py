"""BODYSTRUCTURE to parts, and which of them are fetched."""

from __future__ import annotations

import pytest
from imapclient.response_parser import parse_response

from triage.mailbox.answers import read
from triage.mailbox.structure import HTML_BOUND, SMALL_HTML, TEXT_BOUND, Part, parse, wanted


def part(text: str) -> Part:
    return parse(parse_response([text.encode()])[0])


def text(size: int, kind: str = "plain", rest: str = "") -> str:
    return f'("text" "{kind}" ("charset" "utf-8") NIL NIL "quoted-printable" {size} 9{rest})'


def test_a_single_text() -> None:
    found = part('("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 2279 48)')
    assert (found.section, found.media, found.encoding, found.size) == (
        "1",
        "text/plain",
        "7bit",
        2279,
    )
    assert wanted(found) == (("1", TEXT_BOUND),)


def test_parts_are_numbered_by_level() -> None:
    inner = f'({text(2000)}{text(90000, "html")} "alternative" ("boundary" "b") NIL NIL)'
    pdf = (
        '("application" "pdf" ("name" "a.pdf") NIL NIL "base64" 5000 NIL '
        '("attachment" ("filename" "a.pdf")) NIL)'
    )
    found = part(f'({inner}{pdf} "mixed" ("boundary" "a") NIL NIL)')
    assert [leaf.section for leaf in found.leaves()] == ["1.1", "1.2", "2"]
    attachment = found.leaves()[2]
    assert attachment.disposition == "attachment"
    assert attachment.disposition_parameters == ((b"filename", b"a.pdf"),)
    assert wanted(found) == (("1.1", TEXT_BOUND),)


@pytest.mark.parametrize(
    ("plain", "html", "expected"),
    [
        (2000, 5000, (("1", TEXT_BOUND), ("2", SMALL_HTML))),
        (2000, 90000, (("1", TEXT_BOUND),)),
        (2, 90000, (("1", TEXT_BOUND), ("2", HTML_BOUND))),  # text that says nothing
    ],
)
def test_html_beside_text_is_fetched_where_it_is_small(
    plain: int, html: int, expected: tuple[tuple[str, int], ...]
) -> None:
    found = part(f'({text(plain)}{text(html, "html")} "alternative")')
    assert wanted(found) == expected


def test_html_alone_is_fetched() -> None:
    assert wanted(part(text(90112, "html"))) == (("1", HTML_BOUND),)


def test_a_text_attachment_is_not() -> None:
    attached = text(5000, rest=' NIL ("attachment" ("filename" "note.txt")) NIL NIL')
    found = part(f'({text(900)}{attached} "mixed")')
    assert wanted(found) == (("1", TEXT_BOUND),)


def test_a_forwarded_mail_is_one_leaf() -> None:
    envelope = '("date" "subject" NIL NIL NIL NIL NIL NIL NIL "<id>")'
    forwarded = (
        f'("message" "rfc822" NIL NIL NIL "7bit" 4000 {envelope} {text(3000)} 90 NIL '
        '("attachment" ("filename" "fwd.eml")) NIL)'
    )
    found = part(f'({text(900)}{forwarded} "mixed")')
    assert [leaf.media for leaf in found.leaves()] == ["text/plain", "message/rfc822"]
    assert found.leaves()[1].disposition == "attachment"
    assert wanted(found) == (("1", TEXT_BOUND),)


@pytest.mark.parametrize(
    "broken",
    ["()", '("text" "plain")', '(("text" "plain" NIL NIL NIL "7bit" 3 1))', '("a" "b" "c")'],
)
def test_nonsense_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match=r"part|BODYSTRUCTURE"):
        part(broken)


def test_depth_and_number_are_bounded() -> None:
    deep = text(1)
    for _ in range(30):
        deep = f'({deep} "mixed")'
    with pytest.raises(ValueError, match="BODYSTRUCTURE"):
        part(deep)
    with pytest.raises(ValueError, match="too many"):
        part(f'({text(1) * 100} "mixed")')
    with pytest.raises(ValueError, match="BODYSTRUCTURE"):
        parse(None)


def test_what_makes_no_sense_inside_is_left_out() -> None:
    found = part('(("text" "plain" ("charset") NIL NIL NIL "x" 5) "mixed" NIL ("inline" NIL))')
    assert found.leaves()[0].parameters == ()
    assert found.leaves()[0].encoding == "7bit"
    assert found.leaves()[0].size == 0


def test_one_mail_of_parts_in_parts_does_not_keep_the_others_from_being_read() -> None:
    """A server describes it as deeply as its sender nested it; reading the others goes on."""
    deep = b'("text" "plain" NIL NIL NIL "7bit" 5 1)'
    for _ in range(2_000):
        deep = b"(" + deep + b' "mixed")'
    plain = b'2 (UID 8 BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 5 1))'
    found = read([[b"1 (UID 7 BODYSTRUCTURE " + deep + b")"], [plain]])
    assert list(found) == [8]
