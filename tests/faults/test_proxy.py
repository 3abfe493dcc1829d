"""The proxy does to a connection what it says, and nothing else: or its tests prove nothing."""

from __future__ import annotations

import imaplib
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from faults.faults import Cut, Fault, Meanwhile
from faults.proxy import FaultProxy
from faults.wire import Parts, command, tag_of, without
from servers.scripted import ScriptedServer

LITERAL = b"* 1 FETCH (BODY[] {10}\r\na OK {3}\r\n FLAGS ())\r\n"
Proxies = Callable[..., FaultProxy]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(
        ("FETCH", LITERAL + b"{tag} OK done\r\n"),
        ("IDLE", "+ idling\r\n"),
        capabilities="IMAP4rev1 MOVE UIDPLUS IDLE",
    ) as started:
        yield started


@pytest.fixture
def proxy(server: ScriptedServer) -> Iterator[Proxies]:
    with ExitStack() as stack:
        yield lambda *faults, **more: stack.enter_context(
            FaultProxy("127.0.0.1", server.port, *faults, **more)
        )


@pytest.fixture
def client() -> Iterator[Callable[[FaultProxy], imaplib.IMAP4]]:
    opened: list[imaplib.IMAP4] = []

    def connect(proxy: FaultProxy, seconds: float = 20.0) -> imaplib.IMAP4:
        opened.append(imaplib.IMAP4(proxy.host, proxy.port, seconds))
        return opened[-1]

    yield connect
    for one in opened:
        one.shutdown()


Client = Callable[..., imaplib.IMAP4]


def test_parts_are_lines_and_literals_however_they_come() -> None:
    for size in range(1, len(LITERAL) + 1):
        parts, found = Parts(), []
        for start in range(0, len(LITERAL), size):
            found += list(parts.feed(LITERAL[start : start + size]))
        assert [part.data for part in found] == [
            b"* 1 FETCH (BODY[] {10}\r\n", b"a OK {3}\r\n", b" FLAGS ())\r\n",
        ]  # fmt: skip
        assert [(part.begins, part.ends) for part in found] == [
            (True, False), (False, False), (False, True),
        ]  # fmt: skip


def test_commands_and_tags_are_told() -> None:
    told = command(3, b"A1 uid Move 1:2 Filed\r\n")
    assert told and (told.number, told.tag, told.verb) == (3, b"A1", "UID MOVE")
    assert command(1, b"DONE\r\n") is None
    assert tag_of(b"A1 OK done\r\n") == b"A1"
    assert tag_of(b"* OK hi\r\n") is tag_of(b"+ idling\r\n") is tag_of(b"+\r\n") is None


def test_hidden_capabilities_are_hidden_wherever_they_are_told() -> None:
    hide = {"MOVE", "UIDPLUS"}
    assert (
        without(b"* CAPABILITY IMAP4rev1 MOVE IDLE\r\n", hide) == b"* CAPABILITY IMAP4rev1 IDLE\r\n"
    )
    told = b"a OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE] MOVE on\r\n"
    assert without(told, hide) == b"a OK [CAPABILITY IMAP4rev1] MOVE on\r\n"
    assert without(b"a OK [COPYUID 7 1 2] done\r\n", hide) == b"a OK done\r\n"
    assert without(b"a OK [COPYUID 7 1 2] done\r\n", {"MOVE"}) == b"a OK [COPYUID 7 1 2] done\r\n"


def test_without_a_fault_it_only_counts(proxy: Proxies, client: Client) -> None:
    through = proxy(dribble=True)
    imap = client(through)
    imap.login("reader", "x")
    imap.select()
    assert imap.uid("FETCH", "1", "(BODY[])")[1][0] == (b"1 (BODY[] {10}", b"a OK {3}\r\n")
    assert [one.verb for one in through.commands] == ["CAPABILITY", "LOGIN", "SELECT", "UID FETCH"]
    assert through.bytes_up == sum(len(one.line) for one in through.commands)
    assert not through.fired


@pytest.mark.parametrize(("how", "reached"), [("cut before", False), ("cut after", True)])
def test_a_cut_at_a_command(
    server: ScriptedServer, proxy: Proxies, client: Client, how: str, reached: bool
) -> None:
    through = proxy(Fault(how, "UID MOVE"))  # type: ignore[arg-type]
    imap = client(through)
    imap.login("reader", "x")
    imap.select()
    with pytest.raises(imaplib.IMAP4.abort):
        imap.uid("MOVE", "1", "Filed")
    through.drained()
    assert ("UID MOVE 1 Filed" in server.sent) is reached
    assert len(through.fired) == 1


@pytest.mark.parametrize("how", ["stall", "drop"])
def test_an_answer_that_never_comes(
    server: ScriptedServer, proxy: Proxies, client: Client, how: str
) -> None:
    through = proxy(Fault(how, 3))  # type: ignore[arg-type]
    imap = client(through, 0.3)
    imap.login("reader", "x")
    with pytest.raises((TimeoutError, imaplib.IMAP4.abort)):
        imap.noop()
    assert server.sent.count("NOOP") == (how == "drop")
    imap.sock.send(b"B NOOP\r\n")  # nobody hung up
    if how == "drop":
        assert imap.sock.recv(100) == b"B OK done\r\n"


@pytest.mark.parametrize("word", ["no", "bad"])
@pytest.mark.parametrize("after", [False, True])
def test_a_refusal(
    server: ScriptedServer, proxy: Proxies, client: Client, word: str, after: bool
) -> None:
    how = f"{word} after" if after else word
    imap = client(proxy(Fault(how, "NOOP")))  # type: ignore[arg-type]
    imap.login("reader", "x")
    imap.send(b"C NOOP\r\nD NOOP\r\n")  # in one go: answered in turn
    assert imap.readline().startswith(b"C " + word.upper().encode())
    assert imap.readline() == b"D OK done\r\n"
    assert server.sent.count("NOOP") == 1 + after


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_cut_at_a_byte(server: ScriptedServer, proxy: Proxies, client: Client, way: str) -> None:
    calm = proxy()
    client(calm).noop()
    total = calm.bytes_up if way == "up" else calm.bytes_down
    through = proxy(Cut(way, total - 3))  # type: ignore[arg-type]
    server.sent.clear()
    with pytest.raises(imaplib.IMAP4.abort):
        client(through).noop()
    through.drained()
    assert (through.bytes_up if way == "up" else through.bytes_down) == total - 3
    assert ("NOOP" in server.sent) is (way == "down")


def test_a_half_open_connection_forwards_nothing_until_it_resumes(
    server: ScriptedServer, proxy: Proxies, client: Client
) -> None:
    through = proxy()
    imap = client(through)
    imap.login("reader", "x")
    through.stall()
    imap.sock.send(b"E NOOP\r\n")
    imap.sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        imap.sock.recv(100)
    assert "NOOP" not in server.sent
    assert client(through).noop()[0] == "OK"  # a new connection is a new one
    through.resume()
    imap.sock.settimeout(20)
    assert imap.sock.recv(100) == b"E OK done\r\n"
    through.stall(new_too=True)
    with pytest.raises((TimeoutError, imaplib.IMAP4.abort)):
        client(through, 0.3)


def test_a_good_bye_in_the_middle_of_idle(proxy: Proxies, client: Client) -> None:
    through = proxy()
    imap = client(through)
    imap.login("reader", "x")
    imap.send(b"F IDLE\r\n")
    through.wait_until_idle()
    assert imap.readline() == b"+ idling\r\n"
    through.bye("autologout")
    assert imap.readline() == b"* BYE autologout\r\n"
    assert imap.readline() == b""


def test_what_is_held_back_reaches_the_server_later(
    server: ScriptedServer, proxy: Proxies, client: Client
) -> None:
    through = proxy(Fault("late", "UID MOVE"))
    imap = client(through)
    imap.login("reader", "x")
    imap.select()
    with pytest.raises(imaplib.IMAP4.abort):
        imap.uid("MOVE", "1", "Filed")
    through.drained()
    assert "UID MOVE 1 Filed" not in server.sent
    through.release()
    assert server.sent[-1] == "UID MOVE 1 Filed"


def test_somebody_else_comes_ahead_of_a_command(
    server: ScriptedServer, proxy: Proxies, client: Client
) -> None:
    seen: list[int] = []
    imap = client(proxy(Meanwhile(lambda: seen.append(len(server.sent)), "NOOP", always=True)))
    imap.login("reader", "x")
    imap.noop()
    imap.noop()
    assert seen == [2, 3]


def test_a_port_that_is_closed_is_closed(proxy: Proxies) -> None:
    through = proxy()
    through.close()
    with pytest.raises(OSError):
        socket.create_connection((through.host, through.port), 2)
