"""A template held against a note from one word on: how far does it reach?

Words may be added or left out only where the language's own list says that they carry no
content (articles, politeness), and one or two of them at most. May not search: the caller
says where to begin, and the steps are counted in the text.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.judge.naming import Naming
from triage.judge.normalise import NO_GAP, Words
from triage.judge.template import SlotTable, Template

MAX_EDITS = 2


@dataclass(slots=True)
class Text:
    """A note made ready: its words, and for each the words that it may be meant for."""

    words: Words
    forms: list[tuple[str, ...]]
    steps: int = 0

    def __len__(self) -> int:
        return len(self.forms)


def edits_allowed(length: int) -> int:
    """How many words of a text of ``length`` words may be added or left out."""
    return 0 if length < 4 else 1 if length < 8 else MAX_EDITS


def reach(
    template: Template,
    text: Text,
    start: int,
    naming: Naming,
    added: frozenset[str] = frozenset(),
    free_from: int = 7,
    exact: bool = False,
) -> int:
    """The word after the longest match that begins at ``start``; ``start`` if there is
    none. A match ends where a clause does, or is at least ``free_from`` words long.
    ``added`` are words that may stand in between. ``exact``: no slips are forgiven."""
    words, forms, count = text.words, text.forms, len(text.forms)
    positions = template.positions()
    table, slots, last = positions.words, positions.slots, positions.last
    active = {0: 0}
    best = at = start
    while at < count:
        reached: dict[int, int] = {}
        here = forms[at][:1] if exact else forms[at]
        for position, cost in active.items():
            follow = table[position]
            for form in here:
                if form in follow:
                    for following, more in follow[form]:
                        if cost + more < reached.get(following, MAX_EDITS + 1):
                            reached[following] = cost + more
            if slots[position] and (
                not position or words.gaps[at] == NO_GAP or _inside(slots[position])
            ):
                for following, kind in slots[position]:
                    if cost < reached.get(following, MAX_EDITS + 1) and naming.fits(
                        kind, words, at
                    ):
                        reached[following] = cost
            if position and cost < MAX_EDITS and here[0] in added:
                reached[position] = min(cost + 1, reached.get(position, MAX_EDITS))
        if not reached:
            break
        text.steps += len(active)
        at += 1
        active = reached
        if at - start >= free_from or words.ends_clause(at):
            allowed = edits_allowed(at - start)
            for position, cost in active.items():
                if position in last and cost + last[position] <= allowed:
                    best = at
                    break
    return best


def _inside(slots: SlotTable) -> bool:
    """Whether a merged-in value may go on here; where a clause ended, none may begin."""
    return any(kind.endswith("+") for _, kind in slots)
