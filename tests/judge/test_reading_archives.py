"""Mail as archives, lists and people hand it on: masked addresses, quoted notes, pasted
invitations. What the platform sent stays an invitation; what a person sent does not."""

from __future__ import annotations

import pytest

from tests.judge.letters import ACCEPT, PROFILE, invitation, letter, read_bytes
from triage.model import Invitation, NotInvitation

DEFAULT = "I'd like to add you to my professional network on LinkedIn."
GUEST = f"""LinkedIn
------------

Weavers,

{DEFAULT}

- Ada

Accept Ada Quill's invite:
https://www.linkedin.com/e/isd/330012345/AbCdEfGh/

------------------------------------------

What is LinkedIn and why should you join?
http://learn.linkedin.com/what-is-linkedin/

------
(c) 2009, LinkedIn Corporation
"""
MADE = "Message-ID: <4067.4645.1232956620317.JavaMail.app@ech3-cdn13.prod>"
IN_2009 = "Mon, 26 Jan 2009 02:57:34 -0000"
SUBJECT = "[weavers] Invitation to connect on LinkedIn"


def guest(
    text: str = GUEST, *, sender: str = "Ada Quill <ada@example.com>", **more: object
) -> bytes:
    settings = {"subject": SUBJECT, "date": IN_2009, "results": None, **more}
    return letter(text, sender=sender, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sender",
    ["Ada Quill <ada at example.com>", "ada at example.com (Ada Quill)", "Ada Quill <ada@...>",
     "Ada Quill", "Ada Quill <ada () example ! com>", "Ada Quill <ada.q...@example.com>"],
)  # fmt: skip
def test_a_masked_address_hides_no_name(sender: str) -> None:
    found = invitation(guest(sender=sender))
    assert (found.inviter.name, found.note, found.warnings) == ("Ada Quill", DEFAULT, ())


def test_a_masked_address_of_the_platform_is_still_the_platforms() -> None:
    found = invitation(guest(sender="member at linkedin.com (Ada Quill via LinkedIn)"))
    assert found.inviter.name == "Ada Quill"


@pytest.mark.parametrize(
    "sender", ["Ada Quill via LinkedIn", "Ada Quill via LinkedIn <x@archive.example>"]
)
def test_an_archive_that_took_the_address_away_makes_nobody_a_forger(sender: str) -> None:
    assert invitation(guest(sender=sender)).warnings == ()


def test_an_archive_that_took_the_links_away_makes_nobody_a_forger() -> None:
    bare = "\n".join(line for line in GUEST.split("\n") if not line.startswith("http"))
    assert invitation(guest(bare)).note == DEFAULT


def test_words_that_no_rule_knows_are_known_by_the_link_that_accepts() -> None:
    text = GUEST.replace("Accept Ada Quill's invite:", "Zaproszenie od Ada Quill").replace(
        DEFAULT, "Witam."
    )
    found = invitation(guest(text, subject="Zaproszenie", headers=(MADE,)))
    assert (found.kind, found.note) == ("invitation", "Witam.")


def test_two_invitations_in_one_mail_are_not_known_by_their_links() -> None:
    two = f"{ACCEPT}\n\nOtto\n{ACCEPT.replace('6540225768379794978', '6540225768379794979')}"
    plain = two.replace("email_m2m_invite_single_01", "x")
    assert isinstance(read_bytes(letter(plain, subject="News")), NotInvitation)


REMINDER = """LinkedIn
------------

This is a reminder that on October 20, Ada Quill sent you an invitation to become part of his or her professional network at LinkedIn.

Follow this link to accept Ada Quill's invitation.

https://www.linkedin.com/e/isd/330012345/AbCdEfGh/

On October 20, Ada Quill wrote:

> To: [weavers@example.net]
> From: Ada Quill [ada@example.com]
> Subject: Invitation to connect on LinkedIn

> NOTE
>
> - Ada

The only way to get access to Ada Quill's professional network on LinkedIn is through the following link:

https://www.linkedin.com/e/isd/330012345/AbCdEfGh/

------
(c) 2009, LinkedIn Corporation
"""


@pytest.mark.parametrize("note", [DEFAULT, "We met in Tulsa.\n> Joe sends his best."])
def test_a_note_that_the_platform_quotes_is_the_note(note: str) -> None:
    subject = "Reminder about your invitation from Ada Quill"
    found = invitation(guest(REMINDER.replace("NOTE", note), subject=subject))
    assert (found.kind, found.note) == ("reminder", note.replace("> ", ""))


def test_who_answers_a_reminder_does_not_remind() -> None:
    quoted = "".join(f"> {line}\n" for line in REMINDER.split("\n"))
    answer = guest(
        f"Please stop.\n\nAda Quill wrote:\n{quoted}", sender="Otto Blank <otto@example.net>"
    )
    assert isinstance(read_bytes(answer), NotInvitation)


@pytest.mark.parametrize(
    "text",
    [
        f"Hi all,\n\nis this spam?\n\n{GUEST}\n\nOtto",
        f"Otto Blank commented on LOOM-12:\n\n{GUEST}",
        f"no!\n\nAda Quill wrote:\n\n{GUEST}",
        f"fyi\n\nAda Quill\n26/01/2009\n\nTo\nOtto Blank\ncc\n\nSubject\nInvitation\n\n{GUEST}",
        "I cannot open it: https://www.linkedin.com/e/isd/330012345/AbCdEfGh/\n\nOtto",
    ],
)
@pytest.mark.parametrize("sender", ["Otto Blank <otto@example.net>", "<>"])
def test_who_pastes_an_invitation_without_marks_does_not_invite(text: str, sender: str) -> None:
    reading = read_bytes(guest(text, sender=sender, headers=("Message-ID: <1@example.net>",)))
    assert isinstance(reading, NotInvitation) and not reading.warnings


def test_the_inviter_who_apologises_does_not_invite_again() -> None:
    text = f"Hi all,\n\nsorry for the mail below.\n\n{GUEST}"
    assert isinstance(read_bytes(guest(text)), NotInvitation)


def test_a_cited_page_is_a_quotation() -> None:
    page = f'<p>no thanks</p><blockquote type="cite"><p>{DEFAULT}</p><a href="{ACCEPT}">Accept</a></blockquote>'
    mail = letter(None, page, sender="Otto Blank <otto@example.net>", results=None)
    assert isinstance(read_bytes(mail), NotInvitation)


@pytest.mark.parametrize(
    "greeting",
    ["Hola, Dave:", "Dave様", "Dave님, 안녕하세요", "Hej Dave", "Olá, Dave.", "مرحبًا Dave،"],
)
def test_a_greeting_is_no_part_of_the_note_in_any_language(greeting: str) -> None:
    text = f"{greeting}\n\nTulsa!\n\nAda Quill\nArchivist\n\nX: {PROFILE}\n\nY: {ACCEPT}\n"
    page = (f'<p id="qatest-hero-headline">{greeting} Tulsa!</p><p><a href="{PROFILE}">Ada Quill</a>'
            f'</p><p>Archivist</p><a href="{ACCEPT}">Y</a>')  # fmt: skip
    for html in (None, page):
        found = invitation(letter(text, html))
        assert (found.note, found.doubts) == ("Tulsa!", ())


@pytest.mark.parametrize(
    "note",
    ["Can we meet? I saw your talk on LinkedIn.", "Ada Quill here, we met in Tulsa.",
     "Congratulations on the prize, LinkedIn told me."],
)  # fmt: skip
def test_a_note_that_begins_like_the_platform_is_kept(note: str) -> None:
    text = f"Hi Dave,\n\n{note}\n\nAda Quill\nArchivist\n\nView profile: {PROFILE}\n\nAccept: {ACCEPT}\n"
    assert invitation(letter(text)).note == note


def test_accepted_from_ones_own_address_is_no_forgery() -> None:
    text = "LinkedIn\n------------\n\nAda Quill has accepted your invitation to connect.\n\nhttp://www.linkedin.com/e/abc/prf/1/\n"
    reading = read_bytes(
        guest(text, subject="Ada Quill has accepted your LinkedIn invitation", headers=(MADE,))
    )
    assert isinstance(reading, Invitation) and (reading.kind, reading.warnings) == ("accepted", ())
