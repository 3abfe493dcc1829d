"""What a phrase stands for: runs of slots, and what the model must tell of a note first.

Words are compared by norm (``norms.py``), so no tagger has to run. May not match anything:
``fitting.py`` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from triage.judge.phrase_grammar import PhraseFault
from triage.judge.token_texts import TextTest

SENTENCE_ENDS = [".", "!", "?", "…", "..."]
ENTITY_AT_MOST = 6  # tokens
ENTITY_LABELS = {
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
class Patterns:
    """``starts``: only where a clause begins."""

    runs: tuple[Run, ...]
    needs: frozenset[str]
    starts: bool = False


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
        needs=frozenset({"ner"} if entities - {"NAME"} else ()),
        starts=starts,
    )


def name_token(unlike: frozenset[str] = frozenset()) -> dict[str, Any]:
    """One capitalised word that is no common sentence beginning, nor ``unlike``."""
    return {"TEXT": {"REGEX": NAME}, "NORM": {"NOT_IN": sorted({*NO_NAME, *unlike})}}


def entity_token(kind: str) -> dict[str, Any]:
    """A token of an entity of ``kind``."""
    if kind == "NAME":
        return name_token()
    return {"ENT_TYPE": {"IN": ENTITY_LABELS[kind]}}
