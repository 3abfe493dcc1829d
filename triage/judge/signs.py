"""Signs that need no language: a link, a price, a telephone number, a calendar page.

Finds spans in a note. Every pattern is a single pass without nested repeats, so that a
hostile note cannot slow it down. May not weigh anything: rules give signs their bits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HOSTS = r"calendly\.com|cal\.com|meetings\.hubspot\.com|youcanbook\.me|doodle\.com|savvycal\.com"
_TLD = r"com|net|org|io|co|ai|app|biz|info|me|de|fr|es|it|nl|uk|in|us|example|dev|tech|xyz|ly"
_BULLET = r"[ \t]{0,4}(?:[-*•✓✔●▪]|\d{1,2}[.)])"
_SIGNS = {
    "link": rf"(?:https?://|www\.)[^\s<>\"']{{1,500}}|(?<![\w@.-])[a-z0-9-]{{2,40}}\.(?:{_TLD})\b",
    "calendar": rf"(?:https?://)?(?:www\.)?(?:{_HOSTS})/[^\s<>\"']{{1,200}}",
    "email": r"(?<![\w.+-])[\w.+-]{1,64}\s?@\s?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}",
    "phone": r"(?<![\w-])\+?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){1,4}(?![\w-])",
    "price": (
        r"(?:[$€£₹¥]|usd|eur|inr|rs\.?)\s?\d[\d.,]{0,12}"
        r"|\d[\d.,]{0,12}\s?(?:[$€£₹¥]|usd\b|eur\b|euros?\b|lpa\b)"
    ),
    "percent": r"\d[\d.,]{0,8}\s?(?:%|percent\b|per cent\b)",
    "list": rf"(?m)^{_BULLET}\s[^\n]{{1,200}}\n{_BULLET}\s",
}
SIGNS = tuple(_SIGNS)
_COMPILED = {name: re.compile(text, re.IGNORECASE) for name, text in _SIGNS.items()}
_PHONE_DIGITS = 7
_YEARS = re.compile(r"\(?(?:19|20)\d\d[ .-](?:19|20)\d\d\)?")  # "2004-2008" is a time
# Without it a note need not be searched: most hold no sign at all.
_HINTS = {
    name: re.compile(hint)
    for name, hint in (
        ("link", "[.:]"), ("calendar", "/"), ("email", "@"), ("phone", r"\d"), ("price", r"\d"),
        ("percent", r"\d"), ("list", r"\n"),
    )
}  # fmt: skip


def find_sign(name: str, note: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the sign stands between ``start`` and ``end`` of ``note``."""
    if not _HINTS[name].search(note, start, end):
        return
    for found in _COMPILED[name].finditer(note, start, end):
        if name == "phone" and (
            sum(c.isdigit() for c in found[0]) < _PHONE_DIGITS or _YEARS.fullmatch(found[0])
        ):
            continue
        yield found.span()
