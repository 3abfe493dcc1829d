"""A line that is held without listening to it, one that is not believed any more, and what the
kernel asks a silent peer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from faults.proxy import FaultProxy
from servers.dovecot import Dovecot
from servers.mails import DATE, mail
from servers.scripted import ScriptedServer
from triage.errors import ServerUnreachable
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.watch import Ears, Heard, keep_alive, wait_for_change

Login = Callable[..., AccountLogin]
Scripts = Callable[..., ScriptedServer]
LONG = 600.0


@pytest.fixture
def wake() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[FaultProxy]:
    with FaultProxy("127.0.0.1", dovecot.port) as running:
        yield running


def test_a_line_that_is_held_is_proved_by_a_noop_whatever_comes(
    proxy: FaultProxy, dovecot: Dovecot, dovecot_user: str, login: Login
) -> None:
    with (
        connect(login(proxy.port, user=dovecot_user)) as mailbox,
        connect(login(dovecot.port, user=dovecot_user)) as other,
    ):
        mailbox.open("INBOX")
        other.append("INBOX", mail(1), (), DATE)
        assert keep_alive(mailbox, 0.05) == "timeout"
        assert proxy.commands[-1].verb == "NOOP"
        assert mailbox.arrived("INBOX"), "what came is not forgotten"


def test_a_held_line_is_left_when_woken(
    scripted: Scripts, login: Login, wake: tuple[socket.socket, socket.socket]
) -> None:
    server = scripted()
    with connect(login(server.port)) as mailbox:
        wake[1].send(b"x")
        assert keep_alive(mailbox, LONG, wake[0]) == "woken"
        assert server.sent[-1] == "NOOP"


def test_a_hang_up_of_a_held_line_is_noticed_at_once(scripted: Scripts, login: Login) -> None:
    lines: list[object] = []

    def noop(line: object) -> None:
        lines.append(line)
        line.say("* OK here\r\n{tag} OK done\r\n")  # type: ignore[attr-defined]

    server = scripted(("NOOP", noop))
    mailbox = connect(login(server.port))
    assert keep_alive(mailbox, 0.01) == "timeout"
    threading.Timer(0.1, lambda: lines[-1].hang_up()).start()  # type: ignore[attr-defined]
    with pytest.raises(ServerUnreachable):
        keep_alive(mailbox, LONG)
    assert mailbox.closed


def test_a_held_line_that_leads_nowhere_is_noticed_when_its_time_is_up(
    proxy: FaultProxy, dovecot_user: str, login: Login
) -> None:
    mailbox = connect(login(proxy.port, user=dovecot_user, timeout_seconds=1.0))
    proxy.stall()
    with pytest.raises(ServerUnreachable, match="did not answer NOOP in time"):
        keep_alive(mailbox, 0.05)
    assert mailbox.closed


@pytest.mark.parametrize("how", ["idle", "poll", "held"])
def test_a_line_that_is_not_believed_is_dropped_without_waiting_for_it(
    proxy: FaultProxy, dovecot_user: str, login: Login, how: str,
    wake: tuple[socket.socket, socket.socket],
) -> None:  # fmt: skip
    proxy.hide = frozenset({"IDLE"} if how == "poll" else ())
    mailbox = connect(login(proxy.port, user=dovecot_user, timeout_seconds=LONG))
    mailbox.open("INBOX")
    heard: list[Heard] = []

    def hear(sock: object, wake_: object, seconds: float) -> Heard:
        """It falls silent when it is being listened to, and we are called."""
        proxy.stall()
        wake[1].send(b"x")
        heard.append(Ears().hear(sock, wake[0], seconds))
        return heard[-1]

    ears = Ears(hear=hear)
    if how == "held":
        assert keep_alive(mailbox, LONG, wake[0], lambda: True, ears) == "woken"
    else:
        wait = wait_for_change(mailbox, "INBOX", LONG, wake[0], LONG, lambda: True, ears)
        assert wait == "woken"
    assert mailbox.closed and heard == ["wake"]


@pytest.mark.parametrize("security", ["none", "tls", "starttls"])
def test_the_kernel_asks_a_silent_peer_within_five_minutes(
    dovecot: Dovecot, dovecot_user: str, login: Login, security: str
) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    account = login(port, user=dovecot_user, security=security, ca_file=str(dovecot.ca_file))
    with connect(account) as mailbox:
        sock = mailbox.session.stream.sock
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        idle, interval, count = (
            sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
        )
        assert 0 < idle < idle + interval * count < 5 * 60
