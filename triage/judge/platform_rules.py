"""The text of a platform rule file to ``Platform`` values, and all its faults at once.

Checks every key, kind, wording, link pattern and example, and names the line, the rule
and the remedy of each fault. May not read files: the text comes in as an argument.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

from triage.errors import Fault
from triage.judge.links import LinkPattern
from triage.judge.platform_sorts import SORTS
from triage.judge.platforms import LINK_ROLES, Criteria, Fixed, Form, Platform, Template
from triage.judge.wording import Wording
from triage.toml_source import Path, TomlSource, read_toml

__all__ = ["Platform", "parse_platform"]

_WORDINGS = ("sender_names", "name_lines", "chrome", "footer", "labels", "mutual", "preheader",
             "hidden_note", "more")  # fmt: skip
_TEMPLATE = {"id": "text", "keys": "texts", "kind": "kind", "note": "note"}
# What may stand in each table, and of what sort it is.
_SCHEMA: dict[str, dict[str, str]] = {
    "platform": {
        "id": "text", "name": "text", "enabled": "switch", "also_called": "texts",
        "guarded": "switch", "from_domains": "domains", "link_domains": "domains",
        "message_ids": "regex", "own_address_until": "year", "company_after": "texts",
        "note_ids": "texts", "search": "table", "key": "table", "links": "table",
        "wording": "table", "template": "tables", "class": "tables", "form": "tables",
        "fixed": "tables",
    },
    "search": {"senders": "texts", "subjects": "texts", "headers": "texts"},
    "key": {"headers": "texts", "class_headers": "texts", "links": "texts"},
    "template": _TEMPLATE,
    "class": _TEMPLATE,
    "form": {
        "id": "text", "kind": "kind", "subjects": "wording", "says": "wording", "note": "note",
        "opens": "wording", "closes": "wording", "own_address": "switch", "card": "switch",
        "matches": "texts", "ignores": "texts",
    },
    "fixed": {"language": "text", "lines": "wording"},
    "links": dict.fromkeys(LINK_ROLES, "paths"),
    "wording": dict.fromkeys(_WORDINGS, "wording"),
}  # fmt: skip
_NEEDED = {
    "template": ("id", "keys", "kind"),
    "class": ("id", "keys", "kind"),
    "form": ("id", "kind", "matches", "ignores"),
    "fixed": ("language", "lines"),
}


def parse_platform(file: str, text: str) -> tuple[tuple[Platform, ...], tuple[Fault, ...]]:
    """The platforms of one file and everything that is wrong with it; a platform with a
    fault is left out."""
    source = read_toml(file, text)
    if isinstance(source, Fault):
        return (), (source,)
    check = _Check(source)
    check.keys({"platform": "tables"}, source.data, (), "file", "")
    platforms = []
    entries = source.data.get("platform", [])
    if not entries and not check.faults:
        check.fault((), "", "no [[platform]] in this file", "Add one, or take the file away.")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        before = len(check.faults)
        if isinstance(entry, dict):
            platform = check.platform(entry, ("platform", index))
            if platform and len(check.faults) == before:
                platforms.append(platform)
    ids = [platform.id for platform in platforms]
    for platform in platforms:
        if ids.count(platform.id) > 1 and platform is not platforms[ids.index(platform.id)]:
            check.faults.append(Fault(file, platform.line, platform.id, "this id stands twice",
                                      "Give each platform an id of its own."))  # fmt: skip
    return tuple(platforms), tuple(sorted(check.faults))


class _Check:
    """One file being read; gathers its faults."""

    def __init__(self, source: TomlSource) -> None:
        self.source = source
        self.faults: list[Fault] = []

    def fault(self, path: Path, item: str, what: str, now: str) -> None:
        self.faults.append(self.source.fault(item, what, now, *path))

    def platform(self, entry: dict[str, Any], path: Path) -> Platform | None:
        name = entry.get("id")
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
            self.fault((*path, "id"), "", "a platform without a usable id",
                       'Add id = "...", in lower-case letters, digits and "-".')  # fmt: skip
            return None
        self.keys(_SCHEMA["platform"], entry, path, "platform", name)
        if set(entry) == {"id", "enabled"} and entry["enabled"] is False:
            line = self.source.line(*path)
            return Platform(name, enabled=False, file=self.source.file, line=line)
        for need in ("name", "from_domains"):
            if not entry.get(need):
                self.fault(path, name, f"no {need}", f"Add {need} = ... to this platform.")
        forms = self._rows(entry, "form", path, name, _form)
        templates = self._rows(entry, "template", path, name, _template)
        classes = self._rows(entry, "class", path, name, _template)
        if not (forms or templates):
            self.fault(path, name, "neither a form nor a template", "Add a [[platform.form]].")
        tables = {table: _dict(entry.get(table)) for table in ("search", "key", "links", "wording")}
        for table, values in tables.items():
            self.keys(_SCHEMA[table], values, (*path, table), table, name)
        if self.faults:
            return None
        search, key = tables["search"], tables["key"]
        fields = (str(item).partition(":") for item in search.get("headers", ()))
        return Platform(
            id=name,
            name=entry["name"],
            enabled=entry.get("enabled", True),
            also_called=tuple(entry.get("also_called", ())),
            guarded=entry.get("guarded", False),
            from_domains=tuple(entry["from_domains"]),
            link_domains=tuple(entry.get("link_domains", entry["from_domains"])),
            message_ids=entry.get("message_ids", ""),
            own_address_until=entry.get("own_address_until", 0),
            criteria=Criteria(
                tuple(search.get("senders", ())),
                tuple(search.get("subjects", ())),
                tuple((field.strip(), text.strip()) for field, _, text in fields),
            ),
            key_headers=tuple(key.get("headers", ())),
            class_headers=tuple(key.get("class_headers", ())),
            key_links=tuple(_key_link(item) for item in key.get("links", ())),
            templates=templates,
            classes=classes,
            forms=forms,
            links=tuple(
                LinkPattern(role, item)
                for role in LINK_ROLES
                for item in tables["links"].get(role, ())
            ),
            company_after=tuple(entry.get("company_after", ())),
            note_ids=tuple(entry.get("note_ids", ())),
            fixed=self._rows(entry, "fixed", path, name, _fixed),
            file=self.source.file,
            line=self.source.line(*path),
            **{field: _wording(tables["wording"], field) for field in _WORDINGS},
        )

    def keys(
        self, schema: Mapping[str, str], entry: Mapping[str, Any], path: Path, table: str, item: str
    ) -> None:
        """Report the keys of ``entry`` that are unknown or of the wrong sort."""
        for key, value in entry.items():
            if key not in schema:
                near = difflib.get_close_matches(key, schema, 1, 0.5)
                now = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(schema)}."
                self.fault((*path, key), item, f"unknown key {key!r} in {table}", now)
                continue
            wrong = SORTS[schema[key]](value)
            if wrong:
                self.fault((*path, key), item, f"{key}: {wrong[0]}", wrong[1])

    def _rows(
        self, entry: dict[str, Any], table: str, path: Path, name: str, make: Callable[..., Any]
    ) -> tuple[Any, ...]:
        made = []
        rows = entry.get(table, [])
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            where = (*path, table, index)
            item = f"{name}.{row.get('id', row.get('language', index))}"
            before = len(self.faults)
            self.keys(_SCHEMA[table], row, where, table, item)
            for need in _NEEDED[table]:
                if need not in row:
                    self.fault(where, item, f"a {table} without {need}", f"Add {need} = ...")
            if table == "form" and len(self.faults) == before:
                self._examples(row, where, item)
            if len(self.faults) == before:
                made.append(make(row))
        return tuple(made)

    def _examples(self, row: dict[str, Any], path: Path, item: str) -> None:
        """A form shows what it matches and what it does not."""
        lines = Wording((*row.get("subjects", ()), *row.get("says", ())))
        if not lines:
            self.fault(path, item, "neither subjects nor says", "Add a line that it knows.")
        for key, wanted in (("matches", True), ("ignores", False)):
            if not row[key]:
                self.fault((*path, key), item, f"no example in {key}", "Add a line of such a mail.")
            for index, example in enumerate(row[key]):
                if lines.matches(example) is not wanted:
                    what = "is not matched" if wanted else "is matched"
                    self.fault((*path, key, index), item, f"the example in {key} {what}",
                               "Change the example, or subjects and says.")  # fmt: skip


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _wording(row: Mapping[str, Any], key: str) -> Wording:
    return Wording(tuple(row.get(key, ())))


def _key_link(text: str) -> str:
    return re.escape(text).replace(r"\{key\}", r"(?P<key>[A-Za-z][A-Za-z0-9_]{2,80})")


def _form(row: dict[str, Any]) -> Form:
    lines = {key: _wording(row, key) for key in ("subjects", "says", "opens", "closes")}
    return Form(row["id"], row["kind"], note=row.get("note", "letter"),
                own_address=row.get("own_address", False), card=row.get("card", True),
                **lines)  # fmt: skip


def _template(row: dict[str, Any]) -> Template:
    return Template(row["id"], tuple(row["keys"]), row["kind"], row.get("note", "letter"))


def _fixed(row: dict[str, Any]) -> Fixed:
    return Fixed(row["language"], _wording(row, "lines"))
