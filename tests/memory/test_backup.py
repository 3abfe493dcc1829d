"""A copy of the state file, made while it is written to, and put back."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from memory.test_memory import entry
from triage.errors import StateError, UserError
from triage.memory import lock, open_memory
from triage.memory.backup import back_up, restore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "triage.db"


def test_a_copy_is_one_private_file_that_holds_everything(path: Path, tmp_path: Path) -> None:
    with open_memory(path) as memory:
        written = memory.journal.intend(entry(number) for number in range(50))
        copied = back_up(path, tmp_path / "copy.db")  # while it is open, its -wal full
        assert (copied.decisions, copied.last) == (50, written[-1].time)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.glob("copy*")] == ["copy.db"]
    assert (tmp_path / "copy.db").read_bytes()[18:20] == b"\1\1"  # no -wal belongs to it
    with open_memory(tmp_path / "copy.db") as memory:
        assert memory.journal.intended("main") == written


def test_a_copy_made_while_others_write_is_of_one_moment(path: Path, tmp_path: Path) -> None:
    with open_memory(path) as memory:
        ending = threading.Event()

        def write() -> None:
            run = 0
            while not ending.is_set():
                run += 1
                memory.journal.intend([entry(n, run=f"r{run}") for n in range(20)])

        thread = threading.Thread(target=write)
        thread.start()
        copies = [tmp_path / f"{number}.db" for number in range(8)]
        counts = [back_up(path, copy).decisions for copy in copies]
        ending.set()
        thread.join()
    assert counts == sorted(counts) and all(count % 20 == 0 for count in counts)


def test_nothing_is_overwritten_unless_asked(path: Path, tmp_path: Path) -> None:
    with open_memory(path) as memory:
        memory.journal.intend([entry(1)])
    other = tmp_path / "mine.txt"
    other.write_text("my recipes")
    with pytest.raises(UserError, match="--force"):
        back_up(path, other)
    assert other.read_text() == "my recipes"
    assert back_up(path, other, replace=True).decisions == 1
    with pytest.raises(UserError, match="state file itself"):
        back_up(path, path, replace=True)


def test_a_damaged_file_is_not_copied_over_a_good_copy(path: Path, tmp_path: Path) -> None:
    with open_memory(path) as memory:
        memory.journal.intend(entry(number) for number in range(200))
    copy = tmp_path / "copy.db"
    back_up(path, copy)
    good = copy.read_bytes()
    damage(path)
    with pytest.raises(StateError, match="damaged"):
        back_up(path, copy, replace=True)
    assert copy.read_bytes() == good and [p.name for p in tmp_path.glob("*.new")] == []


def test_a_place_that_cannot_be_written_is_told(path: Path, tmp_path: Path) -> None:
    open_memory(path).close()
    with pytest.raises(StateError, match="no copy can be made: no such file"):
        back_up(path, tmp_path / "none" / "copy.db")


def test_a_copy_put_back_stands_for_a_damaged_file_which_is_kept(
    path: Path, tmp_path: Path
) -> None:
    with open_memory(path) as memory:
        written = memory.journal.intend(entry(number) for number in range(200))
    back_up(path, tmp_path / "copy.db")
    damage(path)
    damaged = path.read_bytes()
    with pytest.raises(StateError, match="damaged"):
        open_memory(path)
    assert restore(tmp_path / "copy.db", path).decisions == 200
    with open_memory(path) as memory:
        assert memory.journal.intended("main") == written
    assert (tmp_path / "triage.db.replaced").read_bytes() == damaged


def test_a_copy_put_back_takes_nothing_from_the_wal_of_what_it_replaces(
    path: Path, tmp_path: Path
) -> None:
    with open_memory(path) as memory:
        memory.journal.intend([entry(1)])
        back_up(path, tmp_path / "copy.db")
    crashed = sqlite3.connect(path)  # a process that was killed: its commits are in the -wal
    crashed.execute("PRAGMA wal_autocheckpoint = 0")
    crashed.execute("UPDATE journal SET run = 'later'")
    crashed.commit()
    wal = path.with_name("triage.db-wal").read_bytes()
    crashed.close()
    path.with_name("triage.db-wal").write_bytes(wal)
    restore(tmp_path / "copy.db", path)
    with open_memory(path) as memory:
        assert [one.run for one in memory.journal.recent(9)] == ["r1"]
    with closing(sqlite3.connect(tmp_path / "triage.db.replaced")) as kept:
        assert kept.execute("SELECT run FROM journal").fetchone()[0] == "later"


@pytest.mark.parametrize("content", [b"", b"these are my recipes\n" * 100])
def test_what_is_no_copy_is_not_put_back(path: Path, tmp_path: Path, content: bytes) -> None:
    with open_memory(path) as memory:
        memory.journal.intend([entry(1)])
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(StateError):
        restore(tmp_path / "other", path)
    with pytest.raises(UserError, match="no such file"):
        restore(tmp_path / "none", path)
    with open_memory(path) as memory:
        assert len(memory.journal.recent(9)) == 1


def test_nothing_is_put_back_under_a_running_daemon(path: Path, tmp_path: Path) -> None:
    open_memory(path).close()
    back_up(path, tmp_path / "copy.db")
    with lock(path), pytest.raises(StateError, match=f"process {os.getpid()}"):
        restore(tmp_path / "copy.db", path)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content) - 4096, 4096):
        content[start : start + 512] = b"\xff" * 512
    path.write_bytes(content)
