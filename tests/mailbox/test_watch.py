"""Waiting for mail: woken by the server's events and by ours, never by sleeping."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from servers.dovecot import Dovecot
from servers.mails import DATE, mail
from servers.proxy import CountingProxy
from servers.scripted import ScriptedServer
from triage.demo.server import EmbeddedServer
from triage.errors import ServerUnreachable
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.types import Criteria
from triage.mailbox.watch import wait_for_change

Login = Callable[..., AccountLogin]
Scripts = Callable[..., ScriptedServer]
LONG = 60.0


@pytest.fixture
def wake() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def when_idle(said: Callable[[], bool], deed: Callable[[], object]) -> threading.Thread:
    """Do something as soon as the mailbox has gone to sleep."""

    def run() -> None:
        deadline = time.monotonic() + 20
        while not said() and time.monotonic() < deadline:
            time.sleep(0.005)
        deed()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("security", ["none", "tls"])
def test_mail_that_arrives_ends_the_wait(
    dovecot: Dovecot, dovecot_user: str, login: Login, security: str
) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    account = login(port, user=dovecot_user, security=security, ca_file=str(dovecot.ca_file))
    with connect(account) as mailbox, connect(account) as other:
        for number in (1, 2):
            mailbox.open("INBOX")
            arrival = threading.Timer(0.2, other.append, ("INBOX", mail(number), (), DATE))
            arrival.start()
            started = time.monotonic()
            assert wait_for_change(mailbox, "INBOX", LONG) == "changed"
            assert time.monotonic() - started < 20
            arrival.join()
            assert mailbox.open("INBOX").messages == number  # IDLE was ended properly


def test_mail_that_came_before_the_wait_is_not_missed(
    dovecot: Dovecot, dovecot_user: str, login: Login
) -> None:
    account = login(dovecot.port, user=dovecot_user)
    with connect(account) as mailbox, connect(account) as other:
        mailbox.open("INBOX")
        other.append("INBOX", mail(1), (), DATE)
        assert wait_for_change(mailbox, "INBOX", LONG) == "changed"
        mailbox.open("INBOX")
        assert wait_for_change(mailbox, "INBOX", 0.05) == "timeout"


def test_a_wake_call_ends_the_wait(
    dovecot: Dovecot,
    dovecot_user: str,
    login: Login,
    wake: tuple[socket.socket, socket.socket],
    counting_proxy: Callable[..., CountingProxy],
) -> None:
    proxy = counting_proxy("127.0.0.1", dovecot.port)
    with connect(login(proxy.port, user=dovecot_user)) as mailbox:
        mailbox.open("INBOX")
        thread = when_idle(lambda: b"IDLE" in proxy.sent[-1], lambda: wake[1].send(b"x"))
        assert wait_for_change(mailbox, "INBOX", LONG, wake[0]) == "woken"
        thread.join()
        assert wait_for_change(mailbox, "INBOX", LONG, wake[0].fileno()) == "woken"
        assert wake[0].recv(1) == b"x"  # reading it is the caller's
        assert wait_for_change(mailbox, "INBOX", 0.05, wake[0]) == "timeout"


def test_a_cut_connection_is_noticed_at_once(
    dovecot: Dovecot,
    dovecot_user: str,
    login: Login,
    counting_proxy: Callable[..., CountingProxy],
) -> None:
    proxy = counting_proxy("127.0.0.1", dovecot.port)
    with connect(login(proxy.port, user=dovecot_user)) as mailbox:
        mailbox.open("INBOX")
        thread = when_idle(lambda: b"IDLE" in proxy.sent[-1], proxy.cut)
        started = time.monotonic()
        with pytest.raises(ServerUnreachable):
            wait_for_change(mailbox, "INBOX", LONG)
        assert time.monotonic() - started < 20
        thread.join()


def test_the_embedded_server_wakes_too(
    embedded: Callable[..., EmbeddedServer], login: Login
) -> None:
    server = embedded({"INBOX": [mail(1)]}, "reader", "correct horse")
    with connect(login(server.port)) as mailbox:
        mailbox.open("INBOX")
        thread = threading.Timer(0.2, server.deliver, ("INBOX", mail(2)))
        thread.start()
        assert wait_for_change(mailbox, "INBOX", LONG) == "changed"
        thread.join()
        assert len(mailbox.search("INBOX", Criteria(subjects=("mail",)), 0)) == 2


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("* 3 EXISTS\r\n+ idling\r\n", "changed"),  # ahead of the go-ahead
        ("+ idling\r\n* 1 EXPUNGE\r\n* 2 EXISTS\r\n", "changed"),  # one gone, one come
        ("+ idling\r\n* OK still here\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n* 0 RECENT\r\n", "timeout"),
        ("+ idling\r\n* 1 FETCH (FLAGS (\\Seen))\r\n", "timeout"),
        ("+ idling\r\n{tag} OK that was long enough\r\n", "timeout"),
    ],
)
def test_what_counts_as_a_change(scripted: Scripts, login: Login, said: str, expected: str) -> None:
    tags: list[str] = []

    def idle(line: object) -> None:
        tags.append(line.tag)  # type: ignore[attr-defined]
        line.say(said)  # type: ignore[attr-defined]
        held.append(line)

    held: list[object] = []
    server = scripted(("IDLE", idle))
    stop = threading.Event()

    def end_idle() -> None:
        while not stop.is_set():
            if server.sent and server.sent[-1] == "DONE":
                held[-1].say("{tag} OK done\r\n")  # type: ignore[attr-defined]
                return
            time.sleep(0.005)

    thread = threading.Thread(target=end_idle)
    thread.start()
    try:
        with connect(login(server.port)) as mailbox:
            mailbox.open("INBOX")
            assert wait_for_change(mailbox, "INBOX", 0.2) == expected
            assert mailbox.open("INBOX").messages == 2
    finally:
        stop.set()
        thread.join()


def test_a_bye_in_the_middle_is_a_loss(scripted: Scripts, login: Login) -> None:
    server = scripted(("IDLE", "+ idling\r\n* BYE autologout\r\n"))
    mailbox = connect(login(server.port))
    mailbox.open("INBOX")
    with pytest.raises(ServerUnreachable):
        wait_for_change(mailbox, "INBOX", LONG)
    assert mailbox.closed


def test_without_idle_it_asks_now_and_then(
    scripted: Scripts, login: Login, wake: tuple[socket.socket, socket.socket]
) -> None:
    done = "{tag} OK done\r\n"
    answers = iter([done, done, f"* 3 EXISTS\r\n{done}", done])
    server = scripted(("NOOP", lambda line: line.say(next(answers))), capabilities="IMAP4rev1")
    with connect(login(server.port)) as mailbox:
        mailbox.open("INBOX")
        assert wait_for_change(mailbox, "INBOX", LONG, wake[0], poll_seconds=0.01) == "changed"
        assert server.sent.count("NOOP") == 3
        wake[1].send(b"x")
        assert wait_for_change(mailbox, "INBOX", LONG, wake[0]) == "woken"
        assert server.sent.count("NOOP") == 4, "who was woken knows that the server is there"


def test_without_idle_a_hang_up_is_noticed_at_once(scripted: Scripts, login: Login) -> None:
    lines: list[object] = []
    server = scripted(("EXAMINE", lambda line: _examined(lines, line)), capabilities="IMAP4rev1")
    mailbox = connect(login(server.port))
    mailbox.open("INBOX")
    threading.Timer(0.1, lambda: lines[-1].hang_up()).start()  # type: ignore[attr-defined]
    with pytest.raises(ServerUnreachable):
        wait_for_change(mailbox, "INBOX", LONG)


def _examined(lines: list[object], line: object) -> None:
    lines.append(line)
    line.say("* 2 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 30]\r\n{tag} OK in\r\n")  # type: ignore[attr-defined]
