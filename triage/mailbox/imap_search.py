"""Criteria to SEARCH commands: one OR tree, split where it grows long, in plain ASCII
where that will do.

Pure but for ``search``, which asks and falls back: to ASCII where a server refuses
CHARSET UTF-8 (RFC 3501 section 6.4.4), to reading the headers itself where it refuses to
search at all. May not fetch bodies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from triage.errors import ServerRefused
from triage.mailbox.session import Session, quoted
from triage.mailbox.types import Criteria
from triage.model import Identity

COMMAND_LIMIT = 4000  # bytes of search keys in one command

Key = tuple[str, ...]
"""One search key: its words, and the text that it looks for last."""


def keys(criteria: Criteria) -> tuple[Key, ...]:
    """The search keys of which any one must match."""
    found: list[Key] = [("FROM", sender) for sender in criteria.senders]
    found += [("SUBJECT", subject) for subject in criteria.subjects]
    found += [("HEADER", name, value) for name, value in criteria.headers]
    return tuple(dict.fromkeys(found))


def message_id_keys(wanted: Sequence[Identity], is_gmail: bool = False) -> tuple[Key, ...]:
    """The keys that find messages of these identities, by Message-ID. A message that has
    none, or one that a command cannot hold, is found among those without: see ``bare``.
    At Gmail, where a HEADER search is said to miss some, by its own key too
    (support.google.com/mail/answer/7190, ``rfc822msgid:``)."""
    ids = dict.fromkeys(identity.message_id for identity in wanted if not bare(identity))
    own: list[Key] = [("X-GM-RAW", f"rfc822msgid:{one}") for one in ids if is_gmail]
    return (*own, *(("HEADER", "Message-ID", one) for one in ids))


def bare(identity: Identity) -> bool:
    """Whether its Message-ID is of no use to a search."""
    return re.fullmatch(r"[!#-\[\]-~]{3,400}", identity.message_id) is None


def commands(
    wanted: Sequence[Key], conditions: Sequence[str], limit: int = COMMAND_LIMIT
) -> Iterator[list[str]]:
    """UID SEARCH commands that together find what any key matches under all conditions."""
    group: list[Key] = []
    size = 0
    for key in wanted:
        length = sum(len(word) + 3 for word in key) + 3
        if group and size + length > limit:
            yield [*conditions, *_any_of(group)]
            group, size = [], 0
        group.append(key)
        size += length
    if group:
        yield [*conditions, *_any_of(group)]


def _any_of(wanted: Sequence[Key]) -> list[str]:
    if len(wanted) == 1:
        word, *rest = wanted[0]
        return [word, *(quoted(text) if text.isascii() else text for text in rest)]
    middle = len(wanted) // 2  # a flat tree: servers bound how deep one may nest
    return ["OR", *_any_of(wanted[:middle]), *_any_of(wanted[middle:])]


def search(
    session: Session,
    wanted: Sequence[Key],
    conditions: Sequence[str],
    read_headers: Callable[[set[int]], set[int]],
) -> set[int]:
    """The uids in the selected folder. ``read_headers`` picks the matching ones out of
    all uids by their headers, for a server that refuses every other way."""
    plain = [key for key in wanted if key[-1].isascii()]
    other = [key for key in wanted if not key[-1].isascii()]
    try:
        return _plain(session, plain, conditions) | _with_charset(session, other, conditions)
    except ServerRefused:
        everything = _plain(session, [("ALL",)], conditions)
        return read_headers(everything)


def _plain(session: Session, wanted: Sequence[Key], conditions: Sequence[str]) -> set[int]:
    asked = [("UID", "SEARCH", *command) for command in commands(wanted, conditions)]
    for answer in session.run(*asked):
        session.require(answer, "SEARCH")
    return session.found() if asked else set()


def _with_charset(session: Session, wanted: Sequence[Key], conditions: Sequence[str]) -> set[int]:
    found: set[int] = set()
    try:
        for command in commands(wanted, conditions):
            pieces = [word.encode("utf-8") for word in command]
            found |= session.search([b"CHARSET", b"UTF-8", *pieces])
    except ServerRefused:
        in_ascii = [key for key in (_ascii_part(key) for key in wanted) if key]
        if len(in_ascii) < len(wanted):
            raise
        return _plain(session, in_ascii, conditions)
    return found


def _ascii_part(key: Key) -> Key | None:
    """A wider key that finds what ``key`` does: its longest piece in ASCII."""
    longest = max(re.findall(r"[ -~]+", key[-1]) or [""], key=len)
    return (*key[:-1], longest.strip()) if len(longest.strip()) >= 4 else None
