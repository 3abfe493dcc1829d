"""A pass of the daemon on servers that differ from Dovecot: cut at any line, Courier having no
MOVE; and at Gmail, where several folders show one message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.desks import NOW, mail
from daemon.test_on_a_server import LABELS, lines, login, shipped, stands
from servers.courier import Courier
from servers.fixtures import PASSWORD
from servers.gmail import GERMAN, GmailServer
from servers.others import address
from servers.proxy import CountingProxy
from triage.daemon.one_pass import one_pass
from triage.daemon.undo import undo
from triage.errors import LoginRefused, ServerUnreachable
from triage.mailbox.connect import connect
from triage.mailbox.imap_writer import ImapWriter
from triage.memory import Memory, open_memory
from triage.model import Label, Move

CUTS = 6
BY_HAND = "Invitations/Generic"  # where a person copied a message that is about to come there
FOLDERS = ("[Gmail]/All Mail", "INBOX")


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


@pytest.mark.parametrize("kind", ["cyrus", "courier", "gmail"])
def test_a_connection_cut_at_any_line_ends_as_if_it_had_not_been(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path,
    counting_proxy: Callable[..., CountingProxy],
) -> None:  # fmt: skip
    wanted = shipped()

    def end(at: int) -> tuple[object, object, int]:
        """What stands, what is journalled, and how many lines the server said in the first pass."""
        port, user = address(kind, request)
        with connect(login("127.0.0.1", port, user)) as box:
            for number, label in enumerate(LABELS):
                box.append("INBOX", mail(number, label), ("\\Seen",) if number % 2 else (), NOW)
            box.ensure_folder(BY_HAND)
            box.append(BY_HAND, mail(LABELS.index("generic"), "generic"), (), NOW)
            before = stands(box)
        cut = Cut(at)
        cut.proxy = proxy = counting_proxy("127.0.0.1", port, cut)
        with open_memory(tmp_path / f"{at}.db") as memory:
            said: list[int] = []
            for run in ("r1", "r2"):
                try:
                    with connect(login(proxy.host, proxy.port, user), wanted.headers) as writer:
                        one_pass(writer, ("INBOX",), wanted, memory, NOW, run, 500)
                except (ServerUnreachable, LoginRefused):
                    assert run == "r1" and cut.seen >= at
                said.append(cut.seen)
            proxy.close()
            with connect(login("127.0.0.1", port, user)) as box:
                told = stands(box), lines(memory)
                undo(memory.journal.recent(100), box, memory)
                assert stands(box) == before
            return *told, said[0]

    *calm, said = end(0)
    for at in range(1, said + 1, max(1, said // CUTS)):
        *disturbed, _ = end(at)
        assert disturbed == calm, f"cut ahead of line {at}"


class CutBeforeCopy(ImapWriter):
    """Its connection is lost when it is about to COPY."""

    def _ask_with_target(self, *command: str) -> None:
        self.session.drop()
        super()._ask_with_target(*command)


def test_a_copy_made_by_hand_is_not_taken_for_a_half_done_move(
    courier: Courier, memory: Memory
) -> None:
    wanted, user = shipped(), courier.new_user()
    account = login("127.0.0.1", courier.port, user)
    message = mail(1, "generic")
    with connect(account) as by_hand:
        by_hand.ensure_folder(BY_HAND)
        for folder in ("INBOX", BY_HAND):
            by_hand.append(folder, message, (), NOW)
    unlucky = CutBeforeCopy(connect(account).session, "main", wanted.headers)
    with pytest.raises(ServerUnreachable):
        one_pass(unlucky, ("INBOX",), wanted, memory, NOW, "r1", 500)
    with connect(account, wanted.headers) as writer:
        one_pass(writer, ("INBOX",), wanted, memory, NOW, "r2", 500)
        assert {folder: len(held) for folder, held in stands(writer).items()} == {BY_HAND: 2}


@pytest.fixture
def box(gmail: Callable[..., GmailServer]) -> ImapWriter:
    mails = [mail(number, label) for number, label in enumerate(LABELS)]
    server = gmail({"INBOX": mails, "Archive": [mail(50, "generic")]}, "reader", PASSWORD, GERMAN)
    return connect(login("127.0.0.1", server.port, "reader"), ("X-Example-Label",))


def test_a_message_that_two_folders_show_is_filed_once(box: ImapWriter, memory: Memory) -> None:
    before = stands(box)
    report = one_pass(box, FOLDERS, shipped(), memory, NOW, "r1", 500)
    assert len(report.plan.entries) == len(LABELS)  # one has no label, one is archived
    entries = memory.journal.recent(100)
    assert {entry.place.folder for entry in entries} == {"INBOX", GERMAN["All"]}
    moved = [entry for entry in entries if any(isinstance(a, Move) for a in entry.actions)]
    assert {entry.place.folder for entry in moved} == {"INBOX"} and len(moved) == 4
    after = stands(box)
    assert len(after[GERMAN["All"]]) == len(before[GERMAN["All"]])
    assert len(after["INBOX"]) == len(before["INBOX"]) - len(moved)
    assert not one_pass(box, FOLDERS, shipped(), memory, NOW, "r2", 500).plan.entries
    undo(memory.journal.recent(100), box, memory)
    assert stands(box) == before


def test_what_only_all_mail_shows_is_labelled_where_it_would_be_moved(
    box: ImapWriter, memory: Memory
) -> None:
    before = stands(box)
    plan = one_pass(box, FOLDERS[:1], shipped(), memory, NOW, "r1", 500).plan
    assert len(plan.entries) == len(LABELS) and plan.moves == 0
    entries = memory.journal.recent(100)
    assert {entry.state for entry in entries} == {"DONE"}
    assert not any(isinstance(action, Move) for entry in entries for action in entry.actions)
    generic = [entry for entry in entries if entry.verdict.label == "generic"]
    assert {entry.actions for entry in generic} == {(Label("Invitations/Generic"),)}
    after = stands(box)
    assert len(after["Invitations/Generic"]) == len(generic) == 3
    assert [one[0] for one in after["INBOX"]] == [one[0] for one in before["INBOX"]]
    undo(entries, box, memory)
    assert stands(box) == before
