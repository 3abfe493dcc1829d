"""A message that hangs in a library, or takes the process with it, is passed over.

The hang is a real one: Python's own expressions, on a text that they try in every way,
with the interpreter to themselves. Each pass is a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from triage.memory import open_memory

ROOT = Path(__file__).parents[2]
PASS = """
import os, re, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
from daemon.desks import NOW, desk, mail
from daemon.mailboxes import standing
from dataclasses import replace
from triage.daemon import deadman
from triage.daemon.one_pass import one_pass
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import open_memory

deadman.SECONDS = 1.0
plain = desk()

def read(message):
    if b"number 3" in message.content:
        {deed}
    return plain.read(message)

box = MemoryMailbox()
for number in range(6):
    box.put("INBOX", mail(number, "generic"))
with open_memory(Path(sys.argv[2])) as memory:
    one_pass(box, ("INBOX",), replace(plain, read=read), memory, NOW, sys.argv[3], 500)
print(*(len(box.contents(name)) for name in ("INBOX", "Invitations/Generic")))
"""
DEEDS = {
    "hangs": 're.match(r"(a+)+$", "a" * 60 + "b")',
    "is killed": "os.kill(os.getpid(), 9)",
    "crashes": "os.abort()",
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
def test_what_kills_twice_is_passed_over(deed: str, tmp_path: Path) -> None:
    path = tmp_path / "triage.db"
    code = PASS.replace("{deed}", deed)
    passes = [
        subprocess.run(
            [sys.executable, "-c", code, str(ROOT), str(path), f"r{number}"],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONFAULTHANDLER": ""},
        )
        for number in range(3)
    ]
    assert [one.returncode != 0 for one in passes] == [True, True, False], passes[2].stderr
    assert passes[2].stdout.split() == ["1", "5"]
    assert "died twice over this message; it is left alone" in passes[2].stderr
    assert "harbour" not in "".join(one.stderr for one in passes)
    with open_memory(path) as memory:
        assert len(memory.journal.recent(9)) == 5
