"""A call from any thread to something that a socket can be waited for beside.

IDLE sits in a select on the server's socket; the sweep, a reload and the end of the daemon
come through a socket pair next to it. May not carry a message, but for one: that the line
is not to be trusted any more. Whoever wakes looks for itself what else there is to do.
"""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress


class Wake:
    """Set until cleared, like ``threading.Event``, with a ``fileno``."""

    def __init__(self) -> None:
        self._ear, self._mouth = socket.socketpair()
        self._ear.setblocking(False)
        self._mouth.setblocking(False)
        self._renew = threading.Event()

    def fileno(self) -> int:
        """Readable while set."""
        return self._ear.fileno()

    def set(self) -> None:
        """Wake whoever waits, now or later. Harmless when closed, or set already."""
        with suppress(OSError):  # full: it is set already; closed: nobody waits
            self._mouth.send(b"!")

    def renew(self) -> None:
        """Wake whoever waits, who is to drop its line without a good-bye: after a sleep of
        this machine the other end is probably gone, and would be waited for in vain."""
        self._renew.set()
        self.set()

    def renewing(self) -> bool:
        """Whether the line is still to be dropped."""
        return self._renew.is_set()

    def renewed(self) -> None:
        """The old line is gone, a new one is being made."""
        self._renew.clear()

    def clear(self) -> None:
        """What was called until now is heard."""
        with suppress(OSError):
            while self._ear.recv(4096):
                pass

    def wait(self, seconds: float) -> bool:
        """Whether it was set within ``seconds``; does not clear it."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def close(self) -> None:
        """Nobody waits any more."""
        self._ear.close()
        self._mouth.close()
