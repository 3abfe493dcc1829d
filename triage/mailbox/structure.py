"""A BODYSTRUCTURE (RFC 3501 section 7.4.2) to a tree of parts, and to which of them are
worth fetching, up to how many bytes.

Pure. What a server says of a broken message is broken too: ``parse`` raises ValueError
for what makes no sense, and bounds depth and number of parts. May not fetch.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

KB = 1024
TEXT_BOUND = 16 * KB  # of a text/plain part: the note stands at its top
SMALL_HTML = 6 * KB  # an HTML part beside text is fetched where it is no larger
PAGE_TOP = 9 * KB  # of a larger one, where its top has to be looked at after all
HTML_BOUND = 36 * KB  # of an HTML part with no text beside it: its card stands above
WHOLE_BOUND = 256 * KB  # of a whole message
_NO_TEXT = 64  # a text/plain part of fewer bytes says nothing
_DEPTH = 10
_PARTS = 60

Pairs = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Part:
    """One MIME part. ``section`` is what FETCH calls it ("" for the whole of a
    multipart message). ``size`` counts bytes as transferred. ``parts`` are those of a
    multipart; a message/rfc822 is a leaf, whatever it holds."""

    section: str
    media: str
    parameters: Pairs = ()
    encoding: str = "7bit"
    size: int = 0
    content_id: bytes = b""
    disposition: str = ""
    disposition_parameters: Pairs = ()
    parts: tuple[Part, ...] = ()

    @property
    def is_multipart(self) -> bool:
        return self.media.startswith("multipart/")

    def leaves(self) -> tuple[Part, ...]:
        if not self.is_multipart:
            return (self,)
        return tuple(leaf for part in self.parts for leaf in part.leaves())


def parse(value: object, section: str = "", depth: int = 0) -> Part:
    """The part that imapclient's nested tuples describe."""
    if not isinstance(value, tuple) or not value or depth > _DEPTH:
        raise ValueError("no BODYSTRUCTURE")
    if isinstance(value[0], tuple):
        return _multipart(value, section, depth)
    if len(value) < 7:
        raise ValueError("a part with too few fields")
    media = f"{_word(value[0])}/{_word(value[1])}"
    extension = value[7:]
    if media.startswith("text/"):
        extension = extension[1:]
    elif media == "message/rfc822":
        extension = extension[3:]
    disposition, parameters = _disposition(extension[1] if len(extension) > 1 else None)
    size = value[6] if isinstance(value[6], int) else 0
    return Part(
        section or "1",
        media,
        _pairs(value[2]),
        _word(value[5]) or "7bit",
        size,
        value[3] if isinstance(value[3], bytes) else b"",
        disposition,
        parameters,
    )


def _multipart(value: tuple[object, ...], section: str, depth: int) -> Part:
    children = []
    for item in value:
        if not isinstance(item, tuple):
            break
        children.append(item)
    rest = value[len(children) :]
    if len(children) > _PARTS or not rest:
        raise ValueError("too many parts, or a multipart without a kind")
    prefix = f"{section}." if section else ""
    disposition, parameters = _disposition(rest[2] if len(rest) > 2 else None)
    return Part(
        section,
        f"multipart/{_word(rest[0])}",
        _pairs(rest[1]) if len(rest) > 1 else (),
        disposition=disposition,
        disposition_parameters=parameters,
        parts=tuple(
            parse(child, f"{prefix}{number}", depth + 1) for number, child in enumerate(children, 1)
        ),
    )


def _word(value: object) -> str:
    if not isinstance(value, bytes):
        return ""
    return "".join(char for char in value.decode("latin-1").lower() if "!" <= char <= "~")


def _pairs(value: object) -> Pairs:
    if not isinstance(value, tuple):
        return ()
    flat = [str(item).encode() if isinstance(item, int) else item for item in value]
    return tuple(
        (name, text)
        for name, text in zip(flat[::2], flat[1::2], strict=False)
        if isinstance(name, bytes) and isinstance(text, bytes)
    )


def _disposition(value: object) -> tuple[str, Pairs]:
    if not isinstance(value, tuple) or not value:
        return "", ()
    return _word(value[0]), _pairs(value[1]) if len(value) > 1 else ()


Wanted = tuple[tuple[str, int], ...]
"""Sections and how many bytes of each: the shape by which messages are fetched together."""


def wanted(message: Part) -> Wanted:
    """What it takes to judge: the text/plain parts; the HTML where there is no text, or
    where it is so small that it costs nothing to hold the two against each other."""
    text, html = _readable(message)
    if sum(part.size for part in text) < _NO_TEXT:
        chosen = [(part.section, TEXT_BOUND) for part in text]
        return tuple(chosen + [(part.section, HTML_BOUND) for part in html[:1]])
    chosen = [(part.section, TEXT_BOUND) for part in text]
    return tuple(chosen + [(part.section, SMALL_HTML) for part in html if part.size <= SMALL_HTML])


def wanted_page(message: Part) -> Wanted:
    """The top of the HTML alone."""
    _, html = _readable(message)
    return tuple((part.section, PAGE_TOP) for part in html[:1])


def left_out(
    message: Part, brought: Collection[str], were_cut: Collection[str]
) -> tuple[bool, bool]:
    """Whether a text part was cut or left out, and whether an HTML part was left out, of
    a message of which these sections were ``brought`` and these of them ``were_cut``."""
    text, html = _readable(message)
    missing = [part for part in (*text, *html) if part.size and part.section not in brought]
    return bool(missing or were_cut), any(part in html for part in missing)


def wanted_of_large(message: Part) -> Wanted:
    """Every text part of a message that is too large to be fetched whole."""
    text, html = _readable(message)
    share = WHOLE_BOUND // max(1, len(text) + len(html))
    return tuple((part.section, share) for part in (*text, *html))


def _readable(message: Part) -> tuple[list[Part], list[Part]]:
    leaves = [leaf for leaf in message.leaves() if leaf.disposition != "attachment"]
    text = [leaf for leaf in leaves if leaf.media == "text/plain"][:3]
    html = [leaf for leaf in leaves if leaf.media == "text/html"][:3]
    return text, html
