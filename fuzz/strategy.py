"""Hypothesis's way to make mails: a tree of parts that it can take to pieces again, so that a
mail that breaks something is shown as the smallest that does.

``mails()`` are bytes. What they are made of is the same as in ``mails.py``, but every
choice is drawn, none is made by a generator of its own. May not read or judge.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable

from hypothesis import strategies as st

from fuzz.words import ATTRIBUTES, NAMES, NOTES, RUNS, TAGS, wording

CHARSETS = (
    "utf-8",
    "iso-8859-1",
    "utf-16",
    "utf-7",
    "punycode",
    "undefined",
    "zlib",
    "",
    "é",
    "x" * 900,
)
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "8bit": bytes, "quoted-printable": quopri.encodestring, "base64": base64.encodebytes, "x-uuencode": bytes,
}  # fmt: skip
KINDS = (
    "text/plain",
    "text/html",
    "text/calendar",
    "application/zip",
    "message/rfc822",
    "text",
    "/",
)
SENDERS = (
    "invitations@linkedin.com",
    "notification+x@facebookmail.com",
    "ada@example.org",
    "@",
    "",
    "x@linkedln.com",
)
KEYS = ("email_m2m_invite_single_01", "email_accept_invite_single_01", "invite_guest", "[", "")
RESULTS = (
    "mx.example.org; dmarc=pass header.from=linkedin.com",
    "mx.example.org; dmarc=fail",
    "((((",
    ";;",
    "a=" * 99,
)

runs = st.builds(lambda text, times: text * times, st.sampled_from(RUNS), st.integers(0, 3000))
blanks = st.one_of(st.sampled_from(NAMES), runs, st.text(max_size=20))
lines = st.one_of(
    st.builds(lambda text, said: text.replace("{name}", said).replace("{any}", said), st.sampled_from(wording()), blanks),
    st.sampled_from(NOTES),
    blanks,
)  # fmt: skip
texts = st.builds(
    lambda end, some: end.join(some),
    st.sampled_from(("\n", "\r\n", "\n\n")),
    st.lists(lines, max_size=12),
)
tags = st.builds(
    lambda close, tag, attributes, times: f"<{close}{' '.join((tag, *attributes))}>" * times,
    st.sampled_from(("", "", "/")),
    st.sampled_from(TAGS),
    st.lists(st.sampled_from(ATTRIBUTES), max_size=3),
    st.one_of(st.just(1), st.integers(0, 2000)),
)
pages = st.builds("".join, st.lists(st.one_of(tags, lines), max_size=20))
words = st.builds(
    lambda charset, way, text: f"=?{charset}?{way}?{base64.b64encode(text.encode('utf-8', 'replace')).decode()}?=",
    st.sampled_from(CHARSETS), st.sampled_from("bBqx"), blanks,
)  # fmt: skip
values = st.one_of(
    lines,
    words,
    st.builds(lambda word: word[:-5], words),
    st.builds("\n ".join, st.lists(blanks, max_size=3)),
)
fields = st.tuples(
    st.sampled_from(("To", "Cc", "Reply-To", "Date", "Received", "Message-ID", "References", "Subject", "From",
                     "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "List-Id", "X-Y", "")),
    values,
)  # fmt: skip


def _field(name: str, value: str) -> bytes:
    return f"{name}: {value}\n".encode("utf-8", "surrogatepass")


@st.composite
def leaves(draw: st.DrawFn) -> bytes:
    """One part: content fields and content, true to each other or not."""
    kind = draw(st.sampled_from(KINDS))
    content = draw(pages if "html" in kind else texts)
    charset = draw(st.sampled_from(CHARSETS))
    try:
        raw = content.encode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError, ValueError):
        raw = content.encode("utf-8", "surrogatepass")
    named = draw(st.sampled_from(tuple(ENCODINGS)))
    head = _field("Content-Type", f"{kind}; charset={charset}") + _field(
        "Content-Transfer-Encoding", named
    )
    if draw(st.booleans()):
        head += _field(*draw(fields))
    return head + b"\n" + draw(st.sampled_from((ENCODINGS[named], bytes)))(raw)


def multiparts(parts: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Parts in a part, whose boundary may be another than the one that is named."""

    def joined(
        kind: str, boundary: str, named: str | None, inside: list[bytes], closed: bool
    ) -> bytes:
        mark = b"--" + boundary.encode("utf-8")
        head = _field(
            "Content-Type", f'multipart/{kind}; boundary="{boundary if named is None else named}"'
        )
        body = b"".join(mark + b"\n" + part + b"\n" for part in inside)
        return head + b"\n" + body + (mark + b"--\n" if closed else b"")

    return st.builds(
        joined,
        st.sampled_from(("mixed", "alternative", "related", "report", "digest", "")),
        st.sampled_from(("b", "c", "=_x", "", " ", "é", "b" * 200)),
        st.one_of(st.none(), st.none(), st.sampled_from(("b", "", "x"))),
        st.lists(parts, min_size=1, max_size=4),
        st.booleans(),
    )


trees = st.recursive(leaves(), multiparts, max_leaves=8)


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """A whole mail; at times parts in parts to any depth, or an address list without end."""
    head = [
        ("From", f"{draw(blanks)} <{draw(st.sampled_from(SENDERS))}>"),
        ("Subject", draw(values)),
    ]
    if draw(st.booleans()):
        head.append(("X-LinkedIn-Template", draw(st.sampled_from(KEYS))))
    if draw(st.booleans()):
        head.insert(0, ("Authentication-Results", draw(st.sampled_from(RESULTS))))
    head += draw(st.lists(fields, max_size=5))
    addresses = draw(st.one_of(st.just(0), st.integers(0, 3000)))
    if addresses:
        head.append(
            ("To", ", ".join(f"Ada <a{number}@example.org>" for number in range(addresses)))
        )
    tree = draw(trees)
    for level in range(draw(st.one_of(st.just(0), st.integers(0, 60)))):
        tree = f'Content-Type: multipart/mixed; boundary="n{level}"\n\n--n{level}\n'.encode() + tree
    content = b"".join(_field(name, value.replace("\n\n", "\n ")) for name, value in head) + tree
    start, size = draw(
        st.one_of(st.just((0, 0)), st.tuples(st.integers(0, len(content)), st.integers(0, 200)))
    )
    return content[:start] + content[start + size :]
