"""`triage demo`: tells the whole story, asks nothing, leaves nothing behind."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.cli.conftest import spawn


def test_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    began = time.monotonic()
    told = spawn("demo")
    assert told.status == 0, told.err
    assert told.err == ""
    assert time.monotonic() - began < 60
    before, after, why, closer, back = re.split(
        r"\n(?:AFTER|WHY|A CLOSER LOOK|AND BACK)\n", told.out
    )
    total = int(re.search(r"INBOX +(\d+)", before)[1])  # type: ignore[index]
    assert total >= 40
    folders = {name: int(n) for name, n in re.findall(r"^  (\S+) +(\d+)  ▪", after, re.M)}
    assert sum(folders.values()) == total
    assert folders["INBOX"] < total and folders["Invitations/Boilerplate"] > 0
    assert "flagged" in after
    decided = int(re.search(r"(\d+) decided", after)[1])  # type: ignore[index]
    lines = re.findall(r"^ +\d+ +\d+%  \S.+", why, re.M)
    assert len(lines) == decided
    for label in ("personal", "generic", "boilerplate", "suspicious"):
        assert re.search(f"^{label}  ", why, re.M)
    assert re.search(r"^\$ triage explain \d+\npersonal, ", closer, re.M) and "~~~" in closer
    assert re.search(r"\$ triage undo \d+", back)
    then = {name: int(n) for name, n in re.findall(r"^  (\S+) +(\d+)  ", back, re.M)}
    assert then["INBOX"] == folders["INBOX"] + 1
    assert max(map(len, told.out.splitlines())) <= 100
    assert not list((tmp_path / "tmp").iterdir())
