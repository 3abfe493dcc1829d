"""Settings, or none, to a bench that judges mails and notes.

What `judge`, `explain` and `rules try` share: the same rules, model and judge as the
daemon's, so the same answers, with no mailbox in sight. May not import spaCy or read a
rule before a bench is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.identity import identity_of
from triage.model import Action, Evidence, RawMessage, Reading, Verdict
from triage.preferences import Costs
from triage.settings import Settings

if TYPE_CHECKING:
    from triage.daemon.desk import Desk


@dataclass(frozen=True)
class Bench:
    """The daemon's desk for mails and notes that stand in files."""

    desk: Desk
    costs: Costs

    def detect(self, note: str) -> str | None:
        """The language of a note, None where it is too short to tell."""
        return self.desk.detect(note)

    def reading(self, content: bytes) -> Reading:
        """What stands in the mail of this content."""
        return self.desk.read(RawMessage(content, identity_of(content)))

    def verdicts(self, readings: Sequence[Reading]) -> list[Verdict | None]:
        """A verdict for each; None for what is neither an invitation nor poses as one."""
        return self.desk.judge.judge_all(readings)

    def note_verdicts(self, notes: Sequence[str]) -> list[Verdict]:
        """A verdict for each bare note."""
        return self.desk.judge.judge_notes(notes)

    def found_in(self, note: str) -> tuple[Sequence[tuple[int, int]], Sequence[Evidence]]:
        """What is left of a note when default texts are gone, and all that is found there."""
        return self.desk.found_in(note)

    def actions(self, verdict: Verdict | None) -> tuple[Action, ...]:
        """What the routes say should be done."""
        return self.desk.plan(verdict) if verdict else ()


def open_bench(settings: Settings | None) -> Bench:
    """Load rules and model; without settings the shipped rules, and nothing about the
    user. ``RulesError`` with all faults of all rule files."""
    from triage.daemon.desk import Language, load_desk, make_desk
    from triage.language import load_detector, load_model
    from triage.rulebook import load_rulebook

    if settings is not None:
        return Bench(load_desk(settings), settings.costs)
    rulebook = load_rulebook(None)
    return Bench(make_desk(rulebook, Language(load_model(), load_detector())), Costs())


def lazily(settings: Settings | None) -> Callable[[], Bench]:
    """The bench, opened when the first mail needs it, so that a wrong path costs nothing."""
    opened: list[Bench] = []

    def bench() -> Bench:
        if not opened:
            opened.append(open_bench(settings))
        return opened[0]

    return bench
