"""`triage backup`: a copy, and back, as a person does it; and what the config keeps."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from memory.test_backup import damage
from memory.test_memory import entry
from tests.cli.conftest import Run, write_config
from triage.memory import lock, open_memory
from triage.memory.lock import beside


def test_a_copy_is_made_checked_and_put_back(triage: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, 1)
    copy, state = tmp_path / "copy.db", tmp_path / "triage.db"
    assert "no state file yet" in triage("-c", config, "backup", copy).err
    with open_memory(state) as memory:
        memory.journal.intend(entry(number) for number in range(200))
        made = triage("-c", config, "backup", copy)  # the daemon may run
    assert made.status == 0 and "200 decisions" in made.out and "checked" in made.out
    assert copy.stat().st_mode & 0o777 == 0o600
    again = triage("-c", config, "backup", copy)
    assert again.status == 2 and "--force" in again.err
    assert triage("-c", config, "backup", "--force", copy).status == 0

    damage(state)
    told = triage("-c", config, "history")
    assert told.status == 1 and "damaged" in told.err and "triage backup --restore" in told.err
    back = triage("-c", config, "backup", "--restore", copy)
    assert back.status == 0 and "200 decisions" in back.out and "triage plan" in back.out
    assert "generic" in triage("-c", config, "history").out
    assert (tmp_path / "triage.db.replaced").exists()


def test_nothing_is_put_back_while_the_daemon_runs(triage: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, 1)
    open_memory(tmp_path / "triage.db").close()
    assert triage("-c", config, "backup", tmp_path / "copy.db").status == 0
    with lock(tmp_path / "triage.db"):
        told = triage("-c", config, "backup", "--restore", tmp_path / "copy.db")
    assert told.status == 1 and f"process {os.getpid()}" in told.err


def test_a_pass_forgets_what_is_older_than_the_config_says(triage: Run, config: Path) -> None:
    with config.open("a") as file:
        file.write("[state]\nkeep_days = 10\n")
    now = datetime.now(UTC)
    state = config.parent / "triage.db"
    with open_memory(state) as memory:
        lines = [entry(n) for n in (1, 2)]
        old, new = memory.journal.intend(
            [replace(lines[0], time=now - timedelta(days=11)), replace(lines[1], time=now)]
        )
        memory.journal.settle([replace(one, state="FAILED") for one in (old, new)])
    assert triage("-c", config, "run", "--once").status == 0
    with open_memory(state) as memory:
        assert memory.journal.get(old.id) is None and memory.journal.get(new.id) is not None
        assert memory.journal.decided("main", [old.identity]) == {old.identity}
    assert beside(state, "main", "work").exists()
