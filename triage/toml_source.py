"""TOML text to values and the line of each of them, so that a fault can name its line.

The values come from the standard library's ``tomllib``; the lines from tree-sitter's
TOML grammar, since tomllib keeps none. May not read files: text in, values out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter
import tree_sitter_toml

from triage.errors import Fault

Path = tuple[str | int, ...]
_LANGUAGE = tree_sitter.Language(tree_sitter_toml.language())
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True)
class TomlSource:
    """A parsed file: ``data`` as tomllib gives it, and where each value stands."""

    file: str
    data: dict
    lines: dict[Path, int]

    def line(self, *path: str | int) -> int:
        """The line (from 1) of the value at ``path``, such as ``"evidence", 2, "bits"``;
        of its nearest parent where the value itself is missing; 1 for the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def fault(self, item: str, what: str, now: str, *path: str | int) -> Fault:
        """A fault about the value at ``path``."""
        return Fault(self.file, self.line(*path), item, what, now)


def read_toml(file: str, text: str) -> TomlSource | Fault:
    """Parse ``text``; ``file`` is only named. A text that is no TOML comes back as the
    fault that says so."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        what = "not valid TOML: " + _AT_LINE.sub("", str(error))
        return Fault(file, line, "", what, "Put this line right; see https://toml.io.")
    except RecursionError:
        return Fault(file, 1, "", "nested too deeply", "Flatten its tables and arrays.")
    tree = tree_sitter.Parser(_LANGUAGE).parse(text.encode())
    return TomlSource(file, data, dict(_places(tree.root_node)))


def _places(document: tree_sitter.Node) -> Iterator[tuple[Path, int]]:
    counts: dict[Path, int] = {}
    for node in document.named_children:
        if node.type == "pair":
            yield from _pair((), node, counts)
        elif node.type in ("table", "table_array_element"):
            key, *body = [n for n in node.named_children if n.type != "comment"]
            path = _resolve(_key(key), counts)
            if node.type == "table_array_element":
                counts[path] = counts.get(path, -1) + 1
                yield path, _line(node)
                path += (counts[path],)
            yield path, _line(node)
            for pair in body:
                yield from _pair(path, pair, counts)


def _resolve(names: Path, counts: dict[Path, int]) -> Path:
    """``[a.b]`` below ``[[a]]`` means the newest ``a``: put its number in."""
    path: Path = ()
    for name in names[:-1]:
        path += (name,)
        if path in counts:
            path += (counts[path],)
    return path + names[-1:]


def _pair(path: Path, node: tree_sitter.Node, counts: dict) -> Iterator[tuple[Path, int]]:
    if node.type != "pair":
        return
    key, value = [n for n in node.named_children if n.type != "comment"][:2]
    yield from _value(path + _key(key), value, _line(key), counts)


def _value(
    path: Path, node: tree_sitter.Node, line: int, counts: dict
) -> Iterator[tuple[Path, int]]:
    yield path, line
    children = [n for n in node.named_children if n.type != "comment"]
    if node.type == "array":
        for number, child in enumerate(children):
            yield from _value((*path, number), child, _line(child), counts)
    elif node.type == "inline_table":
        for child in children:
            yield from _pair(path, child, counts)


def _key(node: tree_sitter.Node) -> Path:
    if node.type == "dotted_key":
        return tuple(part for child in node.named_children for part in _key(child))
    text = (node.text or b"").decode()
    if node.type == "quoted_key":
        return tuple(tomllib.loads(f"{text} = 0"))
    return (text,)


def _line(node: tree_sitter.Node) -> int:
    return node.start_point[0] + 1
