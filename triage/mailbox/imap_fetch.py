"""Uids to messages: headers, shape, flags and date in one command, then the parts that
the judgement needs, one command a MIME shape, all of a batch in one go.

BODY.PEEK always. What the server cannot describe, or we cannot read, is fetched whole up
to a bound. May not select a folder, and may not judge what it fetched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.identity import IDENTITY_FIELDS, identity_of
from triage.mailbox import structure
from triage.mailbox.answers import Items, date_of, flags_of, labels_of, part_of, read
from triage.mailbox.rebuild import cut, rebuilt
from triage.mailbox.session import Session
from triage.mailbox.structure import WHOLE_BOUND, Part, Wanted
from triage.mailbox.types import Fetching
from triage.mailbox.uids import batches, uid_set
from triage.model import Identity

HEADER_BOUND = 256 * 1024
_AT_ONCE = 8 * 1024 * 1024  # bytes asked for before any is worked on
_HEADERS_AT_ONCE = 10  # commands


@dataclass(frozen=True)
class Fetched:
    """What came of one message."""

    uid: int
    content: bytes
    identity: Identity
    flags: tuple[str, ...]
    labels: tuple[str, ...]
    internal_date: datetime | None
    partial: bool = False
    page_left_out: bool = False


@dataclass(frozen=True)
class _Seen:
    uid: int
    items: Items
    header: bytes
    size: int
    message: Part | None

    def fetched(
        self, content: bytes, header: bytes, partial: bool = False, page_left_out: bool = False
    ) -> Fetched:
        return Fetched(
            self.uid,
            content,
            identity_of(header or content),
            flags_of(self.items),
            labels_of(self.items),
            date_of(self.items),
            partial,
            page_left_out,
        )


def fetch(
    session: Session, uids: Iterable[int], header_names: Sequence[str], how: Fetching
) -> Iterator[Fetched]:
    """The messages of the selected folder that are still there, in order of uid."""
    for batch in batches(uids):
        seen, unread = _look(session, batch, header_names)
        if how == "whole":
            found = _whole(session, seen)
        else:
            lean = how == "lean"
            choose = structure.wanted if lean else structure.wanted_page
            found = _parts(session, seen, choose)
        lost = [one.uid for one in seen if one.uid not in found] + unread
        found |= _plainly(session, lost)
        yield from (found[uid] for uid in sorted(found))


def identities(session: Session, uids: Iterable[int]) -> dict[int, Identity]:
    """Who the messages of the selected folder are; those that are gone are missing."""
    found = headers(session, uids, IDENTITY_FIELDS)
    return {uid: identity_of(header) for uid, header in found.items()}


def headers(session: Session, uids: Iterable[int], names: Sequence[str]) -> dict[int, bytes]:
    """These header fields of the messages of the selected folder that are still there.
    ``ServerRefused`` where the server would not tell of one, which is not to be taken for a
    message that is gone."""
    found: dict[int, bytes] = {}
    asked = tuple(batches(uids))
    for start in range(0, len(asked), _HEADERS_AT_ONCE):
        some = asked[start : start + _HEADERS_AT_ONCE]
        items = f"(UID {header_item(names)})"
        answers = session.run(*(("UID", "FETCH", uid_set(batch), items) for batch in some))
        read_now = read(session.take("FETCH"))
        found |= {uid: part_of(told, b"HEADER") for uid, told in read_now.items()}
        for batch, answer in zip(some, answers, strict=True):
            if answer.code != "EXPUNGEISSUED" and any(uid not in found for uid in batch):
                session.require(answer, "FETCH")
    return found


def header_item(header_names: Sequence[str]) -> str:
    names = dict.fromkeys(name.lower() for name in header_names)
    return f"BODY.PEEK[HEADER.FIELDS ({' '.join(names)})]<0.{HEADER_BOUND}>"


def _state_items(session: Session) -> str:
    return "UID FLAGS INTERNALDATE" + (" X-GM-LABELS" if session.is_gmail else "")


def _look(
    session: Session, batch: Sequence[int], header_names: Sequence[str]
) -> tuple[list[_Seen], list[int]]:
    """What the server says of each message; and the uids of which it says something that
    cannot be read, or refuses to."""
    asked = f"({_state_items(session)} RFC822.SIZE BODYSTRUCTURE {header_item(header_names)})"
    (answer,) = session.run(("UID", "FETCH", uid_set(batch), asked))
    records = session.take("FETCH")
    found = read(records)
    seen, unread = [], []
    for uid in batch:
        items = found.get(uid, {})
        if b"BODYSTRUCTURE" in items:
            size = items.get(b"RFC822.SIZE")
            seen.append(
                _Seen(
                    uid,
                    items,
                    part_of(items, b"HEADER"),
                    size if isinstance(size, int) else WHOLE_BOUND,
                    _structure(items),
                )
            )
        elif items or not answer.ok or len(found) < len(records):
            unread.append(uid)
    return seen, unread


def _structure(items: Items) -> Part | None:
    try:
        return structure.parse(items[b"BODYSTRUCTURE"])
    except (ValueError, TypeError):
        return None


def _parts(
    session: Session, seen: Sequence[_Seen], choose: Callable[[Part], Wanted]
) -> dict[int, Fetched]:
    shapes: dict[Wanted, list[_Seen]] = defaultdict(list)
    for one in seen:
        if one.message is not None:
            shapes[choose(one.message)].append(one)
    found = {one.uid: _built(one, {}, {}) for one in shapes.pop((), [])}
    asked = [
        (sum(bound for _, bound in shape), shape, [one.uid for one in alike])
        for shape, alike in shapes.items()
    ]
    of_uid = {one.uid: (one, shape) for shape, alike in shapes.items() for one in alike}
    for uid, items in _ask(session, asked).items():
        if uid in of_uid:
            one, shape = of_uid[uid]
            bodies = {section: part_of(items, section.encode("ascii")) for section, _ in shape}
            found[uid] = _built(one, bodies, dict(shape))
    return found


def _built(one: _Seen, bodies: dict[str, bytes], bounds: Mapping[str, int]) -> Fetched:
    """A part was cut where as much came as was asked for and the server says that there
    is more. A server's size alone proves nothing: some count a line end more."""
    assert one.message is not None
    were_cut = [
        part
        for part in one.message.leaves()
        if part.section in bodies and bounds[part.section] <= len(bodies[part.section]) < part.size
    ]
    bodies |= {part.section: cut(bodies[part.section], part.encoding) for part in were_cut}
    sections = [part.section for part in were_cut]
    partial, page_left_out = structure.left_out(one.message, bodies.keys(), sections)
    content = rebuilt(one.header, one.message, bodies)
    return one.fetched(content, one.header, partial, page_left_out)


def _whole(session: Session, seen: Sequence[_Seen]) -> dict[int, Fetched]:
    large = [one for one in seen if one.size > WHOLE_BOUND and one.message is not None]
    small = {one.uid: one for one in seen if one.size <= WHOLE_BOUND}
    found = _parts(session, large, structure.wanted_of_large)
    largest = max((one.size for one in small.values()), default=0)
    asked = [(largest, (("", WHOLE_BOUND),), sorted(small))]
    for uid, items in _ask(session, asked).items():
        if uid in small:
            found[uid] = small[uid].fetched(part_of(items, b""), small[uid].header)
    return found


def _ask(session: Session, asked: Sequence[tuple[int, Wanted, list[int]]]) -> dict[int, Items]:
    """The sections of each group of uids, as many groups in one go as are within bounds."""
    found: dict[int, Items] = {}
    commands: list[tuple[str, ...]] = []
    expected = 0
    for size, shape, uids in asked:
        sections = " ".join(f"BODY.PEEK[{section}]<0.{bound}>" for section, bound in shape)
        for batch in batches(uids, max(1, _AT_ONCE // max(1, size))):
            if commands and expected + size * len(batch) > _AT_ONCE:
                session.run(*commands)
                found |= read(session.take("FETCH"))
                commands, expected = [], 0
            commands.append(("UID", "FETCH", uid_set(batch), f"(UID {sections})"))
            expected += size * len(batch)
    if commands:
        session.run(*commands)
        found |= read(session.take("FETCH"))
    return found


def _plainly(session: Session, uids: Sequence[int]) -> dict[int, Fetched]:
    """Messages that could not be fetched the usual way, each by a command of its own, so
    that the server's refusal of one is not that of all."""
    found: dict[int, Fetched] = {}
    asked = f"({_state_items(session)} BODY.PEEK[]<0.{WHOLE_BOUND}>)"
    for batch in batches(uids, max(1, _AT_ONCE // WHOLE_BOUND)):
        session.run(*(("UID", "FETCH", str(uid), asked) for uid in batch))
        for uid, items in read(session.take("FETCH")).items():
            if uid in batch and (content := part_of(items, b"")):
                found[uid] = _Seen(uid, items, b"", 0, None).fetched(content, b"")
    return found
