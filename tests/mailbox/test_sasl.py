"""Logging in by an access token: what is said, what a refusal means, and that one more try
is one. The servers that say odd things are scripted; tests/logins has a real one."""

from __future__ import annotations

import base64
import json
import time
import traceback
from collections.abc import Callable

import pytest

from servers.scripted import ScriptedServer
from triage.errors import LoginRefused, ServerUnreachable, TriageError, UserError
from triage.mailbox.connect import AccountLogin, connect_reader
from triage.mailbox.sasl import Bearer, mechanism

Login = Callable[..., AccountLogin]
BOTH = "IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER"
FIRST, SECOND = "CANARY-first", "CANARY-second"


class Given:
    """A login whose tokens are given one after the other."""

    remedy = "Type: triage login main"

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.asked = 0

    def token(self) -> str:
        return self.tokens[0]

    def instead_of(self, refused: str) -> str | None:
        self.asked += 1
        assert refused == self.tokens[0]
        return self.tokens[1] if len(self.tokens) > 1 else None


def challenge(**words: object) -> str:
    return base64.b64encode(json.dumps(words).encode()).decode()


def no(text: str = "[AUTHENTICATIONFAILED] no", **words: object) -> str:
    return f"+ \r\n+ {challenge(**words)}\r\n{{tag}} NO {text}\r\n"


def refusal(login: AccountLogin) -> TriageError:
    with pytest.raises(TriageError) as raised:
        connect_reader(login)
    told = "".join(traceback.format_exception(raised.value))
    assert "CANARY" not in told and base64.b64encode(b"CANARY").decode()[:7] not in told
    return raised.value


def said(server: ScriptedServer, count: int = 0) -> list[bytes]:
    """What was sent as answers to challenges; the server reads it when it gets to it."""
    until = time.monotonic() + 60
    while True:
        lines = [line for line in server.sent if " " not in line]
        lines = [line for line in lines if line not in ("CAPABILITY", "LOGOUT")]
        if len(lines) >= count or time.monotonic() > until:
            return [base64.b64decode(line) for line in lines]
        time.sleep(0.005)


def test_the_standard_is_preferred() -> None:
    assert mechanism(BOTH.split()) == "OAUTHBEARER"
    assert mechanism(["IMAP4REV1", "AUTH=XOAUTH2"]) == "XOAUTH2"
    assert mechanism(["IMAP4REV1", "AUTH=PLAIN"]) is None


def test_the_words_are_those_of_the_standard() -> None:
    """The example of RFC 7628 section 4.1."""
    token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
    bearer = Bearer("OAUTHBEARER", "user@example.com", token, "server.example.com", 143)
    assert base64.b64encode(bearer(b"")) == (
        b"bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhc"
        b"mVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
    )
    odd = Bearer("OAUTHBEARER", "a=b,c", "t", "h", 1)
    assert odd(b"").startswith(b"n,a=a=3Db=2Cc,\x01host=h\x01")
    google = Bearer("XOAUTH2", "dave@example.org", "t", "h", 1)
    assert google(b"") == b"user=dave@example.org\x01auth=Bearer t\x01\x01"


@pytest.mark.parametrize(("name", "answer"), [("OAUTHBEARER", b"\1"), ("XOAUTH2", b"")])
def test_a_refusal_is_answered_and_read(name: str, answer: bytes) -> None:
    bearer = Bearer(name, "dave", "CANARY", "h", 1)
    bearer(b"")
    told = {"status": "invalid_token", "scope": "mail CANARY \x1b[2J", "secret": "CANARY"}
    assert bearer(json.dumps(told).encode()) == answer
    assert bearer.told == "status invalid_token, scope mail …"
    assert "CANARY" not in repr(bearer)


@pytest.mark.parametrize("text", [b"", b"\xff", b"[1]", b"7", b'{"status": null}', b"[" * 9999])
def test_a_refusal_that_is_no_json_is_none_the_less_one(text: bytes) -> None:
    bearer = Bearer("OAUTHBEARER", "dave", "t", "h", 1)
    bearer(b"")
    assert bearer(text) == b"\1" and bearer.told == ""


@pytest.mark.parametrize(
    ("capabilities", "answer"), [(BOTH, b"\1"), (BOTH.replace("OAUTHBEARER", "X"), b"")]
)
def test_a_refused_token_is_tried_once_more_as_another(
    scripted: Callable[..., ScriptedServer], login: Login, capabilities: str, answer: bytes
) -> None:
    refused = no(status="invalid_token", scope="mail")
    server = scripted(("AUTHENTICATE", refused), capabilities=capabilities)
    tokens = Given(FIRST, SECOND)
    error = refusal(login(server.port, password=tokens))
    assert isinstance(error, LoginRefused) and tokens.asked == 1
    assert "refused the OAuth2 login (status invalid_token, scope mail): [AUTHEN" in error.what
    assert error.now.endswith("Type: triage login main")
    answers = said(server, 4)
    assert [FIRST.encode() in answers[0], SECOND.encode() in answers[2]] == [True, True]
    assert answers[1::2] == [answer, answer] and len(answers) == 4


def test_where_there_is_no_other_token_nothing_is_tried_again(
    scripted: Callable[..., ScriptedServer], login: Login
) -> None:
    server = scripted(("AUTHENTICATE", no(status="401")), capabilities=BOTH)
    error = refusal(login(server.port, password=Given(FIRST)))
    assert "status 401" in error.what
    assert sum("AUTHENTICATE" in line for line in server.sent) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (no("[UNAVAILABLE] later"), ServerUnreachable),
        (no("Too many simultaneous connections"), ServerUnreachable),
        (lambda line: (line.say("+ \r\n* BYE going down\r\n"), line.hang_up()), ServerUnreachable),
        ("+ \r\n" * 5, ServerUnreachable),
        ("+ a\r\n", ServerUnreachable),
        (lambda line: line.hang_up(), ServerUnreachable),
        ("{tag} BAD what?\r\n", LoginRefused),
        (no(f"{FIRST} is unknown"), LoginRefused),
    ],
)
def test_what_an_answer_means(
    scripted: Callable[..., ScriptedServer], login: Login, answer: object, kind: type
) -> None:
    server = scripted(("AUTHENTICATE", answer), capabilities=BOTH)
    tokens = Given(FIRST)
    error = refusal(login(server.port, password=tokens, timeout_seconds=3))
    assert isinstance(error, kind)
    assert tokens.asked == (kind is LoginRefused)


def test_a_server_without_oauth_is_told_no_token(
    scripted: Callable[..., ScriptedServer], login: Login
) -> None:
    server = scripted(capabilities="IMAP4rev1 AUTH=PLAIN")
    tokens = Given(FIRST, SECOND)
    error = refusal(login(server.port, password=tokens))
    assert isinstance(error, LoginRefused) and "takes no OAuth2 login" in error.what
    assert tokens.asked == 0 and not said(server)


@pytest.mark.parametrize("token", ["", "two words", "CANARY\r\nA1 LOGOUT", "tökén"])
def test_what_is_no_token_is_not_sent(
    scripted: Callable[..., ScriptedServer], login: Login, token: str
) -> None:
    server = scripted(capabilities=BOTH)
    error = refusal(login(server.port, password=Given(token)))
    assert isinstance(error, UserError) and "is none" in error.what
    assert not [line for line in server.sent if "AUTH" in line]
