"""The statistical voice: what is left of a note to one line of evidence, by many small weights.

Counts words, pairs of words and pieces of words as ``training/`` found them to be more
common in notes to one reader or in notes to many. Names and numbers are only names and
numbers to it. May not read files (its weights come in as text), and is silent where the
note is not in the language that it learnt.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.errors import Fault
from triage.model import Evidence

GROUP = "voice"
HEAD = "# triage voice 1"
UNIT = 1000  # weights are written as thousandths
MOST_BITS = 4.0  # towards personal: a tone alone proves no more
MOST_AGAINST = 3.0  # with the prior not enough to file a note away where no rule agrees
LEAST_BITS = 0.3  # what is less is not worth a line
MAX_WORDS = 400  # of one note; what is longer is judged by its beginning
KNOWN = 0.55  # of the words must be known, or it is another language
NAME, NUMBER, YEAR, SIGN, BEGIN, END = "<name>", "<num>", "<year>", "<sign>", "<begin>", "<end>"
PIECES = (3, 4, 5)  # letters in a piece of a word

_TOKEN = re.compile(r"[^\W\d_]+(?:['’`][^\W\d_]+)*|\d[\d.,:]*|[^\w\s]|_")
_TAIL = re.compile(r"(?:n't|'(?:s|m|d|re|ve|ll))$")
_SIGNS = frozenset(".,!?;:()&@%$€£-'\"/")
_MEANT = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "thx": "thanks",
    "hv": "have", "im": "i'm", "ive": "i've", "dont": "don't", "didnt": "didn't",
}  # fmt: skip
_MANY, _ONE = "writes as one writes to many", "writes as one writes to a single reader"

Pieces = Sequence[tuple[int, int]]


class Word(NamedTuple):
    """A word, or a sign, and its place in the note. ``low`` is how it is compared."""

    low: str
    capital: bool
    start: int
    end: int


class Feature(NamedTuple):
    """What is counted, and the words from ``first`` up to, with, ``last`` it stands for."""

    key: str
    first: int
    last: int


class _Heard(NamedTuple):
    """The features of a note that have a weight, and the weight of each word."""

    words: set[str]
    pieces: set[str]
    each: list[float]


@dataclass(frozen=True)
class Voice:
    """``weights`` holds for each feature its weight, and how rare it is. ``slope`` and
    ``intercept`` make the sum of weights log2 odds for personal, of a note of which
    nothing else is known and both sides are as frequent."""

    language: str
    slope: float
    intercept: float
    weights: Mapping[str, tuple[float, float]]
    fingerprint: str = ""
    _spelt: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = [key for key in self.weights if key[0] != "#" and " " not in key]
        object.__setattr__(self, "_spelt", {word: self._spell(word) for word in words})

    @property
    def rule(self) -> str:
        return f"voice.{self.language}"

    def hear(self, note: str, pieces: Pieces) -> Evidence | None:
        """The one line of evidence; None where it has nothing to say."""
        words = words_of(note, pieces)
        if not self._understood(words):
            return None
        found = self._listen(words)
        bits = self.slope * self._sum(found) + self.intercept
        bits = round(max(-MOST_AGAINST, min(MOST_BITS, bits)), 1)
        if abs(bits) < LEAST_BITS:
            return None
        towards = math.copysign(1.0, bits)
        loudest = _loudest(found.each, towards)
        start, end = words[loudest[0]].start, words[loudest[1]].end
        return Evidence(
            rule=self.rule,
            says=_ONE if bits > 0 else _MANY,
            points_to="personal" if bits > 0 else "generic",
            bits=abs(bits),
            quote=note[start:end],
            start=start,
            end=end,
            group=GROUP,
        )

    def sum_of(self, note: str, pieces: Pieces) -> float:
        """The bare sum of weights, for those who calibrate it."""
        return self._sum(self._listen(words_of(note, pieces)))

    def _understood(self, words: Sequence[Word]) -> bool:
        real = [word for word in words if word.low[0].isalpha()]
        known = sum(word.low in self.weights for word in real)
        named = sum(word.capital and word.low not in self.weights for word in real)
        return known > 0 and known >= KNOWN * (len(real) - named / 2)

    def _sum(self, found: _Heard) -> float:
        """Words and pieces of words count apart, each as a direction: a long note does
        not say more by being long. Exact sums, so that no order shows in them."""
        total = 0.0
        for keys in (found.words, found.pieces):
            chosen = [self.weights[key] for key in keys]
            length = math.sqrt(math.fsum([rarity * rarity for _, rarity in chosen]))
            total += math.fsum([weight for weight, _ in chosen]) / max(length, 1.0)
        return total

    def _listen(self, words: Sequence[Word]) -> _Heard:
        """As ``features``, but only what has a weight, and each once."""
        weights, spelt = self.weights, self._spelt
        heard = _Heard(set(), set(), [0.0] * len(words))
        previous, before = BEGIN, 0
        for at, word in enumerate(words):
            key = _key(word, weights)
            if key == previous == NAME:
                before = at
                continue
            pair = f"{previous} {key}"
            if pair in weights:
                heard.words.add(pair)
                heard.each[before] += weights[pair][0] / 2
                heard.each[at] += weights[pair][0] / 2
            if key in weights:
                heard.words.add(key)
                heard.each[at] += weights[key][0]
            pieces = spelt.get(key)
            if pieces is None:
                pieces = self._spell(key)
            heard.pieces.update(pieces)
            previous, before = key, at
        last = f"{previous} {END}"
        if words and last in weights:
            heard.words.add(last)
        return heard

    def _spell(self, key: str) -> tuple[str, ...]:
        return tuple(f.key for f in _pieces(key, 0) if f.key in self.weights)


def _loudest(each: Sequence[float], towards: float) -> tuple[int, int]:
    """The words, two at most, that weighed most ``towards`` its side."""
    size = len(each)
    best = max(range(size), key=lambda at: (towards * each[at], -at))
    beside = [at for at in (best - 1, best + 1) if 0 <= at < size and towards * each[at] > 0]
    other = max(beside, key=lambda at: (towards * each[at], -at), default=best)
    return min(best, other), max(best, other)


def parse_voice(file: str, text: str) -> Voice | Fault:
    """The weights as ``training/train.py`` wrote them: a head, then a line each."""
    lines = text.splitlines()
    now = "Write it anew with: make train"
    try:
        if lines[0] != HEAD:
            return Fault(file, 1, "", "no weights of a voice that this version reads", now)
        language, slope, intercept = lines[1].split("\t")
        weights = {}
        for line in lines[2:]:
            key, weight, rarity = line.split("\t")
            weights[key] = (int(weight) / UNIT, int(rarity) / UNIT)
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
        return Voice(language, float(slope), float(intercept), weights, digest)
    except (IndexError, ValueError):
        return Fault(file, 0, "", "broken weights", now)


def written(voice: Voice) -> str:
    """``voice`` as text, for ``parse_voice``."""
    lines = [HEAD, f"{voice.language}\t{voice.slope:.4f}\t{voice.intercept:.4f}"]
    for key, (weight, rarity) in sorted(voice.weights.items()):
        lines.append(f"{key}\t{round(weight * UNIT)}\t{round(rarity * UNIT)}")
    return "\n".join(lines) + "\n"


def words_of(note: str, pieces: Pieces) -> list[Word]:
    """The words of the ``pieces`` of ``note``, contractions in two."""
    words: list[Word] = []
    for start, end in pieces:
        for found in _TOKEN.finditer(note, start, end):
            raw = found.group().replace("’", "'").replace("`", "'")
            low = raw.lower()
            low = _MEANT.get(low, low)
            at, capital = found.start(), raw[0].isupper()
            tail = _TAIL.search(low)
            if tail and tail.start():
                cut = max(at + len(raw) - len(tail.group()), at + 1)
                words.append(Word(low[: tail.start()], capital, at, cut))
                words.append(Word(tail.group(), False, min(cut, found.end() - 1), found.end()))
            else:
                words.append(Word(low, capital, at, found.end()))
            if len(words) >= MAX_WORDS:
                return words
    return words


def features(words: Sequence[Word], known: Mapping[str, object] | set[str]) -> Iterator[Feature]:
    """What is counted in a note. A word with a capital that is not ``known`` is a name;
    a run of names is one."""
    previous, before = BEGIN, 0
    for at, word in enumerate(words):
        key = _key(word, known)
        if key == previous == NAME:
            before = at
            continue
        yield Feature(key, at, at)
        yield Feature(f"{previous} {key}", before, at)
        yield from _pieces(key, at)
        previous, before = key, at
    if words:
        yield Feature(f"{previous} {END}", before, before)


def _key(word: Word, known: Mapping[str, object] | set[str]) -> str:
    low = word.low
    if low[0].isdigit():
        return YEAR if len(low) == 4 and low.isdigit() and low[:2] in ("19", "20") else NUMBER
    if not low[0].isalpha() and low[0] != "'":
        return low if low in _SIGNS else SIGN
    if word.capital and low not in known:
        return NAME
    return low


def _pieces(key: str, at: int) -> Iterator[Feature]:
    if not key[0].isalpha():
        return
    framed = f"_{key[:30]}_"
    for size in PIECES:
        for start in range(len(framed) - size + 1):
            yield Feature("#" + framed[start : start + size], at, at)
