"""Moves on servers that lack this or that, and after a move was cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servers.mails import mail
from servers.proxy import CountingProxy
from servers.scripted import ScriptedServer
from triage.demo.server import EmbeddedServer
from triage.errors import ServerRefused, ServerUnreachable
from triage.identity import identity_of
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.in_memory import MemoryMailbox
from triage.mailbox.landing import by_copyuid, by_identity
from triage.model import Identity, Place

Login = Callable[..., AccountLogin]
Scripts = Callable[..., ScriptedServer]
Servers = Callable[..., EmbeddedServer]
Proxies = Callable[..., CountingProxy]

READER = ("reader", "correct horse")
LETS_GO = (
    "SELECT",
    (
        "* 2 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 30]\r\n"
        "* OK [PERMANENTFLAGS (\\Deleted)]\r\n{tag} OK [READ-WRITE] in\r\n"
    ),
)


def contents(server: EmbeddedServer, folder: str) -> list[bytes]:
    return [one.content for one in server.mails(folder)]


def test_without_move_the_copy_is_made_and_only_then_the_original_goes(
    embedded: Servers, login: Login, counting_proxy: Proxies
) -> None:
    inbox = [mail(n) for n in range(1, 5)]
    server = embedded({"INBOX": inbox, "Filed": []}, *READER, without=["MOVE"])
    marked = server.mails("INBOX")[3].uid
    proxy = counting_proxy("127.0.0.1", server.port)
    with connect(login(proxy.port)) as mailbox:
        mailbox.ensure_folder("Filed")
        mailbox.add_flags("INBOX", [marked], [r"\Deleted"])  # by the user, not by us
        first, second = (one.uid for one in server.mails("INBOX")[:2])
        landed = mailbox.move("INBOX", [first, second, second + 50], "Filed")
        assert mailbox.find("Filed", [identity_of(inbox[0])])[identity_of(inbox[0])] == (
            landed[first],
        )
    assert contents(server, "Filed") == inbox[:2]
    assert contents(server, "INBOX") == inbox[2:]
    assert [one.flags for one in server.mails("Filed")] == [(), ()]
    expunges = [line for line in b"".join(proxy.sent).split(b"\r\n") if b"EXPUNGE" in line]
    assert len(expunges) == 1
    assert b"UID EXPUNGE" in expunges[0]


def test_without_move_and_uidplus_nothing_is_touched(embedded: Servers, login: Login) -> None:
    server = embedded({"INBOX": [mail(1)], "Filed": []}, *READER, without=["MOVE", "UIDPLUS"])
    before = server.mails("INBOX")
    with connect(login(server.port)) as mailbox:
        with pytest.raises(ServerRefused, match="neither MOVE nor UID EXPUNGE"):
            mailbox.move("INBOX", [before[0].uid], "Filed")
        assert mailbox.add_labels("INBOX", [before[0].uid], ["Instead"]).kept
    assert contents(server, "INBOX") == [mail(1)]
    assert contents(server, "Filed") == []


def test_a_move_that_was_cut_off_is_resumed_without_a_second_copy(
    embedded: Servers, login: Login
) -> None:
    server = embedded(
        {"INBOX": [mail(1), mail(2)], "Filed": [mail(1)]}, *READER, without=["MOVE"]
    )  # as after COPY, before EXPUNGE
    first, second = (one.uid for one in server.mails("INBOX"))
    with connect(login(server.port)) as mailbox:
        landed = mailbox.move("INBOX", [first, second], "Filed", resumed=True)
    assert contents(server, "INBOX") == []
    assert contents(server, "Filed") == [mail(1), mail(2)]
    filed = server.mails("Filed")
    assert {uid: place.uid for uid, place in landed.items() if place} == {
        first: filed[0].uid,
        second: filed[1].uid,
    }


@pytest.mark.parametrize("announced", [True, False], ids=["uidplus", "no-uidplus"])
def test_without_copyuid_the_message_is_searched_for(
    embedded: Servers, login: Login, counting_proxy: Proxies, announced: bool
) -> None:
    same = mail(1)
    server = embedded(
        {"INBOX": [same, mail(2), same, mail(3, message_id="")], "Filed": [same]},
        *READER,
        without=[] if announced else ["UIDPLUS"],
    )
    proxy = counting_proxy("127.0.0.1", server.port, _without_copyuid)
    uids = [one.uid for one in server.mails("INBOX")]
    with connect(login(proxy.port)) as mailbox:
        list(mailbox.fetch("INBOX", uids))
        landed = mailbox.move("INBOX", uids, "Filed")
    filed = {one.uid: one.content for one in server.mails("Filed")}
    assert sorted(place.uid for place in landed.values() if place) == sorted(filed)[1:]
    moved = [filed[place.uid] for place in landed.values() if place]
    assert moved == [same, mail(2), same, mail(3, message_id="")]


def _without_copyuid(line: bytes) -> bytes:
    start, end = line.find(b"[COPYUID"), line.find(b"] ")
    return line[:start] + line[end + 2 :] if start >= 0 else line


def test_a_move_of_nothing_tells_nothing(scripted: Scripts, login: Login) -> None:
    with connect(login(scripted().port)) as mailbox:
        assert mailbox.move("INBOX", [21], "Filed") == {}


def test_a_refusal_tells_what_the_server_said(scripted: Scripts, login: Login) -> None:
    server = scripted(("MOVE", "{tag} NO [OVERQUOTA] mailbox\x1b[2J is full\r\n"))
    with connect(login(server.port)) as mailbox:
        with pytest.raises(ServerRefused, match="is full") as raised:
            mailbox.move("INBOX", [21], "Filed")
        assert "\x1b" not in str(raised.value)
        assert not mailbox.closed


def test_a_read_only_folder_is_refused(scripted: Scripts, login: Login) -> None:
    server = scripted(("SELECT", "* 2 EXISTS\r\n{tag} OK [READ-ONLY] shared\r\n"))
    with connect(login(server.port)) as mailbox:
        with pytest.raises(ServerRefused, match="cannot be changed"):
            mailbox.add_flags("INBOX", [21], [r"\Flagged"])
        assert not mailbox.closed


def test_nothing_is_copied_out_of_a_folder_that_does_not_let_go(
    scripted: Scripts, login: Login
) -> None:
    """By RFC 4314 the rights t and e; an older server tells d alone."""
    for rights, copies in (("lrswit", False), ("lrswitd", False), ("lrswite", True), ("lrd", True)):
        server = scripted(
            ("MYRIGHTS", f"* MYRIGHTS INBOX {rights}\r\n{{tag}} OK done\r\n"),
            ("COPY", "{tag} OK [COPYUID 7 21 41] done\r\n"),
            ("EXPUNGE", "* 1 EXPUNGE\r\n{tag} OK done\r\n"),
            LETS_GO,
            capabilities="IMAP4rev1 UIDPLUS ACL",
        )
        with connect(login(server.port)) as mailbox:
            if copies:
                assert mailbox.move("INBOX", [21], "Filed")
            else:
                with pytest.raises(ServerRefused, match="may be taken out"):
                    mailbox.move("INBOX", [21], "Filed")
        assert any("COPY" in line for line in server.sent) is copies, rights


def test_what_is_expunged_in_name_only_is_not_moved(scripted: Scripts, login: Login) -> None:
    server = scripted(
        ("COPY", "{tag} OK [COPYUID 7 21 41] done\r\n"),
        ("FETCH", "* 1 FETCH (UID 21 FLAGS (\\Deleted))\r\n{tag} OK done\r\n"),
        LETS_GO,
        capabilities="IMAP4rev1 UIDPLUS",
    )
    with connect(login(server.port)) as mailbox, pytest.raises(ServerRefused, match="taken out"):
        mailbox.move("INBOX", [21], "Filed")


def test_without_permanentflags_all_flags_are_kept(scripted: Scripts, login: Login) -> None:
    server = scripted(
        ("SELECT", "* 2 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n{tag} OK [READ-WRITE] in\r\n"),
        ("STORE", "* 1 FETCH (UID 21 FLAGS (\\Flagged))\r\n{tag} OK done\r\n"),
    )
    with connect(login(server.port)) as mailbox:
        mailbox.session.select("INBOX", True)
        assert mailbox.add_flags("INBOX", [21], [r"\Flagged"]).dropped == ()


def test_copyuid_pairs_in_order() -> None:
    told = by_copyuid([[b"7 1:3 12:10"], [b"7 9 20"], [b"nonsense"], [b"7 1:2 5"]], "a", "f")
    assert told == {
        1: Place("a", "f", 7, 12),
        2: Place("a", "f", 7, 11),
        3: Place("a", "f", 7, 10),
        9: Place("a", "f", 7, 20),
    }


def test_of_several_alike_the_newest_are_the_moved() -> None:
    who = Identity("x", "y")
    standing = {who: [Place("a", "f", 7, uid) for uid in (3, 9, 5)]}
    assert by_identity({1: who, 2: who}, standing) == {
        1: Place("a", "f", 7, 5),
        2: Place("a", "f", 7, 9),
    }
    assert by_identity({1: who, 2: who}, standing, first_new_uid=9) == {1: None, 2: None}
    assert by_identity({1: Identity("z", "z")}, standing) == {1: None}


def test_the_memory_mailbox_refuses_before_any_change_too() -> None:
    mailbox = MemoryMailbox(folders=["Filed"], moves=False, uidplus=False)
    uid = mailbox.put("INBOX", mail(1))
    with pytest.raises(ServerRefused):
        mailbox.move("INBOX", [uid], "Filed")
    assert mailbox.contents("INBOX") == (mail(1),)


def test_the_memory_mailbox_can_be_cut_before_and_after_a_deed() -> None:
    def cut(name: str) -> None:
        if name == "move":
            raise ServerUnreachable("cut")

    for when, left in (("before", 1), ("after", 0)):
        mailbox = MemoryMailbox(folders=["Filed"])
        uid = mailbox.put("INBOX", mail(1))
        setattr(mailbox, when, cut)
        with pytest.raises(ServerUnreachable):
            mailbox.move("INBOX", [uid], "Filed")
        assert len(mailbox.contents("INBOX")) == left
        with pytest.raises(ServerUnreachable):
            mailbox.open("INBOX")
        mailbox.reopen()
        assert mailbox.open("Filed").messages == 1 - left
