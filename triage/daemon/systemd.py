"""What systemd is told of the daemon: ready, status, still alive, ending.

The protocol of sd_notify(3): a datagram of lines to the socket that $NOTIFY_SOCKET names.
Without that variable nothing is said, so the daemon runs the same anywhere. May not fail:
a service manager that does not listen must not keep mail from being filed.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Mapping

log = logging.getLogger("triage")


class Systemd:
    """``watchdog_seconds`` is how long systemd waits for a sign of life before it restarts
    the service; None: it does not (sd_watchdog_enabled(3))."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        path = environ.get("NOTIFY_SOCKET", "")
        # A path, or with @ a name in Linux' abstract namespace.
        self._address = "\0" + path[1:] if path.startswith("@") else path
        self.watchdog_seconds = _watchdog_seconds(environ) if path else None
        self._broken = False
        self._status = ""

    def ready(self, status: str) -> None:
        """Started, or loaded anew: what is watched is watched."""
        self._status = status
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """A reload begins; ``ready`` ends it (Type=notify-reload wants the time)."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The end begins, which may take a pass."""
        self._tell("STOPPING=1", "STATUS=ending")

    def alive(self) -> None:
        """The sign of life that the watchdog waits for."""
        if self.watchdog_seconds is not None:
            self._tell("WATCHDOG=1")

    def status(self, status: str) -> None:
        """One line for ``systemctl status``, sent where it has changed."""
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={status}")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.sendto("\n".join(lines).encode("utf-8"), self._address)
            self._broken = False
        except OSError as error:
            if not self._broken:
                log.warning("systemd cannot be told: %s", error.strerror or error)
            self._broken = True


def _watchdog_seconds(environ: Mapping[str, str]) -> float | None:
    """For this process alone, where $WATCHDOG_PID names one."""
    microseconds, process = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not microseconds.isdigit() or int(microseconds) == 0:
        return None
    return int(microseconds) / 1e6 if process in ("", str(os.getpid())) else None
