"""The connection that breaks, stalls or answers nonsense; uids that become void."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servers.dovecot import Dovecot
from servers.mails import mail
from servers.proxy import CountingProxy
from servers.scripted import ScriptedServer
from triage.demo.server import EmbeddedServer
from triage.errors import ServerRefused, ServerUnreachable, UidsVoid
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.in_memory import MemoryMailbox
from triage.mailbox.types import Criteria
from triage.mailbox.uids import batches, parse_uid_set, uid_set

Login = Callable[..., AccountLogin]
Scripts = Callable[..., ScriptedServer]
EVERYTHING = Criteria(subjects=("mail",))


@pytest.mark.parametrize(
    "answer",
    [
        "* BYE shutting down\r\n",
        "* SEARCH 1 2",
        "* 1 FETCH (UID 21 BODY[1] {100}\r\nshort",
        "complete nonsense\r\n",
        "* 99999999999999999999 FETCH (UID\r\n* FETCH\r\n\r\n",
        "* 1 FETCH (BODY[] {99999999999}\r\n",
    ],
)
def test_what_is_lost_is_unreachable_and_closed(
    scripted: Scripts, login: Login, answer: str
) -> None:
    def say(line: object) -> None:
        line.say(answer.replace("{", "{{").replace("}", "}}"))  # type: ignore[attr-defined]
        line.hang_up()  # type: ignore[attr-defined]

    server = scripted(("SEARCH", say))
    mailbox = connect(login(server.port, timeout_seconds=3.0))
    with pytest.raises(ServerUnreachable):
        mailbox.search("INBOX", EVERYTHING, 0)
    assert mailbox.closed
    with pytest.raises(ServerUnreachable, match="closed"):
        mailbox.open("INBOX")
    mailbox.close()


def test_a_server_that_stalls_is_given_up(scripted: Scripts, login: Login) -> None:
    server = scripted(("SEARCH", lambda line: None))
    mailbox = connect(login(server.port, timeout_seconds=0.3))
    with pytest.raises(ServerUnreachable, match="in time"):
        mailbox.search("INBOX", EVERYTHING, 0)
    assert mailbox.closed


def test_a_cut_line_is_noticed(
    dovecot: Dovecot,
    dovecot_user: str,
    login: Login,
    counting_proxy: Callable[..., CountingProxy],
) -> None:
    proxy = counting_proxy("127.0.0.1", dovecot.port)
    with connect(login(proxy.port, user=dovecot_user)) as mailbox:
        mailbox.open("INBOX")
        proxy.cut()
        with pytest.raises(ServerUnreachable):
            mailbox.open("INBOX")


def test_no_and_bad_leave_the_connection(scripted: Scripts, login: Login) -> None:
    for answer in ("{tag} NO [NONEXISTENT] no such\r\n", "{tag} BAD syntax\r\n"):
        server = scripted(("EXAMINE", answer))
        with connect(login(server.port)) as mailbox:
            with pytest.raises(ServerRefused):
                mailbox.open("INBOX")
            assert not mailbox.closed
            assert mailbox.folders() == ("INBOX",)


def test_void_uids_are_not_used(embedded: Callable[..., EmbeddedServer], login: Login) -> None:
    server = embedded({"INBOX": [mail(1)], "Other": []}, "reader", "correct horse")
    uid = server.mails("INBOX")[0].uid
    with connect(login(server.port)) as mailbox:
        before = mailbox.open("INBOX")
        server.void_uids("INBOX")
        mailbox.open("Other")
        for deed in (
            lambda: mailbox.standing("INBOX", [uid]),
            lambda: mailbox.move("INBOX", [uid], "Other"),
            lambda: mailbox.add_flags("INBOX", [uid], [r"\Flagged"]),
            lambda: list(mailbox.fetch("INBOX", [uid])),
            lambda: mailbox.search("INBOX", EVERYTHING, 0),
        ):
            with pytest.raises(UidsVoid):
                deed()
        assert server.mails("INBOX")[0].flags == ()
        assert mailbox.open("INBOX").uidvalidity != before.uidvalidity
        assert mailbox.standing("INBOX", [uid])  # seen now


def test_the_memory_mailbox_has_void_uids_too() -> None:
    mailbox = MemoryMailbox()
    uid = mailbox.put("INBOX", mail(1))
    mailbox.open("INBOX")
    mailbox.void_uids("INBOX")
    with pytest.raises(UidsVoid):
        mailbox.standing("INBOX", [uid])
    mailbox.open("INBOX")
    assert mailbox.standing("INBOX", [uid]) == {}


def test_uid_sets() -> None:
    assert uid_set([5, 3, 4, 9, 1, 1]) == "1,3:5,9"
    assert uid_set([]) == ""
    assert list(batches([3, 1, 2, 2, 0], 2)) == [(1, 2), (3,)]
    assert parse_uid_set("1:3,9,7:6") == (1, 2, 3, 9, 7, 6)
    for nonsense in ("", "a", "1:", "1:99999999"):
        with pytest.raises(ValueError):
            parse_uid_set(nonsense)
