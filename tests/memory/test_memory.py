"""The state file: what is kept, and what is said when it cannot be."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.errors import StateError
from triage.memory import Cursor, Memory, holder, lock, open_memory
from triage.memory.database import MIGRATIONS
from triage.model import (
    Flag,
    Identity,
    Invitation,
    JournalEntry,
    Move,
    NotInvitation,
    Place,
    Verdict,
)

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def entry(
    number: int, label: str = "generic", run: str = "r1", account: str = "main"
) -> JournalEntry:
    return JournalEntry(
        run=run,
        time=NOW + timedelta(minutes=number),
        place=Place(account, "INBOX", 7, number),
        identity=Identity(f"{number}@example.org", f"hash-{number}"),
        reading=Invitation("example", "invitation", note="a note\ud83d of \x1b[31m words"),
        verdict=Verdict(label, 0.9),  # type: ignore[arg-type]
        actions=(Flag("\\Flagged"), Move("Invitations/Generic")),
        flags=("\\Seen",),
        labels=("Mine",),
    )


def done(one: JournalEntry, uid: int) -> JournalEntry:
    return replace(one, state="DONE", landed=Place("main", "Invitations/Generic", 9, uid))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "triage.db"


def test_what_was_intended_is_there_after_opening_again(path: Path) -> None:
    with open_memory(path) as memory:
        written = memory.journal.intend([entry(1), entry(2)])
    with open_memory(path) as memory:
        assert memory.journal.intended("main") == written
        assert [one.id for one in written] == [1, 2]
        assert memory.journal.intended("other") == ()


def test_settling_writes_state_landing_remark_and_what_was_really_done(path: Path) -> None:
    with open_memory(path) as memory:
        (one,) = memory.journal.intend([entry(1)])
        settled = replace(done(one, 3), remark="no flag", actions=(Move("Invitations/Generic"),))
        memory.journal.settle([settled])
        assert memory.journal.get(one.id) == settled
        assert memory.journal.intended("main") == ()
        assert memory.journal.claims("main", [one.identity]) == {settled.landed}


def test_the_journal_is_looked_up_by_id_time_run_and_label(path: Path) -> None:
    with open_memory(path) as memory:
        memory.journal.intend([entry(1), entry(2, "personal")])
        memory.journal.intend([entry(3, run="r2"), entry(4, run="r2", account="other")])
        numbers = lambda found: [one.place.uid for one in found]  # noqa: E731
        assert numbers(memory.journal.last_run()) == [3, 4]
        assert numbers(memory.journal.since(NOW + timedelta(minutes=2))) == [2, 3, 4]
        assert numbers(memory.journal.since(NOW, account="other")) == [4]
        assert numbers(memory.journal.recent(3)) == [4, 3, 2]
        assert numbers(memory.journal.recent(9, label="personal")) == [2]
        assert numbers(memory.journal.recent(9, account="other", state="INTENDED")) == [4]
        assert memory.journal.get(99) is None


def test_messages_are_known_by_their_hash_alone(path: Path) -> None:
    """The Message-ID is part of what is hashed, and may come back in another case."""
    with open_memory(path) as memory:
        written = memory.journal.intend(entry(number) for number in range(1000))
        same_id = Identity("5@example.org", "another")
        same_hash = Identity("5@EXAMPLE.ORG", "hash-5")
        assert len(memory.journal.known("main", [one.identity for one in written])) == 1000
        assert memory.journal.known("main", [same_id]) == {}
        assert memory.journal.known("main", [same_hash])[same_hash].id == written[5].id


def test_a_transaction_that_is_broken_off_leaves_nothing(path: Path) -> None:
    with open_memory(path) as memory:

        def entries() -> object:
            yield entry(1)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            memory.journal.intend(entries())  # type: ignore[arg-type]
        assert memory.journal.recent(5) == ()


def test_a_process_that_is_killed_behind_a_commit_has_committed(path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from triage.memory import Cursor, open_memory\n"
        "open_memory(Path(sys.argv[1])).cursors.set(Cursor('main', 'INBOX', 7, 42)); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], env={**os.environ, "PYTHONPATH": "."})
    with open_memory(path) as memory:
        assert memory.cursors.get("main", "INBOX") == Cursor("main", "INBOX", 7, 42)


def test_cursors_are_kept_by_account_and_folder(path: Path) -> None:
    with open_memory(path) as memory:
        assert memory.cursors.get("main", "INBOX") is None
        memory.cursors.set(Cursor("main", "INBOX", 7, 1), Cursor("main", "Other", 8, 2))
        memory.cursors.set(Cursor("main", "INBOX", 9, 3))
        assert memory.cursors.get("main", "INBOX") == Cursor("main", "INBOX", 9, 3)
        memory.cursors.forget("main")
        assert memory.cursors.get("main", "Other") is None


def test_an_approval_is_asked_granted_and_cleared(path: Path) -> None:
    with open_memory(path) as memory:
        assert not memory.approvals.grant("main", NOW)
        memory.approvals.ask("main", 700, NOW)
        with open_memory(path) as other:
            assert other.approvals.grant("main", NOW)
        found = memory.approvals.get("main")
        assert found is not None and found.moves == 700 and found.granted == NOW
        memory.approvals.ask("main", 900, NOW)
        assert memory.approvals.all()[0].granted is None
        memory.approvals.clear("main")
        assert memory.approvals.all() == ()


def test_threads_share_one_memory(path: Path) -> None:
    with open_memory(path) as memory:
        work = [
            threading.Thread(
                target=lambda n=n: [memory.journal.intend([entry(n)]) for _ in range(20)]
            )
            for n in range(4)
        ]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        assert len(memory.journal.recent(100)) == 80


def test_the_file_is_private_and_durable(path: Path) -> None:
    with open_memory(path) as memory:
        memory.cursors.set(Cursor("main", "INBOX", 1, 1))
        beside = [one for one in path.parent.iterdir() if one.name.startswith("triage.db")]
        assert {one.stat().st_mode & 0o777 for one in beside} == {0o600}
        assert memory._database.rows("PRAGMA journal_mode")[0][0] == "wal"
        assert memory._database.rows("PRAGMA synchronous")[0][0] == 2
    path.chmod(0o644)
    open_memory(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def complaint(path: Path) -> StateError:
    with pytest.raises(StateError) as caught:
        open_memory(path)
    error = caught.value
    assert error.where == str(path) and error.now and "\n" not in str(error)
    assert error.exit_code == 1
    return error


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "none") in complaint(tmp_path / "none" / "triage.db").now


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    assert "Name a file" in complaint(tmp_path).now


def test_a_read_only_file_is_told(path: Path) -> None:
    open_memory(path).close()
    path.chmod(0o400)
    assert "read-only" in complaint(path).what


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"these are my recipes\n" * 100)
    assert "no SQLite file" in complaint(path).what
    assert path.read_bytes().startswith(b"these are my recipes")


def test_a_damaged_file_is_told(path: Path) -> None:
    with open_memory(path) as memory:
        memory.journal.intend(entry(number) for number in range(200))
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content) - 4096, 4096):
        content[start : start + 512] = b"\xff" * 512
    path.write_bytes(content)
    assert "damaged" in complaint(path).what


def test_a_newer_schema_is_refused_and_left_as_it_is(path: Path) -> None:
    open_memory(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 5}")
    connection.close()
    assert "newer triage" in complaint(path).what


def test_a_full_disk_is_told_and_leaves_the_file_sound(path: Path) -> None:
    with open_memory(path) as memory:
        (kept,) = memory.journal.intend([entry(0)])
        pages = memory._database.rows("PRAGMA page_count")[0][0]
        memory._database.rows(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StateError, match="disk is full"):
            memory.journal.intend(entry(number) for number in range(500))
        assert memory.journal.recent(9) == (kept,)
    with open_memory(path) as memory:
        assert memory.journal.recent(9) == (kept,)


def test_a_line_that_cannot_be_read_is_told(path: Path) -> None:
    with open_memory(path) as memory:
        memory.journal.intend([entry(1)])
        with memory._database.writing() as connection:
            connection.execute('UPDATE journal SET verdict = \'{"label": "nice"}\'')
        with pytest.raises(StateError, match="cannot be read"):
            memory.journal.get(1)


def test_one_instance_holds_the_lock_and_the_other_says_who(path: Path) -> None:
    assert holder(path) is None
    with lock(path):
        assert holder(path) == os.getpid()
        with pytest.raises(StateError, match=f"process {os.getpid()}"), lock(path):
            pass
    assert holder(path) is None
    with lock(path):
        pass


def test_a_lock_ends_with_its_process(path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from triage.memory import lock\n"
        "lock(Path(sys.argv[1])).__enter__(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], env={**os.environ, "PYTHONPATH": "."})
    with lock(path):
        pass


def test_turns_of_one_account_follow_each_other(path: Path) -> None:
    with open_memory(path) as memory:
        order: list[str] = []
        waits = threading.Event()

        def second() -> None:
            waits.set()
            with memory.turn("main"):
                order.append("second")

        with memory.turn("main"), memory.turn("other"):
            thread = threading.Thread(target=second)
            thread.start()
            assert waits.wait(10)
            order.append("first")
        thread.join(10)
        assert order == ["first", "second"]


def test_a_state_file_can_be_opened_beside_another(path: Path) -> None:
    with open_memory(path) as one, open_memory(path) as two:
        one.journal.intend([entry(1)])
        two.journal.intend([entry(2)])
        assert len(one.journal.recent(9)) == 2


def test_a_mail_that_is_no_invitation_and_yet_filed_keeps_its_reason(path: Path) -> None:
    wanted = replace(
        entry(1), reading=NotInvitation("poses as a platform's mail", "example", False)
    )
    with open_memory(path) as memory:
        (written,) = memory.journal.intend([wanted])
        assert memory.journal.get(written.id) == written


def test_memory_can_be_closed_twice(path: Path) -> None:
    memory = Memory(path)
    memory.close()
    memory.close()


def test_a_mark_of_an_earlier_try_stays_until_the_way_back(path: Path) -> None:
    with open_memory(path) as memory:
        (line,) = memory.journal.intend([entry(1)])
        for validity, uid, kept in ((7, 5, (7, 5)), (7, 9, (7, 5)), (7, 3, (7, 3)), (8, 9, (8, 9))):
            memory.journal.mark([line], validity, uid)
            assert memory.journal.marks([line]) == {line.id: kept}
        memory.journal.mark([line], 0, 0)  # the server would not tell
        assert memory.journal.marks([line]) == {line.id: (8, 9)}
        memory.journal.begin_undo([line])
        assert memory.journal.marks([line]) == {}
