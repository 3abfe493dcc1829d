"""Invented messages for the mailbox tests, by number, as bytes with CRLF line ends."""

from __future__ import annotations

from datetime import UTC, datetime

DATE = datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC)


def mail(
    number: int,
    *,
    subject: str = "",
    sender: str = "",
    message_id: str | None = None,
    extra: str = "",
    body: str = "",
) -> bytes:
    """A small text mail. ``message_id``: None for one of its own, "" for none at all."""
    own = f"<{number}.{number * 7}@mail.example.org>"
    lines = [
        f"Received: from out.example.net by mx.example.org with ESMTP id {number:08x};",
        "\tMon, 4 Mar 2024 05:06:07 +0000",
        f"From: {sender or f'Sender {number} <s{number}@example.com>'}",
        "To: Reader <reader@example.org>",
        f"Subject: {subject or f'Mail number {number}'}",
        "Date: Mon, 4 Mar 2024 05:06:07 +0000",
        *([f"Message-ID: {message_id or own}"] if message_id != "" else []),
        *extra.splitlines(),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        body or f"This is the text of mail {number}.",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8")


def alternative(number: int, text: bytes, html: bytes, encoding: str = "7bit") -> bytes:
    """A mail of text and HTML, both already in ``encoding``."""
    head = mail(number).split(b"MIME-Version:")[0]
    part = b"--frontier-%d\r\nContent-Type: text/%s; charset=utf-8\r\n"
    part += b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n%s\r\n"
    return b"".join(
        [
            head,
            b"MIME-Version: 1.0\r\n",
            b'Content-Type: multipart/alternative;\r\n boundary="frontier-%d"\r\n\r\n' % number,
            part % (number, b"plain", text),
            part % (number, b"html", html),
            b"--frontier-%d--\r\n" % number,
        ]
    )
