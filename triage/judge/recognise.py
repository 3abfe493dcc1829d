"""A mail's lines to which platform's mail it is, of which kind, and how that is known.

The template key decides where there is one, since it holds in every language; else
wording, subject, sender and links together, never the sender alone. May not judge
whether the mail tells the truth: ``authenticity`` does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from triage.judge.budget import Budget
from triage.judge.fields import Address
from triage.judge.linear import holds
from triage.judge.lines import Line
from triage.judge.links import belongs, host_of, role_of, without_scheme
from triage.judge.mail import Mail
from triage.judge.platforms import Form, Platform, Template

_TAGS = re.compile(r"^(?:\s*\[[^\]]{1,60}\])+\s*")
_ANSWER = re.compile(
    r"^\s*(?:\[[^\]]{1,60}\]\s*)*(?:re|aw|antw|sv|vs|fwd?|wg|tr|rv|enc|doorst|i|r|rif|res|odp|回复|转发)"
    r"(?:\[\d+\])?\s*:",
    re.IGNORECASE,
)
_VIA = re.compile(r"^(?P<name>.+?)\s+(?:via|über|par|por|tramite|através de)\s+\S.*$", re.I)


@dataclass(frozen=True)
class Sight:
    """A mail as one platform's rules see it. ``speaker`` is the address that the mail
    speaks for: From, or Reply-To where a mailing list has put itself into From.
    ``roles`` are the parts that the links of each line play. Whoever goes through the
    lines for each of many rules spends from ``budget``."""

    mail: Mail
    platform: Platform
    speaker: Address
    through_list: bool
    text: tuple[Line, ...]
    page: tuple[Line, ...]
    hidden: tuple[str, ...]
    shown_links: tuple[tuple[str, str], ...]
    roles: frozenset[str]
    key: str
    key_in_header: bool
    budget: Budget = field(default_factory=Budget, compare=False, repr=False)

    @property
    def from_platform(self) -> bool:
        return belongs(self.speaker.domain, self.platform.from_domains)

    @property
    def own_address_days(self) -> bool:
        """Whether it is from the years in which the platform wrote the inviter's own
        address into From."""
        year = self.mail.year
        told = year <= self.platform.own_address_until and (year > 0 or self.numbered)
        return told and not self.key_in_header

    @property
    def numbered(self) -> bool:
        """Whether its Message-ID is in the platform's form."""
        return self.numbers_like_platform(self.mail.value("Message-ID"))

    def numbers_like_platform(self, number: str) -> bool:
        """Whether a Message-ID is in the platform's form, if that is known."""
        known = self.platform.message_ids
        return bool(known) and holds(known, number[:300], ignore_case=True)

    @property
    def speaks_of_platform(self) -> bool:
        """Whether subject or body name the platform."""
        names = (self.platform.name, *self.platform.also_called)
        word = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
        texts = (self.mail.subject, *(line.text for line in (*self.text[:200], *self.page[:200])))
        return any(word.search(text) for text in texts)

    @property
    def bears_imprint(self) -> bool:
        """Whether the platform's copyright line stands in it."""
        self.budget.spend(len(self.text) + len(self.page))
        name = re.escape(self.platform.name)
        sign = r"(?:©|\(c\)|copyright)\s*(?:19|20)\d\d"
        mark = re.compile(rf"{sign}[\s\d,-]{{0,8}}{name}|{name}[\w ,]{{0,25}}{sign}", re.I)
        return any(mark.search(line.text[:2000]) for line in (*self.text, *self.page))


@dataclass(frozen=True)
class Recognition:
    """What a mail is by its own account. ``by`` is how it is known."""

    kind: str
    by: str
    form: Form | None = None
    template: Template | None = None
    key: str = ""

    @property
    def note_place(self) -> str:
        if self.form is not None and self.form.note != "letter":
            return self.form.note
        return self.template.note if self.template else "letter"


def see(
    mail: Mail, platform: Platform, text: tuple[Line, ...], page: tuple[Line, ...],
    hidden: tuple[str, ...], shown_links: tuple[tuple[str, str], ...], budget: Budget,
) -> Sight:  # fmt: skip
    """The mail through the eyes of ``platform``."""
    speaker, through_list = _speaker(mail, platform)
    links = [link for line in (*text, *page) for link in line.links]
    budget.spend(len(links) * (1 + len(platform.links)))
    own = [link for link in links if belongs(host_of(link), platform.link_domains)]
    roles = {role_of(link, platform.link_domains, platform.links) for link in own}
    key = next((value for name in platform.key_headers if (value := mail.value(name).strip())), "")
    in_header = bool(key)
    if not key and platform.key_links:
        key = _feedback_key(mail, platform) or _link_key(own, platform.key_links)
    return Sight(mail, platform, speaker, through_list, text, page, hidden, shown_links,
                 frozenset(roles), key[:100], in_header, budget)  # fmt: skip


def _speaker(mail: Mail, platform: Platform) -> tuple[Address, bool]:
    through = is_list_mail(mail)
    munged = through and not belongs(mail.sender.domain, platform.from_domains)
    if munged and belongs(mail.reply_to.domain, platform.from_domains):
        return mail.reply_to, through
    return mail.sender, through


def is_list_mail(mail: Mail) -> bool:
    """Whether a mailing list carried it."""
    names = ("list-id", "list-post", "resent-from", "x-mailing-list", "x-beenthere")
    return any(name in names for name, _ in mail.fields)


def _feedback_key(mail: Mail, platform: Platform) -> str:
    first, _, last = mail.value("Feedback-ID").partition(":")
    return first if last.strip().lower() == platform.id else ""


def _link_key(links: Iterable[str], patterns: Sequence[str]) -> str:
    """The template key that most links carry, by the first pattern that finds any."""
    plain = [unquote(without_scheme(link)) for link in links]
    for pattern in patterns:
        found = Counter(
            match["key"] for link in plain if (match := re.search(pattern, link)) is not None
        )
        if found:
            return found.most_common(1)[0][0]
    return ""


def recognise(sight: Sight) -> Recognition | None:
    """What this mail is for the platform; None: none of its mails."""
    platform, mail = sight.platform, sight.mail
    form, weight = _form(sight)
    template = platform.template_of(sight.key) if sight.key else None
    if template is None:
        for name in platform.class_headers:
            value = mail.value(name).strip()
            template = next((item for item in platform.classes if item.fits(value)), None)
            if template:
                break
        # A class is coarse: it yields to a form that fits in full.
        if template is not None and form is not None and weight >= 3:
            return Recognition(form.kind, "wording", form, key=sight.key)
    if template is not None:
        kept = form if form is not None and form.kind == template.kind else None
        return Recognition(template.kind, "template", kept, template, sight.key)
    form = form or _form_by_link(sight)
    if form is not None:
        return Recognition(form.kind, "wording", form, key=sight.key)
    if sight.key and (sight.from_platform or sight.key_in_header):
        kind = "invitation" if re.search(r"invit", sight.key, re.IGNORECASE) else "other"
        return Recognition(kind, "unknown template", key=sight.key)
    return None


def _form(sight: Sight) -> tuple[Form | None, int]:
    """The form with the most signs, and their number: wording counts two; subject, an
    accept or view link and the sender one each. Two are needed, one of them inside."""
    tied = bool(sight.from_platform or sight.roles)
    if not tied and not (sight.platform.guarded and sight.speaks_of_platform):
        return None, 0  # nothing but wording that anybody might use
    subject = _TAGS.sub("", sight.mail.subject)
    texts = [line.text for line in (*sight.text[:120], *sight.page[:160]) if line.text]
    acts = bool(sight.roles & {"accept", "view"})
    best: tuple[Form | None, int] = (None, 0)
    for form in sight.platform.forms:
        sight.budget.spend(len(texts) * (1 + len(form.says.lines) // 8))
        says = form.says.matches_any(texts)
        subjects = form.subjects.matches(subject)
        if not (says or subjects):
            continue
        weight = 2 * says + subjects + acts + sight.from_platform
        if not (says or acts or sight.from_platform):
            continue
        if weight >= 2 and weight > best[1]:
            best = (form, weight)
    return best


def invitation_ids(sight: Sight) -> tuple[str, ...]:
    """The platform's own ids of the invitations that the links accept or show, in order."""
    ids: list[str] = []
    for pattern in sight.platform.links:
        if "{id}" not in pattern.path:
            continue
        sight.budget.spend(len(sight.text) + len(sight.page))
        for line in (*sight.text, *sight.page):
            for link in line.links:
                if belongs(host_of(link), sight.platform.link_domains):
                    found = pattern.find(without_scheme(link))
                    if found:
                        ids.append(found["id"][:64])
    return tuple(dict.fromkeys(ids))


def _form_by_link(sight: Sight) -> Form | None:
    """The form of an invitation whose words no rule knows (another language, an old
    text): one link accepts one invitation, and nobody but the platform sent it."""
    platform = sight.platform
    if "accept" not in sight.roles or len(invitation_ids(sight)) != 1:
        return None
    theirs = sight.own_address_days and (sight.numbered or sight.bears_imprint)
    if not (sight.from_platform or theirs):
        return None
    forms = [form for form in platform.forms if form.kind == "invitation"]
    fitting = [form for form in forms if form.own_address == sight.own_address_days]
    return next(iter(fitting or forms), None)


def is_answer(mail: Mail) -> bool:
    """Whether a person answers or forwards with it, by subject and threading."""
    threaded = bool(mail.value("In-Reply-To") or mail.value("References"))
    return threaded or bool(_ANSWER.match(mail.subject))


def person_of(name: str) -> str:
    """A display name without the list or platform that it came through."""
    found = _VIA.match(name)
    return found["name"].strip(" \"'") if found else name
