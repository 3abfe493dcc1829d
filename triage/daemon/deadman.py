"""Messages being worked on to a process that ends if it hangs over them, and that leaves
alone, from then on, what it died of.

A budget ends what runs in Python. What hangs in a library, or takes the process with it,
ends the process here after a while, by a thread that needs nothing of the interpreter;
systemd starts it again, and the marks in the memory tell which message it was. May not
judge or file.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from triage.memory import AtWork
from triage.model import Identity, RawMessage

SECONDS = 120.0  # of the wall; a budget has ended the work long before

_armed = 0
_arming = threading.Lock()


class Work(Protocol):
    """How messages are worked on."""

    def passes_over(self, identity: Identity) -> bool:
        """Whether this message is left alone."""

    def alone(self, identity: Identity) -> bool:
        """Whether it is worked on by itself."""

    def on(self, messages: Sequence[RawMessage]) -> Any:
        """A context in which these are worked on."""


class Unwatched:
    """For a plan that a person looks at: nothing is noted, nothing is passed over."""

    def passes_over(self, identity: Identity) -> bool:
        return False

    def alone(self, identity: Identity) -> bool:
        return False

    @contextmanager
    def on(self, messages: Sequence[RawMessage]) -> Iterator[None]:
        yield


UNWATCHED: Work = Unwatched()


class Watched:
    """For a pass: what is worked on is noted, and the process ends where it hangs."""

    def __init__(self, marks: AtWork) -> None:
        self._marks = marks

    def passes_over(self, identity: Identity) -> bool:
        return self._marks.deadly(identity)

    def alone(self, identity: Identity) -> bool:
        return self._marks.suspect(identity)

    @contextmanager
    def on(self, messages: Sequence[RawMessage]) -> Iterator[None]:
        with self._marks.on(message.identity for message in messages):
            _arm(SECONDS * max(1, len(messages)))
            try:
                yield
            finally:
                _disarm()


def _arm(seconds: float) -> None:
    """End the process after ``seconds``, unless disarmed. There is one such clock in a
    process: whoever begins sets it anew. A hang that keeps the interpreter to itself lets
    nobody begin."""
    global _armed
    with _arming:
        _armed += 1
        faulthandler.dump_traceback_later(seconds, exit=True, file=_where_to())


def _disarm() -> None:
    global _armed
    with _arming:
        _armed -= 1
        if not _armed:
            faulthandler.cancel_dump_traceback_later()


def _where_to() -> int:
    """The log's own end: names of functions and lines, nothing of a mail."""
    for stream in (sys.stderr, sys.__stderr__):
        try:
            return stream.fileno() if stream else 2
        except (OSError, ValueError, AttributeError):
            continue
    return os.open(os.devnull, os.O_WRONLY)
