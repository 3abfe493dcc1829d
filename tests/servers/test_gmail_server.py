r"""The Gmail-like server itself, on the wire: its answers against those that Google's page on
its IMAP extensions shows, and those that were seen at Gmail."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator

import pytest

from servers.fixtures import PASSWORD
from servers.gmail import GmailServer
from servers.mails import mail

ALL_MAIL = '"[Gmail]/All Mail"'


@pytest.fixture
def gimap(gmail: Callable[..., GmailServer]) -> Iterator[imaplib.IMAP4]:
    server = gmail({"INBOX": [mail(1), mail(2)], "foo": [mail(3)]}, "reader", PASSWORD)
    with imaplib.IMAP4("127.0.0.1", server.port) as client:
        client.login("reader", PASSWORD)
        yield client


def fetched(client: imaplib.IMAP4, folder: str, items: str) -> list[bytes]:
    client.select(folder, readonly=True)
    return [line for line in client.fetch("1:*", items)[1] if isinstance(line, bytes)]


def test_it_lists_its_own_folders_with_their_special_use(gimap: imaplib.IMAP4) -> None:
    assert {
        rb'(\HasNoChildren) "/" INBOX',
        rb'(\Noselect \HasChildren) "/" [Gmail]',
        rb'(\HasNoChildren \All) "/" "[Gmail]/All Mail"',
        rb'(\HasNoChildren \Important) "/" [Gmail]/Important',
        rb'(\HasNoChildren \Sent) "/" "[Gmail]/Sent Mail"',
        rb'(\HasNoChildren \Junk) "/" [Gmail]/Spam',
        rb'(\HasNoChildren \Flagged) "/" [Gmail]/Starred',
        rb'(\HasNoChildren \Trash) "/" [Gmail]/Trash',
        rb'(\HasNoChildren) "/" foo',
    } <= set(gimap.list()[1])
    assert gimap.create("Work/New")[0] == "OK"
    assert rb'(\Noselect \HasChildren) "/" Work' in gimap.list()[1]
    assert gimap.create("[Gmail]/New")[0] == "NO"


def test_a_message_has_one_id_and_as_many_uids_as_labels(gimap: imaplib.IMAP4) -> None:
    (inbox, _) = fetched(gimap, "INBOX", "(X-GM-MSGID X-GM-THRID)")
    (shown, *_) = fetched(gimap, ALL_MAIL, "(X-GM-MSGID X-GM-THRID)")
    assert inbox == shown and b"X-GM-THRID" in inbox
    gimap.select("INBOX")
    msgid = inbox.split(b"X-GM-MSGID ")[1].rstrip(b")").decode()
    assert gimap.search(None, "X-GM-MSGID", msgid)[1] == [b"1"]
    assert gimap.search(None, "X-GM-LABELS", "foo")[1] == [b""]


def test_all_mail_alone_shows_every_label(gimap: imaplib.IMAP4) -> None:
    assert fetched(gimap, "foo", "(X-GM-LABELS)") == [b"1 (X-GM-LABELS ())"]
    assert fetched(gimap, ALL_MAIL, "(X-GM-LABELS)")[1:] == [
        b'2 (X-GM-LABELS ("\\\\Inbox"))',
        b"3 (X-GM-LABELS (foo))",
    ]


def test_labels_are_stored_and_made(gimap: imaplib.IMAP4) -> None:
    gimap.select("INBOX")
    told = gimap.store("1", "+X-GM-LABELS", '(\\Starred "Muy Importante" &ANw-bung)')[1]
    assert told[0].startswith(
        b'1 (X-GM-LABELS ("\\\\Starred" "Muy Importante" &ANw-bung)'
    ) and b"\\Flagged" in told[0]  # fmt: skip
    gimap.uid("STORE", "101", "+FLAGS", "(\\Seen)")
    (starred,) = fetched(gimap, "[Gmail]/Starred", "(FLAGS)")
    assert b"\\Flagged" in starred and b"\\Seen" in starred
    gimap.select("INBOX")
    gimap.store("1", "-X-GM-LABELS", "(\\Starred &ANw-bung)")
    assert fetched(gimap, ALL_MAIL, "(X-GM-LABELS)")[0] == (
        b'1 (X-GM-LABELS ("\\\\Inbox" "Muy Importante"))'
    )
    assert fetched(gimap, "&ANw-bung", "(FLAGS)") == []


def test_the_label_of_the_selected_folder_stays_and_is_answered_with_ok(
    gimap: imaplib.IMAP4,
) -> None:
    gimap.select("INBOX")
    assert gimap.store("1", "-X-GM-LABELS", "(\\Inbox)") == ("OK", [b"1 (X-GM-LABELS ())"])
    assert b"Inbox" in fetched(gimap, ALL_MAIL, "(X-GM-LABELS)")[0]
    gimap.select(ALL_MAIL)
    assert gimap.store("1", "-X-GM-LABELS", "(\\Inbox)")[1] == [b"1 (X-GM-LABELS ())"]
    assert len(fetched(gimap, "INBOX", "(UID)")) == 1


def test_move_tells_with_its_tagged_answer(gimap: imaplib.IMAP4) -> None:
    gimap.select("INBOX")
    assert gimap.uid("MOVE", "101", "foo")[0] == "OK"
    assert gimap.response("COPYUID")[1][0].endswith(b" 101 102")
    assert fetched(gimap, "INBOX", "(UID)") == [b"1 (UID 102)"]
    assert len(fetched(gimap, ALL_MAIL, "(UID)")) == 3


def test_expunge_takes_the_label_trash_takes_all(gimap: imaplib.IMAP4) -> None:
    gimap.select("foo")
    gimap.store("1", "+FLAGS", "(\\Deleted)")
    gimap.expunge()
    assert fetched(gimap, "foo", "(UID)") == []
    assert fetched(gimap, ALL_MAIL, "(X-GM-LABELS)")[2] == b"3 (X-GM-LABELS ())"
    gimap.select("INBOX")
    gimap.uid("MOVE", "101:102", "[Gmail]/Trash")
    assert len(fetched(gimap, ALL_MAIL, "(UID)")) == 1
    gimap.select("[Gmail]/Trash")
    gimap.uid("MOVE", "101", "INBOX")
    assert fetched(gimap, ALL_MAIL, "(X-GM-LABELS)")[1] == b'2 (X-GM-LABELS ("\\\\Inbox"))'
    gimap.select("[Gmail]/Trash")
    gimap.store("1", "+FLAGS", "(\\Deleted)")
    gimap.expunge()
    assert len(fetched(gimap, ALL_MAIL, "(UID)")) == 2


def test_search_finds_words_and_its_own_keys(gimap: imaplib.IMAP4) -> None:
    gimap.select("INBOX")
    for asked, found in (
        (("SUBJECT", '"Mail number"'), b"1 2"),
        (("SUBJECT", '"Mail num"'), b""),
        (("FROM", '"example.com"'), b"1 2"),
        (("FROM", '"ample.com"'), b""),
        (("NOT", "FROM", '"s1@example.com"'), b"2"),
        (("HEADER", "X-Nothing", '""'), b"1 2"),
        (("HEADER", "Message-ID", '"1.7@mail.example.org"'), b""),
        (("X-GM-RAW", '"rfc822msgid:1.7@mail.example.org"'), b"1"),
        (("OR", "X-GM-RAW", '"rfc822msgid:2.14@mail.example.org"', "FLAGGED"), b"2"),
    ):
        assert gimap.search(None, *asked)[1] == [found], asked
