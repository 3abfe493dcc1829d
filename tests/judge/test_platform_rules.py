"""Platform rule files: what they may say, and how each fault is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from triage.judge.platform_rules import parse_platform

RULES = Path(__file__).parents[2] / "rules" / "platforms"
SOUND = """
[[platform]]
id = "gardeners"
name = "Gardeners"
from_domains = ["gardeners.example"]

[platform.search]
headers = ["X-Gardeners-Kind", "X-Kind: seed"]

[platform.key]
headers = ["X-Gardeners-Kind"]

[[platform.form]]
id = "friend"
kind = "invitation"
subjects = ["{name} wants to swap seeds"]
matches = ["Ada wants to swap seeds"]
ignores = ["Ada planted a tree"]
"""


def test_a_sound_file_has_no_fault() -> None:
    [platform], faults = parse_platform("gardeners.toml", SOUND)
    assert faults == ()
    assert (platform.id, platform.link_domains) == ("gardeners", ("gardeners.example",))
    assert platform.criteria.search_headers == (("X-Gardeners-Kind", ""), ("X-Kind", "seed"))
    assert platform.headers == ("X-Gardeners-Kind", "X-Kind")


def test_a_platform_may_be_switched_off_by_its_id_alone() -> None:
    [platform], faults = parse_platform("x.toml", '[[platform]]\nid = "xing"\nenabled = false\n')
    assert (platform.id, platform.enabled, faults) == ("xing", False, ())


FAULTS = {
    "unknown key": ('name = "Gardeners"', 'nmae = "Gardeners"', "Did you mean name?"),
    "unknown kind": ('"invitation"', '"invite"', "One of invitation"),
    "no domain": ('["gardeners.example"]', '["Gardeners"]', "lower case"),
    "bad wording": ("{name} wants to swap seeds", "{nom} wants (to", "Put this line right."),
    "an example that fails": ("Ada wants to swap seeds", "Ada plants", "Change the example"),
    "an example that should fail": ("Ada planted a tree", "Ada wants to swap seeds", "Change"),
    "no examples": ('ignores = ["Ada planted a tree"]', "", "Add ignores"),
    "no id": ('id = "gardeners"', "", "Add id"),
    "no toml": ("[[platform]]", "[[platform", "Put this line right"),
    "not a list": ('["{name} wants to swap seeds"]', '"x"', "Write ["),
    "not a switch": ('kind = "invitation"', 'kind = "invitation"\ncard = 3', "true or false"),
    "no table": ("[platform.key]\nheaders", "[platform.key]\nheader", "Did you mean headers?"),
}


@pytest.mark.parametrize(("old", "new", "remedy"), FAULTS.values(), ids=FAULTS.keys())
def test_each_fault_names_file_line_and_remedy(old: str, new: str, remedy: str) -> None:
    assert old in SOUND
    platforms, faults = parse_platform("gardeners.toml", SOUND.replace(old, new, 1))
    assert platforms == ()
    assert any(remedy in fault.now for fault in faults), faults
    assert all(fault.file == "gardeners.toml" and fault.line > 0 for fault in faults)


def test_all_faults_come_at_once_in_the_order_of_their_lines() -> None:
    text = SOUND.replace("name =", "nmae =").replace('"invitation"', '"x"')
    _, faults = parse_platform("gardeners.toml", text)
    assert len(faults) >= 3
    assert list(faults) == sorted(faults)


def test_the_same_id_twice_is_a_fault() -> None:
    _, faults = parse_platform("gardeners.toml", SOUND + SOUND)
    assert [fault.what for fault in faults] == ["this id stands twice"]


@pytest.mark.parametrize("path", sorted(RULES.glob("*.toml")), ids=lambda path: path.stem)
def test_each_shipped_file_is_sound_and_named_after_its_platform(path: Path) -> None:
    platforms, faults = parse_platform(path.name, path.read_text(encoding="utf-8"))
    assert faults == ()
    assert [platform.id for platform in platforms] == [path.stem]
    assert platforms[0].search_senders or platforms[0].search_subjects


def test_the_example_in_the_readme_is_sound() -> None:
    text = (RULES / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert found
    platforms, faults = parse_platform("README.md", found[1])
    assert faults == ()
    assert [platform.id for platform in platforms] == ["gardeners"]
