"""The daemon and Dovecot: mail that arrives is filed at once, and a cut connection at any
line of the server's ends as if there had been none."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from daemon.desks import NOW, desk, mail
from daemon.test_service import until
from servers.dovecot import Dovecot
from servers.fixtures import PASSWORD
from servers.proxy import CountingProxy
from triage.daemon.desk import Desk
from triage.daemon.one_pass import one_pass
from triage.daemon.reload import RuleWatch
from triage.daemon.service import Service
from triage.daemon.undo import undo
from triage.daemon.world import real_world
from triage.errors import LoginRefused, ServerRefused, ServerUnreachable
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.credentials import PasswordSource
from triage.mailbox.imap_writer import ImapWriter
from triage.memory import Memory, open_memory
from triage.settings import load_settings

pytestmark = pytest.mark.server

LABELS = ("", "personal", "generic", "boilerplate", "suspicious", "unsure", "generic")
FOLDERS = ("INBOX", "Invitations/Generic", "Invitations/Boilerplate", "Invitations/Suspicious")


def shipped() -> Desk:
    book: Any = SimpleNamespace(fingerprint="rules-1")
    return replace(desk(headers=("X-Example-Label",)), rulebook=book)


def login(host: str, port: int, user: str) -> AccountLogin:
    os.environ["TRIAGE_TEST_PASSWORD"] = PASSWORD
    return AccountLogin(
        "main", host, port, "none", user, PasswordSource("env", "TRIAGE_TEST_PASSWORD"), None, 20.0
    )


def stands(mailbox: ImapWriter) -> dict[str, list[tuple[str, frozenset[str]]]]:
    found = {}
    for folder in mailbox.folders():
        state = mailbox.open(folder)
        messages = mailbox.fetch(folder, range(1, state.uidnext), how="whole")
        found[folder] = sorted(
            (one.identity.header_sha256, frozenset(one.flags) - {"\\Recent"}) for one in messages
        )
    return {folder: held for folder, held in found.items() if held}


def lines(memory: Memory) -> list[tuple[object, ...]]:
    return sorted(
        (one.identity, one.verdict.label, one.state, one.remark, repr(one.actions),
         one.landed is not None and one.landed.folder)
        for one in memory.journal.recent(100)
    )  # fmt: skip


@pytest.fixture
def fresh(dovecot: Dovecot) -> Callable[[str], ImapWriter]:
    """A mailbox filled with a mail of each label, and a line to it past any proxy."""

    def fill(user: str) -> ImapWriter:
        box = connect(login("127.0.0.1", dovecot.port, user), ("X-Example-Label",))
        for number, label in enumerate(LABELS):
            flags = ("\\Seen",) if number % 2 else ()
            box.append("INBOX", mail(number, label), flags, NOW)
        return box

    return fill


def test_mail_that_arrives_is_filed_without_waiting_for_a_sweep(
    dovecot: Dovecot, dovecot_user: str, fresh: Callable[[str], ImapWriter],
    tmp_path: Path, memory: Memory,
) -> None:  # fmt: skip
    box = fresh(dovecot_user)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[accounts.main]\nhost = "127.0.0.1"\nport = {dovecot.port}\nsecurity = "none"\n'
        f'user = "{dovecot_user}"\npassword = {{ env = "TRIAGE_TEST_PASSWORD" }}\n'
        "poll_minutes = 600\n"
    )
    settings = load_settings(config)
    waiting = threading.Event()
    world = real_world()

    def wait(mailbox: Any, folder: str, seconds: float, wake: Any) -> object:
        waiting.set()
        return world.wait(mailbox, folder, seconds, wake)

    rules = RuleWatch(settings, shipped())
    service = Service(settings, rules, memory, replace(world, wait=wait))
    service.start()
    try:
        assert waiting.wait(60)
        assert len(memory.journal.recent(100)) == 6
        for number in range(3):
            waiting.clear()
            box.append("INBOX", mail(100 + number, "generic"), (), NOW)
            done = 7 + number
            until(lambda: len(memory.journal.recent(100, state="DONE")) == done, 60)  # noqa: B023
            assert waiting.wait(60)
    finally:
        service.stop()
        box.close()
    with connect(login("127.0.0.1", dovecot.port, dovecot_user)) as box:
        assert len(stands(box)["Invitations/Generic"]) == 5


def test_a_connection_cut_at_any_line_ends_as_if_it_had_not_been(
    dovecot: Dovecot, fresh: Callable[[str], ImapWriter],
    counting_proxy: Callable[..., CountingProxy], tmp_path: Path,
) -> None:  # fmt: skip
    wanted = shipped()
    users = iter(f"user{number}" for number in range(200, 390))

    class Cut:
        """Cuts the proxy's connections ahead of the n-th line of the server's."""

        def __init__(self, at: int) -> None:
            self.at, self.seen = at, 0
            self.proxy: CountingProxy | None = None

        def __call__(self, line: bytes) -> bytes:
            self.seen += 1
            if self.seen == self.at and self.proxy is not None:
                self.proxy.cut()
                return b""
            return line

    def anew(user: str) -> ImapWriter:
        return connect(login("127.0.0.1", dovecot.port, user))

    def end(at: int, user: str) -> tuple[object, object, int]:
        """What stands, what is journalled, and how many lines the server said in the first pass."""
        cut = Cut(at)
        fresh(user).close()
        cut.proxy = proxy = counting_proxy("127.0.0.1", dovecot.port, cut)
        with open_memory(tmp_path / f"{user}.db") as memory:
            said: list[int] = []
            for run in ("r1", "r2"):
                try:
                    with connect(login(proxy.host, proxy.port, user), wanted.headers) as writer:
                        one_pass(writer, ("INBOX",), wanted, memory, NOW, run, 500)
                except (ServerUnreachable, LoginRefused):
                    assert run == "r1" and cut.seen >= at
                said.append(cut.seen)
            proxy.close()
            with anew(user) as box:
                told = stands(box), lines(memory)
                undo(memory.journal.recent(100), box, memory)
                assert list(stands(box)) == ["INBOX"]
                assert len(stands(box)["INBOX"]) == len(LABELS)
            return *told, said[0]

    *calm, said = end(0, next(users))
    for at in range(1, said + 1, max(1, said // 45)):
        *disturbed, _ = end(at, next(users))
        assert disturbed == calm, f"cut ahead of line {at}"


def test_a_user_who_deletes_the_target_folder_gets_it_anew(
    dovecot: Dovecot, dovecot_user: str, fresh: Callable[[str], ImapWriter], memory: Memory
) -> None:
    wanted = shipped()
    with fresh(dovecot_user) as box:
        one_pass(box, ("INBOX",), wanted, memory, NOW, "r1", 500)
        box.append("INBOX", mail(50, "suspicious"), (), NOW)
        box.session.ask("DELETE", '"Invitations/Suspicious"')
        report = one_pass(box, ("INBOX",), wanted, memory, NOW, "r2", 500)
        assert report.filed.settled or report.filed.waiting
    with connect(login("127.0.0.1", dovecot.port, dovecot_user), wanted.headers) as box:
        one_pass(box, ("INBOX",), wanted, memory, NOW, "r3", 500)
        assert not memory.journal.intended("main")
        assert len(stands(box)["Invitations/Suspicious"]) == 1
        with pytest.raises(ServerRefused):
            box.open("Nowhere")
