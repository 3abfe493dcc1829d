"""Message and rules in, decision out: the doors of ``judge``.

PURE: no clock, disk, network, log or global state anywhere in here; everything comes in
as an argument. What needs spaCy is imported when it is first asked for, so that reading
a mail, or printing help, does not wait for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triage.judge import explain as explain
    from triage.judge.boilerplate import DefaultTexts as DefaultTexts
    from triage.judge.boilerplate_rules import parse_boilerplate as parse_boilerplate
    from triage.judge.evidence_rules import parse_evidence as parse_evidence
    from triage.judge.judging import Judge as Judge
    from triage.judge.platform_rules import Platform as Platform
    from triage.judge.platform_rules import parse_platform as parse_platform
    from triage.judge.reading import read as read
    from triage.judge.routes import plan as plan
    from triage.judge.rules import Rulebook as Rulebook
    from triage.judge.rules import check_examples as check_examples

_HOMES = {
    "DefaultTexts": "boilerplate",
    "Judge": "judging",
    "Platform": "platform_rules",
    "Rulebook": "rules",
    "check_examples": "rules",
    "parse_boilerplate": "boilerplate_rules",
    "parse_evidence": "evidence_rules",
    "parse_platform": "platform_rules",
    "plan": "routes",
    "read": "reading",
}
__all__ = [*_HOMES, "explain"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name == "explain":
        return importlib.import_module(f"{__name__}.explain")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
