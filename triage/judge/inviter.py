"""Sender, wording and card of a recognised mail to the inviter, as far as it says.

May not look anybody up, and takes no name, headline or link out of lists of other people
or out of the lines that describe the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.judge.lines import Line
from triage.judge.links import belongs, cut_link, host_of
from triage.judge.note_ends import comparable
from triage.judge.platforms import Platform
from triage.judge.recognise import Recognition, Sight, person_of
from triage.judge.wording import Wording, level
from triage.model import Inviter

MAX_NAME = 100
_PART = re.compile(r"\s+(?:\||•|·|//)\s*|\s*[|•·]\s+")
_SIGNED = re.compile(r"^- ?([^\W\d]\w*(?: \w+)?)$")
_COUNTED = re.compile(r"^(?:\D{0,40}[\s(])??(\d{1,4})\D{1,60}[.。]$")
_TAGS = re.compile(r"^(?:\s*\[[^\]]{1,60}\])+\s*")


def find_name(sight: Sight, seen: Recognition) -> str | None:
    """Who invites: by the display name of the sender unless that is the platform, else
    by the wording of the mail, its labels, or its subject."""
    platform = sight.platform
    own_address = seen.form is not None and seen.form.own_address
    theirs = sight.from_platform or sight.through_list or own_address or sight.own_address_days
    shown = level(sight.speaker.name) if theirs else ""
    named = platform.sender_names.find(shown) if shown else None
    if named and named.get("name"):
        return clean_name(named["name"])
    person = person_of(shown)
    mine = [platform.name, *platform.also_called]
    is_platform = any(comparable(person).startswith(comparable(name)) for name in mine)
    if person and not is_platform and "@" not in person:
        return clean_name(person)
    subject = _TAGS.sub("", sight.mail.subject)
    for wording in _wordings(platform, seen):
        found = wording.find(subject)
        if found and found.get("name"):
            return clean_name(found["name"])
    for line in (*sight.text[:80], *sight.page[:120]):
        sight.budget.spend(5)
        for wording in _wordings(platform, seen):
            found = wording.find(line.text)
            if found and found.get("name"):
                return clean_name(found["name"])
    return None


def _wordings(platform: Platform, seen: Recognition) -> Iterable[Wording]:
    if seen.form is not None:
        yield from (seen.form.says, seen.form.subjects)
    yield from (platform.chrome, platform.labels, platform.name_lines)


def names_sender(sight: Sight, seen: Recognition) -> bool:
    """Whether the inviter that the mail names, if it does, is the one in From: whoever
    passes on the invitation of somebody else is not."""
    sender = set(comparable(person_of(level(sight.speaker.name))).split())
    lines = (*sight.text[:80], *sight.page[:120])
    sight.budget.spend(len(lines))
    wordings = [sight.platform.labels, *([seen.form.says] if seen.form else [])]
    told = {
        comparable(found["name"])
        for line in lines
        for wording in wordings
        if (found := wording.find(line.text)) and found.get("name")
    }
    signed = {sign[1] for line in lines if (sign := _SIGNED.match(comparable(line.text)))}
    if len(signed) == 1:
        told |= signed
    return not sender or not told or any(sender & set(name.split()) for name in told)


def clean_name(name: str) -> str | None:
    """A name with single spaces, None where nothing is left of it."""
    return " ".join(name.split()).strip(" \"'")[:MAX_NAME] or None


def describe(sight: Sight, name: str | None, cards: Sequence[Sequence[Line]]) -> Inviter:
    """The inviter. ``cards`` are the lines with name, headline and place, the text
    part's first; what one lacks, another may have."""
    platform = sight.platform
    headline = location = None
    mutual: int | None = None
    better = name
    for card in cards:
        sight.budget.spend(len(card) * 5)
        texts = [line for line in card[1:] if not platform.mutual.matches(line.text)]
        texts = [line for line in texts if not platform.chrome.matches(line.text)]
        texts = [line for line in texts if comparable(line.text) != comparable(name or "")]
        told = [count for line in texts[1:] if (count := _COUNTED.match(line.text))]
        texts = [line for line in texts if line is texts[0] or not _COUNTED.match(line.text)]
        if told and mutual is None:  # a language whose words for it no rule knows
            mutual = int(told[0][1])
        if texts:
            headline = _fuller(headline, texts[0].raw)
        if len(texts) > 1:
            location = _fuller(location, texts[1].raw)
    for line in (*sight.text[:120], *sight.page[:200]):
        found = platform.mutual.find(line.text)
        if found and found.get("number"):
            mutual = int(found["number"].rstrip("+"))
            break
    return Inviter(
        name=better,
        headline=headline,
        company=_company(sight, headline),
        location=location,
        profile_url=_profile(sight, name),
        mutual_connections=mutual,
    )


def _fuller(old: str | None, new: str) -> str:
    """Of two readings of one line the one without the "?" of an archive."""
    new = " ".join(new.split())[:300]
    if old is None or (old.count("?") > new.count("?") and len(new) <= len(old) + 2):
        return new
    return old


def _company(sight: Sight, headline: str | None) -> str | None:
    """What follows "at" in the headline; the hidden preheader where that is cut."""
    after = sight.platform.company_after
    if headline and after:
        words = "|".join(re.escape(word) for word in after)
        found = re.search(rf"(?:^|\s)(?:{words})\s+(\S.*)$", headline, re.IGNORECASE)
        if found:
            company = _PART.split(found[1])[0].strip(" ,;")
            if company and not company.endswith(("…", "...")):
                return company
    for text in sight.hidden:
        told = sight.platform.preheader.find(text)
        if told and told.get("company"):
            return told["company"]
    return None


def _profile(sight: Sight, name: str | None) -> str | None:
    """The link to the profile, cut behind id or slug: the one whose label is the name,
    else the first that stands before any list of other people."""
    platform = sight.platform
    patterns = [item for item in platform.links if item.role == "profile"]
    candidates: list[tuple[int, str]] = []
    for line in (*sight.text, *sight.page):
        sight.budget.spend(1 + len(line.links) * len(patterns))
        if platform.footer.matches(line.text):
            continue
        for link in line.links:
            if not belongs(host_of(link), platform.link_domains):
                continue
            for pattern in patterns:
                cut = cut_link(link, pattern)
                if cut:
                    candidates.append((_fit(line, name, platform), cut))
                    break
    best = max(candidates, key=lambda item: item[0], default=(0, ""))
    alone = len({cut for _, cut in candidates}) == 1 and bool(sight.text)
    return best[1] if best[0] or alone else None


def _fit(line: Line, name: str | None, platform: Platform) -> int:
    """How surely a link to a profile is the inviter's: by its label."""
    text = comparable(line.text)
    wanted = comparable(name or "")
    if wanted and text == wanted:
        return 3
    if wanted and wanted in text:
        return 2
    return 1 if platform.labels.matches(line.text) else 0
