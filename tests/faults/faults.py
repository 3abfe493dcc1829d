"""What can go wrong with a connection, as values that the proxy is handed.

Commands are counted from 1 over all connections of one proxy. May not touch a socket.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from faults.wire import Command

How = Literal[
    "cut before",  # the command is not passed on
    "cut after",  # the server has answered it, and the client never hears
    "stall",  # from here on nothing is forwarded, and nobody hangs up
    "drop",  # the server answers, the client never hears, and the connection stands
    "late",  # as "cut before", but the server gets it later, by ``FaultProxy.release``
    "no", "bad",  # not passed on
    "no after", "bad after",  # passed on, and its OK turned round
]  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """``how`` at the command ``at``: its number, or its verb, the first time that it comes;
    ``always``: each time."""

    how: How
    at: int | str
    always: bool = False

    def hits(self, command: Command) -> bool:
        return self.at in (command.number, command.verb)


@dataclass(frozen=True)
class Cut:
    """A cut after so many bytes ``up`` to the server, or ``down`` to the client."""

    way: Literal["up", "down"]
    after: int


@dataclass(frozen=True)
class Meanwhile:
    """Somebody else does ``deed`` just ahead of the command ``at``."""

    deed: Callable[[], object]
    at: int | str
    always: bool = False

    def hits(self, command: Command) -> bool:
        return self.at in (command.number, command.verb)
