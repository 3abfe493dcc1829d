"""A raw message to its ``Reading``: an invitation with all that the mail says of it, or
no invitation, and why.

Pure: bytes, rules, trust and a language detector come in, a value comes out; whatever
the bytes are, it is a value and not an exception. May not score a note: that is
``Judge``'s work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from triage.judge.agree import agree, without_greeting
from triage.judge.authenticity import Result, standing, trusted_results
from triage.judge.budget import SPENT, Budget, OverBudget
from triage.judge.imposture import signs
from triage.judge.inviter import describe, find_name, names_sender
from triage.judge.mail import read_mail
from triage.judge.no_invitation import is_bounce, other, unreadable
from triage.judge.note import Layout, take_apart
from triage.judge.note_ends import comparable, fixed_within, note_text
from triage.judge.parts import Parts, mentions, parts_of, sight_of
from triage.judge.platforms import Platform
from triage.judge.recognise import (
    Recognition,
    Sight,
    invitation_ids,
    is_answer,
    person_of,
    recognise,
)
from triage.judge.salutations import is_salutation
from triage.model import (
    JUDGED_KINDS,
    Evidence,
    Invitation,
    Kind,
    NotInvitation,
    RawMessage,
    Reading,
    Shown,
)
from triage.preferences import Trust

Detect = Callable[[str], "str | None"]
_PASTED = Evidence(
    "authenticity.pasted-template",
    "a platform's mail inside the mail of another domain, in the inviter's name",
    "suspicious",
    5.0,
    group="authenticity.pasted-template",
)


def read(
    message: RawMessage,
    platforms: Sequence[Platform],
    trust: Trust,
    detect: Detect,
    budget: Budget | None = None,
) -> Reading:
    """What ``message`` is. Never raises, whatever its bytes; where the ``budget`` does not
    suffice it is no invitation, for the reason ``SPENT``, and so gets no label."""
    try:
        return _read(message, platforms, trust, detect, budget or Budget())
    except OverBudget:
        return NotInvitation(SPENT)


def _read(
    message: RawMessage,
    platforms: Sequence[Platform],
    trust: Trust,
    detect: Detect,
    budget: Budget,
) -> Reading:
    mail = read_mail(message.content)
    if mail.reason:
        return unreadable(message.content, mail.reason, platforms)
    enabled = [platform for platform in platforms if platform.enabled]
    parts = parts_of(mail, budget)
    near = [platform for platform in enabled if mentions(mail, platform, parts)]
    sights = [sight_of(mail, platform, parts, budget) for platform in near]
    results = trusted_results(mail, trust)
    found = [(sight, seen) for sight in sights if (seen := recognise(sight)) is not None]
    found.sort(key=lambda item: (not item[0].from_platform, item[1].by == "wording"))
    if is_bounce(mail):
        return NotInvitation("a bounce or a report, even if it holds an invitation")
    for sight, seen in found:
        reading = _recognised(sight, seen, results, parts, detect)
        if isinstance(reading, Invitation) or reading.platform or len(found) == 1:
            return reading
    return other(sights, results, bool(found))


def _recognised(
    sight: Sight, seen: Recognition, results: Sequence[Result], parts: Parts, detect: Detect
) -> Reading:
    platform = sight.platform
    warnings, told = signs(sight, seen, results)
    name = find_name(sight, seen)
    if not sight.from_platform and not warnings:
        cites = parts.quotes and not (seen.form is not None and seen.form.quotes_note)
        if (cites or is_answer(sight.mail)) and not sight.key_in_header:
            return NotInvitation("a person answers, forwards or quotes an invitation")
        if not _sent_for_inviter(sight, seen, results):
            if sight.own_address_days or not _speaks_as_inviter(sight, name):
                return NotInvitation("an invitation inside the mail of somebody else")
            warnings = (_PASTED,)
    if seen.kind == "other" or (warnings and seen.kind not in JUDGED_KINDS):
        what = "poses as a mail" if warnings else "a mail"
        reason = f"{what} of {platform.name} that is no invitation to connect"
        return NotInvitation(reason, platform.id, told.passes, warnings)
    return _invitation(sight, seen, name, parts, detect, told.passes, warnings)


def _sent_for_inviter(sight: Sight, seen: Recognition, results: Sequence[Result]) -> bool:
    """Whether the platform may have sent it under the inviter's own address, as some did
    until some year, or a mailing list has put itself into From."""
    if standing(results, sight.speaker.domain, False).passes and not sight.through_list:
        return False  # it passes for its own domain: a person sent it
    acts = bool(sight.key or sight.roles & {"accept", "view"})
    if sight.through_list and acts and not sight.own_address_days:
        return True
    if not sight.own_address_days or not names_sender(sight, seen):
        return False
    return sight.numbered or _begins_as_platform(sight)


def _begins_as_platform(sight: Sight) -> bool:
    """Whether its first words are the platform's own, a salutation or the inviter's name,
    and not those of a person or program that passes it on."""
    lines = sight.text or sight.page
    if not lines or any(line.text == sight.platform.name for line in lines[2:60]):
        return False  # its heading stands further down
    first = lines[0]
    own = (sight.platform.chrome, sight.platform.name_lines, sight.platform.labels)
    return (
        first.rule
        or is_salutation(first.text)
        or sight.platform.fixed_language(first.text) is not None
        or comparable(first.text) == comparable(person_of(sight.speaker.name))
        or any(wording.matches(first.text) for wording in own)
        or any(form.says.matches(first.text) for form in sight.platform.forms)
    )


def _speaks_as_inviter(sight: Sight, name: str | None) -> bool:
    """Whether the sender bears the name of the inviter that the mail shows, and is not
    the reader to whom it was once addressed."""
    sender = comparable(sight.speaker.name)
    if not sender:
        return False
    lines = [*sight.text[:150], *sight.page[:200]]
    small_print = (line.text for line in lines if sight.platform.footer.matches(line.text))
    if any(sender in comparable(text) for text in small_print):
        return False
    shown = {comparable(line.text) for line in lines} | {comparable(name or "")}
    return sender in shown


def _invitation(
    sight: Sight, seen: Recognition, name: str | None, parts: Parts, detect: Detect,
    authentic: bool | None, warnings: tuple[Evidence, ...],
) -> Invitation:  # fmt: skip
    platform = sight.platform
    quoting = seen.form is not None and seen.form.quotes_note
    lines, page_lines = (parts.text, parts.page) if quoting else (sight.text, sight.page)
    text = take_apart(lines, platform, seen, name, page=False, budget=sight.budget)
    page = take_apart(page_lines, platform, seen, name, page=True, budget=sight.budget)
    first = name or ""
    asked = seen.kind in (*JUDGED_KINDS, "message")
    ids = platform.note_ids
    marked = [line for line in sight.page if ids and any(item in ids for item in line.ids)]
    text_note = note_text(text.note, platform, first)
    page_note = note_text(marked or page.note, platform, first)
    if marked and page_note and not text_note:
        page_note = without_greeting(page_note)  # there the platform writes it before the note
    text_note = fixed_within(text_note, platform, name)
    page_note = fixed_within(page_note, platform, name)
    agreed = agree(text_note, page_note)
    note = agreed.note if asked else None
    cards = [layout.card for layout in (text, page) if layout.card]
    readable = seen.kind not in JUDGED_KINDS or _is_readable(sight, seen, name, note, cards)
    doubts = [agreed.doubt] if agreed.doubt and asked else []
    if not readable:
        doubts.append("the template could not be read: no inviter, or no place for a note")
    if seen.by == "unknown template":
        doubts.append("the template is not known")
    if not parts.whole and seen.kind in JUDGED_KINDS:
        doubts.append("the mail is larger than what is read of one")
    inviter = describe(sight, name, cards)
    return Invitation(
        platform=platform.id,
        kind=cast("Kind", seen.kind),  # "other" never comes here
        inviter=inviter,
        note=note,
        shown=_shown(text, page, note),
        language=_language(sight, note, parts, detect),
        platform_id=next(iter(invitation_ids(sight)), None),
        template=seen.key or None,
        authentic=authentic,
        warnings=warnings,
        doubts=tuple(doubts),
        readable=readable,
    )


def _is_readable(
    sight: Sight, seen: Recognition, name: str | None, note: str | None, cards: list
) -> bool:
    if not name:
        return False
    acts = bool(sight.roles & {"accept", "view"})
    return bool(note or cards or acts or seen.by == "wording")


def _shown(text: Layout, page: Layout, note: str | None) -> Shown:
    if note is None:
        return "hidden" if text.hidden or page.hidden else "whole"
    return "cut" if (text.cut and text.note) or (page.cut and not text.note) else "whole"


def _language(sight: Sight, note: str | None, parts: Parts, detect: Detect) -> str | None:
    """The note's language; the mail's own where there is no note."""
    if note:
        return sight.platform.fixed_language(note) or detect(note)
    lines = [line.text for line in (*sight.text[:25], *sight.page[:25]) if len(line.text) > 12]
    told = next((page.language for page in parts.pages if page.language), None)
    return detect("\n".join(lines)[:2000]) or told
