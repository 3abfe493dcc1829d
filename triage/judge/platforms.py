"""What a platform rule file says, as values: how its mails are known and read.

Made by ``platform_rules`` from TOML, read by ``recognise``, ``note``, ``inviter`` and
``authenticity``. Frozen; holds no text of a mail and decides nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from triage.judge.links import LinkPattern
from triage.judge.wording import Wording

NOTHING = Wording()  # no line at all
# The kinds of model.Kind, and "other": known, and no invitation.
FORM_KINDS = ("invitation", "reminder", "accepted", "introduction", "message", "other")
LINK_ROLES = ("accept", "view", "profile", "footer", "chrome")
NOTE_PLACES = ("letter", "after-links", "between", "none")


@dataclass(frozen=True)
class Template:
    """Mails whose template key is one of ``keys`` (``*`` stands for anything) are of
    this ``kind``."""

    id: str
    keys: tuple[str, ...]
    kind: str
    note: str = "letter"

    def fits(self, key: str) -> bool:
        return any(fnmatchcase(key, pattern) for pattern in self.keys)


@dataclass(frozen=True)
class Form:
    """Mails that are known by their wording, where no key says which they are.

    ``says`` and ``subjects`` are lines of the mail and its subject. ``note`` is where
    the inviter's text stands: ``letter`` (before the links), ``after-links``,
    ``between`` the lines ``opens`` and ``closes``, ``none`` (no place for one). Elsewhere
    than in ``between``, ``opens`` are lines behind which the platform quotes the note.
    ``own_address``: it was sent from the inviter's own address. ``card``: name, headline
    and place of the inviter stand in it.
    """

    id: str
    kind: str
    subjects: Wording = NOTHING
    says: Wording = NOTHING
    note: str = "letter"
    opens: Wording = NOTHING
    closes: Wording = NOTHING
    own_address: bool = False
    card: bool = True

    @property
    def quotes_note(self) -> bool:
        """Whether its own mails quote the note, behind a line of ``opens``."""
        return bool(self.opens) and self.note != "between"


@dataclass(frozen=True)
class Fixed:
    """Sentences of the platform that stand where a note would, of one language."""

    language: str
    lines: Wording


@dataclass(frozen=True)
class Criteria:
    """What the server is asked for; any one of them makes a candidate."""

    search_senders: tuple[str, ...] = ()
    search_subjects: tuple[str, ...] = ()
    search_headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Platform:
    """One platform. ``line`` is where it stands in its file."""

    id: str
    name: str = ""
    enabled: bool = True
    also_called: tuple[str, ...] = ()
    guarded: bool = False
    from_domains: tuple[str, ...] = ()
    link_domains: tuple[str, ...] = ()
    message_ids: str = ""
    own_address_until: int = 0
    criteria: Criteria = field(default_factory=Criteria)
    key_headers: tuple[str, ...] = ()
    class_headers: tuple[str, ...] = ()
    key_links: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    classes: tuple[Template, ...] = ()
    forms: tuple[Form, ...] = ()
    links: tuple[LinkPattern, ...] = ()
    sender_names: Wording = NOTHING
    name_lines: Wording = NOTHING
    chrome: Wording = NOTHING
    footer: Wording = NOTHING
    labels: Wording = NOTHING
    mutual: Wording = NOTHING
    preheader: Wording = NOTHING
    hidden_note: Wording = NOTHING
    more: Wording = NOTHING
    company_after: tuple[str, ...] = ()
    note_ids: tuple[str, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def headers(self) -> tuple[str, ...]:
        """The header fields that recognising its mails needs."""
        asked = (name for name, _ in self.criteria.search_headers)
        return tuple(dict.fromkeys((*self.key_headers, *self.class_headers, *asked)))

    @property
    def search_senders(self) -> tuple[str, ...]:
        return self.criteria.search_senders

    @property
    def search_subjects(self) -> tuple[str, ...]:
        return self.criteria.search_subjects

    @property
    def search_headers(self) -> tuple[tuple[str, str], ...]:
        return self.criteria.search_headers

    def template_of(self, key: str) -> Template | None:
        return next((item for item in self.templates if item.fits(key)), None)

    def fixed_language(self, line: str) -> str | None:
        """The language of the fixed sentence that ``line`` is; None: it is none."""
        for fixed in self.fixed:
            if fixed.lines.matches(line):
                return fixed.language
        return None
