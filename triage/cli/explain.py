"""`triage explain`: a decision to its reasons: the note, the evidence in it, and the sum.

Of a line of the journal, by its number and without the server; of an .eml file; or of a
bare note. May not decide anew about what the journal holds: it tells what was decided.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime
from pathlib import Path

from triage.clean import shown
from triage.cli import parser as arguments
from triage.cli import screen
from triage.cli.config import settings_if_any, settings_of
from triage.cli.history import journal_of, outcome, who
from triage.cli.judging import open_bench
from triage.cli.sources import one_mail
from triage.cli.when import told
from triage.errors import UserError
from triage.model import Invitation, JournalEntry, Reading, Verdict
from triage.preferences import Costs

MAX_NOTE = 100_000
_KINDS = {
    "accepted": "word that an invitation was accepted",
    "introduction": "an introduction",
    "message": "a message",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage explain` takes."""
    arguments.describe(
        parser,
        "Why: the note with its evidence underlined, and the sum that made the label.",
        (
            "triage explain 17",
            "triage explain invitation.eml",
            "echo 'Joe Marsh told me to write.' | triage explain --note -",
        ),
    )
    parser.add_argument("what", metavar="ID|FILE", help="a number from `triage history`, or a file")
    parser.add_argument("--note", action="store_true", help="the file (- is stdin) is a bare note")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the explanation."""
    number = re.fullmatch(r"#?(\d{1,15})", args.what)
    if number and not args.note and not Path(args.what).exists():
        _explain_entry(args, int(number[1]))
        return 0
    content = _note(args.what) if args.note else one_mail(args.what)
    bench = open_bench(settings_if_any(args))
    if isinstance(content, str):
        print_explanation(content, bench.note_verdicts([content])[0], bench.costs)
    else:
        reading = bench.reading(content)
        print_explanation(reading, bench.verdicts([reading])[0], bench.costs)
    return 0


def _explain_entry(args: argparse.Namespace, number: int) -> None:
    settings = settings_of(args)
    with journal_of(settings) as memory:
        entry = memory.journal.get(number) if memory else None
    if entry is None:
        now = "See triage history for the numbers."
        raise UserError(f"there is no line {number}", where="journal", now=now)
    _print_head(entry)
    print_explanation(entry.reading, entry.verdict, settings.costs)


def _print_head(entry: JournalEntry) -> None:
    now = datetime.now().astimezone()
    head = f"{entry.id} · {told(entry.time, now)} · {who(entry)}"
    print(screen.painted(screen.clipped(head, screen.width()), "bold"))
    print(screen.clipped(outcome(entry), screen.width()))
    print()


def print_explanation(
    reading: Reading | str, verdict: Verdict | None, costs: Costs | None = None
) -> None:
    """Print why; ``reading`` may be a bare note."""
    from triage.judge import explain

    if verdict is not None:
        for line in explain.lines(reading, verdict, costs):
            print(line)
    elif isinstance(reading, Invitation):
        print(f"This is {_KINDS.get(reading.kind, reading.kind)}, which is not judged: it stays.")
    elif not isinstance(reading, str):
        print("This is no invitation, so it is not judged: it stays.")
        print(shown(reading.reason, 500, lines=False))


def _note(name: str) -> str:
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        note = content.decode("utf-8-sig").replace("\r\n", "\n").strip("\n")
    except OSError as error:
        now = "Name a text file, or - for stdin."
        raise UserError(f"cannot be read: {error.strerror}", where=name, now=now) from None
    except UnicodeDecodeError:
        raise UserError("is not UTF-8", where=name, now="Save it as UTF-8.") from None
    if len(note) > MAX_NOTE:
        now = "Notes are short; is this the right file?"
        raise UserError(f"is longer than {MAX_NOTE:,} characters", where=name, now=now)
    return note
