"""Keywords and Gmail labels: what is sent, and what is believed of the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servers.scripted import ScriptedServer
from triage.mailbox import names
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.in_memory import MemoryMailbox

Login = Callable[..., AccountLogin]
Scripts = Callable[..., ScriptedServer]

FOLDER = (
    "* 2 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [PERMANENTFLAGS (%s)]\r\n"
    "{tag} OK [READ-WRITE] in\r\n"
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Invitation/Personal", "Invitation/Personal"),
        ("$Forwarded", "$Forwarded"),
        ('a b(c){d}%e*f"g\\h]i', "a-b-c--d}-e-f-g-h-i"),
        ("Größe\r\n", "Gr--e--"),
        ("", "-"),
        ("[ok", "[ok"),
    ],
)
def test_what_an_atom_cannot_hold_becomes_a_dash(name: str, expected: str) -> None:
    assert names.keyword(name) == expected


def test_system_flags_have_one_spelling() -> None:
    assert names.flag(r"\FLAGGED") == r"\Flagged"
    assert names.flag("Some thing") == "Some-thing"
    assert names.flag("\\no such") == "\\no-such"


def test_a_keyword_dropped_in_silence_is_noticed(scripted: Scripts, login: Login) -> None:
    server = scripted(("STORE", "* 1 FETCH (UID 21 FLAGS (\\Flagged))\r\n{tag} OK done\r\n"))
    with connect(login(server.port)) as mailbox:
        stored = mailbox.add_flags("INBOX", [21], [r"\Flagged", "Personal"])
    assert (stored.kept, stored.dropped) == ((21,), ("Personal",))


def test_a_keyword_that_is_not_kept_for_good_is_not_sent(scripted: Scripts, login: Login) -> None:
    server = scripted(("SELECT", FOLDER % "\\Seen Known"))
    with connect(login(server.port)) as mailbox:
        assert mailbox.add_labels("INBOX", [21], ["Unknown"]).dropped == ("Unknown",)
        assert not [line for line in server.sent if "STORE" in line]
        mailbox.add_labels("INBOX", [21], ["known"])
        assert "+FLAGS (known)" in server.sent[-2]


def test_who_does_not_answer_to_store_is_asked(scripted: Scripts, login: Login) -> None:
    server = scripted(
        ("STORE", "* 1 FETCH (UID 21 FLAGS (\\Flagged))\r\n{tag} OK done\r\n"),
        ("FETCH 22:23", "* 2 FETCH (UID 22 FLAGS (\\Flagged))\r\n{tag} OK done\r\n"),
    )
    with connect(login(server.port)) as mailbox:
        assert mailbox.add_flags("INBOX", [21, 22, 23], [r"\Flagged"]).kept == (21, 22)


def test_some_messages_may_lack_a_keyword(scripted: Scripts, login: Login) -> None:
    server = scripted(
        (
            "STORE",
            "* 1 FETCH (UID 21 FLAGS (A))\r\n* 2 FETCH (UID 22 FLAGS ())\r\n{tag} OK done\r\n",
        )
    )
    with connect(login(server.port)) as mailbox:
        stored = mailbox.add_labels("INBOX", [21, 22], ["a"])
    assert (stored.kept, stored.dropped) == ((21,), ())


def test_gmail_labels_are_labels(scripted: Scripts, login: Login) -> None:
    server = scripted(
        (
            r"STORE 21 \+X-GM-LABELS",
            '* 1 FETCH (UID 21 X-GM-LABELS (\\Inbox "Gr&APw-n/Ja \\"so\\""))\r\n{tag} OK done\r\n',
        ),
        (r"STORE 21 -X-GM", "* 1 FETCH (UID 21 X-GM-LABELS (\\Inbox))\r\n{tag} OK done\r\n"),
        (
            "FETCH 21",
            "* 1 FETCH (UID 21 FLAGS (\\Seen) X-GM-LABELS (\\Inbox Work))\r\n{tag} OK done\r\n",
        ),
        capabilities="IMAP4rev1 X-GM-EXT-1",
    )
    with connect(login(server.port)) as mailbox:
        assert mailbox.add_labels("INBOX", [21], ['Grün/Ja "so"']).kept == (21,)
        assert mailbox.remove_labels("INBOX", [21], ['Grün/Ja "so"']).kept == (21,)
        assert mailbox.standing("INBOX", [21])[21].labels == (r"\Inbox", "Work")
    assert r'("Gr&APw-n/Ja \"so\"")' in next(line for line in server.sent if "+X-GM" in line)


def test_the_memory_mailbox_as_gmail() -> None:
    mailbox = MemoryMailbox(gmail=True)
    uid = mailbox.put("INBOX", b"Subject: a\r\n\r\n", labels=("Work",))
    assert mailbox.add_labels("INBOX", [uid], ["Grün (ja)"]).kept == (uid,)
    assert mailbox.standing("INBOX", [uid])[uid].labels == ("Work", "Grün (ja)")
    assert mailbox.remove_labels("INBOX", [uid], ["Work"]).kept == (uid,)
    assert mailbox.standing("INBOX", [uid])[uid].labels == ("Grün (ja)",)
