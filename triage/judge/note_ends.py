"""What a platform or an inviter puts at the ends of a note: salutation and signature.

Lines of a note to its text without those that the platform added; and names to whether
they are the same. May not know where in a mail the note stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.judge.agree import without_greeting
from triage.judge.lines import Line, joined
from triage.judge.platforms import Platform
from triage.judge.wording import level

MAX_NOTE = 8_000
_COMMA = re.compile(r",\s+")


def comparable(name: str) -> str:
    """A name for comparing: without case and doubled white space."""
    return level(name).casefold().strip(" .,:")


def same_name(text: str, name: str) -> bool:
    """Whether two comparable names are one, letters that an archive lost forgiven."""
    if text == name or "?" not in text:
        return text == name
    pattern = "".join("." if char == "?" else re.escape(char) for char in text.replace("??", "?"))
    return re.fullmatch(pattern, name) is not None


def note_text(lines: Sequence[Line], platform: Platform, first: str) -> str | None:
    """The lines as the note, without the signature that the platform adds."""
    kept = list(lines)
    if len(kept) > 1 and is_signature(kept[-1].text, first, kept[-1].gap):
        kept.pop()
    text = joined(kept)[:MAX_NOTE].strip()
    if text.startswith(('"', "“", "„", "«")) and text.endswith(('"', "”", "“", "»")):
        text = text[1:-1].strip()  # quotation marks that the platform puts round a note
    if len(kept) == 1:
        behind = without_greeting(text)
        if behind != text and platform.fixed_language(behind):
            return behind
    return text or None


def fixed_within(note: str | None, platform: Platform, name: str | None) -> str | None:
    """``note``; where a whole mail was made one line, the platform's sentence in it."""
    if not note or "\n" in note or len(note) < 150 or not name or name not in note:
        return note
    for piece in re.split(r"(?<=[.!?])\s", note[:2000]):
        for sentence in (piece, *(piece[found.end() :] for found in _COMMA.finditer(piece))):
            if platform.fixed_language(sentence):
                return sentence
    return note


def is_signature(line: str, first: str, gap: bool) -> bool:
    """Whether ``line`` is "- First", or the first name alone in a paragraph of its own."""
    text = comparable(re.sub(r"^\s*[-–—]\s*", "", line))
    dashed = bool(re.match(r"^\s*[-–—]\s*\S", line))
    names = {comparable(first), comparable(first.split()[0]) if first.split() else ""} - {""}
    if text in names:
        return dashed or (gap and len(text.split()) == 1)
    short = len(text.split()) <= 2 and not re.search(r"[.,:;!?]\s*$", line)
    if dashed and any(name.startswith(text + " ") or same_name(text, name) for name in names):
        return True
    return dashed and ((gap and short) or (not names and len(text.split()) <= 3))
