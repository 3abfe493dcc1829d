"""What every test may ask for: the servers. See servers/fixtures.py."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from servers.fixtures import (
    counting_proxy,
    dovecot,
    dovecot_user,
    embedded,
    prefixed_dovecot,
    server_folder,
)
from servers.others import courier, cyrus, gmail


@pytest.fixture(scope="session")
def warm() -> Iterator[None]:
    """The language model, the rules, the judge made of them and the outcome of their
    examples are loaded once for all commands of this process, as long as the files are
    the same: they are values, and each command alone would take seconds for them."""
    from triage import language, rulebook
    from triage.judge import judging, rules

    patch = pytest.MonkeyPatch()
    patch.setattr(language, "load_model", functools.cache(language.load_model))
    patch.setattr(language, "load_detector", functools.cache(language.load_detector))
    load, stamp = rulebook.load_rulebook, rulebook.stamp
    by_stamp = functools.cache(lambda folder, stamp: load(folder))

    def loaded(folder: Path | None) -> Any:
        own = folder if folder and folder.is_dir() and any(folder.iterdir()) else None
        return by_stamp(own, stamp(own))

    patch.setattr(rulebook, "load_rulebook", loaded)
    patch.setattr(judging, "Judge", _once_a_book(judging.Judge))
    patch.setattr(rules, "check_examples", _once_a_book(rules.check_examples))
    yield
    patch.undo()


def _once_a_book(make: Callable[..., Any]) -> Callable[..., Any]:
    """``make(rulebook, ...)``, called once for each rulebook (the very object, since to
    compare two takes long) and the rest of the arguments."""
    made: dict[object, tuple[object, Any]] = {}

    def once(book: Any, *rest: Any) -> Any:
        key = (id(book), *(repr(one) if one.__hash__ is None else one for one in rest))
        if key not in made:
            made[key] = (book, make(book, *rest))
        return made[key][1]

    return once


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """``-m "not server"`` leaves out what needs Dovecot, Cyrus or Courier."""
    needs = {"dovecot", "prefixed_dovecot", "cyrus", "courier"}
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        kind = item.name.partition("[")[2].split("-")[0].rstrip("]")
        if needs & {*fixtures, kind}:
            item.add_marker(pytest.mark.server)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many faults were tried (tests/faults/points.py), and in how many tests."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    counts = [n for one in reports for name, n in one.user_properties if name == "fault points"]
    if counts:
        terminalreporter.write_line(f"{sum(counts)} fault points tried in {len(counts)} tests")


__all__ = [
    "counting_proxy",
    "courier",
    "cyrus",
    "dovecot",
    "dovecot_user",
    "embedded",
    "gmail",
    "prefixed_dovecot",
    "server_folder",
    "warm",
]
