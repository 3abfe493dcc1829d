"""The state files of every version that was shipped, of newer ones, and of other programs."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from memory.test_memory import NOW, complaint
from triage.errors import StateError
from triage.memory import Cursor, open_memory, schema
from triage.memory.schema import APPLICATION_ID, MIGRATIONS
from triage.model import Invitation, NotInvitation

DUMPS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))


def of_version(dump: Path, path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text("utf-8"))
    return path


def schema_of(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {re.sub(r"\s+", " ", row[0]) for row in rows}


def number(path: Path, pragma: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def test_there_is_a_dump_of_every_version_before_this_one() -> None:
    assert [dump.stem for dump in DUMPS] == [str(n) for n in range(1, len(MIGRATIONS))]


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: f"version {dump.stem}")
def test_a_file_of_an_old_version_is_brought_to_this_one(dump: Path, tmp_path: Path) -> None:
    path = of_version(dump, tmp_path / "old.db")
    assert number(path, "user_version") == int(dump.stem)
    with open_memory(path) as memory:
        entries = memory.journal.recent(99)
        assert [one.state for one in reversed(entries)] == [
            "DONE", "DONE", "FAILED", "UNDONE", "INTENDED", "INTENDED",
        ]  # fmt: skip
        first = entries[-1]
        assert isinstance(first.reading, Invitation) and first.reading.inviter.name == "Ada Quill"
        assert first.verdict.because[0].quote == "met in Leeds" and first.landed is not None
        assert isinstance(entries[-2].reading, NotInvitation)
        assert [one.id for one in memory.journal.undo_begun("main")] == [2]
        assert memory.journal.marks(entries) == {5: (9, 77)}
        assert memory.journal.decided("main", [first.identity]) == {first.identity}
        assert memory.cursors.get("main", "INBOX") == Cursor("main", "INBOX", 7, 42)
        (asked,) = memory.approvals.all()
        assert asked.moves == 700 and asked.granted == NOW + timedelta(minutes=1)
    open_memory(tmp_path / "new.db").close()
    assert schema_of(path) == schema_of(tmp_path / "new.db")
    for pragma in ("user_version", "application_id"):
        assert number(path, pragma) == number(tmp_path / "new.db", pragma) != 0


def test_numbers_go_on_where_the_old_version_left_off(tmp_path: Path) -> None:
    with open_memory(of_version(DUMPS[0], tmp_path / "old.db")) as memory:
        entries = memory.journal.recent(99)
        memory.journal.forget("main", NOW + timedelta(days=9))
        (new,) = memory.journal.intend([entries[0]])
        assert new.id == 7


def test_a_migration_that_breaks_off_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = of_version(DUMPS[0], tmp_path / "old.db")
    broken = (*MIGRATIONS[:1], "CREATE TABLE extra (a); INSERT INTO nowhere VALUES (1)")
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with pytest.raises(StateError):
        open_memory(path)
    assert number(path, "user_version") == 1
    assert not any("extra" in statement for statement in schema_of(path))
    monkeypatch.undo()
    with open_memory(path) as memory:
        assert len(memory.journal.recent(99)) == 6


def test_a_newer_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "triage.db"
    open_memory(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    assert "newer triage" in complaint(path).what
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", [0, 1, len(MIGRATIONS)])
def test_the_file_of_another_program_is_refused_and_left_as_it_is(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "recipes.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.execute(f"PRAGMA user_version = {version}")
    path.chmod(0o644)
    before = path.read_bytes()
    assert "another program" in complaint(path).what
    assert path.read_bytes() == before and path.stat().st_mode & 0o777 == 0o644


def test_the_file_says_whose_it_is(tmp_path: Path) -> None:
    open_memory(tmp_path / "triage.db").close()
    assert number(tmp_path / "triage.db", "application_id") == APPLICATION_ID
    assert (tmp_path / "triage.db").read_bytes()[68:72] == b"TriG"


def test_an_index_that_lacks_a_line_is_found_when_the_file_is_opened(tmp_path: Path) -> None:
    """A message whose line its index does not know would be filed again."""
    path = of_version(DUMPS[0], tmp_path / "triage.db")
    row = change(path, "SELECT * FROM sqlite_master WHERE name = 'journal_identity'")[0]
    change(path, "DELETE FROM sqlite_master WHERE name = 'journal_identity'")
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = "run, time, account, folder, uidvalidity, uid, message_id, header_sha256, label"
        columns += ", reading, verdict, actions, flags, labels, state, remark"
        connection.execute(f"INSERT INTO journal ({columns}) SELECT {columns} FROM journal LIMIT 1")
    change(path, "INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    assert "damaged" in complaint(path).what


def change(path: Path, statement: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The schema table itself, as a bad block may leave it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        return connection.execute(statement, values).fetchall()
