"""Getting in: over TLS, STARTTLS and plain; and each way of not getting in has its words."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from servers.dovecot import Dovecot
from servers.fixtures import PASSWORD
from servers.proxy import CountingProxy
from servers.scripted import ScriptedServer
from triage.errors import LoginRefused, ServerUnreachable, TriageError, UserError
from triage.mailbox.connect import AccountLogin, connect, connect_reader

Login = Callable[..., AccountLogin]


def refusal(login: AccountLogin) -> TriageError:
    with pytest.raises(TriageError) as raised:
        connect(login)
    said = str(raised.value)
    assert PASSWORD not in said
    assert "\n" not in said
    assert f":{login.port}" in said  # it says where
    return raised.value


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_every_security_gets_in(dovecot: Dovecot, login: Login, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    account = login(port, security=security, user="user1", ca_file=str(dovecot.ca_file))
    with connect(account) as mailbox:
        assert "IMAP4REV1" in mailbox.capabilities()
        assert "INBOX" in mailbox.folders()


def test_a_reader_has_no_way_to_write(dovecot: Dovecot, login: Login) -> None:
    with connect_reader(login(dovecot.port, user="user1")) as reader:
        writing = ("move", "add_flags", "remove_flags", "add_labels", "append", "ensure_folder")
        assert not [name for name in writing if hasattr(reader, name)]


@pytest.mark.parametrize("user", ["émile dupont", "spaced user"])
def test_users_with_odd_names_get_in(dovecot: Dovecot, login: Login, user: str) -> None:
    with connect(login(dovecot.port, user=user)) as mailbox:
        assert mailbox.folders()


def test_odd_passwords_get_in(
    dovecot: Dovecot, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_TEST_PASSWORD", dovecot.users["odd"])
    with connect(login(dovecot.port, user="odd")) as mailbox:
        assert mailbox.folders()


def test_a_wrong_password_is_login_refused(
    dovecot: Dovecot, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_TEST_PASSWORD", "wrong horse")
    error = refusal(login(dovecot.port, user="user1"))
    assert isinstance(error, LoginRefused)
    assert "user or password" in error.what
    assert "wrong horse" not in str(error)


def test_an_unknown_authority_is_not_accepted(dovecot: Dovecot, login: Login) -> None:
    for port, security in ((dovecot.tls_port, "tls"), (dovecot.port, "starttls")):
        error = refusal(login(port, security=security, user="user1"))
        assert isinstance(error, ServerUnreachable)
        assert "certificate is not accepted" in error.what
        assert "ca_file" in error.now


def test_a_certificate_of_another_host_is_not_accepted(
    dovecot: Dovecot, login: Login, counting_proxy: Callable[..., CountingProxy]
) -> None:
    other = counting_proxy("127.0.0.1", dovecot.tls_port, listen="127.0.0.2")
    trusted = {"security": "tls", "ca_file": str(dovecot.ca_file)}
    error = refusal(login(other.port, host="127.0.0.2", **trusted))
    assert "certificate is not accepted" in error.what
    assert "as the certificate names it" in error.now


def test_a_ca_file_that_is_none(login: Login, tmp_path: Path, dovecot: Dovecot) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        error = refusal(login(dovecot.tls_port, security="tls", ca_file=str(path)))
        assert isinstance(error, UserError)
        assert str(path) in error.what


def test_plain_text_goes_to_this_machine_alone(login: Login) -> None:
    for host in ("mail.example.org", "192.0.2.1", "localhost.example.org"):
        error = refusal(login(143, host=host))
        assert isinstance(error, UserError)
        assert "plain text" in error.what


def test_tls_on_a_plain_port_and_the_other_way_round(dovecot: Dovecot, login: Login) -> None:
    error = refusal(login(dovecot.port, security="tls", user="user1"))
    assert isinstance(error, ServerUnreachable)
    assert "TLS" in error.what
    started = time.monotonic()
    error = refusal(login(dovecot.tls_port, user="user1", timeout_seconds=0.5))
    assert isinstance(error, ServerUnreachable)
    assert time.monotonic() - started < 5


def test_nothing_listens(login: Login) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        error = refusal(login(probe.getsockname()[1]))
    assert isinstance(error, ServerUnreachable)
    assert "refused" in error.what


def test_an_unknown_host(login: Login) -> None:
    error = refusal(login(993, host="no-such-host.invalid", security="tls"))
    assert isinstance(error, ServerUnreachable)


def test_a_server_that_says_nothing(login: Login) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = refusal(login(silent.getsockname()[1], timeout_seconds=0.3))
    assert isinstance(error, ServerUnreachable)
    assert "0.3 seconds" in error.what


def test_a_server_that_is_none(scripted: Callable[..., ScriptedServer], login: Login) -> None:
    error = refusal(login(scripted(greeting="HTTP/1.1 400 Bad Request\r\n").port))
    assert isinstance(error, ServerUnreachable)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n", LoginRefused),
        ("{tag} NO [ALERT] Application-specific password required\r\n", LoginRefused),
        ("{tag} NO no\r\n", LoginRefused),
        ("{tag} BAD what?\r\n", LoginRefused),
        ("{tag} NO [UNAVAILABLE] try again\r\n", ServerUnreachable),
        ("{tag} NO [ALERT] Too many simultaneous connections\r\n", ServerUnreachable),
        ("* BYE going down\r\n", ServerUnreachable),
        (lambda line: line.hang_up(), ServerUnreachable),
    ],
)
def test_what_the_answer_to_login_means(
    scripted: Callable[..., ScriptedServer], login: Login, answer: object, kind: type
) -> None:
    error = refusal(login(scripted(("LOGIN", answer)).port, timeout_seconds=2))
    assert type(error) is kind


def test_logindisabled_is_said(scripted: Callable[..., ScriptedServer], login: Login) -> None:
    server = scripted(capabilities="IMAP4rev1 STARTTLS LOGINDISABLED")
    error = refusal(login(server.port))
    assert isinstance(error, LoginRefused)
    assert "LOGINDISABLED" in error.what
    assert not [line for line in server.sent if "LOGIN" in line]


def test_an_answer_to_login_cannot_steer_the_terminal(
    scripted: Callable[..., ScriptedServer], login: Login
) -> None:
    server = scripted(("LOGIN", "{tag} NO \x1b[2J" + PASSWORD + " is wrong\r\n"))
    error = refusal(login(server.port))
    assert "\x1b" not in str(error)


def test_no_starttls_where_it_is_asked_for(
    scripted: Callable[..., ScriptedServer], login: Login
) -> None:
    error = refusal(login(scripted().port, security="starttls"))
    assert "STARTTLS" in error.what
