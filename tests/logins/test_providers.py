"""Each provider by its library, against an identity provider on this machine: all flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

import pytest

from logins.bench import Write, browse_in_background, browser, login_in
from servers.identity import SECRET, USER, IdentityProvider
from triage.errors import LoginRefused, ServerUnreachable, TriageError, UserError
from triage.logins.grant import Grant, Prompt, Provider
from triage.logins.login import provider_of
from triage.logins.other import Other
from triage.logins.receiver import Receiver
from triage.logins.wire import Ended

ALL = ("google", "microsoft", "other")
WITH_CODES = ("microsoft", "other")


def provider(write: Write, name: str) -> Provider:
    return provider_of(login_in(write(name)).registration)


def by_loopback(one: Provider, identity: IdentityProvider, host: str = "127.0.0.1") -> Grant:
    with Receiver() as receiver:

        def browse(url: str, state: str) -> Mapping[str, str]:
            thread = browse_in_background(url, identity)
            query = receiver.answer(state, 60)
            thread.join(60)
            return query

        return one.by_loopback(f"http://{host}:{receiver.port}", browse)


@pytest.mark.parametrize("name", ALL)
def test_a_browser_comes_back_with_a_code_that_is_proved(
    write: Write, identity: IdentityProvider, name: str
) -> None:
    identity.is_today.needs_secret = name == "google"
    one = provider(write, name)
    grant = by_loopback(one, identity, "localhost" if name == "microsoft" else "127.0.0.1")
    family = identity.families[0]
    assert grant.refresh_token == family.newest and grant.access_token in identity.tokens
    assert grant.lifetime == 3600.0
    renewed = one.renew(grant.refresh_token)
    assert renewed.refresh_token == family.newest != grant.refresh_token
    assert renewed.access_token in identity.tokens and identity.renewals() == 1


@pytest.mark.parametrize("name", ALL)
def test_the_address_for_the_browser_asks_for_what_is_needed(
    write: Write, identity: IdentityProvider, name: str
) -> None:
    class Seen(Exception):
        pass

    asked: dict[str, list[str]] = {}

    def browse(url: str, state: str) -> Mapping[str, str]:
        asked.update(parse_qs(urlsplit(url).query))
        assert asked["state"] == [state] and len(state) >= 16
        assert SECRET not in url and url.startswith(identity.url)
        raise Seen

    with pytest.raises(Seen):
        provider(write, name).by_loopback("http://127.0.0.1:1", browse)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["code_challenge"][0]) == 43
    assert asked["login_hint"] == [USER] and asked["response_type"] == ["code"]
    assert "mail" in asked["scope"][0].split()
    if name == "google":
        assert asked["access_type"] == ["offline"]
    if name == "microsoft":
        assert "offline_access" in asked["scope"][0].split()


@pytest.mark.parametrize("name", WITH_CODES)
def test_a_person_types_a_code(write: Write, identity: IdentityProvider, name: str) -> None:
    prompts: list[Prompt] = []

    def typed(prompt: Prompt) -> None:
        prompts.append(prompt)
        identity.type_code(prompt.code)

    grant = provider(write, name).by_device(typed)
    assert grant.refresh_token == identity.families[0].newest
    assert prompts[0].url == f"{identity.url}/type" and prompts[0].seconds == 600


def test_it_asks_as_seldom_as_the_provider_wants(write: Write, identity: IdentityProvider) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            identity.type_code(shown[0].code)

    shown: list[Prompt] = []
    identity.is_today.interval = 3
    pending = (400, {"error": "authorization_pending"})
    identity.is_today.next_answers.extend([pending, (400, {"error": "slow_down"}), pending])
    Other(login_in(write()).registration, pause).by_device(shown.append)
    assert pauses == [3.0, 3.0, 8.0, 8.0]


@pytest.mark.parametrize("name", WITH_CODES)
def test_a_person_says_no_to_the_code(write: Write, identity: IdentityProvider, name: str) -> None:
    with pytest.raises(LoginRefused, match="said no"):
        provider(write, name).by_device(lambda p: identity.type_code(p.code, "no"))


@pytest.mark.parametrize("name", WITH_CODES)
def test_nobody_types_the_code(write: Write, identity: IdentityProvider, name: str) -> None:
    identity.is_today.device_seconds = 1
    with pytest.raises(LoginRefused, match="not typed in time"):
        provider(write, name).by_device(lambda prompt: None)


def test_google_has_no_code_for_mail(write: Write) -> None:
    with pytest.raises(UserError, match="no device flow"):
        provider(write, "google").by_device(lambda prompt: None)


ANSWERS = [
    ((503, "<html>busy</html>"), ServerUnreachable, r"out of order for now \(HTTP 503"),
    ((429, {"error": "slow_down"}), ServerUnreachable, r"out of order for now \(HTTP 429"),
    ((400, {"error": "temporarily_unavailable"}), ServerUnreachable, "temporarily_unavailable"),
    ((200, "<html>Please log in to the hotel</html>"), ServerUnreachable, "is not understood"),
    ((200, '{"access_token": "CANARY-half'), ServerUnreachable, "is not understood"),
    ((200, {"token_type": "Bearer"}), ServerUnreachable, "is not understood"),
    ((200, {"access_token": "two words", "expires_in": 9}), ServerUnreachable, "is not under"),
    ((404, "gone"), ServerUnreachable, "HTTP 404"),
    ("lost", ServerUnreachable, "cannot be reached"),
    ((400, {"error": "invalid_grant"}), Ended, r"expired or was revoked \(invalid_grant\)"),
    ((400, {"error": "interaction_required"}), Ended, "log in again"),
    ((401, {"error": "invalid_client"}), UserError, "client_id or client_secret"),
    ((400, {"error": "invalid_scope"}), UserError, "scopes"),
]
SLOW_AT_GOOGLE = (ANSWERS[1], ANSWERS[2])  # its library waits and asks again, as for the first


@pytest.mark.parametrize(
    ("name", "answer", "kind", "told"),
    [(name, *case) for name in ALL for case in ANSWERS
     if name != "google" or case not in SLOW_AT_GOOGLE],
)  # fmt: skip
def test_what_an_answer_to_a_renewal_means(
    write: Write, identity: IdentityProvider, name: str, answer: object, kind: type, told: str
) -> None:
    # Google's own library asks again by itself where it may: three times in all.
    identity.is_today.next_answers.extend([answer] * 3)
    with pytest.raises(TriageError, match=told) as raised:
        provider(write, name).renew("CANARY-refresh")
    assert isinstance(raised.value, kind)
    assert "CANARY" not in str(raised.value) and raised.value.now
    assert raised.value.where.startswith("account main, localhost:")
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("name", ALL)
def test_a_provider_that_repeats_a_secret_in_an_error_is_not_repeated(
    write: Write, identity: IdentityProvider, name: str
) -> None:
    told = f"{SECRET} sent CANARY-refresh-stolen for x@example.net"
    own = (400, {"error": "invalid_grant", "error_description": told})
    for answer, words in ((None, "has been expired or revoked"), (own, "… sent … for …")):
        if answer is not None and name != "microsoft":  # whose clients have no secret
            identity.is_today.next_answers.append(answer)
        config = write(
            name, more='client_secret = { env = "TRIAGE_CLIENT_SECRET" }\n' * (name == "other")
        )
        with pytest.raises(Ended) as raised:
            provider_of(login_in(config).registration).renew("CANARY-refresh-stolen")
        assert name == "microsoft" or words in str(raised.value)
        assert "CANARY" not in str(raised.value) and "example" not in str(raised.value)


@pytest.mark.parametrize("name", ALL)
def test_a_redirect_is_not_followed_with_a_secret_in_hand(
    write: Write, identity: IdentityProvider, name: str
) -> None:
    identity.is_today.next_answers.append((307, ""))
    with pytest.raises(ServerUnreachable, match=r"elsewhere|HTTP 307"):
        provider(write, name).renew("CANARY-refresh")
    assert identity.renewals() == 1


@pytest.mark.parametrize("name", ALL)
def test_a_provider_whose_certificate_nobody_knows_is_told_nothing(
    write: Write, identity: IdentityProvider, name: str
) -> None:
    config = write(name)
    kept = [line for line in config.read_text().splitlines() if not line.startswith("ca_file")]
    config.write_text("\n".join(kept))
    with pytest.raises(ServerUnreachable, match="certificate of the identity provider"):
        provider_of(login_in(config).registration).renew("CANARY-refresh")
    assert identity.requests == []


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("said", ["3600", 3600.5, "soon", None, -5, float("inf"), True])
def test_a_lifetime_of_any_kind_loses_no_token(
    write: Write, identity: IdentityProvider, name: str, said: object
) -> None:
    answer = {"access_token": "CANARY-a", "refresh_token": "CANARY-new", "expires_in": said}
    identity.is_today.next_answers.append((200, answer))
    grant = provider(write, name).renew("CANARY-refresh")
    assert grant.refresh_token == "CANARY-new" and 0.0 <= grant.lifetime <= 366 * 86400


def test_a_library_that_is_not_there_is_named(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name, package in (("google", "google_auth_oauthlib"), ("microsoft", "msal")):
        registration = login_in(write(name)).registration
        monkeypatch.delitem(sys.modules, package, raising=False)
        monkeypatch.setattr(sys, "path", [])
        with pytest.raises(UserError, match=rf"{package} is not installed.*\[oauth\]"):
            provider_of(registration)


def test_a_browser_is_sent_home(write: Write, identity: IdentityProvider) -> None:
    """What the person sees at the end has no code in it, and is not kept by the browser."""
    seen: list[Callable[[], object]] = []
    with Receiver() as receiver:

        def browse(url: str, state: str) -> Mapping[str, str]:
            import threading

            def go() -> None:
                answer = browser(url, identity)
                seen.append(lambda: (answer.status_code, answer.text, dict(answer.headers)))

            thread = threading.Thread(target=go)
            thread.start()
            query = receiver.answer(state, 60)
            thread.join(60)
            return query

        provider(write, "other").by_loopback(f"http://127.0.0.1:{receiver.port}", browse)
    status, text, headers = seen[0]()  # type: ignore[misc]
    assert status == 200 and "CANARY" not in text and headers["Cache-Control"] == "no-store"
