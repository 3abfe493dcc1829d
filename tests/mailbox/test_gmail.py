r"""Gmail's ways, on a server that has them: labels are folders, one message stands in several,
its own folders are named in the account's language, and SEARCH finds words alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servers.fixtures import PASSWORD
from servers.gmail import BRITISH, ENGLISH, GERMAN, GmailServer
from servers.mails import DATE, mail
from triage.errors import ServerRefused
from triage.identity import identity_of
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.imap_writer import ImapWriter
from triage.mailbox.types import Criteria

Login = Callable[..., AccountLogin]
ALL_MAIL = "[Gmail]/All Mail"


@pytest.fixture
def server(gmail: Callable[..., GmailServer]) -> GmailServer:
    return gmail({"INBOX": [mail(1), mail(2)]}, "reader", PASSWORD, GERMAN)


@pytest.fixture
def mailbox(server: GmailServer, login: Login) -> ImapWriter:
    return connect(login(server.port))


def labels(mailbox: ImapWriter, folder: str) -> dict[int, tuple[str, ...]]:
    uids = range(1, mailbox.open(folder).uidnext)
    return {uid: one.labels for uid, one in mailbox.standing(folder, uids).items()}


def test_what_leaves_the_inbox_stays_in_all_mail(mailbox: ImapWriter) -> None:
    first, second = labels(mailbox, "INBOX")
    mailbox.ensure_folder("Invitations/Generic")
    there = mailbox.move("INBOX", [first], "Invitations/Generic")[first]
    assert there is not None
    assert list(labels(mailbox, "INBOX")) == [second]
    (filed, other) = labels(mailbox, ALL_MAIL).values()
    assert (filed, other) == (("Invitations/Generic",), (r"\Inbox",))
    mailbox.move("Invitations/Generic", [there.uid], "INBOX")
    assert list(labels(mailbox, ALL_MAIL).values()) == [(r"\Inbox",), (r"\Inbox",)]
    assert labels(mailbox, "Invitations/Generic") == {}


def test_a_folder_does_not_show_its_own_label(mailbox: ImapWriter) -> None:
    (uid, _) = labels(mailbox, "INBOX")
    mailbox.add_labels("INBOX", [uid], ["Arbeit/Wichtig (ä)"])
    assert labels(mailbox, "INBOX")[uid] == ("Arbeit/Wichtig (ä)",)
    (there,) = labels(mailbox, "Arbeit/Wichtig (ä)")
    assert labels(mailbox, "Arbeit/Wichtig (ä)")[there] == (r"\Inbox",)
    stored = mailbox.add_labels("Arbeit/Wichtig (ä)", [there], ["Arbeit/Wichtig (ä)", "Neu"])
    assert (stored.kept, stored.dropped) == ((there,), ())


def test_flags_are_the_messages_in_every_folder(mailbox: ImapWriter) -> None:
    (uid, _) = labels(mailbox, "INBOX")
    assert mailbox.add_flags("INBOX", [uid], [r"\Flagged"]).kept == (uid,)
    (starred,) = mailbox.standing("[Gmail]/Starred", labels(mailbox, "[Gmail]/Starred")).values()
    assert starred.flags == (r"\Flagged",)
    assert mailbox.standing("INBOX", [uid])[uid].labels == (r"\Starred",)
    mailbox.remove_flags("INBOX", [uid], [r"\Flagged"])
    assert labels(mailbox, "[Gmail]/Starred") == {}


def test_a_move_to_where_a_label_led_before_is_told(mailbox: ImapWriter) -> None:
    """The server copies nothing then, so its COPYUID names only the other."""
    uids = tuple(labels(mailbox, "INBOX"))
    mailbox.add_labels("INBOX", uids[:1], ["Filed"])
    (before,) = labels(mailbox, "Filed")
    list(mailbox.fetch("INBOX", uids))
    landed = mailbox.move("INBOX", uids, "Filed")
    assert {uid: place.uid for uid, place in landed.items() if place} == {
        uids[0]: before,
        uids[1]: before + 1,
    }
    assert labels(mailbox, "INBOX") == {}


@pytest.mark.parametrize("names", [ENGLISH, GERMAN, BRITISH])
def test_its_own_folders_are_known_by_their_english_names(
    gmail: Callable[..., GmailServer], login: Login, names: dict[str, str]
) -> None:
    server = gmail({"INBOX": [mail(1)]}, "reader", PASSWORD, names)
    with connect(login(server.port)) as mailbox:
        for name in ("[Gmail]/All Mail", "[google mail]/all mail", names["All"]):
            state = mailbox.open(name)
            assert (state.name, state.messages, state.is_view) == (names["All"], 1, True)
        for name in ("[Gmail]/Trash", "[Google Mail]/Bin"):
            assert mailbox.open(name).name == names["Trash"]
        assert not mailbox.open("[Gmail]/Spam").is_view
        assert not mailbox.open("INBOX").is_view
        for name in ("[Gmail]/Nowhere", "[Gmail]/All Mail/More"):
            with pytest.raises(ServerRefused):
                mailbox.open(name)
        assert names["All"] in mailbox.folders() and "[Gmail]" not in mailbox.folders()


def test_search_finds_parts_of_words_where_gmail_would_not(mailbox: ImapWriter) -> None:
    mailbox.append("INBOX", mail(3, extra="X-LinkedIn-Template: email_m2m_invite_1\r\n"), (), DATE)
    *_, newest = labels(mailbox, "INBOX")
    assert not mailbox.session.search([b"HEADER", b"X-LinkedIn-Template", b"m2m_inv"])
    criteria = Criteria(headers=(("X-LinkedIn-Template", "m2m_inv"), ("X-Nothing", "")))
    assert mailbox.search("INBOX", criteria, 0) == (newest,)
    assert mailbox.search("INBOX", criteria, newest) == ()
    mailbox.add_flags("INBOX", [newest], [r"\Deleted"])
    assert mailbox.search("INBOX", criteria, 0) == ()


def test_one_among_many_is_found_by_gmails_own_key(mailbox: ImapWriter) -> None:
    for number in range(3, 12):
        mailbox.append("INBOX", mail(number), (), DATE)
    mailbox.open(ALL_MAIL)
    found = mailbox.find(ALL_MAIL, [identity_of(mail(7))])
    assert [place.uid for place in found[identity_of(mail(7))]] == [107]


def test_what_is_reserved_is_refused(mailbox: ImapWriter) -> None:
    with pytest.raises(ServerRefused, match=r"reserved\. If it is the name, choose another"):
        mailbox.ensure_folder("[Gmail]/Invitations")
    assert mailbox.open("INBOX").messages == 2
