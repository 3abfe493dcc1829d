"""The lines of one part of a recognised mail to the part that each plays: the inviter's
name, a link that acts, small print, chrome of the platform, or text of somebody.

May not decide where the note is: ``note`` does, from these marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.judge.budget import Budget
from triage.judge.lines import Line
from triage.judge.links import role_of
from triage.judge.note_ends import comparable, same_name
from triage.judge.platforms import Platform
from triage.judge.salutations import is_salutation
from triage.judge.wording import Wording

_OF_ONESELF = re.compile(r"\b(?:i|we|my|our|us|me|here|ich|wir|je|nous|hier|ici|yo|aquí|eu)\b")
STEPS = 20  # of wording that each line is held against
_LABEL = 160  # characters of a line that may be the label of a link


class Marked:
    """Lines, each with the part it plays."""

    def __init__(
        self,
        lines: Sequence[Line],
        platform: Platform,
        name: str | None,
        page: bool,
        budget: Budget,
    ) -> None:
        self.lines = lines
        self.budget = budget
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
        self.budget.spend(STEPS + len(line.links) * (1 + len(platform.links)))
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
        told_of = self.name and text.startswith((self.name + " ", self.name + "'"))
        if told_of and not _OF_ONESELF.search(text):
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
