"""What a process says it is working on, and what the next one makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from triage.memory import open_memory
from triage.model import Identity

ONE, TWO = Identity("1@example.org", "hash-1"), Identity("2@example.org", "hash-2")
DIE = """
import os, sys
from pathlib import Path
from triage.memory import open_memory
from triage.model import Identity
with open_memory(Path(sys.argv[1])) as memory, memory.at_work("main") as marks:
    with marks.on([Identity("", digest) for digest in sys.argv[2:]]):
        os._exit(9)
"""


def die_over(path: Path, *digests: str) -> None:
    """A process that ends in the middle of its work on these."""
    environ = {**os.environ, "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, "-c", DIE, str(path), *digests], env=environ)
    assert done.returncode == 9


def test_who_comes_out_alive_leaves_no_mark(tmp_path: Path) -> None:
    with open_memory(tmp_path / "triage.db") as memory:
        with memory.at_work("main") as marks:
            with marks.on([ONE, TWO]):
                assert not marks.suspect(ONE)
            with pytest.raises(ZeroDivisionError), marks.on([ONE]):
                raise ZeroDivisionError
        with memory.at_work("main") as marks:
            assert not marks.suspect(ONE) and not marks.deadly(ONE)


def test_once_makes_suspect_and_twice_deadly(tmp_path: Path) -> None:
    path = tmp_path / "triage.db"
    die_over(path, "hash-1", "hash-2")
    with open_memory(path) as memory, memory.at_work("main") as marks:
        assert marks.suspect(ONE) and marks.suspect(TWO) and not marks.deadly(ONE)
        with marks.on([TWO]):
            pass
        assert not marks.suspect(TWO)
    die_over(path, "hash-1")
    with open_memory(path) as memory:
        with memory.at_work("main") as marks:
            assert marks.deadly(ONE) and not marks.suspect(TWO)
        with memory.at_work("main") as marks:
            assert marks.deadly(ONE)  # for good
        with memory.at_work("other") as marks:
            assert not marks.suspect(ONE)


def test_the_file_is_private_and_holds_hashes_alone(tmp_path: Path) -> None:
    die_over(tmp_path / "triage.db", "hash-1")
    (file,) = tmp_path.glob("triage.db.*.work")
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"hash-1" in file.read_bytes()


@pytest.mark.parametrize("content", [b"", b"\0" * 50, b"[1, 2]\n", b'{"deaths": 3, "now": 4}\n'])
def test_a_file_that_makes_no_sense_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "triage.db"
    with open_memory(path) as memory:
        with memory.at_work("main"):
            pass
        (file,) = tmp_path.glob("triage.db.*.work")
        file.write_bytes(content)
        with memory.at_work("main") as marks, marks.on([ONE]):
            assert not marks.suspect(ONE)
