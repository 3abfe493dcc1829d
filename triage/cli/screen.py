"""Text to a terminal: colour, width and progress, or plain text where there is none.

Everything that comes out of a mail passes through ``clean.shown`` before it is printed.
May not decide what is said, only how it looks; keeps to NO_COLOR (no-color.org).
"""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from typing import TextIO

from triage.clean import shown
from triage.errors import FaultsError, TriageError

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
LABEL_COLOURS = {
    "personal": "green",
    "generic": "yellow",
    "boilerplate": "dim",
    "suspicious": "red",
    "unsure": "cyan",
}


def colourful(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal whose user wants colour."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def painted(text: str, colour: str, stream: TextIO | None = None) -> str:
    """``text`` in a colour where the stream shows one, else unchanged."""
    stream = stream or sys.stdout
    if not text or not colourful(stream):
        return text
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def width() -> int:
    """The columns to fill: those of the terminal, between 60 and 100; 96 in a pipe."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return 96
    return max(60, min(100, shutil.get_terminal_size((96, 24)).columns))


def cells(text: str) -> int:
    """How many columns ``text`` takes: wide letters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def clipped(text: str, columns: int) -> str:
    """``text`` on one line, cleaned, cut with an ellipsis to at most ``columns``."""
    text = shown(text, lines=False)
    if cells(text) <= columns:
        return text
    while text and cells(text) > columns - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def padded(text: str, columns: int) -> str:
    """``text`` cut or filled to exactly ``columns``."""
    text = clipped(text, columns)
    return text + " " * (columns - cells(text))


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], indent: int = 0) -> None:
    """Rows under a header; the last column takes what is left of the width."""
    if not rows:
        return
    columns = [max(cells(shown(row[n], lines=False)) for row in (header, *rows))
               for n in range(len(header))]  # fmt: skip
    spare = width() - indent - 2 * (len(header) - 1) - sum(columns[:-1])
    while spare < 24 and max(columns[:-1]) > 12:  # the widest column gives way
        columns[columns.index(max(columns[:-1]))] -= 1
        spare += 1
    columns[-1] = max(spare, 8)
    for number, row in enumerate((header, *rows)):
        parts = [padded(cell, size) for cell, size in zip(row, columns, strict=True)]
        line = " " * indent + "  ".join(parts).rstrip()
        print(painted(line, "bold") if number == 0 else coloured_label(line, row))


def coloured_label(line: str, row: Sequence[str]) -> str:
    """``line`` with the label that one of its cells holds in the label's colour."""
    for cell in row:
        name = cell.split(" ")[0]
        if name in LABEL_COLOURS:
            return line.replace(name, painted(name, LABEL_COLOURS[name]), 1)
    return line


def progress(text: str) -> None:
    """A line on stderr that the next one overwrites, "" clears; nothing in a pipe."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def complain(error: TriageError) -> None:
    """An error on stderr: what and where, and below it what to do; a line each fault."""
    head = painted("triage:", "red", sys.stderr)
    if isinstance(error, FaultsError):
        for fault in error.faults:
            print(f"{head} {shown(str(fault), 2000, lines=False)}", file=sys.stderr)
        return
    what = f"{error.where}: {error.what}" if error.where else error.what
    print(f"{head} {shown(what, 2000, lines=False).rstrip('.')}.", file=sys.stderr)
    if error.now:
        print(f"        {shown(error.now, 2000, lines=False)}", file=sys.stderr)
