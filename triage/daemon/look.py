"""New messages of a folder to readings and verdicts, from as few bytes as suffice.

First the lean parts; then, for those alone that need it, more: the top of the page where
the text part holds no note or a default text (the page may hold a real one), or where an
unvouched notice may be a forgery; the whole of what is recognised and yet cannot be read,
or is cut. One message that breaks the reading or the judging must not stop the others. May
not write anything, nor decide what is done.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from triage.daemon.deadman import Work
from triage.daemon.desk import Desk
from triage.judge.budget import SPENT, OverBudget
from triage.mailbox.types import Fetching, Reader
from triage.memory import Memory
from triage.model import JUDGED_KINDS, Invitation, NotInvitation, RawMessage, Reading, Verdict

log = logging.getLogger("triage")

_ENDED = NotInvitation(SPENT)
_AT_ONCE, _BYTES_AT_ONCE = 500, 16 * 1024 * 1024  # messages held in memory together
_WHOLE_AT_ONCE = 50


@dataclass(frozen=True)
class Looked:
    """A message (without its body), what it is, and its label if it gets one."""

    message: RawMessage
    reading: Reading
    verdict: Verdict | None


def look_through(
    reader: Reader,
    account: str,
    folder: str,
    uids: Sequence[int],
    desk: Desk,
    memory: Memory,
    seen: Counter[str],
    work: Work,
    unfetched: set[int],
) -> Iterator[Looked]:
    """The messages that the journal does not know, in order of uid. ``seen`` counts the
    ``known`` and the ``broken`` ones. ``unfetched`` takes the uids of those that are there,
    and that the server would not bring, or not as much of as it takes to judge them."""
    missing = set(uids)
    how = (missing, desk, seen, work)
    for some in _bounded(reader.fetch(folder, uids) if uids else iter(())):
        missing.difference_update(map(_uid, some))
        known = memory.journal.decided(account, (message.identity for message in some))
        fresh = [message for message in some if message.identity not in known]
        seen["known"] += len(some) - len(fresh)
        looked = {_uid(one.message): one for one in _judged(fresh, desk, seen, work)}
        pages = {uid for uid, one in looked.items() if _wants_page(one)}
        again = {uid for uid, one in looked.items() if _wants_whole(one)}
        of_pages = _fetched(reader, folder, pages, "page", *how)
        again |= {uid for uid, page in of_pages.items() if _tells(page)}
        whole = _fetched(reader, folder, again, "whole", *how)
        looked |= {uid: one for uid, one in whole.items() if _takes_precedence(one)}
        yield from (one for uid, one in looked.items() if uid not in missing)
    for uid in sorted(reader.standing(folder, missing) if missing else ()):
        unfetched.add(uid)
        seen["broken"] += 1
        log.error("uid %d of %s could not be fetched; it is tried again", uid, folder)


def _bounded(stream: Iterator[RawMessage]) -> Iterator[list[RawMessage]]:
    """The messages, as many together as memory is there for."""
    some: list[RawMessage] = []
    size = 0
    for message in stream:
        some.append(message)
        size += len(message.content)
        if len(some) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _fetched(
    reader: Reader,
    folder: str,
    uids: set[int],
    how: Fetching,
    missing: set[int],
    desk: Desk,
    seen: Counter[str],
    work: Work,
) -> dict[int, Looked]:
    """What more of these messages says; ``missing`` takes those that did not come."""
    found: dict[int, Looked] = {}
    ordered, most = sorted(uids), _WHOLE_AT_ONCE if how == "whole" else _AT_ONCE
    for start in range(0, len(ordered), most):
        some = ordered[start : start + most]
        brought = list(reader.fetch(folder, some, how))
        missing.update(set(some).difference(map(_uid, brought)))
        found |= {_uid(one.message): one for one in _judged(brought, desk, seen, work)}
    return found


def _takes_precedence(whole: Looked) -> bool:
    """What the whole mail says counts where it is that of an invitation, or a forgery."""
    return isinstance(whole.reading, Invitation) or bool(whole.reading.warnings)


def _tells(page: Looked) -> bool:
    """Whether the page, by its top alone, says what the text part did not: another note
    than a default text, or that it is forged."""
    if page.reading.warnings:
        return True
    label = page.verdict.label if page.verdict else "boilerplate"
    reading = page.reading
    noted = isinstance(reading, Invitation) and reading.readable and reading.note is not None
    return noted and label != "boilerplate"


def _wants_page(one: Looked) -> bool:
    """Nothing but a default text, or nothing at all, in a mail whose page was left out; or
    a platform's notice that nobody vouches for, whose links stand in that page."""
    if not one.message.page_left_out:
        return False
    if one.reading.authentic is True:  # the platform wrote both parts
        return False
    if isinstance(one.reading, NotInvitation):
        return one.reading.platform is not None and one.verdict is None
    return (
        _is_judged(one.reading) and one.verdict is not None and one.verdict.label == "boilerplate"
    )


def _wants_whole(one: Looked) -> bool:
    """Recognised, yet not readable from the parts that were fetched, or in doubt, or cut
    short, while there is more to be had."""
    reading = one.reading
    return (
        one.message.partial
        and isinstance(reading, Invitation)
        and _is_judged(reading)
        and (not reading.readable or bool(reading.doubts) or reading.shown == "cut")
    )


def _is_judged(reading: Reading) -> bool:
    return isinstance(reading, Invitation) and reading.kind in JUDGED_KINDS


def _uid(message: RawMessage) -> int:
    assert message.place is not None, "a message that was fetched stands somewhere"
    return message.place.uid


def _judged(
    messages: Sequence[RawMessage], desk: Desk, seen: Counter[str], work: Work
) -> list[Looked]:
    """All together, but for those that the process may have died of: these by themselves,
    or not at all."""
    looked: list[Looked] = []
    together: list[RawMessage] = []
    for message in messages:
        if work.passes_over(message.identity):
            seen["broken"] += 1
            log.error("uid %d: triage died twice over this message; it is left alone",
                      _uid(message))  # fmt: skip
        elif work.alone(message.identity):
            looked += _judged_together([message], desk, seen, work)
        else:
            together.append(message)
    looked += _judged_together(together, desk, seen, work)
    return sorted(looked, key=lambda one: _uid(one.message))


def _judged_together(
    messages: Sequence[RawMessage], desk: Desk, seen: Counter[str], work: Work
) -> list[Looked]:
    if not messages:
        return []
    readings = []
    for message in messages:
        with work.on((message,)):
            readings.append(_read(message, desk, seen))
    with work.on(messages):
        verdicts = _judge_all(readings, desk, seen)
    return [
        Looked(replace(message, content=b""), reading, verdict)
        for message, reading, verdict in zip(messages, readings, verdicts, strict=True)
    ]


def _read(message: RawMessage, desk: Desk, seen: Counter[str]) -> Reading:
    try:
        reading = desk.read(message)
        if reading == _ENDED:
            seen["broken"] += 1
            log.warning("uid %d is left alone: %s", _uid(message), SPENT)
        return reading
    except Exception as error:
        seen["broken"] += 1
        log.error("uid %d could not be read, and is left alone: %s", _uid(message), fault(error))
        return NotInvitation(f"it could not be read ({type(error).__name__})")


def _judge_all(
    readings: Sequence[Reading], desk: Desk, seen: Counter[str]
) -> Sequence[Verdict | None]:
    """All at once; one by one where one of them breaks the judging."""
    try:
        return desk.judge.judge_all(readings)
    except Exception as error:
        if len(readings) == 1:
            seen["broken"] += 1
            why = SPENT if isinstance(error, OverBudget) else fault(error)
            log.error("a message could not be judged, and is left alone: %s", why)
            return [None]
    return [verdict for reading in readings for verdict in _judge_all([reading], desk, seen)]


def fault(error: Exception) -> str:
    """Kind and place of an error that nobody foresaw, for the log: its words and its
    traceback may hold a piece of the mail."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace else None
    where = f"{Path(code.co_filename).name}:{trace.tb_lineno}" if code and trace else "unknown"
    return f"{type(error).__name__} at {where}; please report it"
