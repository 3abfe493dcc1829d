"""Mails for the tests of the door ``read``, built from their parts; invented people only."""

from __future__ import annotations

import base64
import quopri
from functools import cache
from pathlib import Path

from triage.identity import identity_of
from triage.judge.platform_rules import Platform, parse_platform
from triage.judge.reading import read
from triage.model import Invitation, RawMessage, Reading
from triage.preferences import Trust

RULES = Path(__file__).parents[2] / "rules" / "platforms"
HERE = Trust(("mx.example.org",))
ID = "6540225768379794978"
KEY = "email_m2m_invite_single_01"
ACCEPT = (
    f"https://www.linkedin.com/comm/mynetwork/invite-accept/invitationId/{ID}/sharedKey/aBcD1234/"
    f"?midToken=AQ&trk=eml-{KEY}-null-0-accept%7Ecta&lipi=urn%3Ali%3Apage%3Aemail_{KEY}%3Bx"
)
PROFILE = f"https://www.linkedin.com/comm/in/ada-quill-12?midToken=AQ&trk=eml-{KEY}-hero-5-prof"
UNSUBSCRIBE = f"https://www.linkedin.com/e/v2?e=abc&t=lun&midToken=AQ&ek={KEY}"
PASSED = (
    "mx.example.org; dkim=pass header.i=@linkedin.com header.s=d2048; "
    "spf=pass smtp.mailfrom=s-1@bounce.linkedin.com; dmarc=pass header.from=linkedin.com"
)


@cache
def platforms() -> tuple[Platform, ...]:
    made: list[Platform] = []
    for path in sorted(RULES.glob("*.toml")):
        found, faults = parse_platform(path.name, path.read_text(encoding="utf-8"))
        assert not faults, "\n".join(map(str, faults))
        made.extend(found)
    return tuple(made)


def detect(text: str) -> str | None:
    """A language for the tests: by a few words that no other one has."""
    words = set(text.casefold().split())
    marks = {"de": {"ich", "und", "wir"}, "fr": {"je", "vous", "nous"}, "en": {"the", "you", "i"}}
    return next((code for code, some in marks.items() if words & some), None)


def read_bytes(content: bytes, trust: Trust = HERE) -> Reading:
    message = RawMessage(content, identity_of(content))
    return read(message, platforms(), trust, detect)


def invitation(content: bytes, trust: Trust = HERE) -> Invitation:
    reading = read_bytes(content, trust)
    assert isinstance(reading, Invitation), reading
    return reading


def letter(
    text: str | None = None,
    html: str | None = None,
    *,
    sender: str = "Ada Quill <invitations@linkedin.com>",
    subject: str = "Dave, please add me to your LinkedIn network",
    headers: tuple[str, ...] = (),
    results: str | None = PASSED,
    charset: str = "utf-8",
    encoding: str = "quoted-printable",
    date: str = "Fri, 31 May 2019 14:02:53 +0000",
    line_end: str = "\n",
) -> bytes:
    """One mail: text, HTML, or both as alternatives."""
    top = [f"Authentication-Results: {results}"] if results else []
    top += ["Received: from mailb.linkedin.com by mx.example.org; Fri, 31 May 2019 14:02:55 +0000"]
    top += [*headers, f"From: {sender}", "To: Dave Fielding <dave@example.org>"]
    top += [f"Subject: {subject}", f"Date: {date}", "MIME-Version: 1.0"]
    parts = [(kind, body) for kind, body in (("plain", text), ("html", html)) if body is not None]
    bodies = []
    for kind, body in parts:
        head = (
            f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}"
        )
        bodies.append(head.encode() + b"\n\n" + _encoded(body, charset, encoding))
    if len(bodies) == 1:
        content = "\n".join(top).encode() + b"\n" + bodies[0]
    else:
        top.append('Content-Type: multipart/alternative; boundary="=_x"')
        joined = b"".join(b"--=_x\n" + body + b"\n" for body in bodies)
        content = "\n".join(top).encode() + b"\n\n" + joined + b"--=_x--\n"
    return content.replace(b"\n", line_end.encode())


def _encoded(body: str, charset: str, encoding: str) -> bytes:
    content = body.encode(charset, "replace")
    if encoding == "quoted-printable":
        return quopri.encodestring(content)
    return base64.encodebytes(content) if encoding == "base64" else content


def member_2019(note: str, *, name: str = "Ada Quill", card: str = "Archivist at Paper Mill Museum",
                accept: str = "Accept", view: str = "View profile", hello: str = "Hi Dave,",
                small: str = "You are receiving Invitation emails.") -> str:  # fmt: skip
    """The text part of a member's invitation, 2016 on."""
    return (
        f"{hello}\n\n{note}\n\n{name}\n{card}\n\n{view}: {PROFILE}\n\n{accept}: {ACCEPT}\n\n"
        f".....................................\n\nUnsubscribe: {UNSUBSCRIBE}\n\n{small}\n\n"
        "This email was intended for Dave Fielding (Head of Customer Returns at Northwind).\n"
        "© 2019 LinkedIn Corporation, 1000 West Maude Avenue, Sunnyvale, CA 94085.\n"
    )


def page_2019(note: str, location: str = "Leeds, United Kingdom") -> str:
    """The HTML part of the same."""
    return (
        '<html lang="en"><body><div style="visibility:hidden;height:0;font-size:0">Hi Dave, hidden '
        f'words</div><table><tr><td><a href="https://www.linkedin.com/comm/in/dave-fielding-1?trk=h">'
        f'Dave Fielding</a></td></tr><tr><td id="qatest-hero-headline"><p>Hi Dave, {note}</p></td>'
        f'</tr><tr><td id="qatest-hero-profileinfo"><a href="{PROFILE}"><span>Ada Quill</span></a>'
        f"<p>Archivist at Paper Mill Museum</p><p>{location}</p></td></tr><tr><td>"
        f'<a href="{ACCEPT}">Accept</a></td><td><a href="{PROFILE}">View profile</a></td></tr>'
        f'<tr><td><a href="{UNSUBSCRIBE}">Unsubscribe</a></td></tr></table></body></html>'
    )


def page_2025(note: str = "", cut: str = "") -> str:
    """The HTML of 2025: a card, perhaps a note, buttons, and other people below."""
    said = f"<tr><td><div>{note}</div></td></tr>" if note else ""
    more = f'<tr><td><a href="{PROFILE}">{cut}</a></td></tr>' if cut else ""
    return (
        '<div style="visibility:hidden;max-height:0" data-email-preheader="true">Ada, Archivist and '
        "Bookbinder from Paper Mill Museum is waiting for your response</div><table><tr><td>"
        f'<h3><a href="{PROFILE}&x=invitation~card-0-inviter~name">Ada Quill</a></h3><div>Archivist | '
        "Restorer of Old…</div><div>Leeds</div></td></tr><tr><td><span>4 connections in common"
        f'</span></td></tr>{said}{more}<tr><td><a href="{ACCEPT}">Accept</a></td></tr>'
        f'<tr><td><a href="{PROFILE}">View profile</a></td></tr><tr><td><h2>More people you may know'
        '</h2></td></tr><tr><td data-test-id="pymk-entity"><a href="https://ae.linkedin.com/comm/in/'
        'otto?x=1"><h3>Otto Blank</h3></a><div>Welder at Iron Works</div></td></tr></table>'
    )
