"""Rules, model and preferences to one value that judges: what a pass needs beside a mailbox.

Frozen, so that a running pass keeps the rules that it began with; new rules make a new
desk. Gives each message its budget: steps, and this thread's processor time, against which
no other program's load and no sleep of the machine counts. The only module here that loads
the language model, and only when asked to, since that takes seconds. May not speak to a
server or open the state file.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from triage.mailbox.types import Criteria
from triage.model import Action, Evidence, RawMessage, Reading, Verdict
from triage.preferences import Costs, Me, Routes, Trust

if TYPE_CHECKING:
    from triage.judge.budget import Budget
    from triage.judge.judging import Judge
    from triage.judge.rules import Rulebook
    from triage.settings import Settings

Detect = Callable[[str], "str | None"]
InNote = tuple[tuple[tuple[int, int], ...], tuple[Evidence, ...]]
# The dearest mail that fuzzing found takes half a second; a slow machine has ten times that.
SECONDS = 10.0


class Judging(Protocol):
    """The part of ``judge.Judge`` that a pass needs."""

    def judge_all(self, readings: Sequence[Reading]) -> list[Verdict | None]:
        """A verdict for each reading, in order; None for what gets no label."""

    def judge_notes(self, texts: Sequence[str]) -> list[Verdict]:
        """A verdict for each bare note, in order."""


@dataclass(frozen=True)
class Language:
    """What takes seconds to load and does not change with the rules. ``alone`` is held
    while ``nlp`` is used, since spaCy's vocabulary is not made for several threads."""

    nlp: Any
    detect: Detect
    alone: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class OneAtATime:
    """A judge that the threads of several accounts can share."""

    judge: Judge
    alone: threading.Lock

    def judge_all(self, readings: Sequence[Reading]) -> list[Verdict | None]:
        """As the judge does, while no other thread does. OverBudget where all together
        need more than so many real ones."""
        with self.alone:
            return self.judge.judge_all(readings, budget_for(len(readings)))

    def judge_notes(self, texts: Sequence[str]) -> list[Verdict]:
        """As the judge does, while no other thread does. OverBudget as above."""
        with self.alone:
            return self.judge.judge_notes(texts, budget_for(len(texts)))


def budget_for(messages: int) -> Budget:
    """What so many messages may cost from now on, in this thread."""
    from triage.judge.budget import MAX_STEPS, Budget

    until = time.thread_time() + SECONDS * messages
    return Budget(lambda: time.thread_time() > until, MAX_STEPS * max(1, messages))


@dataclass(frozen=True)
class Desk:
    """``read`` makes a reading of a message, ``judge`` verdicts of readings, ``plan``
    actions of a verdict; ``criteria`` is what the server searches for, ``headers`` the
    header fields that are fetched beside the usual ones; ``say`` words a verdict for the
    log without a word of the note; ``detect`` tells the language of a note; ``found_in``
    what is left of one when default texts are gone, and all that the rules find there."""

    rulebook: Rulebook
    language: Language
    judge: Judging
    read: Callable[[RawMessage], Reading]
    plan: Callable[[Verdict], tuple[Action, ...]]
    say: Callable[[Verdict], str]
    criteria: Criteria
    headers: tuple[str, ...]
    detect: Detect
    found_in: Callable[[str], InNote]


def load_desk(settings: Settings, language: Language | None = None) -> Desk:
    """The desk of these settings, with the rules as they stand on the disk now.

    ``RulesError`` holds the faults of all rule files. ``language`` spares loading the
    model again where an older desk has it.
    """
    from triage.language import load_detector, load_model
    from triage.rulebook import load_rulebook

    rulebook = load_rulebook(settings.rules_folder)
    if language is None:
        language = Language(load_model(), load_detector())
    return make_desk(
        rulebook, language, settings.trust, settings.me, settings.costs, settings.routes
    )


def make_desk(
    rulebook: Rulebook,
    language: Language,
    trust: Trust | None = None,
    me: Me | None = None,
    costs: Costs | None = None,
    routes: Routes | None = None,
) -> Desk:
    """A desk out of parts; what is not given is as shipped."""
    from triage.judge.explain import one_line
    from triage.judge.judging import Judge
    from triage.judge.reading import read
    from triage.judge.routes import plan

    with language.alone:
        judge = Judge(rulebook, language.nlp, me or Me(), costs or Costs())

    def detect(note: str) -> str | None:
        """A default text is in its own language, however short it is."""
        return judge.language_of_default(note) or language.detect(note)

    platforms = rulebook.platforms
    trusted = trust or Trust()
    chosen = routes or Routes()
    return Desk(
        rulebook=rulebook,
        language=language,
        judge=OneAtATime(judge, language.alone),
        read=lambda message: read(message, platforms, trusted, detect, budget_for(1)),
        plan=lambda verdict: plan(verdict, chosen),
        say=one_line,
        criteria=Criteria(
            _unique(one.search_senders for one in platforms),
            _unique(one.search_subjects for one in platforms),
            _unique(one.search_headers for one in platforms),
        ),
        headers=_unique(one.headers for one in platforms),
        detect=detect,
        found_in=judge.found_in,
    )


def _unique(groups: Any) -> tuple[Any, ...]:
    """All members of all groups once, in order."""
    return tuple(dict.fromkeys(member for group in groups for member in group))
