"""Searches that a server does not take, and what is done instead."""

from __future__ import annotations

from collections.abc import Callable

from servers.mails import mail
from servers.scripted import ScriptedServer
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.imap_search import commands, keys
from triage.mailbox.types import Criteria

Login = Callable[..., AccountLogin]
Scripts = Callable[..., ScriptedServer]


def test_one_flat_tree_of_any() -> None:
    criteria = Criteria(senders=("a", "b", "c"), headers=(("X-T", ""),))
    (command,) = commands(keys(criteria), ["UNDELETED"])
    assert " ".join(command) == ('UNDELETED OR OR FROM "a" FROM "b" OR FROM "c" HEADER "X-T" ""')


def test_a_long_search_is_split() -> None:
    criteria = Criteria(subjects=tuple(f"subject number {n}" for n in range(500)))
    split = [" ".join(command) for command in commands(keys(criteria), ["UNDELETED"])]
    assert len(split) > 3
    assert max(len(command) for command in split) < 6000
    assert sum(command.count("SUBJECT") for command in split) == 500


def test_a_line_break_cannot_leave_its_string(scripted: Scripts, login: Login) -> None:
    server = scripted(("SEARCH", "* SEARCH\r\n{tag} OK done\r\n"))
    with connect(login(server.port)) as mailbox:
        mailbox.search("INBOX", Criteria(subjects=("a\r\nX LOGOUT",)), 0)
    assert 'SUBJECT "a  X LOGOUT"' in next(line for line in server.sent if "SEARCH" in line)


def test_a_refused_charset_falls_back_to_ascii(scripted: Scripts, login: Login) -> None:
    server = scripted(
        ("CHARSET", "{tag} NO [BADCHARSET (US-ASCII)] no\r\n"),
        ("SEARCH", "* SEARCH 21 22\r\n{tag} OK done\r\n"),
    )
    with connect(login(server.port)) as mailbox:
        found = mailbox.search("INBOX", Criteria(subjects=("Ungültige Einladung",)), 0)
    assert found == (21, 22)
    assert 'SUBJECT "ltige Einladung"' in [line for line in server.sent if "SEARCH" in line][-1]


def test_a_server_that_refuses_to_search_has_its_headers_read(
    scripted: Scripts, login: Login
) -> None:
    header = mail(1, subject="I want to connect").split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    line = b"* %d FETCH (UID %d BODY[HEADER.FIELDS (SUBJECT)]<0> {%d}\r\n%s)\r\n"
    other = b"Subject: other\r\n\r\n"
    server = scripted(
        (r"SEARCH UID 21:\* UNDELETED ALL", "* SEARCH 21 22\r\n* SEARCH\r\n{tag} OK done\r\n"),
        ("SEARCH", "{tag} BAD too complex\r\n"),
        (
            "FETCH 21:22",
            line % (1, 21, len(header), header)
            + line % (2, 22, len(other), other)
            + b"{tag} OK done\r\n",
        ),
    )  # fmt: skip
    with connect(login(server.port)) as mailbox:
        assert mailbox.search("INBOX", Criteria(subjects=("WANT to",)), 20) == (21,)
