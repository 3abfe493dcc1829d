"""Bytes of a mail to a ``Mail``: header fields in order, addresses, texts, attachments.

The one module that imports mail-parser. Never raises, whatever the bytes: a mail that
cannot be read comes back with the ``reason``. Sizes, fields, parts and nesting are
bounded before anything is parsed. May not interpret: which platform it is, and whether
it tells the truth, others decide.
"""

from __future__ import annotations

import email
import email.header
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.message import Message
from email.utils import getaddresses, parsedate

import mailparser
from mailparser.exceptions import MailParserError

from triage.judge.wording import level

MAX_BYTES = 1_500_000
MAX_HEADER = 200_000
MAX_FIELDS = 600
MAX_VALUE = 8_000
MAX_PARTS = 100
MAX_MULTIPARTS = 50
MAX_TEXT = 400_000
MAX_ATTACHMENTS = 50

# mail-parser warns of parts it does not read (calendars); a judgement has no log.
for _part in (mailparser.core, mailparser.utils):
    _part.log.disabled = True

_ADDRESS = re.compile(r"<([^<>]*)>|([^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+)")
_AT = re.compile(
    r"(?<![^\s<])([\w.+-]{1,64}) (?:at|AT|\(at\)|\[at\]) ([\w-]+(?:\.[\w-]+)+)(?=\s*(?:>|\(|$))"
)
_MARC = re.compile(r"([\w.+-]{1,64}) \(\) ([\w-]+(?: ! [\w-]+)+)")
_WORD = re.compile(r"=\?[^?\s]+\?[bqBQ]\?[^?]*\?=")
_MULTIPART = re.compile(rb"content-type:\s*multipart/", re.IGNORECASE)
_PART = re.compile(rb"^content-type:", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Address:
    """A display name and an address as a header field gives them; "" where missing."""

    name: str = ""
    address: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].strip(".>").lower()

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0].lower()


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
    sender: Address = Address()
    reply_to: Address = Address()
    envelope: Address = Address()
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
    whole = len(content) <= MAX_BYTES
    content = content[:MAX_BYTES].replace(b"\0", b"")
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
    multiparts = sum(1 for _ in _bounded(_MULTIPART, content, MAX_MULTIPARTS))
    if multiparts >= MAX_MULTIPARTS or sum(1 for _ in _bounded(_PART, content, 400)) >= 400:
        return Mail(reason="the parts are nested deeper than in any real mail", whole=False)
    try:
        message = email.message_from_bytes(content)
        _close_attached_mails(message)
        return _from(mailparser.MailParser(message), whole)
    except (MailParserError, ValueError, LookupError, TypeError, AttributeError, AssertionError,
            RecursionError) as error:  # fmt: skip
        # What the standard library's parser is known to throw on hostile bytes.
        return Mail(reason=f"the mail cannot be parsed ({type(error).__name__})", whole=False)


def _close_attached_mails(message: Message) -> None:
    """Turn attached mails into plain attachments: what they say is not what this says."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and part is not message:
            part.set_payload("")
            part.set_type("application/x-attached-mail")


def _bounded(pattern: re.Pattern[bytes], content: bytes, limit: int) -> Iterator[re.Match[bytes]]:
    for count, found in enumerate(pattern.finditer(content)):
        if count >= limit:
            return
        yield found


def _from(parsed: mailparser.MailParser, whole: bool) -> Mail:
    message = parsed.message
    raw = [(str(name), str(value)) for name, value in message.raw_items()]
    fields = tuple(
        (name.strip().lower(), " ".join(_sound(value)[:MAX_VALUE].split()))
        for name, value in raw[:MAX_FIELDS]
    )
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name, value)
    plain = tuple(_sound(text)[:MAX_TEXT] for text in parsed.text_plain[:MAX_PARTS])
    rich = tuple(_sound(text)[:MAX_TEXT] for text in parsed.text_html[:MAX_PARTS])
    attachments = tuple(
        Attachment(decoded(str(item.get("filename") or ""))[:200],
                   str(item.get("mail_content_type") or "")[:100].lower())
        for item in parsed.attachments[:MAX_ATTACHMENTS]
    )  # fmt: skip
    cut = len(raw) > MAX_FIELDS or any(
        len(text) > MAX_TEXT for text in (*parsed.text_plain, *parsed.text_html)
    )
    return Mail(
        fields=fields,
        sender=address(first.get("from", "")),
        reply_to=address(first.get("reply-to", "")),
        envelope=address(first.get("return-path", "")),
        subject=decoded(first.get("subject", ""))[:500],
        year=_year(first.get("date", "")),
        plain=plain,
        html=rich,
        attachments=attachments,
        content_type=message.get_content_type(),
        whole=whole and not cut,
    )


def address(value: str) -> Address:
    """The first address of a field, however broken: ``"Facebook" <>`` and
    ``Name <name@...>`` give their display name all the same."""
    value = _unmasked(value[:2000])
    found = _ADDRESS.search(value)
    if not found:
        return Address(decoded(value.strip(' "')), "")
    inside = (found[1] if found[1] is not None else found[2]).strip()
    name = value[: found.start()].strip().strip('"').strip()
    if found[1] is None:  # bare address, or: address (Name)
        pairs = getaddresses([value[:1000]])
        name = pairs[0][0] if pairs else ""
    name = name.replace('\\"', '"').replace("\\\\", "\\")
    return Address(decoded(name).strip(" \"'"), inside.lower())


def _unmasked(value: str) -> str:
    """An address as web archives write it: ``ada at example.org (Ada)``."""
    value = _MARC.sub(lambda found: f"{found[1]}@{re.sub(' ! ', '.', found[2])}", value)
    return _AT.sub(r"\1@\2", value)


def decoded(value: str) -> str:
    """``value`` with its RFC 2047 words decoded, also where they stand in quotes, are
    cut up, or name a charset that does not exist; white space levelled."""
    value = re.sub(r"(\?=)\s+(=\?)", r"\1\2", value)
    value = _join_words(value)
    return " ".join(_sound(_WORD.sub(_decode_word, value)).split())


def _join_words(value: str) -> str:
    """Neighbouring words of one charset and encoding B may cut a letter in two."""
    pattern = re.compile(r"=\?([^?\s]+)\?([qQ])\?([^?]*)\?==\?\1\?\2\?", re.IGNORECASE)
    for _ in range(40):
        joined = pattern.sub(r"=?\1?\2?\3", value, count=1)
        if joined == value:
            return value
        value = joined
    return value


def _decode_word(found: re.Match[str]) -> str:
    try:
        [(content, charset)] = email.header.decode_header(found[0])
    except (ValueError, HeaderParseError):
        return found[0]
    if isinstance(content, str):
        return content
    try:
        return content.decode(charset or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _year(value: str) -> int:
    """The year of a Date field, 0 where it names none."""
    try:
        found = parsedate(value[:200])
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0
    return found[0] if found else 0


def _sound(text: str) -> str:
    """``text`` without lone surrogates (bytes that no charset explained)."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def plainly(text: str) -> str:
    """``text`` levelled and in lower case, for comparing names."""
    return level(text).casefold()
