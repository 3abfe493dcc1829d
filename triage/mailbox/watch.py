"""An open mailbox to the moment at which something came, or someone wants us back.

IDLE (RFC 2177) where the server has it, else a NOOP now and then. A hang-up is noticed at
once, data that lies in our buffer or in TLS is never slept over, and IDLE is always ended
properly before returning. Refreshing is the caller's, by ``timeout_seconds``. May not
fetch or file.
"""

from __future__ import annotations

import re
import selectors
import time
from typing import Literal, Protocol

from triage.mailbox.imap_reader import ImapReader
from triage.mailbox.session import Session

What = Literal["changed", "woken", "timeout"]

POLL_SECONDS = 60.0  # between two NOOPs where the server has no IDLE
_EXISTS = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE)\b", re.IGNORECASE)


class HasFileno(Protocol):
    """A socket, a pipe, an event: anything that can be waited for."""

    def fileno(self) -> int: ...


def wait_for_change(
    mailbox: ImapReader,
    folder: str,
    timeout_seconds: float,
    wake: int | HasFileno | None = None,
    poll_seconds: float = POLL_SECONDS,
) -> What:
    """Wait until mail comes into ``folder`` ("changed", at once if it came since the
    caller opened the folder), ``wake`` can be read ("woken"; reading it is the caller's),
    or time is up. Raises ``ServerUnreachable`` when the connection is lost."""
    if mailbox.arrived(folder):
        return "changed"
    watch = _Watch(mailbox.session, mailbox.messages_seen(), wake)
    deadline = time.monotonic() + timeout_seconds
    with selectors.DefaultSelector() as selector:
        selector.register(mailbox.session.stream.sock, selectors.EVENT_READ)
        if wake is not None:
            selector.register(wake, selectors.EVENT_READ)
        if "IDLE" in mailbox.session.capabilities:
            return watch.idle(selector, deadline)
        return watch.poll(selector, deadline, poll_seconds)


class _Watch:
    def __init__(self, session: Session, messages: int, wake: int | HasFileno | None) -> None:
        self._session = session
        self._messages = messages
        self._wake = wake

    def idle(self, selector: selectors.BaseSelector, deadline: float) -> What:
        self._session.idle_begin()
        result: What | None = None
        while result is None:
            came, ended = self._listen()
            if ended:  # the server had enough of it: the caller begins anew
                return "changed" if came else "timeout"
            result = "changed" if came else self._sleep(selector, deadline)
        # Mail may have come while IDLE was being ended.
        return "changed" if self._has_come(self._session.idle_end()) else result

    def poll(self, selector: selectors.BaseSelector, deadline: float, every: float) -> What:
        while True:
            slice_end = min(deadline, time.monotonic() + every)
            result = self._sleep(selector, slice_end)
            if result == "woken":
                return result
            if self._has_come(self._session.noop()):
                return "changed"
            if time.monotonic() >= deadline:
                return "timeout"

    def _sleep(self, selector: selectors.BaseSelector, until: float) -> What | None:
        """None: the server has something to say."""
        events = selector.select(max(0.0, until - time.monotonic()))
        if not events:
            return "timeout"
        if any(key.fileobj is self._wake for key, _ in events):
            return "woken"
        return None

    def _listen(self) -> tuple[bool, bool]:
        """Whether mail came, and whether the server has ended IDLE."""
        lines, ended = self._session.idle_lines()
        return self._has_come(lines), ended

    def _has_come(self, lines: list[bytes]) -> bool:
        come = False
        for line in lines:
            told = _EXISTS.match(line)
            if told and told[2].upper() == b"EXPUNGE":
                self._messages -= 1
            elif told:
                come = come or int(told[1]) > self._messages
                self._messages = max(self._messages, int(told[1]))
        return come
