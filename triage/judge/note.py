"""The lines of a recognised mail to the note: what the inviter wrote, and nothing else.

The note stands between the platform's opening and the card or the links; what the
platform put there (opening, salutation, signature, labels) is taken off. May not judge
the note, and may not guess: a place that cannot be found is said to be missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.judge.lines import Line
from triage.judge.links import role_of
from triage.judge.note_ends import comparable, is_salutation, same_name
from triage.judge.platforms import Platform
from triage.judge.recognise import Recognition
from triage.judge.wording import Wording

_LABEL = 160  # characters of a line that may be the label of a link


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
    lines: Sequence[Line], platform: Platform, seen: Recognition, name: str | None, page: bool
) -> Layout:
    """The pieces of one part, a ``page`` or a text. ``name`` is the inviter's, if known."""
    marked = _Marked(lines, platform, name, page)
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
    elif place == "after-links" and not body:
        body = marked.trimmed(marked.after_links(head))
    more = [index for index in body if platform.more.matches(lines[index].text)]
    note = tuple(lines[index] for index in body if index not in more)
    ends = bool(note) and note[-1].raw.rstrip().endswith("…")
    return Layout(note, tuple(lines[index] for index in card), bool(lines), bool(more) or ends,
                  hidden and not note)  # fmt: skip


class _Marked:
    """Lines, each with the part it plays."""

    def __init__(
        self, lines: Sequence[Line], platform: Platform, name: str | None, page: bool
    ) -> None:
        self.lines = lines
        self.page = page
        self.platform = platform
        self.name = comparable(name or "")
        self.linked = any(
            role_of(link, platform.link_domains, platform.links) in ("accept", "view", "profile")
            for line in lines
            for link in line.links
        )
        self.marks = [self._mark(line) for line in lines]

    def _mark(self, line: Line) -> str:
        platform = self.platform
        if line.rule:
            return "rule"
        text = comparable(line.text)
        if self.name and same_name(text, self.name):
            return "name"
        decked = platform.name_lines.find(line.text)
        if decked and self.name and same_name(comparable(decked.get("name", "")), self.name):
            return "name"
        roles = {role_of(link, platform.link_domains, platform.links) for link in line.links}
        if not line.text:
            return "act" if roles & {"accept", "view"} else "chrome"
        if platform.mutual.matches(line.text):
            return "mutual"
        if platform.footer.matches(line.text) or "footer" in roles:
            return "footer"
        if len(line.text) <= _LABEL and roles & {"accept", "view"}:
            return "act"
        if (line.links or not self.linked) and self.is_theirs(line, platform.labels):
            return "act"
        if "profile" in roles and len(line.text) <= _LABEL:
            # On a page the reader's own profile stands at the head.
            named = bool(self.name) and self.name in text
            return "act" if named or not self.page else "chrome"
        if self.is_theirs(line, platform.hidden_note):
            return "chrome"
        if self.is_theirs(line, platform.chrome) or (roles & {"chrome", "own"} and len(text) < 40):
            return "chrome"
        if self.name and text.startswith((self.name + " ", self.name + "'")):
            return "chrome"  # the platform speaks of the inviter
        return "text"

    def is_theirs(self, line: Line, wording: Wording) -> bool:
        """A line of the platform's; one with a name in it must name the inviter."""
        names = {self.name, self.name.partition(" ")[0]}
        for found in wording.finds(line.text):
            told = comparable(found.get("name", ""))
            if not told or not self.name or told in names:
                return True
        return False

    def head(self) -> int:
        """Where what comes before the links ends."""
        for wanted in ("act", "footer"):
            if wanted in self.marks:
                return self.marks.index(wanted)
        return len(self.marks)

    def opening(self, head: int) -> int:
        """The first line behind the platform's own opening."""
        rules = [index for index in range(head) if self.marks[index] == "rule"]
        if len(rules) > 1 and rules[0] <= 2 and rules[1] - rules[0] <= 3:
            between = self.marks[rules[0] + 1 : rules[1]]
            if between and between.count("text") <= 1:
                return rules[1] + 1
        start = 0
        while start < head and self.marks[start] in ("rule", "chrome"):
            start += 1
        return start

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
            if line.gap and not self.page:
                break
            card.append(index)
            texts += 1
        return card

    def _is_fixed(self, body: Sequence[int]) -> bool:
        texts = [self.lines[index].text for index in self.trimmed(list(body))]
        return all(self.platform.fixed_language(text) for text in texts)

    def trimmed(self, body: list[int]) -> list[int]:
        """``body`` without platform lines at its ends and without salutation."""
        while body and self.marks[body[0]] not in ("text", "name"):
            body = body[1:]
        while body and self.marks[body[-1]] not in ("text", "name"):
            body = body[:-1]
        if body and is_salutation(self.lines[body[0]].text) and len(body) > 1:
            body = body[1:]
        elif body and len(body) == 1 and is_salutation(self.lines[body[0]].text):
            body = []
        while body and self.marks[body[0]] in ("rule", "chrome"):
            body = body[1:]
        return body

    def after_links(self, head: int) -> list[int]:
        """The lines behind the links, up to the small print."""
        start = head
        while start < len(self.marks) and self.marks[start] in ("act", "name", "rule"):
            start += 1
        end = start
        while end < len(self.marks) and self.marks[end] in ("text", "name"):
            end += 1
        return list(range(start, end))

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
        return (), False
