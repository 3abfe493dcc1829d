"""A file of rules/boilerplate to the default texts, greetings and signatures in it.

Checks every key, text and example on the way and returns all faults at once, each with
line, rule id and remedy. May not read files, and may not run the examples: that takes the
texts of all languages together (see ``boilerplate.example_faults``).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any, Literal

from triage.errors import Fault
from triage.judge.notation import NotationError, Spellings, read_notation
from triage.toml_source import TomlSource, read_toml

Role = Literal[
    "text", "openings", "titles", "addressees", "closings",
    "joiners", "may_be_added", "may_be_missing", "no_names", "surnames",
]  # fmt: skip
_TABLES: dict[str, tuple[Role, ...]] = {
    "greetings": ("openings", "titles", "addressees"),
    "signatures": ("closings",),
    "words": ("joiners", "may_be_added", "may_be_missing", "no_names", "surnames"),
}
_IN_NOTATION = ("openings", "closings")
_TOP_KEYS = ("language", "text", *_TABLES)
_TEXT_KEYS = ("id", "platform", "since", "until", "texts", "matches", "ignores", "enabled", "says")
_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")
_FIRST_YEAR, _LAST_YEAR = 1995, 2100
_LONGEST_TEXT = 600


@dataclass(frozen=True)
class BoilerplateText:
    """One rule: a default text in its versions, or one list of a language's own words.

    ``role`` says which: "text" for a default text, else the key that it stood under.
    ``texts`` are in the notation of ``notation.py`` for texts, openings and closings, and
    single words for the rest. ``since`` and ``until`` are years, where known. A rule that
    is not ``enabled`` only switches off the one of the same id below it.
    """

    id: str
    language: str
    role: Role
    texts: tuple[str, ...]
    platform: str = ""
    since: int | None = None
    until: int | None = None
    says: str = ""
    matches: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    enabled: bool = True
    file: str = ""
    line: int = 0


def parse_boilerplate(
    file: str, text: str
) -> tuple[tuple[BoilerplateText, ...], tuple[Fault, ...]]:
    """The rules of one file, and all its faults. A rule with a fault is left out."""
    source = read_toml(file, text)
    if isinstance(source, Fault):
        return (), (source,)
    reader = _FileReader(source)
    rules = reader.rules()
    return tuple(rules), tuple(sorted(reader.faults))


class _FileReader:
    def __init__(self, source: TomlSource) -> None:
        self.source = source
        self.faults: list[Fault] = []
        self.language = ""
        self.spellings: Spellings = {}

    def fault(self, item: str, what: str, now: str, *path: str | int) -> None:
        self.faults.append(self.source.fault(item, what, now, *path))

    def rules(self) -> list[BoilerplateText]:
        data = self.source.data
        self.known_keys(data, _TOP_KEYS, "")
        self.language = self.read_language(data)
        rules = [rule for table in _TABLES for rule in self.word_lists(table, data.get(table, {}))]
        entries = data.get("text", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.fault(
                "text", "is no list of tables", "Begin each text with a line [[text]].", "text"
            )
            return rules
        seen: dict[str, int] = {}
        for number, entry in enumerate(entries):
            rule = self.text(number, entry)
            name = entry.get("id")
            if isinstance(name, str) and name in seen:
                where = self.source.line("text", seen[name], "id")
                what, now = f"the id stands in line {where} too", "Give one of them another id."
                self.fault(name, what, now, "text", number, "id")
            elif isinstance(name, str):
                seen[name] = number
                rules += [rule] if rule else []
        return rules

    def read_language(self, data: dict[str, Any]) -> str:
        language = data.get("language")
        entries = data.get("text")
        entries = entries if isinstance(entries, list) else []
        only_off = all(isinstance(e, dict) and e.get("enabled") is False for e in entries)
        if language is None and only_off and not any(table in data for table in _TABLES):
            return ""
        if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
            now = 'Write its code at the top of the file: language = "en".'
            self.fault("language", "the file does not say which language it is in", now, "language")
            return ""
        return language

    def known_keys(
        self, table: dict[str, Any], known: tuple[str, ...], item: str, *path: str | int
    ) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1, 0.5)
                now = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
                self.fault(item or key, f"unknown key {key!r}", now, *path, key)

    def word_lists(self, name: str, table: Any) -> list[BoilerplateText]:
        if not isinstance(table, dict):
            self.fault(name, "is no table", f"Begin it with a line [{name}].", name)
            return []
        self.known_keys(table, _TABLES[name], name, name)
        found = []
        for role in _TABLES[name]:
            if role in table:
                key = f"{name}.{self.language}.{role.replace('_', '-')}"
                texts = self.strings(key, table, role, name)
                if role in _IN_NOTATION:
                    texts = self.sound(key, texts, name, role)
                line = self.source.line(name, role)
                found.append(
                    BoilerplateText(
                        key, self.language, role, texts, file=self.source.file, line=line
                    )
                )
        return found

    def text(self, number: int, entry: dict[str, Any]) -> BoilerplateText | None:
        before = len(self.faults)
        path = ("text", number)
        name = entry.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name):
            now = (
                'Give it one of small letters, digits, dots and dashes: id = "linkedin.en.add-you".'
            )
            self.fault(
                str(name or f"text {number + 1}"),
                "no id, or not one of that form",
                now,
                *path,
                "id",
            )
            return None
        self.known_keys(entry, _TEXT_KEYS, name, *path)
        enabled = entry.get("enabled", True)
        if not isinstance(enabled, bool):
            self.fault(
                name, "enabled is neither true nor false", "Write true or false.", *path, "enabled"
            )
        line = self.source.line(*path)
        if enabled is False:
            off = BoilerplateText(
                name, self.language, "text", (), enabled=False, file=self.source.file, line=line
            )
            return off if len(self.faults) == before else None
        texts = self.sound(name, self.strings(name, entry, "texts", *path), *path, "texts")
        matches = self.strings(name, entry, "matches", *path)
        ignores = self.strings(name, entry, "ignores", *path)
        years = {key: self.year(name, entry, key, *path) for key in ("since", "until")}
        words = {key: self.string(name, entry, key, *path) for key in ("platform", "says")}
        if len(self.faults) > before:
            return None
        return BoilerplateText(
            name, self.language, "text", texts, matches=matches, ignores=ignores,
            file=self.source.file, line=line, **years, **words,
        )  # fmt: skip

    def sound(self, name: str, texts: tuple[str, ...], *path: str | int) -> tuple[str, ...]:
        """Those of ``texts`` that can be read as templates."""
        kept = []
        for number, text in enumerate(texts):
            try:
                if len(text) > _LONGEST_TEXT:
                    raise NotationError(f"longer than {_LONGEST_TEXT} characters", _LONGEST_TEXT)
                read_notation(text, spellings=self.spellings)
                kept.append(text)
            except NotationError as error:
                now = "Words, (a|b), word? and slots such as {name} may stand in a text."
                self.fault(name, f"text {number + 1}: {error}", now, *path, number)
        return tuple(kept)

    def strings(
        self, name: str, table: dict[str, Any], key: str, *path: str | int
    ) -> tuple[str, ...]:
        """A list of texts that is not empty."""
        value = table.get(key)
        if value is None and key in ("matches", "ignores"):
            what = {
                "matches": "that it must take away whole",
                "ignores": "that must leave something",
            }[key]
            self.fault(
                name, f"no examples {what}", f'Add {key} = ["…"] with at least one note.', *path
            )
        elif (
            not isinstance(value, list)
            or not value
            or not all(isinstance(v, str) and v.strip() for v in value)
        ):
            self.fault(name, f"{key} is no list of texts", f'Write {key} = ["…", "…"].', *path, key)
        else:
            return tuple(value)
        return ()

    def string(self, name: str, entry: dict[str, Any], key: str, *path: str | int) -> Any:
        value = entry.get(key, "")
        if not isinstance(value, str):
            self.fault(name, f"{key} is no text", f'Write {key} = "…".', *path, key)
        return value

    def year(self, name: str, entry: dict[str, Any], key: str, *path: str | int) -> Any:
        value = entry.get(key)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not _FIRST_YEAR <= value <= _LAST_YEAR
        ):
            self.fault(
                name, f"{key} is no year", f"Write {key} = 2011, or leave it out.", *path, key
            )
        return value
