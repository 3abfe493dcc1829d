"""The life of a login: fresh tokens, renewal, rotation, its end, and what time does to it."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logins.bench import Write, by_code, login_in
from servers.identity import IdentityProvider
from triage.errors import LoginRefused, ServerUnreachable, UserError
from triage.logins.grant import Grant
from triage.logins.login import Login
from triage.logins.record import Moment, Record, from_text, moment, to_text


class Clock:
    """Seconds since the machine's start, and a date, moved by the test."""

    def __init__(self) -> None:
        self.at = Moment("boot-1", 5000.0, datetime(2026, 3, 1, tzinfo=UTC))

    def __call__(self) -> Moment:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at = replace(self.at, since_start=self.at.since_start + seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login(write: Write, identity: IdentityProvider, clock: Clock) -> Login:
    """A login that a person has just made."""
    made = login_in(write())
    mine = Login(made.registration, made.store, made._lock, now=clock)
    by_code(mine, identity)
    return mine


def kept(login: Login) -> Record:
    record = from_text(login.store.read() or "")
    assert record is not None
    return record


def test_a_fresh_token_is_used_again_and_one_that_ends_soon_is_renewed(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    first = login.token()
    clock.passes(3600 - 301)
    assert login.token() == first and identity.renewals() == 0
    clock.passes(2)
    second = login.token()
    assert second != first and second in identity.tokens and identity.renewals() == 1
    assert kept(login).access_token == second
    assert kept(login).refresh_token == identity.families[0].newest


def test_a_token_of_a_minute_is_used_for_most_of_it(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    identity.is_today.lifetime = 60.0
    clock.passes(3600)
    first = login.token()
    clock.passes(44)
    assert login.token() == first
    clock.passes(2)
    assert login.token() != first


@pytest.mark.parametrize("year", [1970, 2009, 2160])
def test_no_wall_clock_counts(
    login: Login, identity: IdentityProvider, clock: Clock, year: int
) -> None:
    """This machine's date jumps, and the provider's own is another: only what passed does."""
    identity.now = 4_000_000_000.0
    first = login.token()
    clock.at = replace(clock.at, date=datetime(year, 1, 1, tzinfo=UTC))
    assert login.token() == first and identity.renewals() == 0
    clock.passes(3500)
    assert login.token() != first and identity.renewals() == 1


def test_after_a_start_of_the_machine_the_age_of_a_token_is_not_known(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    login.token()
    clock.at = replace(clock.at, boot="boot-2", since_start=4.0)
    assert login.token() in identity.tokens and identity.renewals() == 1


def test_the_clock_of_the_machine_goes_on_and_names_its_start() -> None:
    first, second = moment(), moment()
    assert first.boot == second.boot and first.since_start <= second.since_start


def test_refresh_tokens_follow_each_other(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    for number in range(1, 6):
        clock.passes(3600)
        assert login.token() in identity.tokens and identity.renewals() == number
    assert len(identity.families[0].used) == 5 and not identity.families[0].over


def test_a_provider_that_does_not_rotate_is_asked_with_the_same_one(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    identity.is_today.rotates = False
    before = kept(login).refresh_token
    for _ in range(3):
        clock.passes(3600)
        login.token()
    assert kept(login).refresh_token == before and identity.renewals() == 3


def test_an_end_is_kept_and_nobody_is_asked_again(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    identity.revoke()
    clock.passes(3600)
    with pytest.raises(LoginRefused, match=r"revoked \(invalid_grant.*Type: triage login main"):
        login.token()
    asked = len(identity.requests)
    again = Login(login.registration, login.store, login._lock, now=clock)  # another process
    for _ in range(3):
        with pytest.raises(LoginRefused, match=r"on 2026-03-01 \(invalid_grant\)\. Type: triage"):
            again.token()
    assert len(identity.requests) == asked
    standing = again.standing()
    assert (standing.state, standing.now) == ("fail", "Type: triage login main")
    by_code(again, identity)
    assert again.token() in identity.tokens and again.standing().state == "ok"


def test_a_refresh_token_that_a_thief_used_ends_the_login_and_that_is_said(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    from triage.logins.other import Other

    Other(login.registration).renew(kept(login).refresh_token)
    clock.passes(3600)
    with pytest.raises(LoginRefused, match="triage login main"):
        login.token()
    assert identity.families[0].over


def test_a_provider_out_of_order_is_borne_while_the_token_holds(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    first = login.token()
    clock.passes(3600 - 200)
    identity.is_today.next_answers.extend([(503, "")] * 2)
    assert login.token() == first and identity.renewals() == 1
    clock.passes(200)
    with pytest.raises(ServerUnreachable, match="HTTP 503"):
        login.token()
    assert login.token() in identity.tokens
    assert login.standing().state == "ok"


def test_one_that_was_refused_is_renewed_once_and_only_if_nobody_else_did(
    login: Login, identity: IdentityProvider, clock: Clock
) -> None:
    refused = login.token()
    second = login.instead_of(refused)
    assert second not in (None, refused) and identity.renewals() == 1
    assert login.instead_of(refused) == second and identity.renewals() == 1
    identity.is_today.next_answers.append((503, ""))
    with pytest.raises(ServerUnreachable):
        login.instead_of(str(second))


def test_many_at_once_renew_once(login: Login, identity: IdentityProvider, clock: Clock) -> None:
    clock.passes(3600)
    together = threading.Barrier(8)
    tokens: list[str] = []

    def ask() -> None:
        mine = Login(login.registration, login.store, login._lock, now=clock)
        together.wait(60)
        tokens.append(mine.token())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(tokens) == 8 and len(set(tokens)) == 1 and identity.renewals() == 1


def test_nobody_has_logged_in_yet(write: Write, identity: IdentityProvider) -> None:
    login = login_in(write())
    with pytest.raises(LoginRefused, match=r"nobody has logged in yet\. Type: triage login main"):
        login.token()
    assert identity.requests == [] and login.standing().state == "fail"


def test_a_login_of_another_client_is_not_sent_to_the_provider(
    login: Login, identity: IdentityProvider
) -> None:
    other = replace(login.registration, client_id="another")
    with pytest.raises(LoginRefused, match="another provider or client_id"):
        Login(other, login.store, login._lock).token()
    assert identity.renewals() == 0


def test_without_a_refresh_token_there_is_no_login(login: Login) -> None:
    with pytest.raises(UserError, match=r"no refresh token.*offline_access"):
        login.keep(Grant("CANARY", "", 3600.0))


def test_an_end_that_the_provider_tells_ahead_is_told(
    write: Write, identity: IdentityProvider
) -> None:
    login = login_in(write())
    for seconds, state in ((86400, "note"), (30 * 86400, "ok")):
        identity.is_today.ends_in = seconds
        by_code(login, identity)
        standing = login.standing()
        assert standing.state == state and "the login ends on 20" in standing.what
    identity.is_today.ends_in = 0
    by_code(login, identity)
    assert "ends" not in login.standing().what


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"version": 2}', '{"version": 1}', "\0" * 50, "[" * 5000,
     '{"version": 1, "refresh_token": 7}'],
)  # fmt: skip
def test_what_is_no_record_is_said(write: Write, tmp_path: Path, text: str) -> None:
    file = tmp_path / "main.token"
    file.touch(mode=0o600)
    file.write_text(text)
    with pytest.raises(LoginRefused, match=r"cannot be read.*triage login main"):
        login_in(write()).token()


def test_a_record_goes_to_text_and_back_and_shows_no_secret(login: Login) -> None:
    record = kept(login)
    assert from_text(to_text(record)) == record
    assert set(json.loads(to_text(record))) == {"version", *vars(record)}
    for one in (record, login, login.registration, Grant("CANARY", "CANARY", 1.0)):
        assert "CANARY" not in repr(one) and "CANARY" not in str(one)
