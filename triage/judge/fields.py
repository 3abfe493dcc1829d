"""A header field's value to what it says: addresses, decoded words, a year.

Pure text work on values that ``mail`` has bounded. Knows which charsets may be decoded at
all: a sender names them, and some that Python knows are not texts, or cost the square of
their length. May not look at a whole mail.
"""

from __future__ import annotations

import email.header
import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.utils import getaddresses, parsedate
from encodings.aliases import aliases

from triage.judge.wording import level

_ADDRESS = re.compile(r"<([^<>]*)>|([^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+)")
_AT = re.compile(
    r"(?<![^\s<])([\w.+-]{1,64}) (?:at|AT|\(at\)|\[at\]) ([\w-]+(?:\.[\w-]+)+)(?=\s*(?:>|\(|$))"
)
_MARC = re.compile(r"([\w.+-]{1,64}) \(\) ([\w-]+(?: ! [\w-]+)+)")
_WORD = re.compile(r"=\?[^?\s]+\?[bqBQ]\?[^?]*\?=")
_OTHERS = """
    utf_8_sig koi8_u koi8_t cp720 cp737 cp856 cp874 cp875 cp1006 mac_romanian mac_croatian
    mac_arabic mac_farsi
"""
_NO_TEXT = frozenset(
    ("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec",
     "zlib_codec", "mbcs", "tactis")
)  # fmt: skip
_CHARSETS = frozenset(
    (*_OTHERS.split(), *aliases.values(), *(k for k, v in aliases.items() if v not in _NO_TEXT))
) - _NO_TEXT  # fmt: skip


def charset_of(name: str) -> str:
    """The charset to decode by: the one named, or UTF-8 where that is none that a mail is
    written in. Python would import a module of the name and remember it for ever, and
    "punycode" and "unicode_escape" are no charsets of mail."""
    known = re.sub(r"[^a-z0-9.]+", "_", name[:40].strip().lower())
    return known if known in _CHARSETS else "utf-8"


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
    return " ".join(sound(_WORD.sub(_decode_word, value)).split())


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
        return content.decode(charset_of(charset or ""), "replace")
    except UnicodeError:  # a codec that does not know "replace"
        return content.decode("utf-8", "replace")


def year_of(value: str) -> int:
    """The year of a Date field, 0 where it names none."""
    try:
        found = parsedate(value[:200])
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0
    return found[0] if found else 0


def sound(text: str) -> str:
    """``text`` without lone surrogates (bytes that no charset explained)."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def plainly(text: str) -> str:
    """``text`` levelled and in lower case, for comparing names."""
    return level(text).casefold()
