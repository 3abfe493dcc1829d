"""The values that flow: bytes to RawMessage to Invitation to Verdict to JournalEntry.

Frozen, made of tuples, legal by construction. Imports the standard library alone, does
nothing, knows no file, server or clock. Actions say what is to be done, never how.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Union, get_args

Kind = Literal["invitation", "reminder", "accepted", "introduction", "message"]
Shown = Literal["whole", "cut", "hidden"]
PointsTo = Literal["personal", "generic", "boilerplate", "suspicious"]
VerdictLabel = Literal["personal", "generic", "boilerplate", "suspicious", "unsure"]
State = Literal["INTENDED", "DONE", "FAILED", "UNDONE"]

KINDS: tuple[str, ...] = get_args(Kind)
LABELS: tuple[str, ...] = get_args(VerdictLabel)
STATES: tuple[str, ...] = get_args(State)
JUDGED_KINDS = ("invitation", "reminder")  # only these get a label and actions


def _one_of(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        raise ValueError(f"{what} is {value!r}, not one of {', '.join(allowed)}")


@dataclass(frozen=True, order=True)
class Place:
    """Where a message stands: RFC 3501 section 2.3.1.1 makes the last three unique."""

    account: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, order=True)
class Identity:
    """Who a message is, wherever it stands: the SHA-256 of its identifying header fields
    (``identity.identity_of``), since Message-IDs are missing, doubled, or changed in case in
    real mail; and the Message-ID to search for it by ("" if it has none), as it is written
    in this copy."""

    message_id: str = field(compare=False)
    header_sha256: str


@dataclass(frozen=True)
class RawMessage:
    """What was fetched of one message. ``content`` is a whole RFC 5322 message, though
    parts that the judgement does not need may be left out of it: ``partial`` says that a
    text part was cut or left out, ``page_left_out`` that an HTML part was. ``labels`` are
    Gmail's (X-GM-LABELS); ``flags`` are flags and keywords before anything was done."""

    content: bytes
    identity: Identity
    place: Place | None = None
    flags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    internal_date: datetime | None = None
    partial: bool = False
    page_left_out: bool = False


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for or against, in words that a person can check.

    ``bits`` are log2 odds, positive, towards ``points_to``. ``start`` and ``end`` count
    characters within the note, and ``quote`` is the note between them; evidence that
    stands outside the note (authenticity, links) has 0, 0 and an empty quote. Of one
    ``group`` only the strongest counts.
    """

    rule: str
    says: str
    points_to: PointsTo
    bits: float
    quote: str = ""
    start: int = 0
    end: int = 0
    group: str = ""

    def __post_init__(self) -> None:
        _one_of(self.points_to, get_args(PointsTo), "points_to")
        if self.bits < 0:
            raise ValueError("bits are never negative: points_to says which way")
        if not 0 <= self.start <= self.end:
            raise ValueError("start and end do not span a piece of the note")


@dataclass(frozen=True)
class Inviter:
    """Who invites, as far as the mail says it; None where it does not."""

    name: str | None = None
    headline: str | None = None
    company: str | None = None
    location: str | None = None
    profile_url: str | None = None
    mutual_connections: int | None = None


@dataclass(frozen=True)
class Invitation:
    """A mail of a platform that was recognised and read.

    ``note`` is the text as the inviter wrote it, None if there is none. ``shown`` says
    how much of it the mail shows. ``platform_id`` is the platform's own id (joins a
    reminder to its invitation). ``authentic`` is None where the mail cannot tell;
    ``warnings`` is the evidence that it only poses as the platform's. ``doubts`` are
    sentences that make the label unsure whatever the note says: the template could not
    be read, text and HTML hold different notes.
    """

    platform: str
    kind: Kind
    inviter: Inviter = field(default_factory=Inviter)
    note: str | None = None
    shown: Shown = "whole"
    language: str | None = None
    platform_id: str | None = None
    template: str | None = None
    authentic: bool | None = None
    warnings: tuple[Evidence, ...] = ()
    doubts: tuple[str, ...] = ()
    readable: bool = True

    def __post_init__(self) -> None:
        _one_of(self.kind, KINDS, "kind")
        _one_of(self.shown, get_args(Shown), "shown")


@dataclass(frozen=True)
class NotInvitation:
    """A mail that is no invitation, and why. ``warnings`` is not empty where it poses as
    a platform's mail all the same: then its label is suspicious. ``platform`` is the one
    it comes from or poses as, None where there is none."""

    reason: str
    platform: str | None = None
    authentic: bool | None = None
    warnings: tuple[Evidence, ...] = ()


Reading = Union[Invitation, NotInvitation]


@dataclass(frozen=True)
class Span:
    """A piece of a note that was subtracted, and what it is: ``rule`` names the default
    text, or is ``greeting`` or ``signature``."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True)
class Verdict:
    """A label with the reasons for it.

    ``because`` points the label's way, ``against`` the other; together with
    ``prior_bits`` they are the whole sum. ``probability`` is that of the label (for
    unsure: of the note being personal). ``subtracted`` are the default texts found in
    the note. ``why`` is one sentence for a person, without a word of the note.
    ``ruleset`` is the fingerprint of the rules that judged.
    """

    label: VerdictLabel
    probability: float
    because: tuple[Evidence, ...] = ()
    against: tuple[Evidence, ...] = ()
    ruleset: str = ""
    prior_bits: float = 0.0
    subtracted: tuple[Span, ...] = ()
    why: str = ""

    def __post_init__(self) -> None:
        _one_of(self.label, LABELS, "label")
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError("a probability lies between 0 and 1")


@dataclass(frozen=True)
class Move:
    """Into the folder ``to``, whose levels are separated by ``/`` whatever the server
    uses. Inverse: Move back to the folder that the message's place named."""

    to: str


@dataclass(frozen=True)
class Label:
    """Add a Gmail label, elsewhere a keyword. Inverse: Unlabel, unless it was there."""

    name: str


@dataclass(frozen=True)
class Unlabel:
    """Take a label away. Inverse: Label."""

    name: str


@dataclass(frozen=True)
class Flag:
    r"""Set a flag such as ``\Flagged``. Inverse: Unflag, unless it was set."""

    name: str


@dataclass(frozen=True)
class Unflag:
    """Clear a flag. Inverse: Flag."""

    name: str


@dataclass(frozen=True)
class Leave:
    """Leave it where it is. Inverse: itself."""

    why: str


Action = Union[Move, Label, Unlabel, Flag, Unflag, Leave]


@dataclass(frozen=True)
class JournalEntry:
    """One decision about one message, and what came of it.

    ``place``, ``flags`` and ``labels`` are those before; ``landed`` is where it stands
    afterwards (None until known). ``run`` names the pass. ``remark`` says why a deed
    failed, or what part of it the server does not do. ``id`` is 0 until it is written.
    """

    run: str
    time: datetime
    place: Place
    identity: Identity
    reading: Invitation | NotInvitation
    verdict: Verdict
    actions: tuple[Action, ...]
    flags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    state: State = "INTENDED"
    landed: Place | None = None
    remark: str = ""
    id: int = 0

    def __post_init__(self) -> None:
        _one_of(self.state, STATES, "state")
