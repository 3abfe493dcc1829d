"""`triage rules try`: one text to its verdict, and to the rules that nearly spoke.

May not change a rule or touch a mailbox. Everything that is shown of the text is cleaned.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from triage.clean import shown
from triage.cli import records
from triage.cli.config import settings_with_rules
from triage.errors import UserError
from triage.model import Evidence

if TYPE_CHECKING:
    from triage.judge.near import Near

WIDTH = 88


def run_try(args: argparse.Namespace) -> int:
    """Judge one text and explain it; then what did not count, and what nearly matched."""
    from triage.cli.explain import print_explanation
    from triage.cli.judging import open_bench
    from triage.judge.near import NearMisses
    from triage.preferences import Me

    if not args.text.strip():
        raise UserError("the text is empty", where="rules try", now="Put it between quotes.")
    settings = settings_with_rules(args)
    bench = open_bench(settings)
    verdict = bench.note_verdicts([args.text])[0]
    pieces, found = bench.found_in(args.text)
    counted = {one.rule for one in (*verdict.because, *verdict.against)}
    hidden = [one for one in found if one.rule not in counted]
    me = settings.me if settings else Me()
    misses = NearMisses(bench.desk.rulebook.evidence, bench.desk.language.nlp, me)
    near = misses.of(args.text, pieces, {one.rule for one in found})
    if args.json:
        print(records.line(records.try_record(args.text, bench.detect(args.text), verdict, near)))
        return 0
    print_explanation(args.text, verdict, bench.costs)
    print("\n".join((*_hidden(hidden), *_nearly(args.text, near))), end="\n" * bool(hidden or near))
    return 0


def _hidden(found: Sequence[Evidence]) -> Iterator[str]:
    if found:
        yield "\nMatched as well, but of a group only the strongest counts:"
    for one in found:
        quote = shown(one.quote, 60, lines=False)
        yield f'  {one.says} "{quote}" ({one.rule}, {one.bits:g} bits towards {one.points_to})'


def _nearly(text: str, near: Sequence[Near]) -> Iterator[str]:
    if near:
        yield "\nNearly matched:"
    for miss in near:
        quote = shown(text[miss.start : miss.end], 60, lines=False)
        yield f'  {miss.says} ({miss.rule}) at "{quote}": {miss.missing}'
        phrase = shown(miss.phrase, 400, lines=False)
        yield f"    {textwrap.shorten(phrase, WIDTH - 4, placeholder=' …')}"
