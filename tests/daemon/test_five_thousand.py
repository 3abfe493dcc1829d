"""The law of filing, on Dovecot: of 5,000 messages 100 are invitations, and only those are
touched; again changes nothing; undo gives everything back; and few words are spoken."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.desks import NOW
from daemon.shapes import labelled, ordinary
from servers.dovecot import Dovecot
from servers.fixtures import PASSWORD
from servers.proxy import CountingProxy
from triage.daemon.desk import Desk
from triage.daemon.one_pass import one_pass
from triage.daemon.undo import undo
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.credentials import PasswordSource
from triage.memory import Memory

pytestmark = pytest.mark.server

MESSAGES, INVITATIONS = 5_000, 100
HOME = {
    "generic": "Invitations/Generic",
    "boilerplate": "Invitations/Boilerplate",
    "suspicious": "Invitations/Suspicious",
}
LETTERS = {"F": "\\Flagged", "S": "\\Seen", "R": "\\Answered"}


def fill(maildir: Path, desk: Desk) -> dict[bytes, str]:
    """5,000 files in a Maildir; the label of each content, "" for other mail."""
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    invitations = labelled(desk, INVITATIONS)
    assert len(invitations) == INVITATIONS
    every = MESSAGES // INVITATIONS
    contents: dict[bytes, str] = {}
    waiting = iter(invitations.items())
    for number in range(MESSAGES):
        content, label = next(waiting) if number % every == 7 else (ordinary(number), "")
        contents[content] = label
        flags = ("", "S", "F", "S", "RS", "")[number % 6]
        (maildir / "cur" / f"{1700000000 + number}.M{number}.host:2,{flags}").write_bytes(content)
    if os.getuid() == 0:
        for path in (maildir, *maildir.rglob("*")):
            os.chown(path, 65534, 65534)
    return contents


@dataclass(frozen=True)
class Stands:
    folder: str
    flags: frozenset[str]


def look(maildir: Path) -> dict[bytes, Stands]:
    """Where each content stands and with which flags, read from the disk."""
    found: dict[bytes, Stands] = {}
    folders = {"INBOX": maildir}
    for path in maildir.iterdir():
        if path.name.startswith(".") and path.is_dir():
            folders[path.name[1:].replace(".", "/")] = path
    for name, path in folders.items():
        keywords = _keywords(path)
        for file in [*(path / "cur").iterdir(), *(path / "new").iterdir()]:
            letters = file.name.partition(":2,")[2]
            flags = frozenset(LETTERS.get(one) or keywords[one] for one in letters)
            content = file.read_bytes()
            assert content not in found, "a message was doubled"
            found[content] = Stands(name, flags)
    return found


def _keywords(folder: Path) -> dict[str, str]:
    """Dovecot keeps keywords as letters, named in a file."""
    listed = folder / "dovecot-keywords"
    if not listed.exists():
        return {}
    rows = (line.split(" ", 1) for line in listed.read_text().splitlines())
    return {chr(ord("a") + int(number)): name for number, name in rows}


def expected(before: dict[bytes, Stands], labels: dict[bytes, str]) -> dict[bytes, Stands]:
    after = {}
    for content, stands in before.items():
        label = labels[content]
        added = {
            "personal": {"\\Flagged", "Invitation/Personal"},
            "unsure": {"Invitation/Unsure"},
        }.get(label, set())
        after[content] = Stands(HOME.get(label, "INBOX"), stands.flags | added)
    return after


def test_one_pass_files_the_hundred_and_touches_nothing_else(
    dovecot: Dovecot,
    dovecot_user: str,
    counting_proxy: Callable[..., CountingProxy],
    memory: Memory,
    shipped: Desk,
) -> None:
    maildir = dovecot.maildir(dovecot_user)
    labels = fill(maildir, shipped)
    before = look(maildir)
    assert len(before) == MESSAGES
    proxy = counting_proxy("127.0.0.1", dovecot.port)
    os.environ["TRIAGE_TEST_PASSWORD"] = PASSWORD
    password = PasswordSource("env", "TRIAGE_TEST_PASSWORD")
    login = AccountLogin("main", proxy.host, proxy.port, "none", dovecot_user, password)

    with connect(login, shipped.headers) as mailbox:
        report = one_pass(mailbox, ("INBOX",), shipped, memory, NOW, "r1", 500)
    filed = expected(before, labels)
    stands = look(maildir)
    wrong = [
        (labels[one], filed[one], stands.get(one)) for one in filed if filed[one] != stands.get(one)
    ]
    assert wrong == [] and len(stands) == len(filed)
    assert dict(report.counts.labels) == Counter(one for one in labels.values() if one)
    assert len(report.filed.in_state("DONE")) == INVITATIONS
    assert proxy.bursts <= 30
    assert proxy.bytes_down <= 12_000 * INVITATIONS

    with connect(login, shipped.headers) as mailbox:
        again = one_pass(mailbox, ("INBOX",), shipped, memory, NOW + timedelta(1), "r2", 500)
    assert again.plan.entries == () and look(maildir) == filed

    with connect(login, shipped.headers) as mailbox:
        undone = undo(memory.journal.last_run(), mailbox, memory)
    assert len(undone.in_state("UNDONE")) == INVITATIONS and not undone.refused
    assert look(maildir) == before

    memory.cursors.forget("main")
    with connect(login, shipped.headers) as mailbox:
        once_more = one_pass(mailbox, ("INBOX",), shipped, memory, NOW + timedelta(2), "r3", 500)
    assert once_more.plan.entries == () and look(maildir) == before
