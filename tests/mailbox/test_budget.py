"""What a pass costs on a real server: client turns, and bytes for each message fetched."""

from __future__ import annotations

import os
import quopri
from collections.abc import Callable
from pathlib import Path

from servers.dovecot import Dovecot
from servers.mails import alternative, mail
from servers.proxy import CountingProxy
from triage.identity import identity_of
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.types import Criteria

Login = Callable[..., AccountLogin]
Proxies = Callable[..., CountingProxy]

TEXT = quopri.encodestring("Grüße aus Århus, you spoke there last month. ".encode() * 50)
HTML = quopri.encodestring(b"<table><tr><td>&#39;Hello&#39;</td></tr></table>" * 1000)
SAMPLES = sorted((Path(__file__).parent.parent / "mail").glob("*.eml"))


def fill(maildir: Path, contents: list[bytes]) -> None:
    """Mail into a Maildir, faster than by APPEND."""
    for name in ("", "cur", "new", "tmp"):
        (maildir / name).mkdir(exist_ok=True)
    for number, content in enumerate(contents):
        path = maildir / "cur" / f"{1700000000 + number}.M{number}P1.test:2,"
        path.write_bytes(content)
        os.utime(path, (1700000000 + number, 1700000000 + number))
    if os.getuid() == 0:
        for path in (maildir, *maildir.rglob("*")):
            os.chown(path, 65534, 65534)


def test_a_whole_pass_over_five_thousand(
    dovecot: Dovecot, dovecot_user: str, login: Login, counting_proxy: Proxies
) -> None:
    contents = [
        alternative(n, TEXT, HTML, "quoted-printable").replace(
            b"\r\nSubject", b"\r\nX-Template: invite\r\nSubject", 1
        )
        if n % 50 == 0
        else mail(n)
        for n in range(5000)
    ]
    fill(dovecot.maildir(dovecot_user), contents)
    proxy = counting_proxy("127.0.0.1", dovecot.port)
    with connect(login(proxy.port, user=dovecot_user)) as mailbox:
        mailbox.open("INBOX")
        uids = mailbox.search("INBOX", Criteria(headers=(("X-Template", "invite"),)), 0)
        assert len(uids) == 100
        before = proxy.bytes_down
        fetched = list(mailbox.fetch("INBOX", uids))
        assert len(fetched) == 100
        assert (proxy.bytes_down - before) / 100 < 12 * 1024
        shares = [uids[start::5] for start in range(5)]
        for folder, share in zip(("Generic", "Boilerplate", "Suspicious"), shares, strict=False):
            mailbox.ensure_folder(f"Invitations/{folder}")
            landed = mailbox.move("INBOX", share, f"Invitations/{folder}")
            assert None not in landed.values()
            assert len(landed) == 20
        assert len(mailbox.add_flags("INBOX", shares[3], [r"\Flagged"]).kept) == 20
        assert len(mailbox.add_labels("INBOX", shares[3], ["Invitation/Personal"]).kept) == 20
        assert len(mailbox.add_labels("INBOX", shares[4], ["Invitation/Unsure"]).kept) == 20
    assert proxy.bursts <= 20, [line[:60] for line in proxy.sent]


def test_the_samples_keep_their_identity(dovecot: Dovecot, dovecot_user: str, login: Login) -> None:
    contents = [path.read_bytes() for path in SAMPLES]
    fill(dovecot.maildir(dovecot_user), contents)
    with connect(login(dovecot.port, user=dovecot_user)) as mailbox:
        state = mailbox.open("INBOX")
        fetched = list(mailbox.fetch("INBOX", range(1, state.uidnext)))
    assert [raw.identity for raw in fetched] == [identity_of(one) for one in contents]
    assert [identity_of(raw.content) for raw in fetched] == [raw.identity for raw in fetched]


def test_an_empty_pass_is_short(
    dovecot: Dovecot, dovecot_user: str, login: Login, counting_proxy: Proxies
) -> None:
    proxy = counting_proxy("127.0.0.1", dovecot.port)
    with connect(login(proxy.port, user=dovecot_user)) as mailbox:
        mailbox.open("INBOX")
        assert mailbox.search("INBOX", Criteria(subjects=("x",)), 0) == ()
    assert proxy.bursts <= 6, proxy.sent
