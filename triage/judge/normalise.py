"""A note to words that can be compared, each knowing where it stands in the note.

Takes case, accents, typographic quotes, entities, zero-width characters and width forms
away, and splits scripts that write no spaces into single letters. May not change the
note itself: every word keeps the start and end it has in the note as given.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from itertools import islice

MAX_WORDS = 3000  # what comes after them is left as it is
NO_GAP, CLAUSE, LINE = 0, 1, 2  # what stands before a word: nothing, punctuation, a new line

_SINGLE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002fa1f"
_QUOTE = "'’‘`´ʼ′‛＇"
_PLAIN_WORD = re.compile(f"[^\\W_]+(?:[{_QUOTE}][^\\W_]+)*")
_MIXED_WORD = re.compile(
    f"[{_SINGLE}]|(?:(?![{_SINGLE}])[^\\W_])+(?:[{_QUOTE}](?:(?![{_SINGLE}])[^\\W_])+)*"
)
_HAS_SINGLE = re.compile(f"[{_SINGLE}]")
_QUOTES = str.maketrans("", "", _QUOTE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8}\d?);")
_UNSEEN = (
    "\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
)
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670"
_DROPPED = re.compile(f"[{_UNSEEN}{_MARKS}]")
_UNEVEN = re.compile(
    f"[{_UNSEEN}{_MARKS}\ufb00-\ufb06\uff00-\uffef\u2100-\u214f\u2460-\u24ff\U0001d400-\U0001d7ff]"
    "|" + _ENTITY.pattern
)
_BREAK = re.compile(
    r"[.,;:!?…¡¿()\[\]{}\"“”„«»|/•*~=<>·–—―。、，！？：；「」（）।؟،؛־׃᠃\u2190-\u2bff\U0001f000-\U0001faff]"
    r"|(?:^|\s)-|-(?:\s|$)|--"
)
_KEPT_APART = {  # letters that Unicode does not take apart, and what is typed for them
    "ø": "o", "đ": "d", "ł": "l", "ı": "i", "ħ": "h", "ŧ": "t", "ĸ": "k", "ŋ": "n",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي",
    "ё": "е", "ґ": "г",
}  # fmt: skip


def _bare_letters() -> dict[int, str]:
    table = {}
    for code in (*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000)):
        letter = chr(code).lower()
        base = unicodedata.normalize("NFD", letter)[:1]
        if base.isalpha() and base not in "и" and len(letter) == 1:
            table[code] = base
        elif len(letter) == 2:  # the Turkish capital dotted I
            table[code] = letter[0]
    table.update({ord(letter): base for letter, base in _KEPT_APART.items()})
    table.update({ord(k.upper()): v for k, v in _KEPT_APART.items() if len(k.upper()) == 1})
    table[ord("ς")] = "σ"
    table[ord("ß")] = "ß"
    return table


_BARE = _bare_letters()


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a note: ``keys`` to compare by, ``starts`` and ``ends`` in the note,
    and ``gaps``: what stands before each. ``raw`` is the word as written."""

    keys: list[str]
    raw: list[str]
    starts: list[int]
    ends: list[int]
    gaps: list[int]

    def __len__(self) -> int:
        return len(self.keys)

    def ends_clause(self, index: int) -> bool:
        """Whether a clause ends before the word at ``index``, or the note does."""
        return index >= len(self.keys) or self.gaps[index] != NO_GAP


def key_of(word: str) -> str:
    """What a single word is compared by: ``"L’Été"`` gives ``"lete"``."""
    return _key(_DROPPED.sub("", word).translate(_BARE).lower())


def _key(bare: str) -> str:
    if bare.isalnum():
        return bare.replace("ß", "ss") if "ß" in bare else bare
    return bare.translate(_QUOTES).replace("ß", "ss")


def words_of(note: str) -> Words:
    """Split ``note``; at most ``MAX_WORDS`` words."""
    text, places = _even(note) if _UNEVEN.search(note) else (note, None)
    ascii_only = text.isascii()
    bare = text.lower() if ascii_only else text.translate(_BARE).lower()
    whole = len(bare) == len(text)  # so that a word stands at the same place in both
    pattern = _MIXED_WORD if not ascii_only and _HAS_SINGLE.search(text) else _PLAIN_WORD
    spans = [found.span() for found in islice(pattern.finditer(text), MAX_WORDS)]
    raws = [text[start:end] for start, end in spans]
    keys = [bare[start:end] for start, end in spans] if whole else [key_of(raw) for raw in raws]
    if not ascii_only or "'" in bare or "`" in bare:
        keys = [_key(key) for key in keys]
    starts = [start for start, _ in spans]
    ends = [end for _, end in spans]
    between = [text[end:start] for end, start in zip(ends, starts[1:], strict=False)]
    gaps = [NO_GAP if gap == " " else _gap(gap) for gap in between]
    if places:
        starts, ends = [places[start] for start in starts], [places[end] for end in ends]
    return Words(keys, raws, starts, ends, [LINE, *gaps] if spans else [])


def _gap(between: str) -> int:
    if not between:
        return NO_GAP
    if "\n" in between or "\r" in between:
        return LINE
    return CLAUSE if _BREAK.search(between) else NO_GAP


def _even(note: str) -> tuple[str, list[int]]:
    """The note with entities decoded, invisible characters and combining marks gone and
    compatibility forms replaced, and the place in the note of each character of it. A
    word ends where its last character ends, so marks behind it stay with the word."""
    kept: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(note):
        entity = _ENTITY.match(note, at) if note[at] == "&" else None
        piece = html.unescape(entity.group()) if entity else note[at]
        if not _DROPPED.fullmatch(piece):
            plain = piece if piece.isascii() else unicodedata.normalize("NFKC", piece)
            plain = _DROPPED.sub("", unicodedata.normalize("NFC", plain))
            kept.append(plain)
            places.extend([at] * len(plain))
        at += len(entity.group()) if entity else 1
    text = "".join(kept)
    return text, [*places, len(note)]
