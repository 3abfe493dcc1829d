"""`triage rules`: three faults told at once, all rules listed, one text tried."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run

SOUND = """\
[[evidence]]
id = "{id}"
says = "collects thimbles too"
points_to = "personal"
bits = 2.0
phrases = ["{phrase}"]
matches = ["{matches}"]
ignores = ["I sell thimbles."]
"""


def sound(
    id: str = "personal.thimbles",
    phrase: str = "I ~collect thimbles",
    matches: str = "I collect thimbles like you.",
) -> str:
    return SOUND.format(id=id, phrase=phrase, matches=matches)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules" / "evidence").mkdir(parents=True)
    return tmp_path / "rules"


def test_the_shipped_rules_are_sound(triage: Run) -> None:
    told = triage("rules", "check")
    assert told.status == 0, told.err
    assert re.match(r"All rules are sound: \d+ platforms, \d+ default texts, \d+ ", told.out)


def test_three_faults_are_named_with_file_line_rule_and_remedy(triage: Run, folder: Path) -> None:
    file = folder / "evidence" / "mine.en.toml"
    file.write_text(
        sound("personal.first").replace("says =", "syas =")
        + sound("personal.second", phrase="(I|we ~collect")
        + sound("personal.third").replace('ignores = ["I sell thimbles."]\n', "")
    )
    told = triage("rules", "check", "--rules", folder)
    assert told.status == 2 and told.out == ""
    for rule, line in (("first", 3), ("second", 14), ("third", 17)):
        found = [one for one in told.err.splitlines() if f"[personal.{rule}]" in one]
        assert found, told.err
        assert any(f"{file}:{line} " in one for one in found), told.err
        for one in found:
            assert re.search(r"\]: .+\. \S.+\.$", one), one  # what. what now.


def test_faults_of_form_and_of_examples_come_together(triage: Run, folder: Path) -> None:
    file = folder / "evidence" / "mine.en.toml"
    file.write_text(
        sound("personal.first").replace("bits = 2.0", "bits = 99")
        + sound("personal.second", matches="You collect stamps.")
        + sound("personal.third", phrase="I ~collect {MOON} thimbles")
    )
    told = triage("rules", "check", "--rules", folder)
    assert told.status == 2
    for rule in ("first", "second", "third"):
        assert f"[personal.{rule}]" in told.err, told.err


def test_an_example_that_does_not_do_what_it_says_is_a_fault(triage: Run, folder: Path) -> None:
    file = folder / "evidence" / "mine.en.toml"
    file.write_text(sound(matches="You collect stamps."))
    told = triage("rules", "check", "--rules", folder)
    assert told.status == 2
    assert f"{file}:" in told.err and "[personal.thimbles]" in told.err
    assert "Traceback" not in told.err


def test_a_rule_of_ones_own_counts_at_once(triage: Run, folder: Path) -> None:
    (folder / "evidence" / "mine.en.toml").write_text(sound())
    assert triage("rules", "check", "--rules", folder).status == 0
    told = triage("rules", "try", "--rules", folder, "We collected thimbles. I collect thimbles.")
    assert told.status == 0 and "collects thimbles too" in told.out
    told = triage("rules", "list", "--rules", folder, "--json", "personal.thim")
    assert json.loads(told.out) == {
        "rule": "personal.thimbles", "points_to": "personal", "bits": 2.0,
        "says": "collects thimbles too",
    }  # fmt: skip


def test_list_shows_all_three_kinds(triage: Run) -> None:
    told = triage("rules", "list", "--json")
    kinds = {json.loads(line)["points_to"] for line in told.out.splitlines()}
    assert kinds >= {"platform", "boilerplate", "personal", "generic"}
    plain = triage("rules", "list", "personal.")
    assert plain.status == 0 and "points to" in plain.out
    nothing = triage("rules", "list", "nonsense")
    assert nothing.status == 2 and "no rule begins" in nothing.err


def test_try_wants_a_text(triage: Run) -> None:
    assert triage("rules", "try", "  ").status == 2
    assert triage("rules", "try").status == 2
    assert triage("rules").status == 2


def test_try_shows_what_nearly_matched_and_what_was_missing(triage: Run) -> None:
    text = "I loved your \x1b[31mpie on Friday, let's grow."
    told = triage("rules", "try", text)
    assert told.status == 0
    near = told.out[told.out.index("Nearly matched:") :]
    assert "read, saw or used something of yours (personal.read-your-work)" in near
    assert 'without one of "' in near and "\x1b" not in told.out
    record = json.loads(triage("rules", "try", "--json", text).out)
    assert record["label"] and record["note"] == text
    assert {"rule", "phrase", "start", "end", "missing"} == set(record["nearly"][0])
