"""A verdict to words: the note with its evidence underlined, and the sum behind it.

``lines`` is for the reader's own terminal and shows the note, cleaned of whatever steers
a terminal; ``one_line`` is for logs and holds no word of the note. May not judge: it
only repeats the arithmetic of ``verdict.py``.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Sequence

from triage.clean import shown
from triage.judge.verdict import (
    SIDE_BITS,
    by_weight,
    cheapest,
    expected_costs,
    impersonal_label,
    probability,
    side_bits,
    signed,
    total_bits,
)
from triage.model import Evidence, Invitation, Reading, Verdict
from triage.preferences import Costs

WIDTH = 88
DEFAULT_MARK, EVIDENCE_MARK = "=", "~"
_Cell = tuple[str, str]  # a character as it is shown, and the mark under it


def one_line(verdict: Verdict) -> str:
    """The label, its probability and what it rests on, without a word of the note."""
    parts = [
        f"{shown(one.says, 80, lines=False)} {_bits(one, verdict)}"
        for one in (*by_weight(verdict.because), *by_weight(verdict.against))
    ]
    return f"{verdict.label} {verdict.probability:.2f}: {'; '.join(parts) or verdict.why}"


def lines(
    reading: Reading | str | None, verdict: Verdict, costs: Costs | None = None
) -> tuple[str, ...]:
    """The whole explanation, a line each. ``reading`` may be the bare note."""
    costs = costs or Costs()
    note = reading if isinstance(reading, str) else getattr(reading, "note", None)
    counted = sorted((*verdict.because, *verdict.against), key=lambda e: (e.start, e.end, e.rule))
    said = [*_heading(reading, verdict)]
    if note:
        said += ["", *_underlined(note, counted, verdict)]
    said += ["", *_sum(counted, verdict, costs)]
    return tuple(said)


def _heading(reading: Reading | str | None, verdict: Verdict) -> list[str]:
    why = shown(verdict.why, 400, lines=False)
    head = f"{verdict.label}, probability {verdict.probability:.2f}. {why}"
    said = textwrap.wrap(head, WIDTH, break_long_words=False, break_on_hyphens=False)
    if isinstance(reading, Invitation):
        who = reading.inviter.name or "somebody whose name the mail does not show"
        about = f", {reading.inviter.headline}" if reading.inviter.headline else ""
        said.append(shown(f"{reading.platform} {reading.kind} from {who}{about}", 300, lines=False))
        if reading.note is None:
            said.append("The mail holds no note.")
        elif reading.shown != "whole":
            said.append(f"The mail shows the note {reading.shown}.")
    elif reading is not None and not isinstance(reading, str):
        said.append(shown(f"No invitation: {reading.reason}", 300, lines=False))
    return said


def _underlined(note: str, counted: Sequence[Evidence], verdict: Verdict) -> list[str]:
    """The note with a line of marks under each line that has any: ``=`` for what was
    taken away as default text, ``1~~~`` for the first piece of evidence."""
    marks = [" "] * len(note)
    for span in verdict.subtracted:
        for at in range(span.start, min(span.end, len(note))):
            marks[at] = DEFAULT_MARK
    for number, one in enumerate(counted, 1):
        free = [at for at in range(one.start, min(one.end, len(note))) if marks[at] in " ="]
        for at, mark in zip(free, str(number) + EVIDENCE_MARK * len(free), strict=False):
            marks[at] = mark
    said: list[str] = []
    for row in _rows(_cells(note, marks)):
        said.append("  | " + "".join(char for char, _ in row).rstrip())
        under = "".join(mark for _, mark in row).rstrip()
        if under:
            said.append("    " + under)
    if verdict.subtracted:
        said.append(f"    ({DEFAULT_MARK * 3} greeting, signature or default text: not judged)")
    return said


def _cells(note: str, marks: Sequence[str]) -> list[_Cell]:
    """Cleaning runs over pieces of one kind of mark, so that marks stay under their
    characters whatever is cleaned away before them."""
    cells: list[_Cell] = []
    at = 0
    while at < len(note):
        end = at + 1
        while end < len(note) and marks[end] == marks[at]:
            end += 1
        cells += [
            (char, "" if char == "\n" else marks[at] * _columns(char))
            for char in shown(note[at:end]).replace("\t", " ")
        ]
        at = end
    return cells


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _rows(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    """Broken at line breaks, and at the last space before ``WIDTH``."""
    rows: list[list[_Cell]] = [[]]
    for cell in cells:
        if cell[0] == "\n":
            rows.append([])
            continue
        row = rows[-1]
        row.append(cell)
        if sum(len(mark) for _, mark in row) > WIDTH:
            spaces = [at for at, (char, _) in enumerate(row) if char == " "]
            cut = spaces[-1] + 1 if spaces else len(row) - 1
            rows.append(row[cut:])
            del row[cut:]
    return rows


def _sum(counted: Sequence[Evidence], verdict: Verdict, costs: Costs) -> list[str]:
    if verdict.label == "suspicious":
        return [f"  {one.bits:+5.1f}  {_worded(one)}" for one in verdict.because]
    said = ["Bits towards personal (each doubles the odds):"]
    said.append(f"  {verdict.prior_bits:+5.1f}      before the note is read")
    for number, one in enumerate(counted, 1):
        said.append(f"  {signed(one):+5.1f}  [{number}] {_worded(one)}")
    total = total_bits(counted)
    personal = probability(total)
    for side in ("personal", "generic"):
        over = side_bits(counted, side) - SIDE_BITS
        if over > 0:
            back = -over if side == "personal" else over
            said.append(
                f"  {back:+5.1f}      all that is {side} counts for {SIDE_BITS:g} at the most"
            )
    said.append(f"  {total:+5.1f}      in all: personal with probability {personal:.3f}")
    impersonal = impersonal_label(counted)
    expected = expected_costs(personal, costs)
    named = {"generic": impersonal}
    priced = ", ".join(f"{named.get(one, one)} {cost:.2f}" for one, cost in expected.items())
    said.append(f"Expected cost: {priced}. Least: {cheapest(personal, costs, impersonal)}.")
    summed = cheapest(personal, costs, impersonal)
    if summed != verdict.label:
        said.append(f"Yet {verdict.label}: {shown(verdict.why, 400, lines=False)}")
    return said + _changes(counted, total, summed, costs)


def _worded(one: Evidence) -> str:
    quote = f' "{shown(one.quote, 60, lines=False)}"' if one.quote else ""
    return f"{shown(one.says, 120, lines=False)}{quote} ({one.rule})"


def _changes(counted: Sequence[Evidence], total: float, label: str, costs: Costs) -> list[str]:
    """What would have changed the label that the sum gives."""
    said = []
    for number, one in enumerate(counted, 1):
        others = [other for other in counted if other is not one]
        without = probability(total_bits(others))
        other_label = cheapest(without, costs, impersonal_label(others))
        if other_label != label:
            said.append(f"Without [{number}] it would be {other_label}.")
    for wanted, most in (("personal", _least_personal(costs)), ("generic", _most_generic(costs))):
        if wanted == label or (wanted == "generic" and label == "boilerplate") or most is None:
            continue
        needed = most - total
        if (needed > 0) == (wanted == "personal"):
            way = "towards personal" if needed > 0 else "the other way"
            said.append(f"More than {abs(needed):.1f} bits {way} would make it {wanted}.")
    return said


def _least_personal(costs: Costs) -> float | None:
    """The bits above which personal is cheapest."""
    bounds = [1 - costs.unsure / costs.false_personal] if costs.false_personal else [0.0]
    bounds.append(costs.false_personal / ((costs.personal_lost + costs.false_personal) or 1))
    return _log_odds(max(bounds))


def _most_generic(costs: Costs) -> float | None:
    """The bits below which generic is cheapest."""
    bounds = [costs.unsure / costs.personal_lost] if costs.personal_lost else [1.0]
    bounds.append(costs.false_personal / ((costs.personal_lost + costs.false_personal) or 1))
    return _log_odds(min(bounds))


def _log_odds(chance: float) -> float | None:
    return math.log2(chance / (1 - chance)) if 0 < chance < 1 else None


def _bits(one: Evidence, verdict: Verdict) -> str:
    return f"{one.bits:+.1f}" if verdict.label == "suspicious" else f"{signed(one):+.1f}"
