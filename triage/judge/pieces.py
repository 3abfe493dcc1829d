"""Runs of words to pieces of the note as given: what was taken away, and what is left.

Punctuation goes with the word that it belongs to, and white space with none. May not
decide what is boilerplate: it only turns word numbers into places in the note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from triage.judge.alignment import Text
from triage.judge.normalise import MAX_WORDS
from triage.model import Span

_OPENING = "\"'([{“„«‘¿¡@#$€£&"


def spans_of(note: str, text: Text, pieces: Iterable[tuple[int, int, str]]) -> Iterable[Span]:
    """The pieces (first word, word after the last, rule) as places in the note."""
    words = text.words
    for begin, end, rule in pieces:
        limit = words.starts[end] if end < len(words) else len(note)
        yield Span(words.starts[begin], _end(note, words.ends[end - 1], limit), rule)


def residue_of(
    note: str, text: Text, pieces: Sequence[tuple[int, int, str]], idle: frozenset[str]
) -> Iterable[tuple[int, int]]:
    """What lies between the pieces; not what is made of ``idle`` words alone. A note with
    more words than are looked at keeps all that comes after them."""
    words = text.words
    cut = len(words) == MAX_WORDS
    begin = 0
    for first, after, _ in [*pieces, (len(words), len(words), "")]:
        if begin < first and not all(key in idle for key in words.keys[begin:first]):
            before = note[words.ends[begin - 1] if begin else 0 : words.starts[begin]]
            start = words.starts[begin] - len(_opening(before))
            if first == len(words) and cut:
                yield start, len(note.rstrip())
                return
            limit = words.starts[first] if first < len(words) else len(note)
            yield start, _end(note, words.ends[first - 1], limit)
        begin = after
    if cut and note[words.ends[-1] :].strip():
        unread = note[words.ends[-1] :]
        yield len(note) - len(unread.lstrip()), len(note.rstrip())


def _end(note: str, end: int, limit: int) -> int:
    """Where the punctuation ends that belongs to the word that ends at ``end``."""
    stop = end
    while stop < limit and not note[stop].isspace():
        stop += 1
    if stop == limit < len(note):  # "LinkedIn.(We met": the bracket belongs to "We"
        stop = limit - len(_opening(note[end:limit]))
    return stop


def _opening(between: str) -> str:
    """The part of what stands between two words that belongs to the second."""
    return between[len(between.rstrip(_OPENING)) :]
