"""A header and Criteria to whether the message is worth fetching.

What a server's SEARCH does, done here: for the mailbox in memory, and for servers that
refuse to search. May not read bodies or speak to a server.
"""

from __future__ import annotations

from email.errors import HeaderParseError
from email.header import decode_header

from triage.identity import header_fields
from triage.mailbox.types import Criteria


def matches(header: bytes, criteria: Criteria) -> bool:
    """Whether any one of the criteria holds; substrings, without case."""
    fields = [(name, decoded(value).casefold()) for name, value in header_fields(header)]
    wanted = [
        *(("from", sender) for sender in criteria.senders),
        *(("subject", subject) for subject in criteria.subjects),
        *((name.lower(), value) for name, value in criteria.headers),
    ]
    return any(
        name == asked and part.casefold() in value
        for asked, part in wanted
        for name, value in fields
    )


def decoded(value: bytes) -> str:
    """A header value with its encoded words (RFC 2047) decoded, as far as they can be."""
    text = value.decode("utf-8", "replace")
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(
        piece if isinstance(piece, str) else _in_charset(piece, charset)
        for piece, charset in pieces
    )


def _in_charset(piece: bytes, charset: str | None) -> str:
    try:
        return piece.decode(charset or "ascii", "replace")
    except (LookupError, ValueError):
        return piece.decode("latin-1")
