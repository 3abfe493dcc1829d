"""The rules of one set as a value, and the run of their own examples.

A Rulebook holds everything that a judgement depends on beside the mail, the model and
the user's facts; its fingerprint names it in the journal. May not read files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING

from triage.errors import Fault
from triage.judge.evidence_rules import EvidenceRule
from triage.judge.voice import Voice
from triage.preferences import Me

if TYPE_CHECKING:
    from spacy.language import Language

    from triage.judge.boilerplate_rules import BoilerplateText
    from triage.judge.platform_rules import Platform

# What ``{my.employers}`` and the like stand for in a rule's own examples; the same
# facts as in config.example.toml.
EXAMPLE_ME = Me(
    names=("Dave Fielding",),
    employers=("Northwind",),
    schools=("Kelvin College",),
    fields=("marketing",),
    works=("The Returns Handbook",),
    events=("Blog Business Summit",),
    friends=("Joe Marsh",),
)


@dataclass(frozen=True)
class Rulebook:
    """Sound rules. The fingerprint changes when, and only when, a rule that is in force
    changes; where a rule stands in its file does not count."""

    platforms: tuple[Platform, ...] = ()
    boilerplate: tuple[BoilerplateText, ...] = ()
    evidence: tuple[EvidenceRule, ...] = ()
    fingerprint: str = ""
    voice: Voice | None = None

    @classmethod
    def of(
        cls,
        platforms: Sequence[Platform],
        boilerplate: Sequence[BoilerplateText],
        evidence: Sequence[EvidenceRule],
        voice: Voice | None = None,
    ) -> Rulebook:
        """A rulebook with its fingerprint."""
        found = hashlib.sha256()
        for kind in (platforms, boilerplate, evidence):
            for text in sorted(_as_text(rule) for rule in kind):
                found.update(text.encode("utf-8", "surrogatepass") + b"\0")
            found.update(b"\1")
        found.update(voice.fingerprint.encode() if voice else b"")
        digest = found.hexdigest()[:16]
        return cls(tuple(platforms), tuple(boilerplate), tuple(evidence), digest, voice)


def check_examples(rulebook: Rulebook, nlp: Language) -> tuple[Fault, ...]:
    """A fault for every example of a rule that does not do what it says (those of
    platforms have been tried when they were parsed). Raises
    RulesError for rules that this model cannot match."""
    from triage.judge.boilerplate import DefaultTexts, example_faults
    from triage.judge.evidence import EvidenceFinder

    rules = [rule for rule in rulebook.evidence if rule.enabled]
    finder = EvidenceFinder(rules, nlp, EXAMPLE_ME)
    defaults = DefaultTexts(rulebook.boilerplate)
    examples = [
        (rule, key, text)
        for rule in rules
        for key in ("matches", "ignores")
        for text in getattr(rule, key)
    ]
    notes = [(text, defaults.subtract(text).residue) for _, _, text in examples]
    faults = list(example_faults(rulebook.boilerplate))
    for (rule, key, text), found in zip(examples, finder.find_all(notes), strict=True):
        hit = any(evidence.rule == rule.id for evidence in found)
        if hit == (key == "matches"):
            continue
        number = getattr(rule, key).index(text) + 1
        what = f"example {number} of {key} is {'found' if hit else 'not found'}"
        now = (
            "Narrow the phrase that finds it, or move the example to matches."
            if hit
            else "Add a phrase that finds it, or move the example to ignores."
        )
        faults.append(rule.fault(what, now))
    return tuple(faults)


def _as_text(rule: object) -> str:
    """The rule in one line, without where it stands."""
    return f"{type(rule).__name__}{_canonical(rule)}"


def _canonical(value: object) -> str:
    """The same text for the same rule in every process: sets are sorted."""
    if is_dataclass(value):
        kept = [f.name for f in fields(value) if f.name not in ("file", "line")]
        return "{" + ",".join(f"{name}:{_canonical(getattr(value, name))}" for name in kept) + "}"
    if isinstance(value, (set, frozenset)):
        return "{" + ",".join(sorted(_canonical(one) for one in value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_canonical(one) for one in value) + "]"
    if isinstance(value, Mapping):
        pairs = sorted((str(key), _canonical(one)) for key, one in value.items())
        return repr(pairs)
    if isinstance(value, re.Pattern):
        return f"{value.pattern!r}{value.flags}"
    return repr(value)
