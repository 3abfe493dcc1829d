"""HTML of a mail to what a parser may be given of it.

A parser's work and memory are not in proportion to the length of what it reads: nesting
costs its square, and formatting elements that are never closed are opened anew in every
paragraph. Fourteen kilobytes that open a thousand <b> and then a thousand <p> make a
million elements and take 400 MB. So tags are counted, and formatting elements renamed,
by patterns that cannot be made slow. May not parse.
"""

from __future__ import annotations

import re

MAX_CHARS = 400_000
MAX_TAGS = 20_000
MAX_DEPTH = 1_500

_VOID = {"br", "img", "hr", "meta", "link", "input", "area", "base", "col", "wbr", "p", "li", "tr",
         "td", "th", "tbody"}  # fmt: skip
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
# HTML standard, section 13.2.4.3, but for <a>, of which no two are open at a time. Where a
# tag's name ends: section 13.2.5.8. What a reader sees of them is the same as of a <span>.
_FORMATTING = re.compile(
    r"(</?)(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\t\n\f\r />])",
    re.IGNORECASE,
)


def bearable(text: str) -> tuple[str, bool]:
    """``text``, up to where it has more tags, or deeper ones, than any real mail; and
    whether that is all of it."""
    kept = _FORMATTING.sub(r"\1span", text[:MAX_CHARS])
    depth = 0
    for count, found in enumerate(_TAG.finditer(kept)):
        if found[2].lower() not in _VOID:
            depth += -1 if found[1] else 1
        if depth > MAX_DEPTH or count > MAX_TAGS:
            return kept[: found.start()], False
    return kept, len(text) <= MAX_CHARS
