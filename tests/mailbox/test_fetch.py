"""Messages in parts, from servers that describe them well, badly or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy

from servers.mails import alternative, mail
from servers.scripted import ScriptedServer
from triage.identity import identity_of
from triage.mailbox.connect import AccountLogin, connect

Login = Callable[..., AccountLogin]
Scripts = Callable[..., ScriptedServer]

HEADER = b"Subject: hello\r\nMessage-ID: <1@example.org>\r\n\r\n"


def answer(*lines: bytes) -> bytes:
    return b"".join(lines) + b"{tag} OK done\r\n"


def fetched(number: int, rest: bytes, header: bytes = HEADER) -> bytes:
    head = b"* %d FETCH (UID %d RFC822.SIZE 500 INTERNALDATE "
    head += b'"05-Mar-2024 06:06:07 +0100" FLAGS (\\Seen \\Recent $Junk 17) %s'
    literal = b"BODY[HEADER.FIELDS (X)]<0> {%d}\r\n%s" % (len(header), header)
    return head % (number, number + 20, rest) + literal + b")\r\n"


def body(uid: int, content: bytes) -> bytes:
    line = b"* %d FETCH (UID %d FLAGS () BODY[]<0> {%d}\r\n%s)\r\n"
    return line % (uid - 20, uid, len(content), content)


PLAIN = b'BODYSTRUCTURE ("text" "plain" ("charset" "utf-8") NIL NIL "8bit" 5 1) '


def test_only_what_the_judgement_needs_is_asked_for(embedded: object, login: Login) -> None:
    server = embedded(  # type: ignore[operator]
        {"INBOX": [alternative(1, b"words " * 300, b"<p>html</p>" * 3000), mail(2)]},
        "reader",
        "correct horse",
    )
    with connect(login(server.port)) as mailbox:
        before = mailbox.session.stream.received
        large, small = mailbox.fetch("INBOX", range(1, 200))
        assert mailbox.session.stream.received - before < 8000
    read = message_from_bytes(large.content, policy=policy.default)
    text, html = read.iter_parts()
    assert text.get_content().startswith("words words")
    assert html.get_content_type() == "text/html"
    assert html.get_content().strip() == ""
    assert identity_of(large.content) == large.identity
    assert b"This is the text of mail 2." in small.content


def test_further_header_fields_are_fetched_when_asked_for(embedded: object, login: Login) -> None:
    content = mail(1, extra="X-LinkedIn-Template: invite\r\nX-Other: no")
    server = embedded({"INBOX": [content]}, "reader", "correct horse")  # type: ignore[operator]
    with connect(login(server.port), headers=["X-LinkedIn-Template", "X) bad", ""]) as mailbox:
        (raw,) = mailbox.fetch("INBOX", range(1, 200))
    assert b"X-LinkedIn-Template: invite" in raw.content
    assert b"X-Other" not in raw.content


def test_flags_date_and_labels(scripted: Scripts, login: Login) -> None:
    labels = b'X-GM-LABELS ("\\\\Inbox" Work "Gr&APw-n &- so") '
    server = scripted(
        (r"FETCH 21 .*BODYSTRUCTURE", answer(fetched(1, labels + PLAIN))),
        (r"FETCH 21 ", answer(b"* 1 FETCH (UID 21 BODY[1]<0> {5}\r\nwords)\r\n")),
        capabilities="IMAP4rev1 X-GM-EXT-1",
    )
    with connect(login(server.port)) as mailbox:
        (raw,) = mailbox.fetch("INBOX", [21])
    assert raw.flags == (r"\Seen", "$Junk", "17")
    assert raw.labels == (r"\Inbox", "Work", "Grün & so")
    assert raw.internal_date == datetime(2024, 3, 5, 5, 6, 7, tzinfo=UTC)
    assert raw.content == HEADER + b"words"


def test_answers_about_other_messages_are_not_taken_for_ours(
    scripted: Scripts, login: Login
) -> None:
    server = scripted(
        (
            r"FETCH 21 .*BODYSTRUCTURE",
            answer(
                b"* 21 FETCH (FLAGS (\\Deleted))\r\n",  # sequence number 21, not uid 21
                b"* 5 EXPUNGE\r\n",
                fetched(1, PLAIN),
                b"* 9 FETCH (UID 29 FLAGS ())\r\n",
            ),
        ),
        (r"FETCH 21 ", answer(b"* 1 FETCH (UID 21 BODY[1]<0> NIL)\r\n")),
    )
    with connect(login(server.port)) as mailbox:
        (raw,) = mailbox.fetch("INBOX", [21])
    assert r"\Deleted" not in raw.flags
    assert raw.content == HEADER


def test_a_broken_description_is_not_in_the_way_of_the_others(
    scripted: Scripts, login: Login
) -> None:
    whole = HEADER + b"all of it"
    server = scripted(
        (
            r"FETCH 21:23 ",
            answer(
                fetched(1, b'BODYSTRUCTURE (("text" "plain") NIL "mixed") '),
                fetched(2, b'BODYSTRUCTURE ("text" "plain" ('),
                fetched(3, PLAIN),
            ),
        ),
        (r"FETCH 23 ", answer(b"* 3 FETCH (UID 23 BODY[1]<0> {5}\r\nwords)\r\n")),
        (r"FETCH 21 ", answer(body(21, whole))),
        (r"FETCH 22 ", answer(body(22, whole))),
    )  # fmt: skip
    with connect(login(server.port)) as mailbox:
        found = list(mailbox.fetch("INBOX", [21, 22, 23]))
    assert [raw.content for raw in found] == [whole, whole, HEADER + b"words"]
    assert len({raw.identity for raw in found}) == 1


def test_a_message_that_the_server_refuses_is_passed_over(scripted: Scripts, login: Login) -> None:
    server = scripted(
        (r"FETCH 21:22 .*BODYSTRUCTURE", b"{tag} NO [SERVERBUG] cannot parse\r\n"),
        (r"FETCH 21 ", b"{tag} NO [SERVERBUG] cannot parse\r\n"),
        (r"FETCH 22 ", answer(body(22, HEADER))),
    )  # fmt: skip
    with connect(login(server.port)) as mailbox:
        (raw,) = mailbox.fetch("INBOX", [21, 22])
        assert raw.place is not None
        assert raw.place.uid == 22


def test_bodies_are_only_peeked_at_and_bounded(scripted: Scripts, login: Login) -> None:
    server = scripted((r"FETCH 21 .*BODYSTRUCTURE", answer(fetched(1, PLAIN))))
    with connect(login(server.port)) as mailbox:
        list(mailbox.fetch("INBOX", [21]))
        list(mailbox.fetch("INBOX", [21], how="whole"))
    fetches = [line for line in server.sent if "FETCH" in line]
    assert len(fetches) >= 4
    for line in fetches:
        assert "BODY[" not in line
        assert line.count("BODY.PEEK[") == line.count("<0.")
    assert not [line for line in server.sent if line.startswith("SELECT")]


def test_a_large_message_is_not_fetched_whole(embedded: object, login: Login) -> None:
    content = alternative(1, b"words " * 300, b"<p>html</p>" * 30000)
    server = embedded({"INBOX": [content]}, "reader", "correct horse")  # type: ignore[operator]
    with connect(login(server.port)) as mailbox:
        (raw,) = mailbox.fetch("INBOX", range(1, 200), how="whole")
    assert 100_000 < len(raw.content) < 256 * 1024
    assert raw.identity == identity_of(content)
