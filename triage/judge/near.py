"""A note to the rules that nearly found something in it, and what each of them missed.

For those who write rules: of a phrase that does not stand in the note it is told which
one word is another, which entity was not recognised, or that the grammar says otherwise.
Looks at rules that found nothing there. May not judge, nor say what a rule should be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from spacy.language import Language

from triage.judge.evidence_rules import EvidenceRule, Written
from triage.judge.fitting import Places
from triage.judge.inflections import Inflections, tables
from triage.judge.norms import WordCutter
from triage.judge.patterns import COMMON, Run, Slot
from triage.judge.phrase_grammar import Start
from triage.judge.phrases import Expansion
from triage.judge.relations import relation
from triage.judge.ways import Way
from triage.preferences import Me

LEAST_WORDS = 3  # that a phrase must have, for one of them to be missing
SHOWN_WORDS = 6  # of those that would have done
_GRAMMAR = "its words stand in one sentence, but not as who does what to whom"
_ALONE = "it counts only where the note says nothing else"
_START = "it counts only where a clause begins"
_ELSEWHERE = "the words are there, but not so that the phrase fits"


@dataclass(frozen=True)
class Near:
    """A rule that nearly matched: its ``phrase`` as written, the place in the note that
    came nearest, and what was ``missing`` there, in words. ``lacks`` is the number of
    words that are missing, ``words`` that of those that are there."""

    rule: str
    says: str
    phrase: str
    start: int
    end: int
    missing: str
    lacks: int
    words: int


class NearMisses:
    """The rules made ready for one language model and one user's facts."""

    def __init__(self, rules: Iterable[EvidenceRule], nlp: Language, me: Me) -> None:
        self._words = WordCutter(nlp)
        facts = {name: tuple(values) for name, values in asdict(me).items()}
        self._expansion = Expansion(self._words, Inflections(tables(nlp)[0]), facts)
        self._rules = [rule for rule in rules if rule.enabled]

    def of(
        self, note: str, pieces: Sequence[tuple[int, int]], found: Collection[str], most: int = 5
    ) -> list[Near]:
        """The nearest misses in the ``pieces`` of ``note``, one a rule, the nearest first,
        ``most`` of them; ``found`` are the ids of the rules that matched."""
        places = Places([self._words.cut(note, pieces)])
        nearest: list[Near] = []
        for rule in self._rules:
            misses = [] if rule.id in found else list(self._misses(rule, places))
            if misses:
                nearest.append(min(misses, key=lambda near: (near.lacks, -near.words)))
        nearest.sort(key=lambda near: (near.lacks, -near.words, near.rule))
        return nearest[:most]

    def _misses(self, rule: EvidenceRule, places: Places) -> Iterator[Near]:
        for written in rule.phrases:
            starts = isinstance(written.parts[0], Start)
            for run in self._expansion.runs(written.parts):
                yield from _of_run(rule, written, run, starts, places)
        for written in rule.relations:
            related = relation(written.parts, self._expansion)
            if related and any(places.ends(Way(beside=related.parts))):
                first, last = _around(related.parts, places)
                yield _near(rule, written, places, (first, last), _GRAMMAR, 1, len(related.parts))


def _of_run(
    rule: EvidenceRule, written: Written, run: Run, starts: bool, places: Places
) -> Iterator[Near]:
    """What one way to say a phrase lacks, where it lacks one thing only."""
    certain = [at for at, slot in enumerate(run) if slot.words and not slot.optional]
    whole = _place(run, places)
    if whole is not None:
        if _tells([run[at] for at in certain]):
            why = _why_not(rule, run, starts)
            yield _near(rule, written, places, whole, why, 0, len(certain))
        return
    if len(certain) < LEAST_WORDS:
        return
    for at in certain:
        rest = [run[other] for other in certain if other != at]
        if not _tells(rest):
            continue
        with_any = (*run[:at], Slot(gap=1), *run[at + 1 :])
        place = _place(with_any, places)
        if place is not None:
            missing = f"without {_one_of(run[at].words)}"
            yield _near(rule, written, places, place, missing, 1, len(rest))


def _place(run: Run, places: Places) -> tuple[int, int] | None:
    """The first place of ``run``, entities aside: first token, and one after the last."""
    way = Way(run)
    for _, ends in places.ends(way):
        for span in places.spans(way, ends):
            return span
    return None


def _why_not(rule: EvidenceRule, run: Run, starts: bool) -> str:
    kinds = sorted({slot.entity for slot in run if slot.entity and slot.entity != "NAME"})
    if kinds:
        return "without " + " and ".join(f"{{{kind}}}" for kind in kinds) + " recognised there"
    return _ALONE if rule.alone else _START if starts else _ELSEWHERE


def _tells(slots: Sequence[Slot]) -> bool:
    """Whether more stands there than words that stand in every note."""
    return len(slots) > 1 and any(slot.words.isdisjoint(COMMON) for slot in slots)


def _around(slots: Sequence[Slot], places: Places) -> tuple[int, int]:
    """From the first to, without, one after the last token that any of the slots takes."""
    norms = frozenset().union(*(slot.words for slot in slots))
    at = sorted(at for norm in norms for at in places.words.places(norm))
    return (at[0], at[-1] + 1) if at else (0, 1)


def _near(
    rule: EvidenceRule,
    written: Written,
    places: Places,
    tokens: tuple[int, int],
    missing: str,
    lacks: int,
    words: int,
) -> Near:
    start, end = places.words.span(*tokens)
    return Near(rule.id, rule.says, written.text, start, end, missing, lacks, words)


def _one_of(words: frozenset[str]) -> str:
    """The shortest of them, quoted."""
    shown = sorted(words, key=lambda word: (len(word), word))[:SHOWN_WORDS]
    more = ", …" if len(words) > SHOWN_WORDS else ""
    return ("one of " if len(words) > 1 else "") + ", ".join(f'"{w}"' for w in shown) + more
