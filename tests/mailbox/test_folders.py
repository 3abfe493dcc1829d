"""Folder names on servers with prefixes, separators and odd LIST answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servers.dovecot import Dovecot
from servers.mails import DATE, mail
from servers.proxy import CountingProxy
from servers.scripted import ScriptedServer
from triage.errors import ServerRefused
from triage.mailbox.connect import AccountLogin, connect

Login = Callable[..., AccountLogin]
Scripts = Callable[..., ScriptedServer]


def test_a_prefix_is_the_servers_business(
    prefixed_dovecot: Dovecot, dovecot_user: str, login: Login
) -> None:
    with connect(login(prefixed_dovecot.port, user=dovecot_user)) as mailbox:
        mailbox.ensure_folder("Invitations/Generic")
        assert set(mailbox.folders()) >= {"INBOX", "Invitations/Generic"}
        assert mailbox.open("Invitations/Generic").name == "Invitations/Generic"
        for spelled in ("inbox/Invitations/Generic", "INBOX.Invitations.Generic"):
            assert mailbox.open(spelled).name == "Invitations/Generic"
        assert mailbox.open("Invitations.Generic").name == "Invitations/Generic"
        mailbox.ensure_folder("INBOX/Invitations/Other")
        assert mailbox.open("Invitations/Other").messages == 0
        for name in ("Invitations/v1.0", "v1.0"):
            with pytest.raises(ServerRefused, match=r'"\." in its name'):
                mailbox.ensure_folder(name)
    listed = (prefixed_dovecot.maildir(dovecot_user) / ".Invitations.Generic").is_dir()
    assert listed


def test_making_folders_costs_one_turn_each(
    dovecot: Dovecot,
    dovecot_user: str,
    login: Login,
    counting_proxy: Callable[..., CountingProxy],
) -> None:
    proxy = counting_proxy("127.0.0.1", dovecot.port)
    with connect(login(proxy.port, user=dovecot_user)) as mailbox:
        mailbox.folders()
        before = proxy.bursts
        for name in ("Invitations/Generic", "Invitations/Suspicious", "Invitations/Generic"):
            mailbox.ensure_folder(name)
        assert proxy.bursts == before + 2
    subscribed = dovecot.maildir(dovecot_user) / "subscriptions"
    assert "Generic" in subscribed.read_text()


def test_a_folder_whose_making_was_cut_is_subscribed_to_by_the_next(
    dovecot: Dovecot, dovecot_user: str, login: Login
) -> None:
    subscribed = dovecot.maildir(dovecot_user) / "subscriptions"
    with connect(login(dovecot.port, user=dovecot_user)) as mailbox:
        mailbox.session.ask("CREATE", '"Filed"')
        mailbox.ensure_folder("Filed")
        assert "Filed" in subscribed.read_text()
        mailbox.append("Filed", mail(1), (), DATE)
        mailbox.session.ask("UNSUBSCRIBE", '"Filed"')
    with connect(login(dovecot.port, user=dovecot_user)) as mailbox:
        mailbox.ensure_folder("Filed")  # in use, and unsubscribed by the user
    assert "Filed" not in subscribed.read_text()


def test_odd_list_answers(scripted: Scripts, login: Login) -> None:
    server = scripted(
        (
            "LIST",
            (
                b'* LIST () "." inbox\r\n'
                b'* LIST (\\Noselect \\HasChildren) "." "INBOX.Parent"\r\n'
                b'* LIST () "." 2024\r\n'
                b'* LIST () "." {9}\r\nINBOX.a"b\r\n'
                b'* LIST () "." "INBOX.Gr&APw-n"\r\n'
                b'* LIST () "." "INBOX.\xe9t\xe9"\r\n'
                b'* LIST () NIL "Flat"\r\n'
                b'* LIST () "." "INBOX.broken &\r\n'
                b"{tag} OK done\r\n"
            ),
        ),
        ("NAMESPACE", '* NAMESPACE (("INBOX." ".")) NIL NIL\r\n{tag} OK done\r\n'),
        capabilities="IMAP4rev1 NAMESPACE",
    )
    with connect(login(server.port)) as mailbox:
        assert mailbox.folders() == ("INBOX", "2024", 'a"b', "Grün", "Flat")
        mailbox.open("Grün")
        mailbox.open('a"b')
    assert 'EXAMINE "INBOX.Gr&APw-n"' in server.sent
    assert 'EXAMINE "INBOX.a\\"b"' in server.sent


def test_a_folder_that_someone_else_made_meanwhile(scripted: Scripts, login: Login) -> None:
    server = scripted(("CREATE", "{tag} NO [ALREADYEXISTS] it is there\r\n"))
    with connect(login(server.port)) as mailbox:
        mailbox.ensure_folder("Filed")
        assert "Filed" in mailbox.folders()


def test_parents_are_made_where_the_server_does_not(scripted: Scripts, login: Login) -> None:
    made: list[str] = []

    def create(line: object) -> None:
        name = server.sent[-1].split('"')[1]
        fails = "/" in name and name.rpartition("/")[0] not in made
        if not fails:
            made.append(name)
        line.say("{tag} NO no parent\r\n" if fails else "{tag} OK done\r\n")  # type: ignore[attr-defined]

    server = scripted(("CREATE", create))
    with connect(login(server.port)) as mailbox:
        mailbox.ensure_folder("A/B/C")
    assert made == ["A", "A/B", "A/B/C"]


def test_a_folder_that_was_deleted_meanwhile_is_made_again(
    dovecot: Dovecot, dovecot_user: str, login: Login
) -> None:
    account = login(dovecot.port, user=dovecot_user)
    with connect(account) as mailbox, connect(account) as other:
        mailbox.ensure_folder("Filed")
        mailbox.append("INBOX", mail(1), (), DATE)
        other.session.client.delete_folder("Filed")
        with pytest.raises(ServerRefused):
            mailbox.move("INBOX", [1], "Filed")
        mailbox.ensure_folder("Filed")
        assert mailbox.move("INBOX", [1], "Filed")[1] is not None


def test_a_folder_that_cannot_be_made(scripted: Scripts, login: Login) -> None:
    server = scripted(("CREATE", "{tag} NO [NOPERM] not here\r\n"))
    with connect(login(server.port)) as mailbox:
        with pytest.raises(ServerRefused, match="not here"):
            mailbox.ensure_folder("Filed")
        assert not mailbox.closed
