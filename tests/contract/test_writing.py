"""What every mailbox must do for a writer: move, flag, label, make folders, and no more."""

from __future__ import annotations

import pytest
from benches import Bench

from servers.mails import DATE, mail
from triage.errors import ServerRefused
from triage.identity import identity_of
from triage.mailbox.types import Writer

ODD_FOLDERS = [
    "Invitations/Generic",
    "Invitations/Für später/Größe",
    'Quoted "so"/and \\ so',
    "招待/一般",
    "R&D/A & B",
    "With  two spaces (and) {5}",
]


def has_no_name(bench: Bench, writer: Writer, folder: str) -> bool:
    """Whether the server can have no such folder: then it must say so, and go on."""
    if not set(bench.not_in_names) & set(folder):
        return False
    with pytest.raises(ServerRefused, match="folder"):
        writer.ensure_folder(folder)
    assert writer.open("INBOX").name == "INBOX"
    return True


@pytest.mark.parametrize("folder", ODD_FOLDERS)
def test_a_folder_is_made_once_with_its_parents(bench: Bench, writer: Writer, folder: str) -> None:
    if has_no_name(bench, writer, folder):
        return
    writer.ensure_folder(folder)
    writer.ensure_folder(folder)
    assert writer.open(folder).messages == 0
    fresh = bench.writer()
    fresh.ensure_folder(folder)
    assert folder in fresh.folders()


@pytest.mark.parametrize("folder", ODD_FOLDERS)
def test_move_tells_where_each_landed(bench: Bench, writer: Writer, folder: str) -> None:
    if has_no_name(bench, writer, folder):
        return
    writer.ensure_folder(folder)
    uids = bench.put("INBOX", mail(1), mail(2), mail(3))
    landed = writer.move("INBOX", [uids[2], uids[0]], folder)
    assert set(landed) == {uids[0], uids[2]}
    state = writer.open(folder)
    for uid, number in ((uids[0], 1), (uids[2], 3)):
        place = landed[uid]
        assert place is not None
        assert (place.account, place.folder, place.uidvalidity) == (
            "main",
            folder,
            state.uidvalidity,
        )
        (raw,) = writer.fetch(folder, [place.uid])
        assert raw.identity == identity_of(mail(number))
    assert set(bench.contents("INBOX")) == {uids[1]}


def test_move_keeps_bytes_flags_and_date(bench: Bench, writer: Writer) -> None:
    content = mail(1, body="x" * 900 + "\r\n" + "é" * 40)
    (uid,) = bench.put("INBOX", content, flags=[r"\Flagged", r"\Answered"])
    writer.ensure_folder("Filed")
    place = writer.move("INBOX", [uid], "Filed")[uid]
    assert place is not None
    (raw,) = writer.fetch("Filed", [place.uid], how="whole")
    assert raw.content == content
    assert set(raw.flags) == {r"\Flagged", r"\Answered"}
    assert raw.internal_date == DATE


def test_move_and_back_ends_where_it_began(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    writer.ensure_folder("Filed")
    there = writer.move("INBOX", [uid], "Filed")[uid]
    assert there is not None
    back = writer.move("Filed", [there.uid], "INBOX")[there.uid]
    assert back is not None
    assert bench.contents("INBOX") == {back.uid: mail(1)}
    assert bench.contents("Filed") == {}


def test_a_move_of_what_is_gone_moves_nothing(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    writer.ensure_folder("Filed")
    assert dict(writer.move("INBOX", [], "Filed")) == {}
    assert dict(writer.move("INBOX", [uid + 7], "Filed")) == {}
    assert set(writer.move("INBOX", [uid, uid + 7], "Filed")) == {uid}
    assert len(bench.contents("Filed")) == 1


def test_a_move_to_where_it_stands_moves_nothing(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    landed = writer.move("INBOX", [uid, uid + 7], "inbox")
    assert {uid: place.uid for uid, place in landed.items() if place} == {uid: uid}
    assert set(bench.contents("INBOX")) == {uid}


def test_a_move_to_nowhere_changes_nothing(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    with pytest.raises(ServerRefused):
        writer.move("INBOX", [uid], "Nowhere")
    assert set(bench.contents("INBOX")) == {uid}


def test_five_hundred_at_once(bench: Bench, writer: Writer) -> None:
    uids = bench.put("INBOX", *(mail(n) for n in range(1, 504)))
    writer.ensure_folder("Filed")
    assert [raw.place.uid for raw in writer.fetch("INBOX", uids) if raw.place] == list(uids)
    assert len(writer.standing("INBOX", uids)) == 503
    assert writer.add_flags("INBOX", uids, [r"\Flagged"]).kept == uids
    landed = writer.move("INBOX", uids[:501], "Filed")
    assert len({place.uid for place in landed.values() if place}) == 501
    wanted = [identity_of(mail(n)) for n in range(1, 504)]
    assert sum(len(places) for places in writer.find("Filed", wanted).values()) == 501
    assert set(bench.contents("INBOX")) == set(uids[501:])


def test_flags_are_set_read_back_and_taken_off(bench: Bench, writer: Writer) -> None:
    first, second = bench.put("INBOX", mail(1), mail(2))
    stored = writer.add_flags("INBOX", [second, first, second + 5], [r"\flagged"])
    assert (stored.kept, stored.dropped) == ((first, second), ())
    assert writer.standing("INBOX", [first])[first].flags == (r"\Flagged",)
    again = writer.add_flags("INBOX", [first], [r"\Flagged"])  # it is set already
    assert again.kept == (first,)
    assert writer.remove_flags("INBOX", [first], [r"\Flagged"]).kept == (first,)
    standing = bench.writer().standing("INBOX", [first, second])
    assert (standing[first].flags, standing[second].flags) == ((), (r"\Flagged",))


def test_labels_become_keywords_or_are_said_to_be_dropped(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    label = "Invitation/Très (personal)"
    stored = writer.add_labels("INBOX", [uid], [label])
    standing = bench.writer().standing("INBOX", [uid])[uid]
    flags = standing.labels if bench.labels else standing.flags
    if not bench.keywords:
        assert (stored.kept, stored.dropped, flags) == ((), (label,), ())
        return
    assert (stored.kept, stored.dropped) == ((uid,), ())
    assert flags == ((label,) if bench.labels else ("Invitation/Tr-s--personal-",))
    assert writer.remove_labels("INBOX", [uid], [label]).kept == (uid,)
    standing = bench.writer().standing("INBOX", [uid])[uid]
    assert (standing.flags, standing.labels) == ((), ())


def test_one_keyword_dropped_does_not_take_the_flag_along(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    stored = writer.add_flags("INBOX", [uid], [r"\Flagged", "Important"])
    flags = set(bench.writer().standing("INBOX", [uid])[uid].flags)
    assert stored.kept == (uid,)
    assert stored.dropped == (() if bench.keywords else ("Important",))
    assert flags == {r"\Flagged"} | ({"Important"} if bench.keywords else set())


def test_no_uids_no_names_no_change(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    assert writer.add_flags("INBOX", [], [r"\Seen"]).kept == ()
    assert writer.add_labels("INBOX", [uid], []).kept == ()
    assert writer.add_flags("INBOX", [uid + 3], [r"\Seen"]).kept == ()
    assert writer.standing("INBOX", [uid])[uid].flags == ()


def test_filing_never_touches_the_others(bench: Bench, writer: Writer) -> None:
    uids = bench.put("INBOX", mail(1), mail(2), mail(3))
    (marked,) = bench.put("INBOX", mail(4), flags=[r"\Deleted"])  # the user's own mark
    writer.ensure_folder("Filed")
    list(writer.fetch("INBOX", uids))
    writer.add_flags("INBOX", [uids[0]], [r"\Flagged"])
    writer.move("INBOX", [uids[1]], "Filed")
    assert bench.contents("INBOX") == {uids[0]: mail(1), uids[2]: mail(3), marked: mail(4)}
    standing = bench.writer().standing("INBOX", [uids[0], uids[2], marked])
    assert [standing[uid].flags for uid in (uids[0], uids[2], marked)] == [
        (r"\Flagged",),
        (),
        (r"\Deleted",),
    ]


def test_a_resumed_move_moves(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    writer.ensure_folder("Filed")
    assert writer.move("INBOX", [uid], "Filed", resumed=True)[uid] is not None
    assert len(bench.contents("Filed")) == 1


def test_a_double_is_taken_away_and_the_last_of_a_message_never(
    bench: Bench, writer: Writer
) -> None:
    first, again, other = bench.put("Filed", mail(1), mail(1), mail(2))
    assert writer.take_doubles("Filed", {other: first, first: other}) == ()
    assert writer.take_doubles("Filed", {first: again, again: first}) == ()
    assert writer.take_doubles("Filed", {again: other + 9, other + 10: first}) == ()
    assert writer.take_doubles("Filed", {first: first}) == ()
    assert writer.take_doubles("Filed", {}) == ()
    assert set(bench.contents("Filed")) == {first, again, other}
    assert writer.take_doubles("Filed", {again: first}) == (again,)
    assert bench.contents("Filed") == {first: mail(1), other: mail(2)}


def test_the_next_uid_is_told_without_opening(bench: Bench, writer: Writer) -> None:
    (uid,) = bench.put("INBOX", mail(1))
    writer.ensure_folder("Filed")
    state = writer.open("INBOX")
    validity, first = writer.next_uid("Filed")
    place = writer.move("INBOX", [uid], "Filed")[uid]
    assert place is not None
    assert (place.uidvalidity, place.uid) == (validity, first)
    assert writer.next_uid("Filed") == (validity, first + 1)
    assert state.uidvalidity == writer.open("INBOX").uidvalidity
    with pytest.raises(ServerRefused):
        writer.next_uid("Nowhere")
