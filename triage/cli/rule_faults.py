"""Rule folders to every fault that can be found in them, of every kind, in one go.

Loading stops at faults of form, compiling at phrases that the model cannot match; here
what is sound goes on to the next check all the same, so that a person mends all of it at
once. May not change a rule, nor print.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import Fault, RulesError
from triage.settings import Settings

if TYPE_CHECKING:
    from triage.judge.rules import Rulebook


def rules_and_faults(
    settings: Settings | None, nlp: Any = None
) -> tuple[Rulebook, tuple[Fault, ...]]:
    """The sound rules, and all faults of the others: of form, of phrases that do not
    compile, of examples that do not do what they say."""
    from triage.language import load_model
    from triage.rulebook import load_rulebook

    folder = settings.rules_folder if settings else None
    faults: list[Fault] = []
    try:
        book = load_rulebook(folder)
    except RulesError as error:
        faults += error.faults
        book = _sound_part(folder)
    return book, (*faults, *_tried(book, nlp or load_model()))


def _tried(book: Rulebook, nlp: Any) -> tuple[Fault, ...]:
    """What compiling and the examples show; rules that do not compile are set aside, and
    the others tried without them."""
    from triage.judge.rules import check_examples

    try:
        return check_examples(book, nlp)
    except RulesError as error:
        broken = {fault.item for fault in error.faults}
        rest = tuple(rule for rule in book.evidence if rule.id not in broken)
        if len(rest) == len(book.evidence):
            return error.faults
        return (*error.faults, *_tried(replace(book, evidence=rest), nlp))


def _sound_part(user_folder: Path | None) -> Rulebook:
    """The rules that can be read in spite of faults in others; those have been told."""
    from triage.judge.rules import Rulebook
    from triage.rulebook import PARSERS, shipped_folder

    kinds: list[tuple[Any, ...]] = []
    for kind, parse in PARSERS.items():
        rules: dict[str, Any] = {}
        for folder in (shipped_folder(), user_folder):
            for path in sorted((folder / kind).glob("*.toml")) if folder else ():
                try:
                    found, _ = parse(str(path), path.read_text("utf-8"))
                except (OSError, UnicodeDecodeError):
                    continue
                rules.update({rule.id: rule for rule in found})
        kinds.append(tuple(one for one in rules.values() if getattr(one, "enabled", True)))
    return Rulebook.of(kinds[0], kinds[1], kinds[2])
