"""Signals to requests in a queue: SIGTERM and SIGINT to "stop", SIGHUP to "reload".

A handler only puts a word into the queue, so nothing of the daemon ever runs inside one.
After the first "stop" the signals have their usual effect again, for those who cannot
wait. May be used from the main thread alone.
"""

from __future__ import annotations

import queue
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Literal

Request = Literal["stop", "reload"]


@contextmanager
def requests() -> Iterator[queue.SimpleQueue[Request]]:
    """The queue, while the handlers are in place."""
    wanted: queue.SimpleQueue[Request] = queue.SimpleQueue()
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}

    def stop(number: int, frame: FrameType | None) -> None:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)
        wanted.put("stop")

    def reload(number: int, frame: FrameType | None) -> None:
        wanted.put("reload")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, reload)
    try:
        yield wanted
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
