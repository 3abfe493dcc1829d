"""A phrase, a relation or a raw pattern to what a note must have for it to stand there.

Each slot becomes a step: what may stand at its place, ready for ``fitting.py``, which
holds it against all places of a note at once. May not look at a note.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from triage.judge.patterns import ENTITY_AT_MOST, Run, Slot
from triage.judge.token_texts import TextTest

Norms = frozenset[str]
_NAME_AT_MOST = 5  # tokens


@dataclass(frozen=True)
class NoName:
    """What a name may not begin with, beside the words that begin sentences."""

    unlike: Norms


@dataclass(frozen=True)
class OfKind:
    """What the model has told to be an entity of this kind."""

    kind: str


class Step(NamedTuple):
    """A slot made ready: ``what`` is a norm, several, a test, what no name may be
    (``name``), or an entity; None is any token. Up to ``most`` tokens may stand there, and where
    ``gap`` is set none has to and no sentence ends."""

    what: Hashable
    most: int = 1
    optional: bool = False
    gap: bool = False
    name: bool = False


@dataclass(frozen=True)
class Way:
    """What a note must have: a ``run`` of slots; each of the slots ``beside`` one
    another in one sentence, in any order; a token that meets each of ``tests``."""

    run: Run = ()
    beside: tuple[Slot, ...] = ()
    tests: tuple[TextTest, ...] = ()

    @cached_property
    def needed(self) -> frozenset[Norms]:
        """Sets of norms, of each of which a note must have one."""
        slots = (*self.run, *self.beside)
        return frozenset(slot.words for slot in slots if slot.words and not slot.optional)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The slots of ``run``."""
        return tuple(map(step_of, self.run))

    @cached_property
    def named_steps(self) -> tuple[Step, ...]:
        """As ``steps``, where the model has told the entities."""
        return tuple(step_of(slot, told=True) for slot in self.run)

    @cached_property
    def parties(self) -> tuple[Step, ...]:
        """The slots of ``beside``."""
        return tuple(map(step_of, self.beside))

    @cached_property
    def length(self) -> int | None:
        """The tokens that ``run`` takes, None where that varies."""
        steps = self.steps
        varies = any(s.optional or s.gap or s.name or s.what is None for s in steps)
        return None if varies else len(steps)


def step_of(slot: Slot, told: bool = False) -> Step:
    """``told``: the model has told the entities; else any few tokens may be one."""
    if slot.words:
        what = next(iter(slot.words)) if len(slot.words) == 1 else slot.words
        return Step(what, optional=slot.optional)
    if slot.test:
        return Step(slot.test, optional=slot.optional)
    if slot.gap:
        return Step(None, slot.gap, gap=True)
    if slot.entity == "NAME":
        return Step(NoName(slot.unlike), _NAME_AT_MOST, name=True)
    return Step(OfKind(slot.entity) if told else None, ENTITY_AT_MOST)
