"""Other platforms than LinkedIn, and mail of services that only sound like one."""

from __future__ import annotations

import pytest

from tests.judge.letters import invitation, letter, read_bytes
from triage.model import NotInvitation

FRIEND = """Ada Quill wants to be friends with you on Facebook.

Ada says, "We shared a tent in Wales."

To confirm this friend request, follow the link below:
http://www.facebook.com/n/?reqs.php&mid=1
"""
CONTACT = """Hallo Dave Fielding,

Ada Quill möchte Sie als Kontakt hinzufügen.

Ada Quill schreibt:

Wir saßen in Leeds am selben Tisch.

Kontaktanfrage annehmen:
https://www.xing.com/contacts/1/accept?x=1
"""
CASES = {
    "facebook friend": (
        "Facebook <notification+abc@facebookmail.com>", "Ada Quill wants to be friends on Facebook.",
        FRIEND,
        "facebook", "invitation", "We shared a tent in Wales.",
    ),
    "facebook confirmed": (
        "Facebook <notification+abc@facebookmail.com>", "Ada Quill confirmed you as a friend on Facebook...",
        "Ada confirmed you as a friend on Facebook.\n\nhttp://www.facebook.com/profile.php?id=4\n",
        "facebook", "accepted", None,
    ),
    "xing": (
        "XING <mailrobot@mail.xing.com>", "Kontaktanfrage von Ada Quill",
        CONTACT,
        "xing", "invitation", "Wir saßen in Leeds am selben Tisch.",
    ),
    "viadeo": (
        "Ada Quill via Viadeo <no-reply@viadeo.com>", "Ada Quill souhaite vous ajouter à ses contacts",
        "Bonjour Dave,\n\nAda Quill souhaite vous ajouter à ses contacts.\n\nhttp://www.viadeo.com/x\n",
        "viadeo", "invitation", None,
    ),
    "researchgate": (
        "ResearchGate <no-reply@researchgatemail.net>", "Ada Quill invited you to join ResearchGate",
        "Ada Quill invited you to join ResearchGate.\n\nhttps://www.researchgate.net/i\n",
        "researchgate", "invitation", None,
    ),
    "plaxo": (
        "Ada Quill <invitation@plaxo.com>", "Ada Quill wants to connect with you on Plaxo",
        "Hi Dave,\n\nAda Quill wants to connect with you.\n\nhttp://www.plaxo.com/invite?i=1\n",
        "plaxo", "invitation", None,
    ),
    "hi5": (
        "hi5 <invitations@hi5.com>", "Ada would like to be your friend on hi5!",
        "Ada would like to be your friend on hi5!\n\nhttp://www.hi5.com/friend/join?i=1\n",
        "hi5", "invitation", None,
    ),
    "wayn": (
        '"WAYN.com - Ada Quill invitation" <invitation@whereareyounow.net>',
        "Ada Quill has selected you to join her on WAYN",
        "Hi Dave,\n\nAda Quill invited you to join her on WAYN\n\nConnect with Ada Quill:\nhttp://www.wayn.com/-/1-a?m=1\n",
        "wayn", "invitation", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "subject", "text", "platform", "kind", "note"), CASES.values(), ids=CASES.keys()
)
def test_a_platform_is_known_by_its_own_file(
    sender: str, subject: str, text: str, platform: str, kind: str, note: str | None
) -> None:
    found = invitation(letter(text, sender=sender, subject=subject, results=None))
    assert (found.platform, found.kind, found.note) == (platform, kind, note)
    assert found.warnings == ()
    if kind == "invitation":
        assert (found.inviter.name or "").startswith("Ada")


OTHERS = {
    "ning": ("Ada Quill <invitations@gardeners.ning.com>", "Come join me on gardeners",
             "Click the link below to Join:\nhttp://gardeners.ning.com/?xgi=1\n"),
    "dropbox": ("Dropbox <no-reply@dropboxmail.com>", "Ada Quill invited you to check out Dropbox",
                "Accept invitation here: http://www.dropbox.com/referrals/1\n"),
    "document": ('"Ada Quill (via Google Docs)" <ada@example.com>', "Plan - Invitation to edit",
                 "I've shared an item with you:\nhttps://docs.google.com/document/d/1/edit\n"),
    "calendar": ("Ada Quill <ada@example.com>", "Invitation: Walk @ Fri", "You have been invited.\n"),
    "chat": ("Slack <no-reply@slack.com>", "ada has invited you to work with them in Slack", "Join now\n"),
    "harvester": ("ada@example.com", "ada has indicated you're a friend. Accept?",
                  "ada wants to follow you. I would like to add you as a friend\nhttp://sites.example.net/yes\n"),
    "group": ("Meetup <info@meetup.com>", "Ada Quill invited you to Leeds Walkers", "https://www.meetup.com/x\n"),
    "follower": ("Twitter <n@postmaster.twitter.com>", "Ada (@ada) is now following you on Twitter!",
                 "https://twitter.com/ada\n"),
    "cold mail": ("Kit <hello@letter.invalid>", "Invitation to connect", "Hey, are you investing?\n"),
    "leads": ("Nora <info@letter.invalid>", "10K LinkedIn Leads", "We sell LinkedIn databases.\n"),
    "reminder of life": ("Ada <ada@example.com>", "I want to connect", "I want to connect the printer.\n"),
    "names a network": ("Ada <ada@example.com>", "Party",
                        "My Facebook page says it all. Bob wants to be your friend. http://party.example.com\n"),
    "their redirect": ("Pay <pay@letter.invalid>", "Your account",
                       "Log in: https://www.linkedin.com/slink?code=abc\n"),
}  # fmt: skip


@pytest.mark.parametrize(("sender", "subject", "text"), OTHERS.values(), ids=OTHERS.keys())
def test_other_mail_is_no_invitation_and_not_suspicious(
    sender: str, subject: str, text: str
) -> None:
    reading = read_bytes(letter(text, sender=sender, subject=subject, results=None))
    assert isinstance(reading, NotInvitation), reading
    assert reading.warnings == ()
