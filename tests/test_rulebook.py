"""Rule folders: the shipped one, the user's over it, and every fault in either."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from triage.errors import RulesError
from triage.rulebook import load_rulebook, shipped_folder, stamp

MINE = """
[[evidence]]
id = "{id}"
says = "mentions kettles"
points_to = "personal"
bits = 2.0
phrases = ["kettles"]
matches = ["kettles"]
ignores = ["pans"]
"""


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def ids(folder: Path | None) -> list[str]:
    return [rule.id for rule in load_rulebook(folder).evidence]


def test_the_shipped_rules_are_sound() -> None:
    rulebook = load_rulebook(None)
    assert rulebook.evidence and rulebook.boilerplate and rulebook.platforms
    assert (shipped_folder() / "README.md").is_file()


def test_a_folder_that_is_not_there_holds_no_rules(tmp_path: Path) -> None:
    assert load_rulebook(tmp_path / "nowhere") == load_rulebook(None)


def test_a_rule_of_the_users_is_added_or_replaces_its_namesake(tmp_path: Path) -> None:
    put(tmp_path, "evidence/a.toml", MINE.format(id="personal.kettles"))
    put(tmp_path, "evidence/b.toml", MINE.format(id="personal.we-met"))
    rules = {rule.id: rule for rule in load_rulebook(tmp_path).evidence}
    assert rules["personal.kettles"].says == rules["personal.we-met"].says == "mentions kettles"
    assert len(rules) == len(ids(None)) + 1


def test_a_rule_is_switched_off_by_its_id(tmp_path: Path) -> None:
    put(tmp_path, "evidence/off.toml", '[[evidence]]\nid = "personal.we-met"\nenabled = false\n')
    assert set(ids(None)) - set(ids(tmp_path)) == {"personal.we-met"}


def test_switching_off_what_is_not_there_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "evidence/off.toml", '[[evidence]]\nid = "personal.we-mett"\nenabled = false\n')
    with pytest.raises(RulesError) as caught:
        load_rulebook(tmp_path)
    assert 'id = "personal.we-met"' in caught.value.faults[0].now


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    put(tmp_path, "evidence/a.toml", MINE.format(id="A B"))
    put(tmp_path, "evidence/b.toml", "[[evidence]\n")
    (tmp_path / "evidence" / "c.toml").write_bytes(b"# \xff\n")
    put(tmp_path, "boilerplate/d.toml", "nothing = 1\n")
    put(tmp_path, "platforms/e.toml", "nothing = 1\n")
    put(tmp_path, "stray.toml", "")
    with pytest.raises(RulesError) as caught:
        load_rulebook(tmp_path)
    files = {Path(fault.file).name for fault in caught.value.faults}
    assert files == {"a.toml", "b.toml", "c.toml", "d.toml", "e.toml", "stray.toml"}
    assert all(fault.now for fault in caught.value.faults)


def test_one_id_in_two_files_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "evidence/a.toml", MINE.format(id="personal.kettles"))
    put(tmp_path, "evidence/b.toml", MINE.format(id="personal.kettles"))
    with pytest.raises(RulesError, match=r"a\.toml"):
        load_rulebook(tmp_path)


def test_the_fingerprint_follows_the_rules_and_not_their_place(tmp_path: Path) -> None:
    base = load_rulebook(None).fingerprint
    path = put(tmp_path, "evidence/a.toml", MINE.format(id="personal.kettles"))
    first = load_rulebook(tmp_path).fingerprint
    path.write_text("# moved down\n\n" + MINE.format(id="personal.kettles"))
    assert load_rulebook(tmp_path).fingerprint == first != base
    path.write_text(MINE.format(id="personal.kettles").replace("2.0", "2.5"))
    assert load_rulebook(tmp_path).fingerprint not in (first, base)


def test_the_stamp_tells_a_change(tmp_path: Path) -> None:
    before = stamp(tmp_path)
    path = put(tmp_path, "evidence/a.toml", MINE.format(id="personal.kettles"))
    added = stamp(tmp_path)
    assert added != before and stamp(tmp_path) == added
    os.utime(path, ns=(1, 1))
    touched = stamp(tmp_path)
    assert touched != added
    path.unlink()
    assert stamp(tmp_path) == before
    put(tmp_path, "evidence/.hidden.toml", "")
    assert stamp(tmp_path) == before
