"""A pass and an undo as the command line does them, with a judge at hand.

Against a server whose every message says in its header which label it gets. May not catch
what goes wrong.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from daemon.desks import NOW, desk
from faults.filling import IN_PAGE, ROUTES
from servers.fixtures import PASSWORD
from triage.daemon.desk import Desk
from triage.daemon.one_pass import PassReport, one_pass
from triage.daemon.report import Report
from triage.daemon.undo import undo
from triage.errors import LoginRefused, ServerRefused, ServerUnreachable
from triage.mailbox.connect import AccountLogin, Security, connect
from triage.mailbox.credentials import PasswordSource
from triage.memory import lock, open_memory
from triage.model import (
    Flag,
    Invitation,
    JournalEntry,
    Label,
    Move,
    RawMessage,
    Reading,
)

VARIABLE = "TRIAGE_TEST_PASSWORD"
HEADER = "X-Example-Label"
LOST = (ServerUnreachable, ServerRefused, LoginRefused)


def a_desk() -> Desk:
    """Judges by the header and the page, in the routes of ``filling``."""
    book: Any = SimpleNamespace(fingerprint="rules-1")
    plain = desk(ROUTES, (HEADER,))

    def read(message: RawMessage) -> Reading:
        _, found, after = message.content.partition(IN_PAGE)
        if not found:
            return plain.read(message)
        label = after.split(b"\r\n", 1)[0].decode()
        return Invitation("example", "invitation", note="from the page", template=label)

    return replace(plain, rulebook=book, read=read)


def login(port: int, user: str, seconds: float = 60.0, ca_file: Path | None = None) -> AccountLogin:
    """In plain text, or over TLS where ``ca_file`` vouches for the server."""
    os.environ[VARIABLE] = PASSWORD
    source = PasswordSource("env", VARIABLE)
    security: Security = "tls" if ca_file else "none"
    host, trusted = ("localhost", str(ca_file)) if ca_file else ("127.0.0.1", None)
    return AccountLogin("main", host, port, security, user, source, trusted, seconds)


def a_pass(
    port: int,
    user: str,
    state: Path,
    run: str = "r1",
    seconds: float = 60.0,
    ca_file: Path | None = None,
) -> PassReport:
    """What `triage run --once` does, with a judge at hand."""
    with open_memory(state) as memory, lock(state):
        writer = connect(login(port, user, seconds, ca_file), (HEADER,))
        with closing(writer):
            return one_pass(writer, ("INBOX",), a_desk(), memory, NOW, run, 500)


def an_undo(port: int, user: str, state: Path, seconds: float = 60.0) -> Report:
    """What `triage undo` does, to all that was done."""
    with open_memory(state) as memory, closing(connect(login(port, user, seconds))) as writer:
        return undo([one for one in memory.journal.recent(1000) if acted(one)], writer, memory)


def acted(entry: JournalEntry) -> bool:
    """Whether there is something that undo could put back."""
    return any(isinstance(action, Move | Label | Flag) for action in entry.actions)
