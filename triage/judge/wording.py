"""A line of wording with blanks, as a platform rule file writes it, to a matcher.

``"{name} would like to add you"`` is such a line: words match without case, quotes and
white space in any form, ``(a|b)`` is one of, ``(|a)`` may be missing, ``{any}`` is
anything or nothing, and other blanks are captured. It always stands for a whole line.
May not know what the lines mean, and never backtracks beyond a bounded line.

A line with several blanks could be tried in millions of ways, so what stands between its
blanks is sought first, in order, which costs the length of the line: where all of it is
there, the blanks fit at once or are too long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_LINE = 400  # characters of a line that are looked at
MAX_BLANKS = 4  # of one line of wording
_FEW = 2  # blanks, of which all ways can be tried

# What a blank may hold. Lazy and bounded, so that a hostile line costs little.
BLANKS = {
    "any": r".{0,400}?",
    "name": r"\S.{0,98}?",
    "first": r"\S.{0,48}?",
    "number": r"\d{1,4}\+?",
    "note": r".{1,400}?",
    "headline": r".{1,200}?",
    "company": r".{1,120}?",
    "location": r".{1,120}?",
}
_BLANK = re.compile(r"\{([a-z]*)\}")
_TOKEN = re.compile(r"\{([a-z]*)\}|([(|)])|(\s+)|(.)")
_SAME = str.maketrans(
    {
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"',
        "«": '"', "»": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " ", "\u202f": " ",
        "\u200b": None, "\u200c": None, "\u200d": None, "\u034f": None, "\ufeff": None,
        "\u00ad": None, "\u2060": None, "\u200e": None, "\u200f": None,
    }
)  # fmt: skip


def level(text: str) -> str:
    """``text`` with quotes, dashes and white space in their plainest form."""
    return " ".join(text.translate(_SAME).split())


def _with_sign(text: str) -> str:
    """``text`` with "(c)" as the one sign it stands for: in wording, brackets choose."""
    return text.replace("(c)", "©").replace("(C)", "©")


class WordingFault(ValueError):
    """A line of wording that cannot be read; says what is wrong with it."""


def compile_wording(line: str) -> str:
    """The regular expression of one line of wording, without anchors.

    A letter outside ASCII also matches the ``?`` that archives leave in its place.
    """
    if len(_BLANK.findall(line)) > MAX_BLANKS:
        raise WordingFault(f"more than {MAX_BLANKS} blanks")
    pieces: list[str] = []
    seen: dict[str, int] = {}
    depth = 0
    open_end = False  # whether a captured blank has just ended
    for found in _TOKEN.finditer(_with_sign(level(line))):
        blank, sign, space, char = found.groups()
        if blank is not None:
            if blank not in BLANKS:
                raise WordingFault(f"no blank is called {{{blank}}}")
            seen[blank] = seen.get(blank, 0) + 1
            if blank == "any" and open_end:
                raise WordingFault("{any} right behind another blank: nothing ends that one")
            name = "" if blank == "any" else f"?P<{blank}_{seen[blank]}>"
            pieces.append(f"({name}{BLANKS[blank]})" if name else f"(?:{BLANKS[blank]})")
        elif sign:
            depth += {"(": 1, ")": -1, "|": 0}[sign]
            if depth < 0:
                raise WordingFault("a ')' without the bracket that it closes")
            pieces.append({"(": "(?:", "|": "|" if depth else r"\|"}.get(sign, sign))
        elif space:
            pieces.append(" ?" if pieces and pieces[-1].endswith(")") else " ")
        elif char in "{}":
            raise WordingFault("a curly bracket that is no blank")
        elif ord(char) > 127:
            pieces.append(rf"(?:{re.escape(char)}|\?{{1,2}}|\ufffd{{1,2}})")
        else:
            pieces.append(re.escape(char))
        open_end = bool(blank) and blank != "any"
    if depth:
        raise WordingFault("a bracket that is not closed")
    if not any(piece for piece in pieces if not piece.startswith("(?:.{0,400}")):
        raise WordingFault("a line that would match anything")
    return "".join(pieces)


@dataclass(frozen=True)
class _Matcher:
    """One regular expression for a whole line, and what must stand in the line, in this
    order, for it to match."""

    pattern: re.Pattern[str]
    between: tuple[re.Pattern[str], ...] = ()

    def fullmatch(self, text: str) -> re.Match[str] | None:
        at = 0
        for piece in self.between:
            found = piece.search(text, at)
            if not found:
                return None
            at = found.start() + 1
        return self.pattern.fullmatch(text)


def _matcher(line: str) -> _Matcher:
    pattern = re.compile(compile_wording(line), re.IGNORECASE)
    if not _has_many(line):
        return _Matcher(pattern)
    pieces = (re.compile(piece, re.IGNORECASE) for piece in _between(line))
    return _Matcher(pattern, tuple(piece for piece in pieces if not piece.match("")))


def _has_many(line: str) -> bool:
    return len(_BLANK.findall(line)) > _FEW


def _between(line: str) -> Iterator[str]:
    """The regular expressions of what stands outside of brackets that hold a blank."""
    piece, depth = "", 0
    for token in (found[0] for found in _TOKEN.finditer(_with_sign(level(line)))):
        depth += {"(": 1, ")": -1}.get(token, 0)
        piece += token
        if depth == 0 and _BLANK.search(piece):
            before = piece[: piece.index("(" if token == ")" else "{")]
            yield from _compiled(before)
            piece = ""
    yield from (rf"(?:{ending})\Z" for ending in _compiled(piece))


def _compiled(text: str) -> Iterator[str]:
    if text.strip():
        yield compile_wording(text)


@dataclass(frozen=True)
class Wording:
    """Many lines of wording, matched as one. Equal when their lines are."""

    lines: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        plain = [line for line in self.lines if not _captures(line) and not _has_many(line)]
        union = "|".join(compile_wording(line) for line in plain)
        matchers = [_Matcher(re.compile(union, re.IGNORECASE))] if plain else []
        matchers += [_matcher(line) for line in self.lines if line not in plain]
        object.__setattr__(self, "_matchers", tuple(matchers))

    def __bool__(self) -> bool:
        return bool(self.lines)

    def find(self, line: str) -> dict[str, str] | None:
        """The blanks of the first wording that is the whole of ``line``; None: no one."""
        return next(self.finds(line), None)

    def finds(self, line: str) -> Iterator[dict[str, str]]:
        """The blanks of each wording that is the whole of ``line``."""
        text = _with_sign(level(line[: MAX_LINE * 2]))[:MAX_LINE]
        matchers: tuple[_Matcher, ...] = getattr(self, "_matchers")  # noqa: B009
        for matcher in matchers if text else ():
            found = matcher.fullmatch(text)
            if found:
                yield {
                    key.rpartition("_")[0]: value.strip()
                    for key, value in found.groupdict().items()
                    if value is not None
                }

    def matches(self, line: str) -> bool:
        return self.find(line) is not None

    def matches_any(self, lines: Iterable[str]) -> bool:
        return any(self.find(line) is not None for line in lines)


def _captures(line: str) -> bool:
    return any(blank != "any" for blank in _BLANK.findall(line))
