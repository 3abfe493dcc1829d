"""Chance to the bytes of a mail: a tree of parts with headers right and wrong, a sample mail
broken somewhere, or noise.

``mail(chance)`` gives the same mail for the same chance, so a seed and a number name one.
``chance`` may be ``random.Random`` or what hypothesis hands out in its place. May not use
any other source of chance.
"""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

from fuzz.words import NAMES, RUNS, line, page, some, text

SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "mail"
_SENDERS = (
    "invitations@linkedin.com", "notification+x@facebookmail.com", "mailrobot@xing.com", "hit-reply@linkedin.com",
    "ada@example.org", "invitations@linkedln.com", "@", "ada at example.org", "", "a" * 5000 + "@example.org",
    "invitations@linkedin.com, eve@example.org", "ada@xn--e1awd7f.example", "mailer-daemon@example.org",
)  # fmt: skip
_KEYS = (
    "email_m2m_invite_single_01",
    "invite_guest",
    "email_accept_invite_single_01",
    "x" * 3000,
    "",
    "é",
    "*",
    "[",
)
_CHARSETS = (
    "utf-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-16", "utf-7", "koi8-r", "gb18030", "iso-2022-jp",
    "punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "zlib", "bz2", "rot13", "hex", "uu",
    "charmap", "mbcs", "utf-32", "x-none", "", "é", "utf-8" * 900, "big5", "cp65001", "hz",
)  # fmt: skip
_TYPES = (
    "text/plain", "text/html", "text/calendar", "text", "/", "", "text/plain/x", "application/octet-stream",
    "application/zip", "image/png", "message/rfc822", "message/partial", "message/delivery-status",
    "application/ms-tnef", "text/rtf", "multipart/mixed", "TEXT/HTML", "text/html ; ; ;",
)  # fmt: skip
_MULTIPARTS = ("mixed", "alternative", "related", "signed", "report", "digest", "x", "parallel", "")
_FIELDS = (
    "To", "Cc", "Reply-To", "Return-Path", "Sender", "Message-ID", "In-Reply-To", "References", "Feedback-ID",
    "List-Id", "X-LinkedIn-Class", "X-Facebook-Notify", "Received", "Date", "Auto-Submitted", "X-Mailer",
    "Authentication-Results", "Subject", "From", "Content-Type", "Content-Transfer-Encoding", "X-" + "y" * 500,
)  # fmt: skip
_RESULTS = (
    "mx.example.org; dkim=pass header.i=@linkedin.com; dmarc=pass header.from=linkedin.com",
    "mx.example.org; dmarc=fail header.from=linkedin.com", "mx.example.org (((((x", "mx.example.org; dkim=", ";;;;",
    "mx.example.org; spf=pass smtp.mailfrom=" + "a" * 3000, "other.example; dmarc=pass",
)  # fmt: skip


def mail(chance: random.Random) -> bytes:
    """The bytes of one mail."""
    kind = chance.random()
    if kind < 0.35:
        return broken(chance, chance.choice(_samples()))
    if kind < 0.95:
        made = header(chance) + tree(chance, some(chance, 60))
        return broken(chance, made) if chance.random() < 0.2 else made
    noise = chance.randbytes(some(chance, 30_000))
    return (header(chance) if chance.random() < 0.7 else b"") + b"\n" + noise


@cache
def _samples() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(SAMPLES.glob("*.eml")))


def header(chance: random.Random) -> bytes:
    """The fields that a platform's mail has, some of them wrong, doubled or missing."""
    sender = f"{_word(chance, chance.choice(NAMES))} <{chance.choice(_SENDERS)}>"
    fields = [("From", sender), ("Subject", _word(chance, line(chance))), ("MIME-Version", "1.0")]
    if chance.random() < 0.4:
        fields.append(("X-LinkedIn-Template", chance.choice(_KEYS)))
    if chance.random() < 0.5:
        fields.insert(0, ("Authentication-Results", chance.choice(_RESULTS)))
    if chance.random() < 0.6:
        fields.append(
            (
                "Date",
                f"Fri, 31 May {chance.choice((1970, 2009, 2012, 2019, 2026, 99999))} 14:02:53 +0000",
            )
        )
    if chance.random() < 0.08:  # an address list
        fields.append(
            (
                "To",
                ", ".join(
                    f"{chance.choice(NAMES)} <a{n}@example.org>" for n in range(some(chance, 4000))
                ),
            )
        )
    for _ in range(some(chance, 30)):
        value = line(chance) if chance.random() < 0.5 else chance.choice(RUNS) * some(chance, 2000)
        fields.append((chance.choice(_FIELDS), _word(chance, value)))
    if chance.random() < 0.02:
        fields += [(f"X-{chance.randrange(99)}", "y") for _ in range(some(chance, 3000))]
    if chance.random() < 0.2:
        chance.shuffle(fields)
    end = chance.choice(("\n", "\n", "\r\n", "\r"))
    return "".join(f"{name}: {value}{end}" for name, value in fields).encode(
        "utf-8", "surrogatepass"
    )


def _word(chance: random.Random, value: str) -> str:
    """A value as it is, folded, or as encoded words, whole or broken."""
    kind = chance.random()
    if kind < 0.6:
        return value.replace("\n", " ").replace("\r", " ")
    if kind < 0.7:
        return value.replace(" ", "\n ")
    coded = base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")
    charset = chance.choice(_CHARSETS) if chance.random() < 0.3 else "utf-8"
    words = [
        f"=?{charset}?{chance.choice('bBqQx')}?{coded[at : at + 60]}?="
        for at in range(0, len(coded), 60)
    ]
    return " ".join(words)[: 3 * some(chance, 4000) or None]


def tree(chance: random.Random, depth: int) -> bytes:
    """Content fields and body: a leaf, or parts in parts down to about ``depth``."""
    if depth < 1 or chance.random() < 0.3:
        return leaf(chance)
    boundary = chance.choice(("b", "----=_Part", "b" * 300, "", " ", "é", "--", "b;x", 'b"')) + str(
        depth
    )
    named = boundary if chance.random() < 0.93 else "another"
    quoted = f'"{named}"' if chance.random() < 0.9 else named
    head = f"Content-Type: multipart/{chance.choice(_MULTIPARTS)}; boundary={quoted}\n\n".encode()
    mark = b"--" + boundary.encode()
    parts = [tree(chance, depth - 1)]
    parts += [
        leaf(chance)
        for _ in range(some(chance, 150) if chance.random() < 0.1 else some(chance, 12))
    ]
    body = b"preamble\n" if chance.random() < 0.2 else b""
    body += b"".join(mark + b"\n" + part + b"\n" for part in parts)
    return head + body + (mark + b"--\n" if chance.random() < 0.85 else b"")


def leaf(chance: random.Random) -> bytes:
    """One part with its content, its charset and encoding true or not."""
    kind = (
        chance.choice(("text/plain", "text/html"))
        if chance.random() < 0.75
        else chance.choice(_TYPES)
    )
    content = page(chance) if "html" in kind.lower() else text(chance)
    charset = "utf-8" if chance.random() < 0.7 else chance.choice(_CHARSETS)
    try:
        raw = content.encode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError, ValueError):
        raw = content.encode("utf-8", "surrogatepass")
    encoding, encode = chance.choice(_ENCODINGS)
    fields = [f"Content-Type: {kind}; charset={charset}", f"Content-Transfer-Encoding: {encoding}"]
    if chance.random() < 0.1:
        name = _word(chance, chance.choice((*NAMES, "photos.zip", "a/../../b.exe", "x" * 4000)))
        fields.append(
            f'Content-Disposition: {chance.choice(("attachment", "inline", "x"))}; filename="{name}"'
        )
    if chance.random() < 0.05:
        fields.append(
            "Content-Type: text/plain"
            + chance.choice(("; ", ";a=", '; a*0*="', ";;")) * some(chance, 20_000)
        )
    return "\n".join(fields).encode("utf-8", "surrogatepass") + b"\n\n" + encode(raw)


_ENCODINGS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("8bit", bytes), ("7bit", bytes), ("quoted-printable", quopri.encodestring), ("base64", base64.encodebytes),
    ("base64", bytes), ("quoted-printable", bytes), ("x-uuencode", lambda raw: b"begin 644 x\n" + raw), ("é", bytes),
    ("base64", lambda raw: base64.encodebytes(raw)[:-7]), ("binary", bytes), ("base64 ", base64.b64encode),
)  # fmt: skip


def broken(chance: random.Random, content: bytes) -> bytes:
    """``content`` with some of it changed, cut out, doubled or swapped for something else."""
    made = bytearray(content)
    for _ in range(1 + some(chance, 30)):
        at = chance.randrange(len(made) + 1)
        until = min(len(made), at + some(chance, 2000))
        kind = chance.random()
        if kind < 0.3:
            made[at : at + 1] = bytes((chance.randrange(256),))
        elif kind < 0.5:
            del made[at:until]
        elif kind < 0.65:
            made[at:at] = made[at:until] * some(chance, 40)
        elif kind < 0.85:
            made[at:at] = (chance.choice(RUNS) * some(chance, 3000)).encode(
                "utf-8", "surrogatepass"
            )
        else:
            other = chance.choice(_samples())
            start = chance.randrange(len(other))
            made[at:until] = other[start : start + some(chance, 5000)]
    return bytes(made[:3_000_000])
