"""The lines of a recognised mail to the note: what the inviter wrote, and nothing else.

The note stands between the platform's opening and the card or the links; what the
platform put there (opening, salutation, signature, labels) is taken off. May not judge
the note, and may not guess: a place that cannot be found is said to be missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from triage.judge.budget import Budget
from triage.judge.lines import Line, text_lines
from triage.judge.marks import Marked
from triage.judge.platforms import Platform
from triage.judge.recognise import Recognition
from triage.judge.salutations import is_salutation

_CITED = re.compile(r"^\s*>[ ]?")
_HEAD = re.compile(r"^(?:To|From|Subject|Date|Sent)\s*:", re.IGNORECASE)
_FIRST_PERSON = re.compile(
    r"\b(?:I|I'(?:d|m|ve|ll)|[Ii]ch|[Jj]e|[Jj]'\w+|[Ii]k|[Ee]u|[Mm]e gustaría|[Vv]orrei)\b(?!\.)"
)


@dataclass(frozen=True)
class Layout:
    """One part of a mail, taken to pieces: ``note`` and ``card`` are lines of it;
    ``found`` is False where no place for a note was there; ``cut`` and ``hidden`` say
    that the mail shows the note in part, or not."""

    note: tuple[Line, ...] = ()
    card: tuple[Line, ...] = ()
    found: bool = False
    cut: bool = False
    hidden: bool = False


def take_apart(
    lines: Sequence[Line],
    platform: Platform,
    seen: Recognition,
    name: str | None,
    page: bool,
    budget: Budget,
) -> Layout:
    """The pieces of one part, a ``page`` or a text. ``name`` is the inviter's, if known."""
    marked = _Pieces(lines, platform, name, page, budget)
    hidden = any(marked.is_theirs(line, platform.hidden_note) for line in lines[:200])
    place = seen.note_place
    if place == "between" and seen.form is not None:
        note, found = marked.between(seen)
        return Layout(note, (), found, hidden=hidden and not note)
    head = marked.head()
    start = marked.opening(head)
    body = list(range(start, head))
    card: list[int] = []
    if page or seen.form is None or seen.form.card:
        body, card = marked.without_card(body)
    body = marked.trimmed(body)
    if place == "none":
        body = []
    elif quoted := marked.quoted(seen):
        return Layout(quoted, tuple(lines[index] for index in card), True)
    elif place == "after-links" and not body:
        body = marked.trimmed(marked.after_links(head))
    more = [index for index in body if platform.more.matches(lines[index].text)]
    note = tuple(lines[index] for index in body if index not in more)
    ends = bool(note) and note[-1].raw.rstrip().endswith("…")
    return Layout(note, tuple(lines[index] for index in card), bool(lines), bool(more) or ends,
                  hidden and not note)  # fmt: skip


class _Pieces(Marked):
    """Marked lines, and the ways to take them to pieces."""

    def without_card(self, body: list[int]) -> tuple[list[int], list[int]]:
        """The inviter's name with headline and place, and the lines without them."""
        names = [index for index in body if self.marks[index] == "name"]
        if not names:
            return body, []
        first, last = body[0], body[-1]
        top = names[0]
        if all(self.marks[index] in ("chrome", "rule") for index in range(first, top)):
            card = self._card(top, last)
            rest = [index for index in body if index > card[-1]]
            if any(self.marks[index] == "text" for index in rest) or len(names) == 1:
                return rest, card
        card = self._card(names[-1], last)
        if not self.lines[names[-1]].gap and card[-1] == names[-1]:
            return body, []  # a signature that the inviter wrote
        before = [index for index in body if index < card[0]]
        after = [index for index in body if index > card[-1]]
        if any(self.marks[index] == "text" for index in after) and self._is_fixed(before):
            return after, card
        return before, card

    def _card(self, start: int, last: int) -> list[int]:
        """The lines of a card that begins at ``start``: at most headline and place, then
        the connections in common. A sentence or a salutation ends it."""
        card, texts = [start], 0
        for index in range(start + 1, last + 1):
            mark, line = self.marks[index], self.lines[index]
            if mark in ("mutual", "chrome", "name"):
                card.append(index)
                continue
            sentence = re.search(r"[.!?]$", line.text) and len(line.text.split()) > 4
            if mark != "text" or texts == 2 or is_salutation(line.text) or (texts and sentence):
                break
            if texts and line.gap and line.text.startswith(('"', "- ")):
                break
            if line.gap and not self.page and not self._is_set_off(index, texts, last):
                break
            card.append(index)
            texts += 1
        return card

    def _is_set_off(self, index: int, texts: int, last: int) -> bool:
        """Whether a headline stands in a paragraph of its own: before the salutation, or
        below "From Ada"."""
        line, follows = self.lines[index], self.lines[index + 1].text if index < last else ""
        if texts or not follows:
            return False
        decked = self.platform.name_lines.matches(self.lines[index - 1].text)
        open_end = not re.search(r"[.,!?]$", line.text)
        return is_salutation(follows) or (decked and open_end and not is_salutation(line.text))

    def _is_fixed(self, body: Sequence[int]) -> bool:
        texts = [self.lines[index].text for index in self.trimmed(list(body))]
        return all(self.platform.fixed_language(text) for text in texts)

    def quoted(self, seen: Recognition) -> tuple[Line, ...]:
        """The note that the platform itself quotes, as its old reminders did."""
        if seen.form is None or not seen.form.quotes_note:
            return ()
        opens = seen.form.opens
        start = next((i for i, line in enumerate(self.lines) if opens.matches(line.text)), None)
        if start is None:
            return ()
        rest = [line.raw for line in self.lines[start + 1 :]]
        cited = [_CITED.sub("", raw) for raw in takewhile(_CITED.match, rest)]
        lines = text_lines("\n".join(cited), self.budget)
        inner = _Pieces(
            [line for line in lines if not _HEAD.match(line.raw)],
            self.platform, self.name, self.page, self.budget,
        )  # fmt: skip
        body = inner.trimmed(list(range(inner.opening(inner.head()), inner.head())))
        return tuple(inner.lines[index] for index in body)

    def between(self, seen: Recognition) -> tuple[tuple[Line, ...], bool]:
        """The lines between those that the form names; a note within one line, too."""
        assert seen.form is not None
        start: int | None = None
        for index, line in enumerate(self.lines):
            opened = seen.form.opens.find(line.text)
            if start is None and opened is not None:
                if opened.get("note"):
                    text = opened["note"]
                    return (Line(text, text),), True
                start = index + 1
            elif start is not None and seen.form.closes.matches(line.text):
                body = list(range(start, index))
                return tuple(self.lines[item] for item in self.trimmed(body)), True
        return (() if start is not None else self.first_person()), False

    def first_person(self) -> tuple[Line, ...]:
        """Where no opening line is known: what somebody says of himself before the links.
        Rather a line of the platform's too many than a note lost."""
        body = [
            index
            for index in range(self.head())
            if self.marks[index] == "text" and _FIRST_PERSON.search(self.lines[index].text)
        ]
        if not body:
            return ()
        first, last = body[0], body[-1]
        while first and self.marks[first - 1] == "text" and not self.lines[first].gap:
            first -= 1
        while last + 1 < self.head() and self.marks[last + 1] == "text":
            last += 1
        return tuple(self.lines[index] for index in self.trimmed(list(range(first, last + 1))))
