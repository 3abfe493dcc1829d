"""`triage demo`: the scenes of the demo to a page that a person reads from top to bottom.

Asks nothing and leaves nothing behind. May not decide what is told: the scenes are what
the daemon did to a real, if embedded, mail server.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING

from triage.cli import parser as arguments
from triage.cli import screen
from triage.cli.history import deeds, who

if TYPE_CHECKING:
    from triage.demo.demo import Folder, Opened, Passed, PutBack

# In this order, since the first are those that a person wants to see.
TITLES = {
    "personal": "Worth reading: they say what only this sender could have written",
    "unsure": "Unsure: left where it is, for a person to decide",
    "generic": "Free text that could have gone to anyone",
    "boilerplate": "The platform's own text, or no note at all",
    "suspicious": "They pretend to come from a platform",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage demo` takes."""
    arguments.describe(
        parser,
        "Start a mail server on this machine with sample mails in it, let the daemon's own code\n"
        "file them, show why each went where it did, and take one back. Asks nothing, touches\n"
        "nothing of yours, takes less than a minute.",
        ("triage demo", "NO_COLOR=1 triage demo | less"),
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print each scene as it happens."""
    from triage.demo import demo

    for scene in demo.scenes():
        if isinstance(scene, demo.Opened):
            _opened(scene)
        elif isinstance(scene, demo.Passed):
            _passed(scene)
        else:
            _put_back(scene)
    _heading("Now yours")
    print("Nothing of this demo was kept: server, mails and journal are gone.")
    print("  triage init             set up your own mailbox; nothing is filed before you say so")
    print('  triage rules try "…"    what would it say to a text of yours?')
    return 0


def _opened(scene: Opened) -> None:
    print(screen.painted("Invitation triage", "bold"))
    print(f"\nA mail server has started at {scene.address}, filled with sample mail to Dave")
    print("Fielding: invitations of sixteen years, and mails that only look like some.")
    _heading("Before")
    _folders(scene.folders)
    print("\nReading rules and language model, then one pass: triage run --once", flush=True)


def _passed(scene: Passed) -> None:
    counts = scene.report.counts
    filed = scene.report.filed.settled
    _heading("After")
    _folders(scene.folders)
    print(f"\nOne pass of {scene.seconds:.1f} s over {counts.candidates} candidates: {len(filed)} "
          "decided, all other mail untouched.")  # fmt: skip
    for remark in scene.report.filed.remarks:
        print(f"Note: {remark}.")
    _heading("Why")
    known = Counter[str](entry.verdict.label for entry in filed)
    name_columns = min(34, max((screen.cells(who(entry)) for entry in filed), default=0))
    for label, title in TITLES.items():
        if not known[label]:
            continue
        colour = screen.LABEL_COLOURS[label]
        print(f"{screen.painted(label, colour)}  {title}")
        for entry in (one for one in filed if one.verdict.label == label):
            head = f"  {entry.id:>3}  {entry.verdict.probability:>4.0%}  "
            head += screen.padded(who(entry), name_columns)
            room = screen.width() - screen.cells(head) - 2
            print(f"{head}  {_why(scene.say(entry.verdict), room)}")
        print()
    print("The figures are bits: each doubles the odds, + for personal and - against; where a mail")
    print("poses as a platform's, + that it does.")
    _closer_look(scene)


def _closer_look(scene: Passed) -> None:
    """The whole explanation of one, the surest of those that are short."""
    from triage.judge import explain

    told = [
        (len(lines), -entry.verdict.probability, entry, lines)
        for entry in scene.report.filed.settled
        if entry.verdict.label == "personal" and len(entry.verdict.because) > 1
        for lines in [explain.lines(entry.reading, entry.verdict)]
    ]
    if told:
        _, _, entry, lines = min(told, key=lambda one: one[:2])
        _heading("A closer look")
        print(f"$ triage explain {entry.id}")
        print("\n".join(lines))


def _why(said: str, room: int) -> str:
    """As many of the reasons, strongest first as they were said, as have room whole."""
    reasons = said.partition(": ")[2].split("; ")
    for count in range(len(reasons), 0, -1):
        rest = f"; {len(reasons) - count} more" if count < len(reasons) else ""
        line = "; ".join(reasons[:count]) + rest
        if screen.cells(line) <= room:
            return line
    return screen.clipped(reasons[0], room)


def _put_back(scene: PutBack) -> None:
    entry = scene.entry
    _heading("And back")
    print(f"$ triage undo {entry.id}")
    print(screen.clipped(f"{who(entry)}: {deeds(entry)}, and now back.", screen.width()))
    print()
    _folders(scene.folders)


def _folders(folders: tuple[Folder, ...]) -> None:
    width = max(len(folder.name) for folder in folders)
    for folder in folders:
        bar = "▪" * folder.mails
        flagged = f"  {folder.flagged} flagged" if folder.flagged else ""
        print(f"  {folder.name:<{width}}  {folder.mails:>3}  {bar}{flagged}")


def _heading(text: str) -> None:
    print(f"\n{screen.painted(text.upper(), 'bold')}")
