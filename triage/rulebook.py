"""Rule folders, the shipped one and the user's laid over it, to one Rulebook.

Reads the files; ``judge`` parses their text. All faults of all files come at once. May
not compile or try a rule: that takes a language model (``judge.Judge``,
``judge.check_examples``).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from triage.errors import Fault, RulesError
from triage.judge.boilerplate_rules import parse_boilerplate
from triage.judge.evidence_rules import parse_evidence
from triage.judge.platform_rules import parse_platform
from triage.judge.rules import Rulebook
from triage.judge.voice import Voice, parse_voice

MAX_FILE = 1_000_000  # bytes
VOICE = Path("voice") / "en.tsv"  # in the shipped folder: no rule, but it weighs too
PARSERS: dict[str, Callable[[str, str], tuple[tuple[Any, ...], tuple[Fault, ...]]]] = {
    "platforms": parse_platform,
    "boilerplate": parse_boilerplate,
    "evidence": parse_evidence,
}


def shipped_folder() -> Path:
    """The rules that came with the program: in the package where it is installed, beside
    it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "rules"
    return installed if installed.is_dir() else package.parent / "rules"


def load_rulebook(user_folder: Path | None) -> Rulebook:
    """The rules in force. A user's rule replaces the shipped one of the same id, or with
    ``enabled = false`` switches it off. A folder that does not exist holds no rules.
    Raises RulesError with all faults of all files."""
    faults: list[Fault] = []
    kinds: dict[str, tuple[Any, ...]] = {}
    for kind, parse in PARSERS.items():
        shipped = _load(shipped_folder() / kind, parse, faults)
        own = _load(user_folder / kind, parse, faults) if user_folder else {}
        kinds[kind] = _laid_over(shipped, own, faults)
    if user_folder:
        faults += _strays(user_folder)
    voice = _voice(shipped_folder() / VOICE, faults)
    if faults:
        raise RulesError(tuple(faults))
    return Rulebook.of(kinds["platforms"], kinds["boilerplate"], kinds["evidence"], voice)


def _voice(path: Path, faults: list[Fault]) -> Voice | None:
    """None where no voice is shipped: the rules stand alone then."""
    if not path.is_file():
        return None
    text = _text(path)
    found = text if isinstance(text, Fault) else parse_voice(str(path), text)
    if isinstance(found, Fault):
        faults.append(found)
        return None
    return found


def stamp(user_folder: Path | None) -> object:
    """Something that differs from an earlier stamp as soon as any rule file does."""
    folders = [shipped_folder(), *([user_folder] if user_folder else [])]
    seen = []
    for folder in folders:
        for kind in PARSERS:
            for path in _files(folder / kind):
                try:
                    stat = path.stat()
                except OSError:
                    seen.append((str(path), 0, -1))
                else:
                    seen.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(seen)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if _is_rule_file(path))
    except OSError:
        return []


def _is_rule_file(path: Path) -> bool:
    return path.suffix == ".toml" and not path.name.startswith(".")


def _load(
    folder: Path,
    parse: Callable[[str, str], tuple[tuple[Any, ...], tuple[Fault, ...]]],
    faults: list[Fault],
) -> dict[str, Any]:
    """The rules of a folder by id."""
    rules: dict[str, Any] = {}
    homes: dict[str, str] = {}
    for path in _files(folder):
        text = _text(path)
        if isinstance(text, Fault):
            faults.append(text)
            continue
        found, wrong = parse(str(path), text)
        faults += wrong
        for rule in found:
            if rule.id in rules:
                what = f"the id stands in {homes[rule.id]} too"
                now = "Give one of the two another id."
                faults.append(Fault(str(path), getattr(rule, "line", 0), rule.id, what, now))
                continue
            rules[rule.id], homes[rule.id] = rule, str(path)
    return rules


def _text(path: Path) -> str | Fault:
    try:
        content = path.read_bytes()
    except OSError as error:
        what = f"cannot be read ({error.strerror or type(error).__name__})"
        return Fault(str(path), 0, "", what, "Let this user read it, or take it away.")
    if len(content) > MAX_FILE:
        what = f"larger than {MAX_FILE // 1_000_000} MB"
        return Fault(str(path), 0, "", what, "Split it, or take it away.")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Fault(str(path), line, "", "no UTF-8", "Save the file as UTF-8.")


def _laid_over(
    shipped: dict[str, Any], own: dict[str, Any], faults: list[Fault]
) -> tuple[Any, ...]:
    for name, rule in own.items():
        if _enabled(rule) or name in shipped:
            continue
        near = difflib.get_close_matches(name, shipped, 1, 0.6)
        what = "switches off a rule that is not there"
        now = f'Write id = "{near[0]}".' if near else 'See "triage rules list".'
        file, line = getattr(rule, "file", ""), getattr(rule, "line", 0)
        if near or not _has_content(rule):
            faults.append(Fault(file, line, name, what, now))
    return tuple(rule for rule in {**shipped, **own}.values() if _enabled(rule))


def _enabled(rule: Any) -> bool:
    return bool(getattr(rule, "enabled", True))


def _has_content(rule: Any) -> bool:
    """A whole rule of the user's own may well be switched off in its own place."""
    return bool(getattr(rule, "says", "") or getattr(rule, "texts", ()))


def _strays(folder: Path) -> Iterable[Fault]:
    """Rule files that stand where none is looked for."""
    for path in _files(folder):
        now = f"Move it into one of {', '.join(f'{kind}/' for kind in PARSERS)}."
        yield Fault(str(path), 0, "", "stands beside the folders of rules", now)
