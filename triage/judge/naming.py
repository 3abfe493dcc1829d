"""Words of a note to whether a person or thing may be named there.

What a platform merges into its texts, and what stands behind "Dear" or "Best regards",
is a name, or it is taken for a word with a meaning and left in the note. May not look
names up: it goes by how a word is written and by the words that each language says are
no names (neighbour, classmate, summit).
"""

from __future__ import annotations

import re

from triage.judge.normalise import NO_GAP, Words

_UNCASED = re.compile("[\u0590-\u10ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LINKS = frozenset(
    (
        "of", "and", "the", "for", "de", "la", "le", "les", "du", "des", "et", "der", "die",
        "das", "und", "für", "von", "van", "den", "e", "y", "da", "do", "dos", "della", "di",
        "i", "w", "na", "och", "og", "ja",
    )
)  # fmt: skip
_LONGEST_NAME = 20
_DOMAINS = frozenset(
    (
        "com", "net", "org", "info", "biz", "edu", "eu", "me", "co", "de", "fr", "es", "it",
        "nl", "pl", "ru", "se", "dk", "no", "fi", "at", "ch", "uk",
    )
)  # fmt: skip


class Naming:
    """``no_names`` are words, of any language, that are never a name; ``surnames`` those
    that begin one in scripts that know neither capitals nor spaces."""

    def __init__(self, no_names: frozenset[str], surnames: frozenset[str]) -> None:
        self._no_names = no_names
        self._surnames = surnames

    def known(self, raw: str) -> bool:
        """Whether a capital or a surname says that this is a name."""
        return cased(raw) or raw in self._surnames

    def fits(self, kind: str, words: Words, at: int) -> bool:
        """Whether the word at ``at`` may stand in a slot of this kind. A kind that ends
        in "+" is not its first word, and then no clause may end before it."""
        follows = kind.endswith("+")
        kind = kind.rstrip("+")
        raw = words.raw[at]
        if kind == "site":  # a domain: "Reunion", and then "com"
            return raw.lower() in _DOMAINS if follows else raw.isascii()
        if follows and words.gaps[at] != NO_GAP and not initial(words.raw[at - 1]):
            return False
        if kind == "number":
            return raw.isdigit()
        if kind == "name":
            return self.name(raw)
        return (
            (capital(raw) and (follows or self.no_word(raw)))
            or raw[0].isdigit()
            or (follows and raw.lower() in _LINKS)
        )

    def name(self, raw: str) -> bool:
        """Whether a word is written as a name is: "Dave", "DAVE", "O’Neill", "明"."""
        return capital(raw) and len(raw) <= _LONGEST_NAME and self.no_word(raw)

    def no_word(self, raw: str) -> bool:
        """Whether no language knows the word as one that means something."""
        bare = raw.lower().replace("'", "").replace("’", "")
        return bare not in self._no_names and not any(map(str.isdigit, raw))

    def run(self, words: Words, at: int, most: int = 4, titled: bool = False) -> int:
        """Where a name ends that begins at ``at``; ``at`` itself where none does. Behind
        a title it may begin small: "Mevrouw de Wit"."""
        end = at
        if at < len(words) and not cased(words.raw[at]):
            most = 5 if single(words.raw[at]) else 2
        while end < len(words) and end - at < most:
            raw = words.raw[end]
            if end > at and words.gaps[end] != NO_GAP and not initial(words.raw[end - 1]):
                break
            small = end == at and not titled and raw.islower()
            if not self.name(raw) and (small or not self._links(words, end)):
                break
            end += 1
        return end

    def _links(self, words: Words, at: int) -> bool:
        """Whether the word stands before a name and belongs to it: "van Beethoven"."""
        after = at + 1
        while after < len(words) and words.gaps[after] == NO_GAP and particle(words.raw[after]):
            after += 1
        return (
            particle(words.raw[at])
            and after < len(words)
            and words.gaps[after] == NO_GAP
            and cased(words.raw[after])
            and self.name(words.raw[after])
        )


def capital(raw: str) -> bool:
    """A capital letter, or a letter of a script that has none."""
    return raw[0].isupper() or (raw[0].isalpha() and not cased(raw))


def cased(raw: str) -> bool:
    """Whether the script of a word knows capitals."""
    first = raw[0]
    return first < "\u0590" or not _UNCASED.match(first)


def single(raw: str) -> bool:
    """Whether the script of a word writes no spaces, so that a word is one letter."""
    return len(raw) == 1 and not cased(raw)


def initial(raw: str) -> bool:
    """ "J" as in "J. Smith", or a short title with its full stop."""
    return (len(raw) == 1 and cased(raw)) or raw.lower() in {
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "ing",
        "mag",
        "jr",
    }


def particle(raw: str) -> bool:
    """What stands in the middle of a name: Ludwig van Beethoven."""
    return raw.lower() in {
        "van",
        "von",
        "de",
        "der",
        "den",
        "da",
        "di",
        "la",
        "le",
        "bin",
        "ibn",
        "el",
        "al",
        "y",
        "zu",
        "dos",
        "du",
    }
