r"""A regular expression that a user wrote to a test whose cost is in proportion to the text.

Python's own engine tries every way to match, and for ``(a+)+$`` they double with each
letter: a rule and a mail that fit each other badly would hold the whole process for ever.
RE2 goes through the text once. The one module that imports it. What it cannot do (look
around, refer back) is a fault when the rule is loaded. May not be used for patterns of
this program's own, which are written so that they cannot be slow.
"""

from __future__ import annotations

import re
from functools import lru_cache

import re2

MAX_PATTERN = 500  # characters
_MAX_MEMORY = 1 << 20  # bytes for one pattern; RE2 refuses what does not fit
_ESCAPE = re.compile(r"\\(U[0-9A-Fa-f]{8}|u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_LETTERS = {"w": r"\p{L}\p{M}\p{N}_", "d": r"\p{Nd}"}  # as Python means them, not ASCII alone


class NotLinear(ValueError):
    """An expression that cannot be used, and why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; expressions are RE2's, which looks neither ahead nor back")


def check(pattern: str) -> None:
    """Raises NotLinear where ``pattern`` cannot be used."""
    _compiled(pattern, False)


def holds(pattern: str, text: str, ignore_case: bool = False) -> bool:
    """Whether ``pattern`` is found anywhere in ``text``. Raises NotLinear."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")  # RE2 takes no lone surrogates
    return _compiled(pattern, ignore_case).search(text) is not None


@lru_cache(1024)
def _compiled(pattern: str, ignore_case: bool) -> re2._Regexp:
    if len(pattern) > MAX_PATTERN:
        raise NotLinear(f"longer than {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(_in_its_words(pattern), options)
    except re2.error as error:
        words = error.args[0] if error.args else b""
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        raise NotLinear(said[:200]) from None
    except UnicodeEncodeError:
        raise NotLinear("holds half a character") from None


def _in_its_words(pattern: str) -> str:
    r"""``pattern`` with ``\w`` and ``\d`` of every script, and ``\u00e9`` as RE2 has it."""
    inside = _inside_brackets(pattern)

    def written(escape: re.Match[str]) -> str:
        text = escape[1]
        if text in _LETTERS:
            return _LETTERS[text] if inside[escape.start()] else f"[{_LETTERS[text]}]"
        if text == "W" and not inside[escape.start()]:
            return f"[^{_LETTERS['w']}]"
        if text == "D" and not inside[escape.start()]:
            return f"[^{_LETTERS['d']}]"
        return f"\\x{{{text[1:]}}}" if text[0] in "uU" and len(text) > 1 else escape[0]

    return _ESCAPE.sub(written, pattern)


def _inside_brackets(pattern: str) -> list[bool]:
    """For each character, whether it stands within ``[…]``."""
    inside: list[bool] = []
    within, at = False, 0
    while at < len(pattern):
        char = pattern[at]
        size = 2 if char == "\\" else 1
        inside += [within] * size
        if char == "[" and not within:
            within = True
            rest = pattern[at + 1 :]
            first = rest[:2] if rest.startswith("^]") else rest[:1] if rest[:1] in "]^" else ""
            inside += [True] * len(first)
            size += len(first)
        elif char == "]":
            within = False
        at += size
    return inside
