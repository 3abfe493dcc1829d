"""What the door ``read`` takes for the note, however the mail was written and mangled."""

from __future__ import annotations

import pytest

from tests.judge.letters import (
    ACCEPT,
    PROFILE,
    UNSUBSCRIBE,
    invitation,
    letter,
    member_2019,
    page_2019,
    page_2025,
)

NOTE = "You spoke about lost parcels in Leeds, and I still have the blue ticket."
FIXED = "I'd like to join your LinkedIn network."

NOTES = {
    "one line": NOTE,
    "fixed sentence": FIXED,
    "paragraphs": f"{NOTE}\n\nThe ticket is number 12.\nShall I send it?",
    "own greeting in the line": f"Hi Dave, {NOTE}",
    "own second salutation": f"Dear Mr Fielding,\n\n{NOTE}",
    "closing by the inviter": f"{NOTE}\n\nBest regards,\nAda",
    "a web link": f"{NOTE} See https://example.com/accept?invitation=1 for more.",
    "a link on its own line": f"{NOTE}\nhttps://example.com/ticket",
    "label words": f"Accept invitation from me? View profile first.\n\n{NOTE}",
    "a dash rule": f"{NOTE}\n--------------------\nThe other side of it.",
    "starts like small print": "Did you know that Joe still has your umbrella?",
    "first person wanting": "Ik wil graag met je connecten om over papier te praten.",
    "umlauts": "Wir saßen in München nebeneinander, und Sie mochten die Brezeln.",
    "emoji": "Thank you for the 🎻 lesson — it worked!",
    "entities as letters": 'Salt & pepper, 3 < 4, and it\'s "fine".',
    "a question mark inside": "Was it you?really?I think so.",
}


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES.keys())
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_the_text_part_gives_the_note_as_written(note: str, line_end: str) -> None:
    found = invitation(letter(member_2019(note), line_end=line_end))
    assert found.note == note
    assert found.inviter.name == "Ada Quill"
    assert found.inviter.headline == "Archivist at Paper Mill Museum"
    assert found.doubts == ()


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "no-such-charset", "iso-8859-1"])
def test_charsets_and_base64(charset: str) -> None:
    real = "utf-8" if charset == "no-such-charset" else charset
    content = letter(member_2019(NOTE), charset=real, encoding="base64")
    content = content.replace(f"charset={real}".encode(), f"charset={charset}".encode())
    assert invitation(content).note == NOTE


def test_raw_entities_in_the_text_part_are_decoded() -> None:
    text = member_2019("It&#39;s the &quot;R&amp;D&quot; crew.").replace("Ada Quill", "Ada Quill")
    assert invitation(letter(text)).note == 'It\'s the "R&D" crew.'


def test_both_parts_with_the_same_note_raise_no_doubt_and_the_page_adds_the_place() -> None:
    found = invitation(letter(member_2019(NOTE), page_2019(NOTE)))
    assert (found.note, found.doubts, found.shown) == (NOTE, (), "whole")
    assert found.inviter.location == "Leeds, United Kingdom"
    assert found.inviter.profile_url == "https://www.linkedin.com/comm/in/ada-quill-12"


def test_the_page_alone_gives_the_note_without_the_platforms_greeting() -> None:
    assert invitation(letter(html=page_2019(NOTE))).note == NOTE
    assert invitation(letter(html=page_2019(FIXED))).note == FIXED


def test_letters_that_an_archive_lost_are_taken_from_the_page() -> None:
    note = "Nous étions à la même école à Liège, près du café."
    lost = note.encode("ascii", "replace").decode()
    assert invitation(letter(member_2019(lost), page_2019(note))).note == note


def test_two_different_notes_are_a_doubt() -> None:
    found = invitation(
        letter(member_2019(NOTE), page_2019("Buy cheap watches from me today only."))
    )
    assert found.note == NOTE
    assert any("different" in doubt for doubt in found.doubts)


def test_the_page_of_2025_without_and_with_a_note() -> None:
    bare = invitation(letter(html=page_2025(), subject="I want to connect"))
    assert (bare.note, bare.inviter.headline) == (None, "Archivist | Restorer of Old…")
    assert bare.inviter.company == "Paper Mill Museum"
    assert (bare.inviter.location, bare.inviter.mutual_connections) == ("Leeds", 4)
    told = invitation(letter(html=page_2025(NOTE), subject="I want to connect"))
    assert (told.note, told.inviter.location) == (NOTE, "Leeds")


def test_a_cut_note_is_shown_as_cut() -> None:
    cut = invitation(letter(html=page_2025("You spoke about lost parcels in…", "See more")))
    assert (cut.note, cut.shown) == ("You spoke about lost parcels in…", "cut")


def test_other_people_in_the_page_are_never_the_inviter() -> None:
    found = invitation(letter(html=page_2025(), sender="LinkedIn <invitations@linkedin.com>"))
    assert found.inviter.name != "Otto Blank"


@pytest.mark.parametrize(
    ("hello", "accept", "view", "small"),
    [
        ("Hallo Dave,", "Annehmen", "Profil anzeigen", "Sie erhalten Einladungs-E-Mails."),
        ("Bonjour Dave,", "Accepter", "Voir le profil", "Vous recevez des e-mails d'invitation."),
        ("Olá, Dave,", "Aceitar", "Ver perfil", "Você está recebendo e-mails de convite."),
        ("Hola, Dave:", "Aceptar", "Ver perfil", "Estás recibiendo correos de invitación."),
        ("Ciao Dave,", "Accetta", "Visualizza profilo", "Ricevi email relative agli inviti."),
        ("Hallo Dave,", "Accepteren", "Profiel weergeven", "Je ontvangt uitnodigingse-mails."),
        ("Hej Dave,", "Acceptera", "Visa profil", "Du får inbjudningsmejl."),
        ("Cześć Dave,", "Akceptuj", "Zobacz profil", "Otrzymujesz e-maile z zaproszeniami."),
        ("Merhaba Dave,", "Kabul et", "Profili görüntüle", "Davet e-postaları alıyorsunuz."),
        ("Hei Dave,", "Hyväksy", "Näytä profiili", "Saat kutsuviestejä."),
        ("こんにちは、Daveさん,", "承認", "プロフィールを見る", "招待メールを受信しています。"),
    ],
)
def test_the_links_say_where_the_note_ends_in_any_language(
    hello: str, accept: str, view: str, small: str
) -> None:
    text = member_2019(NOTE, hello=hello, accept=accept, view=view, small=small)
    found = invitation(letter(text, subject="Ein Betreff, den keiner kennt"))
    assert (found.note, found.kind) == (NOTE, "invitation")
    assert found.inviter.headline == "Archivist at Paper Mill Museum"


def test_member_2011_with_an_opening_in_a_language_that_no_rule_has() -> None:
    text = (
        "LinkedIn\n------------\n\n    Lisäys: Ada Quill lisäisi sinut verkostoonsa:\n\n"
        f"------------------------------------------\n\nDave,\n\n{NOTE}\n\nA second one.\n\n- Ada\n\n"
        "Hyväksy kutsu\nhttp://www.linkedin.com/e/ab-c1-d2/xyz/blk/I134461413_84/abc/EML_comm_afe/?hs=f\n\n"
        "Näytä kutsu\nhttp://www.linkedin.com/e/ab-c1-d2/xyz/blk/I134461413_84/abc/svi/?hs=f\n\n"
        "------------------------------------------\n\nTIESITKÖ että voit\n\n-- \n(c) 2011, LinkedIn Corporation\n"
    )
    content = letter(
        text, sender="Ada Quill via LinkedIn <member@linkedin.com>", results=None,
        subject="Kutsu", date="Wed, 14 Sep 2011 21:05:17 +0000",
    )  # fmt: skip
    content = content.replace(b"Subject: Kutsu", b"Subject: Invitation to connect on LinkedIn")
    found = invitation(content)
    assert found.note == f"{NOTE}\n\nA second one."
    assert (found.platform_id, found.inviter.name) == ("I134461413_84", "Ada Quill")


def test_a_guest_of_2013_has_the_note_before_the_card() -> None:
    text = (
        f"LinkedIn\n------------\n\nDave,\n\n{NOTE}\n\nRegards,\nAda\n\n- Ada\n\nAda Quill\nArchivist at "
        "Paper Mill Museum\nLeeds, United Kingdom\n\nConfirm that you know Ada Quill:\n"
        "https://www.linkedin.com/e/ot6-hj8/isd/15052524900/kz5T07ci/?hs=false\n\n--\n"
        "You are receiving Invitation to Connect emails. Click to unsubscribe:\n"
        "http://www.linkedin.com/e/ot6-hj8/abc/goo/dave%40example/20061/I298_1/?hs=false\n"
    )
    found = invitation(letter(
        text, sender="Ada Quill <ada@quill.example.net>", results=None,
        subject="Invitation to connect on LinkedIn", date="Wed, 17 Jul 2013 11:04:29 +0000",
    ))  # fmt: skip
    assert found.note == f"{NOTE}\n\nRegards,\nAda"
    assert found.inviter.headline == "Archivist at Paper Mill Museum"
    assert (found.inviter.company, found.inviter.location) == (
        "Paper Mill Museum", "Leeds, United Kingdom",
    )  # fmt: skip
    assert (found.authentic, found.warnings) == (None, ())


def test_a_guests_reminder_has_the_note_behind_the_links() -> None:
    key = "second_guest_reminder_01"
    link = f"https://www.linkedin.com/comm/start/accept-invitation?sharedKey=a1&invitationId={ID}&trk=eml-{key}-x"
    text = (
        "Ada Quill would like to connect on LinkedIn. How would you like to respond?\n\n"
        f"Accept: {link}\n\nView Ada Quill&#39;s profile: {link}\n\nDave,\n\n{NOTE}\n\nAnd more.\n\n"
        "You received an invitation to connect. LinkedIn will use your email address: "
        f"https://www.linkedin.com/e/v2?e=1&t=lun&ek={key}\n"
    )
    found = invitation(letter(text, subject="Ada Quill's invitation is waiting for your response"))
    assert (found.kind, found.note) == ("reminder", f"{NOTE}\n\nAnd more.")
    assert (found.platform_id, found.template) == (ID, key)


ID = "6138595732170378951"


def test_microdata_glued_to_a_link_is_no_text() -> None:
    leak = (
        '<div itemscope itemtype="http://schema.org/EmailMessage"><div itemprop="potentialAction">'
        f'<link itemprop="target url" href="{ACCEPT}"/></div></div>'
        "Here are some recommendations of people you can connect with to expand your network:"
    )
    text = member_2019(NOTE).replace(f"Accept: {ACCEPT}", f"Accept: {ACCEPT}{leak}")
    assert invitation(letter(text)).note == NOTE


def test_labels_without_a_space_and_links_in_angle_brackets() -> None:
    text = member_2019(NOTE).replace(": https", ":https").replace(UNSUBSCRIBE, f"<{UNSUBSCRIBE}>")
    assert invitation(letter(text)).note == NOTE
    text = member_2019(NOTE).replace(PROFILE, f"<{PROFILE}>").replace(ACCEPT, f"<{ACCEPT}>")
    assert invitation(letter(text)).note == NOTE


def test_the_language_is_the_notes() -> None:
    german = "Ich habe Ihren Vortrag gehört und wir sollten reden."
    assert invitation(letter(member_2019(german))).language == "de"
    assert invitation(letter(member_2019(FIXED))).language == "en"
