"""Who wants to be taken for a platform and is not, and who is only suspected wrongly."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.judge.letters import (
    ACCEPT,
    HERE,
    PASSED,
    PROFILE,
    invitation,
    letter,
    member_2019,
    page_2019,
    read_bytes,
)
from triage.model import Invitation, NotInvitation
from triage.preferences import Trust

NOTE = "You spoke about lost parcels in Leeds."
EVIL = "https://bucket.invalid/login"
LURE = f'<html><p>You have 1 new invitation</p><p><a href="{EVIL}">Accept</a></p><p>LinkedIn</p></html>'


def rules(content: bytes, trust: Trust = HERE) -> set[str]:
    return {item.rule.rpartition(".")[2] for item in read_bytes(content, trust).warnings}


@pytest.mark.parametrize(
    "sender",
    [
        "LinkedIn <messages-noreply@liinkedin.com>",
        "LinkedIn <no-reply@letter.invalid>",
        '"Linkedln" <admin@letter.invalid>',
        "Lіnkedіn <admin@letter.invalid>",  # Cyrillic letters
        "LinkedIn Help Desk <help@letter.invalid>",
        "LinkedIn Invitations <invitations@linkedin-mail.invalid>",
        "LinkedIn <x@linkedin.com.letter.invalid>",
        "LinkeIn <x@letter.invalid>",
        "=?utf-8?B?TGlua2VkSW4=?= <x@letter.invalid>",
        '"=?utf-8?Q?Linked?= =?utf-8?Q?In?=" <x@letter.invalid>',
        '"Facebook" <>',
        "Facebook Security <x@letter.invalid>",
        "Twitter Support <x@letter.invalid>",
        "XING <x@letter.invalid>",
        "Ada Quill via LinkedIn <x@letter.invalid>",
    ],
)
@pytest.mark.parametrize("results", [None, "mx.example.org; dkim=pass header.d=letter.invalid"])
def test_whoever_calls_himself_a_platform_is_suspicious(sender: str, results: str | None) -> None:
    reading = read_bytes(letter(html=LURE, sender=sender, subject="Hello", results=results))
    assert reading.warnings
    assert all("@" not in item.says and item.bits > 0 for item in reading.warnings)


@pytest.mark.parametrize(
    "sender",
    [
        "Linda Inman <linda@example.com>", "Link Editor <l@example.com>", "Lincoln <abe@example.com>",
        "Dave <dave@example.com>", "Face Book Club <club@example.com>", "<x@example.com>",
    ],
)  # fmt: skip
def test_people_with_similar_names_are_not(sender: str) -> None:
    content = letter("I sent the LinkedIn report. Shall we meet?", sender=sender, subject="Hello")
    assert read_bytes(content) == NotInvitation("no platform's mail")


def test_the_own_servers_word_decides() -> None:
    good = invitation(letter(member_2019(NOTE)))
    assert (good.authentic, good.warnings) == (True, ())
    none = invitation(letter(member_2019(NOTE), results=None))
    assert (none.authentic, none.warnings) == (None, ())
    bad = letter(
        member_2019(NOTE), results="mx.example.org; dkim=none; dmarc=fail header.from=linkedin.com"
    )
    assert invitation(bad).authentic is False
    assert rules(bad) >= {"failed"}


def test_results_of_a_stranger_or_below_a_foreign_server_count_for_nothing() -> None:
    foreign = letter(member_2019(NOTE), results=PASSED.replace("mx.example.org", "mx.evil.invalid"))
    assert invitation(foreign).authentic is None
    buried = letter(member_2019(NOTE), results=None, headers=(
        "Received: from a.invalid by relay.invalid; Fri, 31 May 2019 14:02:55 +0000",
        f"Authentication-Results: {PASSED}",
    ))  # fmt: skip
    assert invitation(buried).authentic is None
    unnamed = invitation(letter(member_2019(NOTE)), Trust())
    assert unnamed.authentic is None


def test_one_field_a_signature_is_read_whole() -> None:
    content = letter(
        member_2019(NOTE),
        results="mx.example.org; dkim=pass header.i=@mailb.linkedin.com\n"
        "Authentication-Results: mx.example.org; dkim=pass header.i=@linkedin.com",
    )
    assert invitation(content).authentic is True


def test_a_pass_for_another_domain_vouches_for_nothing() -> None:
    content = letter(
        member_2019(NOTE), results="mx.example.org; dkim=pass header.d=evil.invalid; spf=pass smtp.mailfrom=evil.invalid",
        headers=("Return-Path: <x@evil.invalid>",),
    )  # fmt: skip
    assert read_bytes(content).warnings


def test_a_signature_that_a_list_broke_is_no_forgery() -> None:
    content = letter(
        member_2019(NOTE), results="mx.example.org; dkim=fail header.d=linkedin.com",
        headers=("List-Id: <walks.lists.example.net>",),
    )  # fmt: skip
    assert (invitation(content).authentic, invitation(content).warnings) == (None, ())


def test_buttons_that_lead_elsewhere() -> None:
    content = letter(
        html=page_2019(NOTE).replace(ACCEPT, EVIL).replace(PROFILE, EVIL), results=None
    )
    assert "accept-elsewhere" in rules(content)
    assert isinstance(read_bytes(content), Invitation)


def test_a_copied_imprint_without_a_link_to_its_owner() -> None:
    page = f'<p>Ada waits for you</p><a href="{EVIL}">Open</a><p>© 2023 LinkedIn Corporation</p>'
    content = letter(html=page, sender="Ada Quill <x@letter.invalid>", subject="Hi", results=None)
    assert "copied-imprint" in rules(content)


def test_links_that_the_receiving_server_rewrote_are_seen_through() -> None:
    def safe(link: str) -> str:
        return f"https://eur01.safelinks.protection.outlook.com/?url={quote(link, safe='')}&data=05"

    page = page_2019(NOTE).replace(ACCEPT, safe(ACCEPT)).replace(PROFILE, safe(PROFILE))
    text = member_2019(NOTE).replace(ACCEPT, safe(ACCEPT)).replace(PROFILE, safe(PROFILE))
    for content in (letter(html=page, results=None), letter(text, results=None)):
        found = invitation(content)
        assert (found.note, found.warnings, found.platform_id) == (NOTE, (), "6540225768379794978")
    evil = letter(html=page.replace(safe(ACCEPT), safe(EVIL)), results=None)
    assert "accept-elsewhere" in rules(evil)


def test_a_link_that_shows_another_address() -> None:
    page = f'<p>1 message</p><p><a href="{EVIL}">http://twitter.com/account/message/78</a></p>'
    content = letter(html=page, sender="Twitter <support@twitter.com>", subject="Hi", results=None)
    assert "disguised-link" in rules(content)


@pytest.mark.parametrize("name", ["Invitation Card.zip", "card.exe", "photo.jpg.scr", "a.html"])
def test_an_invitation_with_a_file_is_malware(name: str) -> None:
    content = letter(member_2019(NOTE), page_2019(NOTE), results=None)
    part = f'--=_x\nContent-Type: application/octet-stream; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n\nUEsDBA==\n--=_x--\n'
    assert "attachment" in rules(content.replace(b"--=_x--\n", part.encode()))


def test_a_spoof_that_a_list_moved_to_reply_to() -> None:
    headers = (
        "List-Id: <walks.lists.example.net>", "List-Post: <mailto:walks@lists.example.net>",
        "Reply-To: LinkedIn <info@linkedin.com>",
    )  # fmt: skip
    content = letter(
        html=LURE, sender="LinkedIn via Walks <walks@lists.example.net>", headers=headers,
        subject="[Walks] An order via LinkedIn", results=None,
    )  # fmt: skip
    assert read_bytes(content).warnings


def test_a_genuine_invitation_that_a_list_took_over_is_read() -> None:
    headers = (
        "List-Id: <walks.lists.example.net>", "X-LinkedIn-Template: email_m2m_invite_single_01",
        "Reply-To: Ada Quill <invitations@linkedin.com>",
    )  # fmt: skip
    content = letter(
        member_2019(NOTE), sender="Ada Quill via Walks <walks@lists.example.net>", headers=headers,
        subject="[Walks] Dave, please add me to your LinkedIn network", results=None,
    )  # fmt: skip
    found = invitation(content)
    assert (found.note, found.inviter.name, found.warnings) == (NOTE, "Ada Quill", ())


def test_a_genuine_template_in_the_mail_of_another() -> None:
    passed = "mx.example.org; dkim=pass header.d=school.example.com"
    asinviter = letter(
        html=page_2019(NOTE), sender="Ada Quill <x@school.example.com>", results=passed
    )
    assert rules(asinviter) == {"pasted-template"}
    other = letter(html=page_2019(NOTE), sender="Tax Office <x@school.example.com>", results=passed)
    assert isinstance(read_bytes(other), NotInvitation)
    assert rules(other) == set()


def test_the_inviters_own_address_was_the_way_until_2014() -> None:
    text = (
        f"LinkedIn\n------------\n\nDave,\n\n{NOTE}\n\n- Ada\n\nAccept Ada Quill's invite:\n"
        "https://www.linkedin.com/e/isd/662497966/LoeMqPNA/\n\n------------------\n\nWhat is LinkedIn?\n"
    )
    old = letter(text, sender="Ada Quill <ada@quill.example.net>", results=None,
                 subject="Invitation to connect on LinkedIn", date="Mon, 26 Jan 2009 02:57:34 +0000")  # fmt: skip
    assert (invitation(old).authentic, invitation(old).warnings) == (None, ())
    today = old.replace(b"26 Jan 2009", b"26 Jan 2026")
    assert rules(today) == {"pasted-template"}


ANSWERS = {
    "quoted below": "why?\n\nOn Mon, Ada wrote:\n\n> LinkedIn\n> Accept invitation from Ada Quill\n> {link}\n",
    "outlook": "see below\n\n-----Original Message-----\nFrom: Ada Quill\nSent: Monday\nTo: Dave\n\nAccept: {link}\n",
    "german outlook": "siehe unten\n\nVon: Ada Quill\nGesendet: Montag\nAn: Dave\nBetreff: Hi\n\nAccept: {link}\n",
    "gmail forward": "fyi\n\n---------- Forwarded message ---------\nFrom: Ada <invitations@linkedin.com>\nAccept: {link}\n",
    "apple forward": "fyi\n\nBegin forwarded message:\n\nFrom: Ada Quill\nAccept: {link}\n",
    "bare forward": "I'd like to join your LinkedIn network.\n\nAda Quill\nArchivist\n\nAccept: {link}\n",
}


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS.keys())
@pytest.mark.parametrize(
    "subject", ["Fwd: Invitation to connect on LinkedIn", "Re: Invitation to connect on LinkedIn"]
)
def test_what_a_person_answers_or_forwards_is_no_invitation(body: str, subject: str) -> None:
    content = letter(
        body.replace("{link}", ACCEPT), sender="Joe Marsh <joe@example.com>", subject=subject,
        results="mx.example.org; dkim=pass header.d=example.com",
    )  # fmt: skip
    reading = read_bytes(content)
    assert isinstance(reading, NotInvitation)
    assert reading.warnings == ()


def test_a_bounce_is_no_invitation() -> None:
    content = letter(
        f"Could not deliver.\n\n{member_2019(NOTE)}", subject="Undelivered Mail",
        sender="Mail Delivery System <MAILER-DAEMON@mx.example.org>",
    )  # fmt: skip
    assert isinstance(read_bytes(content), NotInvitation)


@pytest.mark.parametrize(
    "key", ["email_job_alert_digest_01", "email_pymk_02", "email_weekly_analytics_recap_v2"]
)
def test_other_mail_of_the_platform_is_no_invitation(key: str) -> None:
    content = letter("1 invitation\n\nJobs for you", headers=(f"X-LinkedIn-Template: {key}",),
                     sender="LinkedIn <notify@linkedin.com>", subject="News")  # fmt: skip
    reading = read_bytes(content)
    assert isinstance(reading, NotInvitation)
    assert (reading.platform, reading.authentic, reading.warnings) == ("linkedin", True, ())


def test_a_key_that_cannot_be_read_is_a_doubt() -> None:
    header = ("X-LinkedIn-Template: email_m2m_invite_single_01",)
    changed = letter("Click here.", sender="LinkedIn <invitations@linkedin.com>", headers=header)
    found = invitation(changed)
    assert (found.readable, bool(found.doubts)) == (False, True)
    unknown = letter(
        "Say yes to Ada.", subject="Ada", headers=("X-LinkedIn-Template: quick_invite_77",)
    )
    assert "the template is not known" in invitation(unknown).doubts
