"""A rule file's text to evidence rules, with every fault in it named at its line.

Knows what a rule may say; whether its phrases can be matched by the model at hand is
found out later (``evidence.py``), whether its examples hold is ``rules.py``'s. May not
read files or import spaCy.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from triage.errors import Fault
from triage.judge.phrase_grammar import Part, PhraseFault, has_lemma, parse_phrase
from triage.judge.signs import SIGNS
from triage.model import PointsTo
from triage.toml_source import TomlSource, read_toml

KEYS = (
    "id", "says", "points_to", "bits", "group", "phrases", "relations", "tokens", "signs",
    "alone", "matches", "ignores", "enabled",
)  # fmt: skip
POINTS = ("personal", "generic", "boilerplate")
MAX_BITS = 10.0  # a thousand to one: no phrase proves more
_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_LANGUAGE = re.compile(r"\.([a-z]{2})\.toml$")


@dataclass(frozen=True)
class Written:
    """A phrase or relation as it was written, parsed, and its line in the file."""

    text: str
    parts: tuple[Part, ...]
    line: int


@dataclass(frozen=True)
class EvidenceRule:
    """``tokens`` are raw spaCy patterns as JSON text. ``alone``: a phrase counts only
    where it is all that the note says. ``language`` is that of the file's name."""

    id: str
    says: str = ""
    points_to: PointsTo = "generic"
    bits: float = 0.0
    group: str = ""
    phrases: tuple[Written, ...] = ()
    relations: tuple[Written, ...] = ()
    tokens: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    alone: bool = False
    matches: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    enabled: bool = True
    language: str | None = None
    file: str = ""
    line: int = 0

    def fault(self, what: str, now: str, line: int = 0) -> Fault:
        return Fault(self.file, line or self.line, self.id, what, now)


def parse_evidence(file: str, text: str) -> tuple[tuple[EvidenceRule, ...], tuple[Fault, ...]]:
    """The sound rules of ``text`` and the faults of the others; ``file`` names it."""
    source = read_toml(file, text)
    if isinstance(source, Fault):
        return (), (source,)
    faults: list[Fault] = []
    rules: dict[str, EvidenceRule] = {}
    for key in source.data:
        if key != "evidence":
            now = 'Rules of this folder begin with "[[evidence]]".'
            faults.append(source.fault(key, f'"{key}" is not known here', now, key))
    tables = source.data.get("evidence", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        what, now = '"evidence" is no list of tables', 'Write "[[evidence]]" above each rule.'
        return (), (*faults, source.fault("", what, now, "evidence"))
    for number, table in enumerate(tables):
        entry = _Entry(source, number, table)
        found = list(entry.faults())
        if not found:
            rule = entry.rule()
            if rule.id in rules:
                now = "Give one of them another id; an id may stand once in a file."
                what = f"a second rule of this id, after line {rules[rule.id].line}"
                found.append(rule.fault(what, now))
            rules.setdefault(rule.id, rule)
        faults += found
    return tuple(rules.values()), tuple(faults)


class _Entry:
    """One ``[[evidence]]`` table."""

    def __init__(self, source: TomlSource, number: int, table: dict[str, Any]) -> None:
        self._source, self._number, self._table = source, number, table
        name = table.get("id")
        self._id = name if isinstance(name, str) else f"rule {number + 1}"
        language = _LANGUAGE.search(source.file)
        self._language = language[1] if language else None
        self._parsed: dict[str, tuple[Part, ...]] = {}

    def rule(self) -> EvidenceRule:
        """Only for a table without faults."""
        table = self._table
        return EvidenceRule(
            id=table["id"],
            says=table.get("says", ""),
            points_to=table.get("points_to", "generic"),
            bits=float(table.get("bits", 0)),
            group=table.get("group", ""),
            phrases=self._written("phrases"),
            relations=self._written("relations"),
            tokens=tuple(json.dumps(p, sort_keys=True) for p in table.get("tokens", ())),
            signs=tuple(table.get("signs", ())),
            alone=table.get("alone", False),
            matches=tuple(table.get("matches", ())),
            ignores=tuple(table.get("ignores", ())),
            enabled=table.get("enabled", True),
            language=self._language,
            file=self._source.file,
            line=self._source.line("evidence", self._number),
        )

    def faults(self) -> Iterator[Fault]:
        table = self._table
        for key in table:
            if key not in KEYS:
                near = difflib.get_close_matches(key, KEYS, 1, 0.5)
                now = f'Write "{near[0]}".' if near else f"Known are {', '.join(KEYS)}."
                yield self._fault(f'"{key}" is not known', now, key)
        name = table.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name):
            now = 'Write one such as id = "personal.met-at-fair": small letters, digits, - and .'
            yield self._fault("the rule has no id" if name is None else "no sound id", now, "id")
        if not isinstance(table.get("enabled", True), bool):
            now = "Write true or false."
            yield self._fault("enabled is neither true nor false", now, "enabled")
        elif table.get("enabled", True):
            yield from self._content_faults()

    def _content_faults(self) -> Iterator[Fault]:
        table = self._table
        if not isinstance(table.get("says"), str) or not table["says"].strip():
            now = 'Write says = "…": what the sender does, in a few words.'
            yield self._fault("the rule does not say what it means", now, "says")
        if table.get("points_to") not in POINTS:
            now = f"Write points_to as one of {', '.join(POINTS)}."
            yield self._fault("points_to is missing or not known", now, "points_to")
        bits = table.get("bits")
        number = isinstance(bits, (int, float)) and not isinstance(bits, bool)
        if not number or not 0 < float(bits or 0) <= MAX_BITS:
            now = f"Write a number above 0 and up to {MAX_BITS:g}; 1 doubles the odds, 3 is much."
            yield self._fault("bits is missing or no such number", now, "bits")
        if not isinstance(table.get("group", ""), str):
            yield self._fault("group is no text", 'Write group = "met".', "group")
        if not isinstance(table.get("alone", False), bool):
            yield self._fault("alone is neither true nor false", "Write true or false.", "alone")
        yield from self._phrase_faults("phrases")
        yield from self._phrase_faults("relations")
        yield from self._sign_faults()
        patterns = table.get("tokens", [])
        sound = isinstance(patterns, list) and all(isinstance(p, list) for p in patterns)
        if not sound or not all(isinstance(t, dict) for p in patterns for t in p):
            now = 'Write tokens = [[{ LOWER = "met" }]]: a list of patterns, each a list of tables.'
            yield self._fault("tokens is no list of spaCy patterns", now, "tokens")
        if not any(table.get(k) for k in ("phrases", "relations", "tokens", "signs")):
            yield self._fault("the rule looks for nothing", 'Add phrases = ["…"].', "id")
        for key in ("matches", "ignores"):
            yield from self._example_faults(key)

    def _phrase_faults(self, key: str) -> Iterator[Fault]:
        for at, text in self._texts(key):
            if text is None:
                yield self._fault(f"{key} is no list of texts", f'Write {key} = ["…"].', key)
                continue
            try:
                parts = self._parsed[text] = parse_phrase(text)
                if self._language not in (None, "en") and has_lemma(parts):
                    what, now = '"~" knows English only', "Write the forms out: (a|b|c)."
                    raise PhraseFault(text.index("~") + 1, what, now)
            except PhraseFault as fault:
                phrase = json.dumps(text, ensure_ascii=False)
                what = f"{fault.what}, column {fault.column} of {phrase}"
                yield self._fault(what, fault.now, key, at)

    def _sign_faults(self) -> Iterator[Fault]:
        for at, text in self._texts("signs"):
            if text not in SIGNS:
                now = f"Known are {', '.join(SIGNS)}."
                yield self._fault("signs holds one that is not known", now, "signs", at)

    def _example_faults(self, key: str) -> Iterator[Fault]:
        texts = list(self._texts(key))
        if not texts or any(text is None or not text.strip() for _, text in texts):
            what = f"no example in {key}"
            doing = "the rule must find" if key == "matches" else "looks alike but is not meant"
            yield self._fault(what, f'Add {key} = ["…"], a note that {doing}.', key)

    def _texts(self, key: str) -> Iterator[tuple[int, str | None]]:
        """(number, text); None in place of what is no text."""
        value = self._table.get(key, [])
        if not isinstance(value, list):
            yield 0, None
            return
        for at, text in enumerate(value):
            yield at, text if isinstance(text, str) else None

    def _written(self, key: str) -> tuple[Written, ...]:
        line: Callable[..., int] = self._source.line
        return tuple(
            Written(text, self._parsed[text], line("evidence", self._number, key, at))
            for at, text in self._texts(key)
            if text is not None
        )

    def _fault(self, what: str, now: str, *path: str | int) -> Fault:
        return self._source.fault(self._id, what, now, "evidence", self._number, *path)
