"""What the tests of the judging room share: the language model, and rules from text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.language import Language

from triage.judge.evidence import EvidenceFinder
from triage.judge.evidence_rules import EvidenceRule, parse_evidence
from triage.language import load_model
from triage.model import Evidence
from triage.preferences import Me

Find = Callable[..., tuple[Evidence, ...]]
MakeRules = Callable[..., tuple[EvidenceRule, ...]]


@pytest.fixture(scope="session")
def nlp() -> Language:
    return load_model()


@pytest.fixture(scope="session")
def rules_of() -> MakeRules:
    """rules_of(phrases=[...]): one sound rule with these keys in place of its own. What
    is no list, text or truth is put in as it stands."""

    def made(**keys: object) -> tuple[EvidenceRule, ...]:
        rule = {
            "id": "personal.probe",
            "says": "is a probe",
            "points_to": "personal",
            "bits": 2.0,
            "matches": ["x"],
            "ignores": ["y"],
            **keys,
        }
        lines = (f"{key} = {_toml(value)}" for key, value in rule.items())
        rules, faults = parse_evidence("probe.en.toml", "\n".join(["[[evidence]]", *lines]))
        assert not faults, faults
        return rules

    return made


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


@pytest.fixture
def find(nlp: Language, rules_of: MakeRules) -> Find:
    """find(note, phrases=[...]) looks for one rule in the whole of a note."""

    def found(note: str, me: Me | None = None, **keys: object) -> tuple[Evidence, ...]:
        finder = EvidenceFinder(rules_of(**keys), nlp, me or Me())
        return finder.find(note, [(0, len(note))])

    return found
