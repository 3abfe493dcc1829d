"""Words of a note to the words of the default texts that they may be meant for.

Forgives one slip of the finger in a long word, and letters that a mailing list or a wrong
charset turned into "?". May not forgive anything else: a word that is only similar in
meaning, or a short one, stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from triage.judge.normalise import Words, key_of, words_of
from triage.judge.notation import ANY_PLATFORM, PLATFORMS

SHORTEST = 6  # words of fewer letters are taken as they are
LONGEST = 30
_REMEMBERED = 8192  # words of notes, with what they may be a slip for
_LOST = re.compile(r"[?\ufffd]+")
_IS_LOST = re.compile(r"\ufffd|\?(?=[^\W\d_])|(?<=\s)\?")
_LOST_WORD = re.compile(r"[^\s.,;:!()\"?\ufffd]{0,40}[?\ufffd][^\s.,;:!()\"]{0,40}")
_QUOTE = "'’"


class Vocabulary:
    """The words of all default texts, and which of them lie near each other."""

    def __init__(self, texts: Iterable[str]) -> None:
        keys: set[str] = {"linkedin", "facebook"}
        lost: dict[str, set[str]] = {}
        for raw in {raw for text in texts for raw in words_of(text).raw}:
            key = key_of(raw)
            keys.add(key)
            if key != raw.lower():  # it has letters or quotes that may get lost
                for pattern in _without_letters(raw):
                    lost.setdefault(pattern, set()).add(key)
        self.lost = {pattern: tuple(sorted(found)) for pattern, found in lost.items()}
        self._near: dict[tuple[str | int, str | int], list[str]] = {}
        for key in sorted(keys):
            if SHORTEST <= len(key) <= LONGEST:
                for size in (len(key) - 1, len(key), len(key) + 1):
                    half = _half(size)
                    self._near.setdefault((key[:half], size), []).append(key)
                    self._near.setdefault((size, key[-half:]), []).append(key)
        self._known = {key: (key, *self._slips(key)) for key in sorted(keys | PLATFORMS)}
        for key in PLATFORMS:
            self._known[key] += (ANY_PLATFORM,)
        self.forms = lru_cache(_REMEMBERED)(self._forms)

    def _forms(self, key: str) -> tuple[str, ...]:
        """The word itself and what it may be a slip for."""
        known = self._known.get(key)
        if known is not None:
            return known
        if SHORTEST - 1 <= len(key) <= LONGEST and not key.isdigit():
            slips = self._slips(key)
            return (key, *slips, ANY_PLATFORM) if "linkedin" in slips else (key, *slips)
        return (key,)

    def read(self, note: str, words: Words) -> list[tuple[str, ...]]:
        """``forms`` of each word. Joins words of ``words`` between which a letter was
        lost, where that gives a word."""
        lost = self._put_back(note, words) if _IS_LOST.search(note) else {}
        known, forms = self._known, self.forms
        found = [known.get(key) or forms(key) for key in words.keys]
        for at, meant in lost.items():
            found[at] = (*meant, *found[at])
        return found

    def _put_back(self, note: str, words: Words) -> dict[int, tuple[str, ...]]:
        at, found = 0, {}
        for chunk in _LOST_WORD.finditer(note):
            meant = self.lost.get(_LOST.sub("?", chunk.group().lower()))
            while at < len(words) and words.starts[at] < chunk.start():
                at += 1
            if meant and at < len(words) and words.ends[at] <= chunk.end():
                found[at] = meant
                while at + 1 < len(words) and words.starts[at + 1] < chunk.end():
                    _join(words, at)
        return found

    def _slips(self, key: str) -> tuple[str, ...]:
        """Words of the texts that are one slip away: it leaves the first half of a
        long word as it is, or the last."""
        size = len(key)
        half = _half(size)
        head = self._near.get((key[:half], size))
        tail = self._near.get((size, key[-half:]))
        if not head and not tail:
            return ()
        rest = size - 4  # a cheap look at the other half before the dear one
        first, last, start, end = key[:rest], key[-rest:], key[:2], key[-2:]
        near = [word for word in head or () if word[-2:] == end or word[:rest] == first]
        near += [word for word in tail or () if word[:2] == start or word[-rest:] == last]
        if not near:
            return ()
        return tuple(sorted(word for word in {*near} if word != key and one_slip(word, key)))


def _join(words: Words, at: int) -> None:
    """The word at ``at`` and the next are one: the note lost the letter between them."""
    words.ends[at] = words.ends[at + 1]
    for column in (words.keys, words.raw, words.starts, words.ends, words.gaps):
        del column[at + 1]


def _half(size: int) -> int:
    return max(3, (size - 2) // 2)


def one_slip(one: str, other: str) -> bool:
    """Whether one letter more, less or other, or two swapped, makes the one the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    head = 0
    while head < len(one) and one[head] == other[head]:
        head += 1
    if len(one) != len(other):
        return one[head:] == other[head + 1 :]
    swapped = one[head + 1 : head + 2] + one[head : head + 1] + one[head + 2 :]
    return one[head + 1 :] == other[head + 1 :] or swapped == other[head:]


def _without_letters(raw: str) -> set[str]:
    """``raw`` as it looks when letters outside ASCII, typographic quotes, or both were
    turned into "?"; nothing where no letter is lost or none is left."""
    raw = raw.lower()
    no_quotes = "".join("?" if char in _QUOTE else char for char in raw)
    no_accents = "".join(char if char.isascii() or char in _QUOTE else "?" for char in raw)
    both = "".join(char if char.isascii() else "?" for char in no_quotes)
    patterns = {_LOST.sub("?", pattern) for pattern in (no_quotes, no_accents, both)}
    return {p for p in patterns if "?" in p and sum(char.isalpha() for char in p) * 2 >= len(p)}
