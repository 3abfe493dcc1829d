"""Runs of slots to spaCy Matcher patterns, and to the places of a note worth a look.

Words are compared by norm (``norms.py``), so no tagger has to run. What ``windows``
leaves out cannot match. May not match anything: ``compiled.py`` does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from triage.judge.norms import NoteWords
from triage.judge.phrase_grammar import PhraseFault
from triage.judge.token_texts import TextTest

SENTENCE_ENDS = [".", "!", "?", "…", "..."]
ENTITY_AT_MOST = 6  # tokens, where anything is taken for an entity
_LONGEST_ENTITY = 10  # tokens
_ENTITY_LABELS = {
    "PERSON": ["PERSON"],
    "ORG": ["ORG"],
    "EVENT": ["EVENT"],
    "PLACE": ["GPE", "LOC", "FAC"],
    "DATE": ["DATE", "TIME"],
}
_CAPITAL = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİĶŁŃŇŐŘŚŞŠŤŪŮŰŹŻŽΑ-ΩА-ЯЁЄІЇҐ"
NAME = rf"^[{_CAPITAL}]"
NAME_ON = rf"^(?:[{_CAPITAL}].*|\d+|of|for|the|and|&|-|'s|de|du|la|von|van|der|\.)$"
_FUNCTION_WORDS = """
    i a an the this that these those my our your his her their its me you we he she it they who
    what is are am was were be been do does did have has had can could will would and or but so if
    as at in on of for from to by with about not
"""
# Words that begin sentences, and the platforms, which suggest people to everybody.
_BEGINNINGS = """
    when where why how which shall should may might must after before since because while no yes
    hi hello hey dear good great nice thanks thank please regards best cheers sorry just also both
    looking hope love glad happy let there here then now today yesterday tomorrow last next one two
    some any all every many most more linkedin xing facebook google ai hr ceo cto cfo coo vp cv mba
    phd ms bs pm us friend friends someone anyone everyone people colleague reaching saw read met
    currently recently
"""
COMMON = frozenset([*_FUNCTION_WORDS.split(), ",", ".", "!"])
NO_NAME = sorted({*_FUNCTION_WORDS.split(), *_BEGINNINGS.split()})


@dataclass(frozen=True)
class Slot:
    """``words``: one of these norms; ``gap``: up to that many tokens; ``entity``;
    ``test``: of how the token is written."""

    words: frozenset[str] = frozenset()
    gap: int = 0
    entity: str = ""
    optional: bool = False
    unlike: frozenset[str] = frozenset()  # norms with which a name may not begin
    test: TextTest | None = None


Run = tuple[Slot, ...]


@dataclass(frozen=True)
class Probe:
    """What a note must have for one run to match: a word of ``anchor``, and one of each
    of ``others`` not more than ``before`` and ``after`` tokens from it."""

    anchor: frozenset[str]
    others: tuple[frozenset[str], ...]
    before: int
    after: int

    def windows(self, words: NoteWords) -> Iterator[tuple[int, int]]:
        """First token, and one after the last, of each place that may match."""
        for norm in self.anchor & words.bits.keys():
            for at in words.places(norm):
                window = (max(0, at - self.before), min(len(words.norms), at + self.after + 1))
                near = words.norms[window[0] : window[1]]
                if all(not other.isdisjoint(near) for other in self.others):
                    yield window


@dataclass(frozen=True)
class Patterns:
    """Of every run, ``exact`` is the spaCy pattern. ``starts``: only where a clause
    begins."""

    runs: tuple[Run, ...]
    probes: tuple[Probe, ...]
    needs: frozenset[str]
    starts: bool = False

    def exact(self) -> list[list[dict[str, Any]]]:
        return [list(itertools.chain(*map(_pattern, run))) for run in self.runs]

    def windows(self, words: NoteWords) -> list[tuple[int, int]]:
        """The places that may match, in order, those that overlap joined."""
        joined: list[tuple[int, int]] = []
        for first, last in sorted({w for probe in self.probes for w in probe.windows(words)}):
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
            else:
                joined.append((first, last))
        return joined


def patterns(runs: Iterable[Run], starts: bool = False) -> Patterns:
    """Raises PhraseFault where a run could match nothing at all."""
    kept = list(dict.fromkeys(runs))
    for run in kept:
        if not any((slot.words or slot.entity) and not slot.optional for slot in run):
            what = "every word of the phrase may be missing"
            raise PhraseFault(1, what, 'Take the "?" from one of them.')
    entities = {slot.entity for run in kept for slot in run if slot.entity}
    return Patterns(
        runs=tuple(kept),
        probes=tuple(map(_probe, kept)),
        needs=frozenset({"ner"} if entities - {"NAME"} else ()),
        starts=starts,
    )


def _probe(run: Run) -> Probe:
    """The anchor is the slot that the fewest notes meet: few words, none common."""
    certain = [at for at, slot in enumerate(run) if slot.words and not slot.optional]
    if not certain:  # nothing but names: any token may begin one
        return Probe(frozenset(), (), 0, 0)
    anchor = min(certain, key=lambda at: (bool(run[at].words & COMMON), len(run[at].words)))
    return Probe(
        run[anchor].words,
        tuple(run[at].words for at in certain if at != anchor),
        sum(map(_longest, run[:anchor])),
        sum(map(_longest, run[anchor + 1 :])),
    )


def _longest(slot: Slot) -> int:
    return slot.gap or (_LONGEST_ENTITY if slot.entity else 1)


def _pattern(slot: Slot) -> list[dict[str, Any]]:
    if slot.gap:
        return [{"NORM": {"NOT_IN": SENTENCE_ENDS}, "OP": f"{{0,{slot.gap}}}"}]
    if slot.entity == "NAME":
        return [name_token(slot.unlike), {"TEXT": {"REGEX": NAME_ON}, "OP": "{0,4}"}]
    if slot.entity:
        return [{**entity_token(slot.entity), "OP": "+"}]
    norms = sorted(slot.words)
    token: dict[str, Any] = {"NORM": norms[0] if len(norms) == 1 else {"IN": norms}}
    if slot.optional:
        token["OP"] = "?"
    return [token]


def name_token(unlike: frozenset[str] = frozenset()) -> dict[str, Any]:
    """One capitalised word that is no common sentence beginning, nor ``unlike``."""
    return {"TEXT": {"REGEX": NAME}, "NORM": {"NOT_IN": sorted({*NO_NAME, *unlike})}}


def entity_token(kind: str) -> dict[str, Any]:
    """A token of an entity of ``kind``."""
    if kind == "NAME":
        return name_token()
    return {"ENT_TYPE": {"IN": _ENTITY_LABELS[kind]}}
