"""A Dovecot that checks each token at the provider, and the watch over such an account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.desks import NOW, desk
from logins.bench import Write, account_in, by_code, login_in
from servers.dovecot import Dovecot
from servers.identity import USER, IdentityProvider
from servers.proxy import CountingProxy
from triage.daemon.accounts import open_mailbox
from triage.daemon.health import Health
from triage.daemon.watch import AccountWatch, World
from triage.errors import LoginRefused, TriageError
from triage.memory import open_memory

pytestmark = pytest.mark.server


@pytest.fixture
def config(write: Write, identity: IdentityProvider, mail_server: Dovecot) -> Path:
    """A config of an account that a person has logged in."""
    path = write("other", mail_server.tls_port, mail_server.ca_file)
    by_code(login_in(path), identity)
    return path


def test_the_mailbox_opens_and_the_server_says_what_it_can(config: Path) -> None:
    with open_mailbox(account_in(config)) as mailbox:
        assert "INBOX" in mailbox.folders() and {"MOVE", "IDLE"} <= mailbox.capabilities()


@pytest.mark.parametrize("name", ["OAUTHBEARER", "XOAUTH2"])
def test_both_mechanisms_get_in_and_are_refused_in_words(
    config: Path, identity: IdentityProvider, mail_server: Dovecot, name: str,
    counting_proxy: Callable[..., CountingProxy],
) -> None:  # fmt: skip
    other = "XOAUTH2" if name == "OAUTHBEARER" else "OAUTHBEARER"
    proxy = counting_proxy(
        "127.0.0.1", mail_server.port, lambda line: line.replace(f"AUTH={other}".encode(), b"X")
    )
    text = config.read_text().replace(f"port = {mail_server.tls_port}", f"port = {proxy.port}")
    config.write_text(text.replace('security = "tls"', 'security = "none"'))
    with open_mailbox(account_in(config)) as mailbox:
        assert mailbox.folders()
    assert [f"AUTHENTICATE {name}".encode() in sent for sent in proxy.sent].count(True) == 1
    identity.is_today.lifetime = 0.0  # what it gives is worth nothing
    identity.forget_access_tokens()
    with pytest.raises(LoginRefused, match=r"OAuth2 login \(status .*triage login main"):
        open_mailbox(account_in(config))


def test_a_token_that_ended_early_costs_one_renewal(
    config: Path, identity: IdentityProvider
) -> None:
    identity.forget_access_tokens()
    with open_mailbox(account_in(config)) as mailbox:
        assert mailbox.folders()
    assert identity.renewals() == 1


def test_a_provider_that_promises_too_much_is_borne_each_time(
    config: Path, identity: IdentityProvider
) -> None:
    """Its clock runs fast, or its tokens end before their time: announced for an hour."""
    identity.is_today.announced = 3600
    for number in range(1, 4):
        identity.now += 7200
        with open_mailbox(account_in(config)) as mailbox:
            assert mailbox.folders()
        assert identity.renewals() == number


def test_a_user_who_is_not_the_one_that_logged_in_is_let_in_nowhere(
    config: Path, identity: IdentityProvider
) -> None:
    config.write_text(config.read_text().replace(USER, "joe@example.org"))
    with pytest.raises(LoginRefused, match="Check that user is the one who logged in"):
        open_mailbox(account_in(config))
    assert identity.renewals() == 1


def test_a_command_prints_the_token(
    config: Path, identity: IdentityProvider, tmp_path: Path
) -> None:
    token = login_in(config).token()
    printed, counted = tmp_path / "printed", tmp_path / "counted"
    printed.write_text(f"{token}\nexpires: soon\n")
    head = config.read_text().partition("[accounts.main.oauth]")[0]
    command = f"echo x >> {counted}; cat {printed}"
    config.write_text(f'{head}[accounts.main.oauth]\ncommand = "{command}"\n')
    with open_mailbox(account_in(config)) as mailbox:
        assert mailbox.folders()
    identity.revoke()
    with pytest.raises(LoginRefused, match="Run the token command by hand"):
        open_mailbox(account_in(config))
    assert counted.read_text() == "x\n" * 3  # the second time it printed the same
    printed.unlink()
    with pytest.raises(TriageError, match="token command failed with exit code") as raised:
        open_mailbox(account_in(config))
    assert not isinstance(raised.value, LoginRefused)
    assert raised.value.exit_code == 1  # it is tried again: the network may be back


class Stage:
    """A watch over a real server and provider; pauses are noted in place of waiting."""

    def __init__(self, config: Path, memory: object) -> None:
        self.pauses: list[float] = []
        self.before_retry: list[Callable[[], None]] = []
        self.health = Health(config.parent / "health.json")
        world = World(open_mailbox, self._wait, lambda: NOW, lambda: 0.5, self._pause)
        self.watch = AccountWatch(
            account_in(config), lambda: desk(), memory, 500, self.health, world  # type: ignore[arg-type]
        )  # fmt: skip

    def _wait(self, *what: object) -> object:
        self.watch.stop()
        return "changed"

    def _pause(self, event: threading.Event, seconds: float) -> object:
        self.pauses.append(seconds)
        if self.before_retry:
            self.before_retry.pop(0)()
        assert len(self.pauses) < 20
        return event.is_set()


@pytest.fixture
def stage(config: Path) -> Iterator[Stage]:
    with open_memory(config.parent / "triage.db") as memory:
        yield Stage(config, memory)


def test_a_provider_that_is_down_is_asked_again_after_longer_and_longer(
    stage: Stage, identity: IdentityProvider
) -> None:
    identity.forget_access_tokens()
    identity.is_today.next_answers.extend([(503, ""), "lost", (502, "<html>"), (429, "")])
    identity.is_today.rotates = False  # the answer that was lost is no loss
    stage.watch.run()
    assert stage.pauses == [5.0, 10.0, 20.0, 40.0] and identity.renewals() == 5
    assert '"state": "watching"' in stage.health.path.read_text()


def test_a_login_that_was_revoked_stands_still_and_says_so(
    stage: Stage, identity: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    identity.revoke()
    before = len(identity.requests)
    stage.watch.run()
    assert stage.pauses == [] and len(identity.requests) == before + 1
    told = stage.health.path.read_text()
    assert '"state": "stopped"' in told and "Type: triage login main" in told
    assert "the login has expired or was revoked (invalid_grant" in caplog.text
    assert "stands still until a reload" in caplog.text
    for text in (told, caplog.text):
        assert "CANARY" not in text and USER not in text


def test_a_mail_server_that_cannot_ask_the_provider_is_no_end_of_a_login(
    stage: Stage, identity: IdentityProvider
) -> None:
    """Dovecot then says UNAVAILABLE (RFC 5530 section 3), which is a matter of time."""

    def sees() -> None:
        identity.is_today.blind = False

    identity.is_today.blind = True
    stage.before_retry = [lambda: None, sees]
    stage.watch.run()
    assert stage.pauses == [5.0, 10.0] and identity.renewals() == 0
