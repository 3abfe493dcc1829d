"""Text out of a mail to text that is safe to show on a terminal or a page.

Takes away what would make a reader see something else than what is there: terminal
escapes, other control characters, bidirectional overrides (Unicode UAX #9 section 2),
zero-width and blank characters, lone surrogates, piles of combining marks; and writes a
letter of another script in the middle of a word as its number, since it may look like the
letter that belongs there (UTS #39 section 5). May not shorten in the middle of a word's
meaning: a length limit is the caller's wish.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS, SOS, PM, APC up to their end
    r"|\x1b[@-Z\\-_]?|[\x80-\x9f]"  # other escapes, C1 controls
    , re.DOTALL)  # fmt: skip
_KEPT = "\n\t"
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that show nothing
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_PILE = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
# Scripts with letters that look like Latin ones: Greek, Cyrillic, Armenian, Cherokee,
# Coptic, Lisu.
_LIKE_LATIN = (
    "\u0370-\u03ff\u1f00-\u1fff\u0400-\u052f\u1c80-\u1c8f\ua640-\ua69f\u0531-\u058f"
    "\u13a0-\u13ff\uab70-\uabbf\u2c80-\u2cff\ua4d0-\ua4ff"
)
_WORD = re.compile(r"[^\W_]+")
_IN_LATIN, _IN_OTHER = re.compile(f"[{_LATIN}]"), re.compile(f"[{_LIKE_LATIN}]")


def shown(text: str, limit: int = 10_000, lines: bool = True) -> str:
    """``text`` without anything that steers a terminal or reorders letters.

    Line breaks are kept where ``lines`` is true, else each becomes a space. What is
    longer than ``limit`` characters is cut and ends in "…".
    """
    kept = text[: limit * 4]
    if not (kept.isascii() and kept.isprintable()):
        kept = _ESCAPE.sub("", kept)
        kept = kept.replace("\r\n", "\n").replace("\r", "\n")
        kept = "".join(char for char in kept if char in _KEPT or _is_seen(char))
        kept = mark_foreign_letters(_PILE.sub(r"\1", kept), _number)
    if not lines:
        kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def mark_foreign_letters(text: str, write: Callable[[str], str]) -> str:
    """``text`` with ``write(letter)`` for each letter that is of another script than the
    rest of its word, where the two have letters that look alike."""
    if text.isascii() or not _IN_OTHER.search(text):
        return text

    def marked(found: re.Match[str]) -> str:
        word = found[0]
        others = len(_IN_OTHER.findall(word))
        latin = len(_IN_LATIN.findall(word)) if others else 0
        if not latin:
            return word
        foreign = _IN_OTHER if others <= latin else _IN_LATIN
        return foreign.sub(lambda letter: write(letter[0]), word)

    return _WORD.sub(marked, text)


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE and char not in _BLANK


def _number(letter: str) -> str:
    return f"<U+{ord(letter):04X}>"
