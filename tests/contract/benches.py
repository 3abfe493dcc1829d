"""The mailboxes that the contract is held against, each with a way to prepare it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import pytest

from servers.fixtures import PASSWORD
from servers.mails import DATE
from servers.others import KINDS, address
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.credentials import PasswordSource
from triage.mailbox.in_memory import MemoryMailbox
from triage.mailbox.types import Writer

VARIABLE = "TRIAGE_TEST_PASSWORD"
BENCHES = ("memory", "memory-plain", "embedded", "embedded-plain", *KINDS)


@dataclass
class Bench:
    """One mailbox. ``writer`` connects anew. ``real``: there is a server behind it. No
    folder can have one of the characters ``not_in_names`` in its name. ``as_sent``: a header
    with bytes above 127 is kept as it came. ``labels``: they are Gmail's, not keywords."""

    writer: Callable[[], Writer]
    keywords: bool
    real: bool
    not_in_names: str = ""
    as_sent: bool = True
    labels: bool = False

    def put(
        self,
        folder: str,
        *contents: bytes,
        flags: Iterable[str] = (),
        date: datetime = DATE,
    ) -> tuple[int, ...]:
        """Messages arrive by another client; their uids."""
        other = self.writer()
        other.ensure_folder(folder)
        before = other.open(folder).uidnext
        for content in contents:
            other.append(folder, content, flags, date)
        state = other.open(folder)
        found = tuple(sorted(other.standing(folder, range(before, state.uidnext))))
        if self.real:
            other.close()
        assert len(found) == len(contents)
        return found

    def contents(self, folder: str) -> dict[int, bytes]:
        """Whole messages as they stand, by uid."""
        other = self.writer()
        state = other.open(folder)
        found = {
            raw.place.uid: raw.content
            for raw in other.fetch(folder, range(1, state.uidnext), how="whole")
            if raw.place
        }
        if self.real:
            other.close()
        return found


def login(name: str, port: int, user: str) -> AccountLogin:
    os.environ[VARIABLE] = PASSWORD
    source = PasswordSource("env", VARIABLE)
    return AccountLogin(name, "127.0.0.1", port, "none", user, source, timeout_seconds=20)


def build(kind: str, request: pytest.FixtureRequest) -> Bench:
    keywords = not kind.endswith("-plain")
    if kind.startswith("memory"):
        mailbox = MemoryMailbox(keywords=keywords)
        return Bench(lambda: mailbox, keywords, real=False)
    if kind.startswith("embedded"):
        server = request.getfixturevalue("embedded")({}, "reader", PASSWORD, keywords=keywords)
        account = login("main", server.port, "reader")
    else:
        account = login("main", *address(kind, request))
    opened: list[Writer] = []

    def writer() -> Writer:
        opened.append(connect(account))
        return opened[-1]

    request.addfinalizer(lambda: [one.close() for one in opened])
    if kind.startswith("cyrus"):
        # Cyrus 3.6.1 has a list of good characters (imap/mboxname.c), and, by its option
        # munge8bit, writes X for each 8-bit byte of a header.
        return Bench(writer, keywords, True, not_in_names='"\\{}%!;<>`|', as_sent=False)
    return Bench(writer, keywords, real=True, labels=kind.startswith("gmail"))
