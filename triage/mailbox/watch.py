"""An open mailbox to the moment at which something came, or someone wants us back.

IDLE (RFC 2177) where the server has it, else a NOOP now and then. A hang-up is noticed at
once, data that lies in our buffer or in TLS is never slept over, and IDLE is always ended
properly before returning: its DONE has been answered, which proves that the server is there.
A line that leads nowhere says nothing at all, so asking anew is the caller's, by
``timeout_seconds``. May not fetch or file.
"""

from __future__ import annotations

import re
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from triage.mailbox.imap_reader import ImapReader
from triage.mailbox.session import Session

What = Literal["changed", "woken", "timeout"]
Heard = Literal["server", "wake", "nothing"]

POLL_SECONDS = 60.0  # between two NOOPs where the server has no IDLE
_EXISTS = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE)\b", re.IGNORECASE)


class HasFileno(Protocol):
    """A socket, a pipe, an event: anything that can be waited for."""

    def fileno(self) -> int: ...


Wake = int | HasFileno


def _hear(sock: HasFileno, wake: Wake | None, seconds: float) -> Heard:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        if wake is not None:
            selector.register(wake, selectors.EVENT_READ)
        events = selector.select(max(0.0, seconds))
    if any(key.fileobj is wake for key, _ in events):
        return "wake"
    return "server" if events else "nothing"


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Ears:
    """A clock that only goes forward, in seconds, and what waits for the server's socket or
    the wake, whichever is first, for so many seconds."""

    monotonic: Callable[[], float] = time.monotonic
    hear: Callable[[Any, Wake | None, float], Heard] = _hear


def wait_for_change(
    mailbox: ImapReader,
    folder: str,
    timeout_seconds: float,
    wake: Wake | None = None,
    poll_seconds: float = POLL_SECONDS,
    abandon: Callable[[], bool] = _never,
    ears: Ears = Ears(),
) -> What:
    """Wait until mail comes into ``folder`` ("changed", at once if it came since the
    caller opened the folder), ``wake`` can be read ("woken"; reading it is the caller's),
    or time is up. Raises ``ServerUnreachable`` when the connection is lost. Where
    ``abandon`` says so when woken, the connection is dropped without another word, since
    who says so does not believe that the server would answer."""
    if mailbox.arrived(folder):
        return "changed"
    watch = _Watch(mailbox.session, mailbox.messages_seen(), wake, abandon, ears)
    deadline = ears.monotonic() + timeout_seconds
    if "IDLE" in mailbox.session.capabilities:
        return watch.idle(deadline)
    return watch.poll(deadline, poll_seconds)


def keep_alive(
    mailbox: ImapReader,
    timeout_seconds: float,
    wake: Wake | None = None,
    abandon: Callable[[], bool] = _never,
    ears: Ears = Ears(),
) -> What:
    """Wait for ``wake`` or until time is up, whatever comes meanwhile, and end with a
    NOOP: for a mailbox that is not to be acted on now, and yet must not be lost unseen."""
    watch = _Watch(mailbox.session, 0, wake, abandon, ears)
    return watch.hold(ears.monotonic() + timeout_seconds)


class _Watch:
    def __init__(
        self,
        session: Session,
        messages: int,
        wake: Wake | None,
        abandon: Callable[[], bool],
        ears: Ears,
    ) -> None:
        self._session = session
        self._messages = messages
        self._wake, self._abandon, self._ears = wake, abandon, ears

    def idle(self, deadline: float) -> What:
        self._session.idle_begin()
        result: What | None = None
        while result is None:
            came, ended = self._listen()
            if ended:  # the server had enough of it: the caller begins anew
                return "changed" if came else "timeout"
            result = "changed" if came else self._sleep(deadline)
        if self._dropped(result):
            return "woken"
        # Mail may have come while IDLE was being ended.
        return "changed" if self._has_come(self._session.idle_end()) else result

    def poll(self, deadline: float, every: float) -> What:
        while True:
            result = self._sleep(min(deadline, self._ears.monotonic() + every))
            if self._dropped(result):
                return "woken"
            if self._has_come(self._session.noop()):
                return "changed"
            if result == "woken" or self._ears.monotonic() >= deadline:
                return result or "timeout"

    def hold(self, deadline: float) -> What:
        while (result := self._sleep(deadline)) is None:
            self._session.overhear()
        if not self._dropped(result):
            self._session.noop()
        return result

    def _dropped(self, result: What | None) -> bool:
        if result != "woken" or not self._abandon():
            return False
        self._session.drop()
        return True

    def _sleep(self, until: float) -> What | None:
        """None: the server has something to say."""
        sock = self._session.stream.sock
        heard = self._ears.hear(sock, self._wake, until - self._ears.monotonic())
        if heard == "server":
            return None
        return "woken" if heard == "wake" else "timeout"

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
