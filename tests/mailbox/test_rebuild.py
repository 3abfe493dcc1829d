"""Header and parts to a message that reads as the whole one would."""

from __future__ import annotations

import base64
import quopri
from email import message_from_bytes, policy

import pytest

from triage.identity import identity_of
from triage.mailbox.rebuild import cut, rebuilt
from triage.mailbox.structure import Part

HEADER = (
    b"Received: from a\r\n\tby b; Mon, 4 Mar 2024 05:06:07 +0000\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@example.org>\r\n"
    b'Content-Type: multipart/mixed;\r\n boundary="old"\r\nMIME-Version: 1.0\r\n\r\n'
)
UTF8 = ((b"charset", b"utf-8"),)


def test_parts_stand_with_their_own_type_and_name() -> None:
    message = Part(
        "",
        "multipart/mixed",
        ((b"boundary", b"old"),),
        parts=(
            Part(
                "1",
                "multipart/alternative",
                parts=(
                    Part("1.1", "text/plain", UTF8, "quoted-printable", 12),
                    Part("1.2", "text/html", UTF8, "8bit", 90000, b"<html-body>"),
                ),
            ),
            Part(
                "2",
                "application/zip",
                ((b"name", b'Card "1"\r\n.zip'),),
                "base64",
                4000,
                disposition="attachment",
                disposition_parameters=((b"filename", b'Card "1"\r\n.zip'),),
            ),
            Part("3", "message/rfc822", (), "7bit", 4000),
        ),
    )
    built = rebuilt(HEADER, message, {"1.1": b"Gr=C3=BC=C3=9Fe"})
    read = message_from_bytes(built, policy=policy.default)
    assert [part.get_content_type() for part in read.walk()][:5] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/zip",
    ]
    assert "message/rfc822" in [part.get_content_type() for part in read.walk()]
    leaves = [part for part in read.walk() if part.get_content_maintype() == "text"]
    assert leaves[0].get_content().strip() == "Grüße"
    assert leaves[1].get_content().strip() == ""
    assert leaves[1]["Content-ID"] == "<html-body>"
    (attachment,) = (part for part in read.walk() if part.get_filename())
    assert attachment.get_filename() == 'Card "1".zip'
    assert identity_of(built) == identity_of(HEADER + b"anything")
    assert built.count(b"Content-Type: multipart/mixed") == 1


def test_a_single_part_keeps_its_header() -> None:
    header = b"Subject: a\r\nContent-Type: text/plain; charset=latin-1\r\n\r\n"
    built = rebuilt(header, Part("1", "text/plain", (), "8bit", 5), {"1": b"gr\xfc\xdfe"})
    assert built == header + b"gr\xfc\xdfe"
    assert rebuilt(header, Part("1", "image/png", (), "base64", 5000), {}) == header


def test_a_boundary_is_in_no_part() -> None:
    message = Part("", "multipart/mixed", parts=(Part("1", "text/plain", (), "7bit", 99),))
    first = rebuilt(HEADER, message, {"1": b"text"})
    boundary = first.split(b'boundary="')[1].split(b'"')[0]
    hostile = b"--" + boundary + b"--\r\nafter"
    read = message_from_bytes(rebuilt(HEADER, message, {"1": hostile.ljust(99)}))
    (part,) = (one for one in read.walk() if one.get_content_maintype() == "text")
    assert "after" in part.get_payload()


@pytest.mark.parametrize("length", range(1, 140))
def test_a_cut_leaves_what_can_be_decoded(length: int) -> None:
    text = ("Grüße aus Århus, " * 12).encode()
    in_base64 = base64.encodebytes(text).replace(b"\n", b"\r\n")[:length]
    assert text.startswith(base64.b64decode(cut(in_base64, "base64"), validate=False))
    in_quoted = quopri.encodestring(text)[:length]
    left = cut(in_quoted, "quoted-printable")
    assert text.startswith(quopri.decodestring(left))
    assert not left.endswith((b"=", b"=C", b"=c"))


def test_a_cut_ends_at_a_line_where_it_can() -> None:
    assert cut(b"one\r\ntwo", "7bit") == b"one\r\n"
    assert cut(b"no line at all", "8bit") == b"no line at all"
