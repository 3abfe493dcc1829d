"""A reading, or a bare note, to its verdict: the way through all of ``judge``.

Default texts are taken away first; a note that they settle never reaches spaCy. What is
left is searched for evidence in batches, which changes no answer. May not read files,
know the time, or say what is to be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.language import Language

from triage.judge.boilerplate import DefaultTexts, Subtraction
from triage.judge.budget import MAX_STEPS, Budget
from triage.judge.evidence import EvidenceFinder
from triage.judge.rules import Rulebook
from triage.judge.verdict import DEFAULT_BITS, Doubt, judge_evidence, suspicious
from triage.model import JUDGED_KINDS, Evidence, Invitation, Reading, Shown, Verdict
from triage.preferences import Costs, Me

MAX_NOTE = 20_000  # characters; a note is 300 at most on any platform known
_DEFAULT_WITHIN = 1_000  # characters; the longest default text has some 400
_STEP = 10  # steps of the subtraction, or characters, that cost one of the budget
_BESIDE = ("greeting", "signature")
_FAILED = Evidence("authenticity.failed", "it fails its authentication", "suspicious", 6.0)
_HIDDEN = Doubt("The mail does not show the note.")
_CUT = Doubt("The mail shows only a part of the note, and that does not suffice.", held=False)
_UNREADABLE = Doubt("The mail could not be read: its template may have changed.")


@dataclass(frozen=True)
class _Case:
    """A note to be judged, None where there is none."""

    note: str | None
    shown: Shown = "whole"
    doubts: tuple[str, ...] = ()
    readable: bool = True


class Judge:
    """Judges by one rulebook for one user. Raises RulesError where ``nlp`` cannot match
    a rule."""

    def __init__(self, rulebook: Rulebook, nlp: Language, me: Me, costs: Costs) -> None:
        self._nlp, self._costs, self._ruleset = nlp, costs, rulebook.fingerprint
        self._defaults = DefaultTexts(rulebook.boilerplate)
        self._finder = EvidenceFinder(rulebook.evidence, nlp, me)
        self._voice = rulebook.voice

    def judge(self, reading: Reading, budget: Budget | None = None) -> Verdict | None:
        """None for what gets no label: no invitation, or news about one."""
        return self.judge_all([reading], budget)[0]

    def judge_all(
        self, readings: Sequence[Reading], budget: Budget | None = None
    ) -> list[Verdict | None]:
        """As ``judge``, for many; the same answers, whatever their order. OverBudget where
        all together need more than the ``budget``."""
        verdicts: list[Verdict | None] = [None] * len(readings)
        cases: dict[int, _Case] = {}
        for at, reading in enumerate(readings):
            warnings = reading.warnings or ((_FAILED,) if _failed(reading) else ())
            if warnings:
                verdicts[at] = suspicious(warnings, self._ruleset)
            elif isinstance(reading, Invitation) and reading.kind in JUDGED_KINDS:
                cases[at] = _Case(reading.note, reading.shown, reading.doubts, reading.readable)
        for at, verdict in zip(cases, self._judge_cases(list(cases.values()), budget), strict=True):
            verdicts[at] = verdict
        return verdicts

    def language_of_default(self, note: str) -> str | None:
        """The language of the default text that the note holds, None if it holds none."""
        return self._defaults.subtract(note[:_DEFAULT_WITHIN]).language

    def found_in(self, note: str) -> tuple[tuple[tuple[int, int], ...], tuple[Evidence, ...]]:
        """What is left of a bare note when default texts are gone, and all that the rules
        find there: what counts in the sum, and what a stronger line of its group hides."""
        note = note[:MAX_NOTE]
        pieces = tuple(self._defaults.subtract(note).residue)
        return pieces, self._finder.find(note, pieces) if pieces else ()

    def judge_note(self, text: str) -> Verdict:
        """The verdict on a bare note, shown whole."""
        return self.judge_notes([text])[0]

    def judge_notes(self, texts: Sequence[str], budget: Budget | None = None) -> list[Verdict]:
        """As ``judge_note``, for many; the same answers, whatever their order."""
        return self._judge_cases([_Case(text) for text in texts], budget)

    def _judge_cases(self, cases: Sequence[_Case], budget: Budget | None) -> list[Verdict]:
        budget = budget or Budget(steps=MAX_STEPS * len(cases))
        notes = [(case.note or "")[:MAX_NOTE] for case in cases]
        subtractions = [self._subtract(note, budget) for note in notes]
        open_ones = [at for at, found in enumerate(subtractions) if found.residue]
        evidence: dict[int, tuple[Evidence, ...]] = {}
        if open_ones:
            with self._nlp.memory_zone():
                searched = [(notes[at], subtractions[at].residue) for at in open_ones]
                found = self._finder.find_all(searched, budget)
            for at, (note, pieces), lines in zip(open_ones, searched, found, strict=True):
                # The voice learnt on whole notes: of a fragment it knows nothing.
                whole = cases[at].shown == "whole"
                heard = self._voice.hear(note, pieces) if self._voice and whole else None
                evidence[at] = (*lines, heard) if heard else lines
        return [
            self._verdict(case, notes[at], subtractions[at], evidence.get(at))
            for at, case in enumerate(cases)
        ]

    def _subtract(self, note: str, budget: Budget) -> Subtraction:
        found = self._defaults.subtract(note)
        budget.spend(1 + (found.steps + len(note)) // _STEP)
        return found

    def _verdict(
        self,
        case: _Case,
        note: str,
        subtraction: Subtraction,
        evidence: tuple[Evidence, ...] | None,
    ) -> Verdict:
        found = _settled(note, subtraction) if evidence is None else evidence
        doubts = [Doubt(why) for why in case.doubts]
        if not case.readable:
            doubts.append(_UNREADABLE)
        if case.shown == "hidden" and not note.strip():
            doubts.append(_HIDDEN)
        elif case.shown != "whole":
            doubts.append(_CUT)
        return judge_evidence(
            found,
            self._costs,
            ruleset=self._ruleset,
            subtracted=subtraction.spans,
            doubts=doubts,
        )


def _failed(reading: Reading) -> bool:
    return isinstance(reading, Invitation) and reading.authentic is False


def _settled(note: str, subtraction: Subtraction) -> tuple[Evidence, ...]:
    """The evidence in a note of which nothing is left."""
    texts = [span for span in subtraction.spans if span.rule not in _BESIDE]
    if texts:
        longest = max(texts, key=lambda span: (span.end - span.start, -span.start))
        rule, says, span = longest.rule, "the platform's default text", longest
        quote = note[span.start : span.end]
        place = (quote, span.start, span.end, "default")
        return (Evidence(rule, says, "boilerplate", DEFAULT_BITS, *place),)
    rule, says = ("boilerplate.no-note", "there is no note")
    if note.strip():
        rule, says = ("boilerplate.only-greeting", "it holds no more than a greeting")
    return (Evidence(rule, says, "boilerplate", DEFAULT_BITS),)
