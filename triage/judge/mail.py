"""Bytes of a mail to a ``Mail``: header fields in order, addresses, texts, attachments.

The one module that imports mail-parser. Never raises, whatever the bytes: a mail that
cannot be read comes back with the ``reason``. Sizes, lines, fields, parts and nesting are
bounded before anything is parsed, and the content of a file is dropped before anything
could decode it. May not interpret: which platform it is, and whether it tells the truth,
others decide.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.policy import Compat32, Policy, compat32
from itertools import islice

import mailparser
from mailparser.exceptions import MailParserError

from triage.judge.fields import Address, address, charset_of, decoded, sound, year_of

MAX_BYTES = 1_500_000
MAX_LINES = 50_000  # each is held against the boundaries of all parts around it
MAX_HEADER = 200_000
MAX_FIELDS = 600
MOST_FIELDS = 2_000  # a header of more is not read at all
MAX_VALUE = 8_000
MAX_CONTENT_VALUE = 2_000  # of a field that describes a part; its parameters cost their square
MAX_PARTS = 100
MOST_PARTS = 400  # a mail of more is not read at all
MAX_MULTIPARTS = 30
MAX_TEXT = 400_000  # of all text parts, and as much of all pages
MAX_ATTACHMENTS = 50
NOBODY = Address()

# mail-parser warns of parts it does not read (calendars); a judgement has no log.
for _part in (mailparser.core, mailparser.utils):
    _part.log.disabled = True

_MULTIPART = re.compile(rb"content-type:\s*multipart/", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Attachment:
    """A part that is a file: its decoded name ("" where it has none) and its type."""

    name: str
    type: str


@dataclass(frozen=True)
class Mail:
    """What a mail says. ``fields`` are (lower-case name, unfolded value), in order, the
    values not decoded. ``year`` is that of Date, 0 where there is none. ``reason`` is why
    it could not be read, "" if it could; ``whole``
    is False where a bound cut something off."""

    fields: tuple[tuple[str, str], ...] = ()
    sender: Address = NOBODY
    reply_to: Address = NOBODY
    envelope: Address = NOBODY
    subject: str = ""
    year: int = 0
    plain: tuple[str, ...] = ()
    html: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    content_type: str = "text/plain"
    whole: bool = True
    reason: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """The values of all fields called ``name`` (in any case), in order."""
        name = name.lower()
        return tuple(value for key, value in self.fields if key == name)

    def value(self, name: str) -> str:
        """The value of the first field called ``name``, "" where there is none."""
        return next(iter(self.values(name)), "")


def read_mail(content: bytes) -> Mail:
    """What ``content`` says. Never raises."""
    size = len(content)
    content = content[:MAX_BYTES]
    ends = next(islice(_LINE_END.finditer(content), MAX_LINES - 1, None), None)
    content = content[: ends.end()] if ends else content
    whole = len(content) == size
    content = content.replace(b"\0", b"")
    if not content.strip():
        return Mail(reason="the message is empty")
    start = re.match(rb"(?:>?From [^\n]*\n|\s*\n)*", content)  # mbox line, blank lines
    content = content[start.end() :] if start else content
    gap = _BLANK_LINE.search(content)
    head_end = gap.start() if gap else len(content)
    if head_end > MAX_HEADER:
        return Mail(reason="the header is longer than any real one", whole=False)
    if content.count(b"\n", 0, head_end) > MAX_FIELDS * 12:
        return Mail(reason="the header has more lines than any real one", whole=False)
    if _holds(_MULTIPART, content, MAX_MULTIPARTS):
        return Mail(reason="the parts are nested deeper than in any real mail", whole=False)
    try:
        return _read(email.message_from_bytes(content, _Parts(), policy=_Bounded()), whole)
    except _TooManyParts:
        return Mail(reason="it has more parts than any real mail", whole=False)
    except (MailParserError, ValueError, LookupError, TypeError, AttributeError, AssertionError,
            RecursionError) as error:  # fmt: skip
        # What the standard library's parser is known to throw on hostile bytes.
        return Mail(reason=f"the mail cannot be parsed ({type(error).__name__})", whole=False)


def _holds(pattern: re.Pattern[bytes], content: bytes, count: int) -> bool:
    """Whether ``pattern`` is there ``count`` times or more."""
    return next(islice(pattern.finditer(content), count - 1, None), None) is not None


class _TooManyParts(Exception):
    """Raised in the middle of parsing, which is then over."""


class _Parts:
    """Makes the parts for the standard library's parser, and counts them: every line that
    is a boundary makes one, without a word about what it is."""

    def __init__(self) -> None:
        self._made = 0

    def __call__(self, policy: Policy = compat32) -> Message:
        self._made += 1
        if self._made > MOST_PARTS:
            raise _TooManyParts
        return Message(policy)


class _Bounded(Compat32):
    """The standard library's policy, with every field cut as soon as it is met: what comes
    later looks at each many times."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: MAX_CONTENT_VALUE if _describes_content(name) else MAX_VALUE]


def _describes_content(name: str) -> bool:
    return name.strip().lower().startswith("content-")


def _read(message: Message, whole: bool) -> Mail:
    """The header is read here, in the order in which it stands; mail-parser is given the
    parts, and nothing of the header but what describes them."""
    raw = [(str(name), str(value)) for name, value in message.raw_items()]
    if len(raw) > MOST_FIELDS:
        return Mail(reason="the header has more fields than any real one", whole=False)
    content_type = message.get_content_type()
    fields = tuple(
        (name.strip().lower(), " ".join(sound(value).split())) for name, value in raw[:MAX_FIELDS]
    )
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name, value)
    parts = list(islice(message.walk(), MAX_PARTS + 1))
    cut = len(raw) > MAX_FIELDS or len(parts) > MAX_PARTS or any(map(_was_cut, parts))
    for part in parts:
        _make_harmless(part, part is message)
    for name in {name.lower() for name, _ in raw if not _describes_content(name)}:
        del message[name]
    parsed = mailparser.MailParser(message)
    plain, rich = _bounded(parsed.text_plain), _bounded(parsed.text_html)
    cut = cut or plain != parsed.text_plain or rich != parsed.text_html
    attachments = tuple(
        Attachment(decoded(str(item.get("filename") or ""))[:200],
                   str(item.get("mail_content_type") or "")[:100].lower())
        for item in parsed.attachments[:MAX_ATTACHMENTS]
    )  # fmt: skip
    return Mail(
        fields=fields,
        sender=address(first.get("from", "")),
        reply_to=address(first.get("reply-to", "")),
        envelope=address(first.get("return-path", "")),
        subject=decoded(first.get("subject", ""))[:500],
        year=year_of(first.get("date", "")),
        plain=tuple(map(sound, plain)),
        html=tuple(map(sound, rich)),
        attachments=attachments,
        content_type=content_type,
        whole=whole and not cut,
    )


def _was_cut(part: Message) -> bool:
    """Whether something is missing from what describes a part: the end of a file's name."""
    values = (str(value) for name, value in part.raw_items() if _describes_content(name))
    return any(len(value) >= MAX_CONTENT_VALUE for value in values)


def _make_harmless(part: Message, top: bool) -> None:
    """Before anything decodes it: what an attached mail says is not what this says, what
    a file holds is nobody's business here, and a charset must be one."""
    if part.get_content_type() == "message/rfc822" and not top:
        part.set_payload("")
        part.set_type("application/x-attached-mail")
    elif part.is_multipart():
        return
    elif part.get_content_maintype() != "text" or _is_file(part):
        part.set_payload("")
    elif named := part.get_param("charset"):
        charset = charset_of(named if isinstance(named, str) else str(named[2]))
        if charset != named:
            part.set_param("charset", charset)


def _is_file(part: Message) -> bool:
    disposition = part.get_content_disposition()
    return disposition == "attachment" or (disposition != "inline" and bool(part.get_filename()))


def _bounded(texts: list[str]) -> list[str]:
    """The first of them, as far as all together are no longer than ``MAX_TEXT``."""
    return list(_within(texts[:MAX_PARTS], MAX_TEXT))


def _within(texts: list[str], left: int) -> Iterator[str]:
    for text in texts:
        if left <= 0:
            return
        yield text[:left]
        left -= len(text)
