"""What every mailbox must do for a reader: find, fetch, tell what stands where."""

from __future__ import annotations

import pytest
from benches import Bench

from servers.mails import DATE, alternative, mail
from triage.errors import ServerRefused, ServerUnreachable
from triage.identity import identity_of
from triage.mailbox.types import Criteria, Fetching, Writer
from triage.model import Identity

INVITATION = "X-LinkedIn-Template: email_m2m_invite_single_01\r\n"


def test_folders_are_named_by_levels(bench: Bench, writer: Writer) -> None:
    bench.put("Work/Very important", mail(1))
    fresh = bench.writer()
    assert {"INBOX", "Work/Very important"} <= set(fresh.folders())


def test_a_folder_is_there_or_not(bench: Bench, writer: Writer) -> None:
    assert not writer.has_folder("Work/New")
    bench.put("Work/New", mail(1))
    assert writer.has_folder("Work/New") and writer.has_folder("inbox")


def test_open_tells_the_state(bench: Bench, writer: Writer) -> None:
    before = writer.open("INBOX")
    bench.put("INBOX", mail(1), mail(2))
    after = bench.writer().open("inbox")
    assert after.name == "INBOX"
    assert after.uidvalidity == before.uidvalidity > 0
    assert (before.messages, after.messages) == (0, 2)
    assert after.uidnext == before.uidnext + 2
    assert after.keeps_keywords in (None, bench.keywords)


@pytest.mark.parametrize("folder", ["Nowhere", "No/where at all", 'Né"where'])
def test_a_missing_folder_is_refused(writer: Writer, folder: str) -> None:
    with pytest.raises(ServerRefused):
        writer.open(folder)
    assert writer.open("INBOX").name == "INBOX"  # and the connection still stands


def test_search_finds_by_any_criterion_without_case(bench: Bench, writer: Writer) -> None:
    by_sender, by_subject, by_header, by_presence, _ = bench.put(
        "INBOX",
        mail(1, sender="Ann Lee <Invitations@LinkedIn.example.com>"),
        mail(2, subject="I want to CONNECT"),
        mail(3, extra=INVITATION),
        mail(4, extra="X-Facebook-Notify: friend"),
        mail(5, subject="lunch"),
    )
    criteria = Criteria(
        senders=("invitations@linkedin.example.com",),
        subjects=("want to connect",),
        headers=(("X-LinkedIn-Template", "email_m2m_invite"), ("X-Facebook-Notify", "")),
    )
    found = writer.search("INBOX", criteria, 0)
    assert found == (by_sender, by_subject, by_header, by_presence)
    assert writer.search("INBOX", Criteria(headers=(("X-LinkedIn-Template", "inmail"),)), 0) == ()


def test_search_reads_encoded_words(bench: Bench, writer: Writer) -> None:
    french, _ = bench.put(
        "INBOX",
        mail(1, subject="=?UTF-8?Q?Invitation_=C3=A0_se_connecter?="),
        mail(2, subject="Invitation ordinaire"),
    )
    asked = Criteria(subjects=("Invitation à se", "Ungültig (ä) {3}"))
    assert writer.search("INBOX", asked, 0) == (french,)


def test_search_takes_any_character_for_itself(bench: Bench, writer: Writer) -> None:
    odd, _ = bench.put("INBOX", mail(1, subject='a "b\\c" (d) {5} *%]'), mail(2))
    for text in ('"b\\c"', "{5}", "(d)", "*%]"):
        assert writer.search("INBOX", Criteria(subjects=(text,)), 0) == (odd,), text


def test_search_begins_after_a_uid(bench: Bench, writer: Writer) -> None:
    uids = bench.put("INBOX", *(mail(n, extra=INVITATION) for n in range(1, 4)))
    criteria = Criteria(headers=(("X-LinkedIn-Template", ""),))
    assert writer.search("INBOX", criteria, uids[0]) == uids[1:]
    # "n:*" names the last message whatever its uid; it must not come back again.
    assert writer.search("INBOX", criteria, uids[-1]) == ()
    assert writer.search("INBOX", criteria, uids[-1] + 1000) == ()


def test_search_leaves_out_what_is_marked_deleted(bench: Bench, writer: Writer) -> None:
    (kept,) = bench.put("INBOX", mail(1, extra=INVITATION))
    bench.put("INBOX", mail(2, extra=INVITATION), flags=[r"\Deleted"])
    assert writer.search("INBOX", Criteria(headers=(("X-LinkedIn-Template", ""),)), 0) == (kept,)


def test_search_for_nothing_finds_nothing(bench: Bench, writer: Writer) -> None:
    bench.put("INBOX", mail(1))
    assert writer.search("INBOX", Criteria(), 0) == ()


def test_search_takes_more_criteria_than_a_command_holds(bench: Bench, writer: Writer) -> None:
    uids = bench.put("INBOX", *(mail(n, subject=f"needle {n} of many") for n in range(1, 6)))
    haystack = tuple(f"some longer subject that nobody has, number {n}" for n in range(300))
    needles = tuple(f"needle {n} of" for n in range(1, 6))
    criteria = Criteria(subjects=(*needles[:2], *haystack, *needles[2:], "größer als ä"))
    assert writer.search("INBOX", criteria, 0) == uids


def test_fetch_brings_what_identifies_and_what_is_said(bench: Bench, writer: Writer) -> None:
    content = mail(1, extra=INVITATION, body="Grüße aus Tulsa.")
    (uid,) = bench.put("INBOX", content, flags=[r"\Flagged"])
    (raw,) = writer.fetch("INBOX", [uid])
    assert raw.identity == identity_of(content)
    assert raw.place is not None
    assert (raw.place.account, raw.place.folder, raw.place.uid) == ("main", "INBOX", uid)
    assert raw.place.uidvalidity == writer.open("INBOX").uidvalidity
    assert raw.flags == (r"\Flagged",)
    assert raw.internal_date == DATE
    assert "Grüße aus Tulsa.".encode() in raw.content


def test_fetch_whole_brings_every_byte(bench: Bench, writer: Writer) -> None:
    content = alternative(1, b"text " * 5000, b"<p>html</p>" * 5000)
    (uid,) = bench.put("INBOX", content)
    (raw,) = writer.fetch("INBOX", [uid], how="whole")
    assert raw.content == content
    assert raw.identity == identity_of(content)


def test_fetch_says_what_it_left_out(bench: Bench, writer: Writer) -> None:
    """Memory leaves nothing out; a server's large page is had from its top, if asked."""
    page = b"<p>seen from the top</p>" + b"<p>html</p>\r\n" * 5000
    small, large = bench.put(
        "INBOX", alternative(1, b"text" * 20, b"<p>html</p>"), alternative(2, b"text" * 20, page)
    )
    plain, lean = writer.fetch("INBOX", [small, large])
    (top,) = writer.fetch("INBOX", [large], how="page")
    assert not plain.page_left_out
    assert b"seen from the top" in top.content and not top.page_left_out
    assert lean.page_left_out == (b"seen from the top" not in lean.content)
    assert top.partial == (len(top.content) < len(page))


def test_fetch_goes_by_uid_and_passes_over_what_is_gone(bench: Bench, writer: Writer) -> None:
    uids = bench.put("INBOX", mail(1), mail(2), mail(3))
    asked = [uids[2], uids[0], uids[0], uids[2] + 500]
    assert [raw.place.uid for raw in writer.fetch("INBOX", asked) if raw.place] == [
        uids[0],
        uids[2],
    ]
    assert list(writer.fetch("INBOX", [uids[2] + 500])) == []


@pytest.mark.parametrize("how", ["lean", "page", "whole"])
def test_reading_leaves_no_trace(bench: Bench, writer: Writer, how: Fetching) -> None:
    uids = bench.put("INBOX", mail(1), mail(2))
    writer.open("INBOX")
    writer.search("INBOX", Criteria(subjects=("mail",)), 0)
    list(writer.fetch("INBOX", uids, how=how))
    writer.find("INBOX", [identity_of(mail(1))])
    assert [one.flags for one in bench.writer().standing("INBOX", uids).values()] == [(), ()]


def test_standing_tells_flags_and_leaves_out_what_is_gone(bench: Bench, writer: Writer) -> None:
    (plain,) = bench.put("INBOX", mail(1))
    (answered,) = bench.put("INBOX", mail(2), flags=[r"\Answered", r"\Seen"])
    standing = writer.standing("INBOX", [plain, answered, answered + 9])
    assert set(standing) == {plain, answered}
    assert standing[plain].flags == ()
    assert set(standing[answered].flags) == {r"\Answered", r"\Seen"}
    assert standing[answered].place.uid == answered


def test_find_goes_by_identity(bench: Bench, writer: Writer) -> None:
    first, _ = bench.put("INBOX", mail(1), mail(2))
    found = writer.find("INBOX", [identity_of(mail(1)), identity_of(mail(9))])
    assert [place.uid for place in found[identity_of(mail(1))]] == [first]
    assert found[identity_of(mail(9))] == ()
    with pytest.raises(ServerRefused):
        writer.find("Nowhere", [identity_of(mail(1))])


def test_find_tells_doubled_message_ids_apart(bench: Bench, writer: Writer) -> None:
    one = mail(1, message_id="<same@example.org>")
    other = mail(2, message_id="<same@example.org>")
    uids = bench.put("INBOX", one, other, one)
    found = writer.find("INBOX", [identity_of(one), identity_of(other)])
    assert [place.uid for place in found[identity_of(one)]] == [uids[0], uids[2]]
    assert [place.uid for place in found[identity_of(other)]] == [uids[1]]


@pytest.mark.parametrize("message_id", ["", '<a"b\\c@example.org>', "<x y@z>", "<é@example.org>"])
def test_find_manages_without_a_good_message_id(
    bench: Bench, writer: Writer, message_id: str
) -> None:
    content = mail(7, message_id=message_id)
    _, uid = bench.put("INBOX", mail(1), content)
    (raw,) = writer.fetch("INBOX", [uid])
    as_sent = bench.as_sent or message_id.isascii()
    assert (raw.identity == identity_of(content)) is as_sent
    found = writer.find("INBOX", [raw.identity])
    assert [place.uid for place in found[raw.identity]] == [uid]


def test_nothing_asked_is_nothing_answered(writer: Writer) -> None:
    writer.open("INBOX")
    assert list(writer.fetch("INBOX", [])) == []
    assert dict(writer.standing("INBOX", [])) == {}
    assert dict(writer.find("INBOX", [])) == {}
    assert dict(writer.find("INBOX", [Identity("none@example.org", "0" * 64)])) == {
        Identity("none@example.org", "0" * 64): ()
    }


def test_a_closed_mailbox_says_so(bench: Bench, writer: Writer) -> None:
    writer.close()
    writer.close()
    with pytest.raises(ServerUnreachable):
        writer.open("INBOX")
