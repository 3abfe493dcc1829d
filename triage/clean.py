"""Text out of a mail to text that is safe to show on a terminal or a page.

Takes away what would make a reader see something else than what is there: terminal
escapes, other control characters, bidirectional overrides (Unicode UAX #9 section 2),
zero-width characters, lone surrogates. May not shorten in the middle of a word's meaning: a length
limit is the caller's wish.
"""

from __future__ import annotations

import re
import unicodedata

_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS, SOS, PM, APC up to their end
    r"|\x1b[@-Z\\-_]?|[\x80-\x9f]"  # other escapes, C1 controls
    , re.DOTALL)  # fmt: skip
_KEPT = "\n\t"
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(text: str, limit: int = 10_000, lines: bool = True) -> str:
    """``text`` without anything that steers a terminal or reorders letters.

    Line breaks are kept where ``lines`` is true, else each becomes a space. What is
    longer than ``limit`` characters is cut and ends in "…".
    """
    kept = _ESCAPE.sub("", text[: limit * 4])
    kept = kept.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        char for char in kept if char in _KEPT or unicodedata.category(char) not in _INVISIBLE
    )
    if not lines:
        kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"
