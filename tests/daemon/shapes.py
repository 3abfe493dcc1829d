"""A mailbox of 5,000 invented mails: the project's own samples, each delivered several
times, among ordinary mail of all sizes."""

from __future__ import annotations

import base64
from itertools import cycle, islice
from pathlib import Path

from triage.daemon.desk import Desk
from triage.identity import identity_of
from triage.mailbox.matching import matches
from triage.model import RawMessage

SAMPLES = Path(__file__).parent.parent / "mail"
ODD = ("hard", "near")  # made to be misread, which is what test_golden_mail is about


def labelled(desk: Desk, count: int) -> dict[bytes, str]:
    """``count`` mails that the server finds and that get a label, of each label as many as
    the samples give in turn, and the label that the whole mail gets from the desk."""
    plain = [path for path in sorted(SAMPLES.glob("*.eml")) if path.name.split("-")[0] not in ODD]
    samples = [_wire(path.read_bytes()) for path in plain]
    verdicts = desk.judge.judge_all([desk.read(_message(sample)) for sample in samples])
    found: dict[str, list[bytes]] = {}
    for sample, verdict in zip(samples, verdicts, strict=True):
        if verdict is not None and matches(sample, desk.criteria):
            found.setdefault(verdict.label, []).append(sample)
    turns = zip(*(cycle(mails) for _, mails in sorted(found.items())), strict=False)
    chosen = islice((mail for turn in turns for mail in turn), count)
    mails = [delivered(number, mail) for number, mail in enumerate(chosen)]
    again = desk.judge.judge_all([desk.read(_message(mail)) for mail in mails])
    return {mail: verdict.label for mail, verdict in zip(mails, again, strict=True) if verdict}


def delivered(number: int, mail: bytes) -> bytes:
    """The mail as if it had begun its way elsewhere, so that no two are the same. Below
    all other fields, since a hop above Authentication-Results would make it a stranger's."""
    hop = f"from origin{number}.example.net by relay.example.net; Mon, 2 Feb 2026 08:00:00 +0000"
    head, blank, body = mail.partition(b"\r\n\r\n")
    return head + f"\r\nReceived: {hop}".encode() + blank + body


def ordinary(number: int) -> bytes:
    """Any other mail; some with a subject or sender that comes near an invitation's."""
    subject = "Re: invitation to the tasting" if number % 25 == 0 else f"About matter {number}"
    head = (
        f"Received: from mail.example.org by mx.example.net id {number:08x};\r\n"
        f"\tMon, 2 Feb 2026 08:00:00 +0000\r\n"
        f"From: Person {number} <person{number}@example.org>\r\nTo: Dave <dave@example.net>\r\n"
        f"Subject: {subject}\r\nDate: Mon, 2 Feb 2026 08:00:00 +0000\r\n"
        f"Message-ID: <{number}.{number % 97}@mail.example.org>\r\n"
    ).encode()
    text = (
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        + (f"This is about matter {number}.\r\n" * (1 + number % 20)).encode()
    )
    if number % 50:
        return head + text
    data = base64.encodebytes(bytes(range(256)) * 80).replace(b"\n", b"\r\n")
    return head + (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n'
        + text
        + b'\r\n--m\r\nContent-Type: image/png; name="a.png"\r\n'
        + b"Content-Transfer-Encoding: base64\r\n\r\n" + data + b"\r\n--m--\r\n"
    )  # fmt: skip


def _wire(content: bytes) -> bytes:
    """With the line ends that it has on the wire."""
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _message(content: bytes) -> RawMessage:
    return RawMessage(content, identity_of(content))
