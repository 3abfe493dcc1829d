"""`triage judge`: mails and bare notes to verdicts, one each, in the order given.

Prints a block or a line of JSON for every input, bad input included. May not connect to
anything or change a file.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from triage.clean import shown
from triage.cli import parser as arguments
from triage.cli import records, screen
from triage.cli.config import settings_if_any
from triage.cli.judging import lazily
from triage.cli.notes import notes, opened
from triage.cli.sources import mails
from triage.cli.verdicts import Judged, judge_mails, judge_notes
from triage.errors import UserError
from triage.model import Invitation, Verdict


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage judge` takes."""
    arguments.describe(
        parser,
        "A verdict on each mail or note. Works without a config; with one, it uses its [me],\n"
        "[trust], [routes] and rules. Folders are searched for .eml, mbox and Maildir.",
        (
            "triage judge invitation.eml",
            "triage judge --json ~/Maildir/.Invitations > verdicts.jsonl",
            """echo '{"id": 1, "text": "Joe Marsh told me to write."}' | triage judge --note -""",
        ),
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help=".eml, folder, mbox or Maildir")
    parser.add_argument(
        "--note",
        metavar="FILE",
        help='bare notes instead of mails: lines of {"id": …, "text": …}; - reads stdin',
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Judge; 2 where a PATH that was named gave no verdict at all."""
    if bool(args.paths) == bool(args.note):
        raise UserError("name either a PATH or --note FILE", where="judge", now="See --help.")
    bench = lazily(settings_if_any(args))
    show = _print_record if args.json else _print_block
    if not args.note:
        return _show(judge_mails(mails(args.paths), bench), show)
    with opened(args.note) as lines:
        return _show(judge_notes(notes(lines, args.note), bench), show)


def _show(judged: Iterable[Judged], show: Callable[[Judged], None]) -> int:
    sound: dict[str, bool] = {}
    for number, one in enumerate(judged, start=1):
        show(one)
        sound[one.named] = sound.get(one.named, False) or "error" not in one.record
        screen.progress(f"{number} judged")
    screen.progress("")
    return 0 if all(sound.values()) else 2


def _print_record(judged: Judged) -> None:
    print(records.line(judged.record))


def _print_block(judged: Judged) -> None:
    """Where it came from, what it is, and why; a blank line behind it."""
    record = judged.record
    print(screen.painted(shown(str(record["source"]), 300, lines=False), "bold"))
    if "error" in record:
        print(f"  {screen.painted('not judged', 'red')}: {record['error']}\n")
        return
    reading, verdict = judged.reading, judged.verdict
    facts = [_label(verdict)] if verdict else []
    if isinstance(reading, Invitation):
        facts.insert(0, f"{reading.platform} {reading.kind}")
        if reading.inviter.name:
            facts.append(f"from {screen.clipped(reading.inviter.name, 40)}")
        if not verdict:
            facts.append("not judged: only invitations and reminders are")
    elif reading is not None:
        facts.insert(0, "no invitation")
    print("  " + " · ".join(facts))
    if verdict:
        print(f"  {screen.clipped(_why(verdict), screen.width() - 2)}")
    if reading is not None and not isinstance(reading, Invitation):
        print(f"  {screen.clipped(reading.reason, screen.width() - 2)}")
    print()


def _label(verdict: Verdict) -> str:
    colour = screen.LABEL_COLOURS[verdict.label]
    return f"{screen.painted(verdict.label, colour)} {verdict.probability:.2f}"


def _why(verdict: Verdict) -> str:
    from triage.judge import explain

    return explain.one_line(verdict).partition(": ")[2]
