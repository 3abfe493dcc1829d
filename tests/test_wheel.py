"""The wheel: what a user installs holds the rules and the samples, and works far from here.

Slow (a build and a start of spaCy), because only the built thing shows what was left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=240)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_every_rule_file_and_every_sample(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    rules = {f"triage/{path.relative_to(ROOT)}" for path in (ROOT / "rules").rglob("*.toml")}
    mails = {str(path.relative_to(ROOT)) for path in (ROOT / "triage/demo/mail").glob("*.eml")}
    assert rules and mails and rules | mails <= held
    assert "triage/config.example.toml" in held
    assert not [name for name in held if name.startswith(("tests/", "training/", "bench/"))]


def test_what_is_installed_judges_a_mail_with_its_own_rules(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    sample = ROOT / "triage/demo/mail/2019-06-met-in-tulsa.eml"
    done = subprocess.run(
        [sys.executable, "-c", "import sys, triage.cli; sys.exit(triage.cli.main())",
         "judge", "--json", str(sample)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["label"] == "personal"
    where = "import triage.rulebook as r; print(r.shipped_folder())"
    folder = subprocess.run(
        [sys.executable, "-c", where], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True, text=True, timeout=240, check=True,
    ).stdout  # fmt: skip
    assert Path(folder.strip()) == site / "triage" / "rules"
