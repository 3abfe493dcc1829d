"""Command line to exit code: finds the command, runs it, words what went wrong.

An error that a person can mend is told as what, where, what now, without a traceback;
exit 2 for the user's mistakes, 1 for the world's. May not import a command, spaCy or a
library before it is known that it is needed: `triage --help` has to answer at once.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

REPORT = "This is a mistake in triage itself: please report it. Again with --debug tells more."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; what it prints goes to stdout, what it complains of to stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        _speak_utf8(stream)
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # `triage history | head` is no fault of anyone
        _silence(sys.stdout)
        return 141
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except Exception as error:
        if _wants_traceback(arguments):
            traceback.print_exc()
        _silence(sys.stdout)
        return _unexpected(error)
    return status


def _run(arguments: list[str]) -> int:
    from triage.cli.parser import build_parser
    from triage.cli.screen import complain
    from triage.errors import TriageError

    parser = build_parser()
    try:
        args = parser.parse_args(arguments)
        if not hasattr(args, "run"):
            parser.print_help()
            return 2
        return args.run(args)
    except SystemExit as stop:  # argparse has said it all: help, version, a wrong argument
        return stop.code if isinstance(stop.code, int) else 2
    except TriageError as error:
        if _wants_traceback(arguments):
            traceback.print_exc()
        complain(error)
        return error.exit_code


def _unexpected(error: Exception) -> int:
    """Of the world where the system says so, else a mistake of ours."""
    from triage.cli.screen import complain
    from triage.errors import TriageError

    if isinstance(error, OSError) and error.strerror:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        where = str(error.filename or ("output or temporary files" if full else ""))
        now = "Make room" if full else "Mend that"
        complain(TriageError(error.strerror, where=where, now=f"{now}, and run the same again."))
    else:
        what = f"{type(error).__name__} where none was expected"
        complain(TriageError(what, now=REPORT))
    return 1


def _wants_traceback(arguments: list[str]) -> bool:
    return "--debug" in arguments or bool(os.environ.get("TRIAGE_DEBUG"))


def _open_what_is_closed() -> None:
    """`triage history >&-`: nothing to read, nowhere to write. In this order each gets
    its own number, which otherwise the next file that is opened would get."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123 - until the end


def _speak_utf8(stream: TextIO) -> None:
    """Whatever the locale says; a lone surrogate is written as its JSON escape."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def _silence(stream: TextIO) -> None:
    """Keep the interpreter from flushing into a closed pipe or a full disk at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return
