"""Where tokens are kept: privately, whole, and in time, whatever ends the process."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logins.bench import Write, by_code, login_in
from servers.identity import IdentityProvider
from triage.errors import LoginRefused, StateError, TriageError, UserError
from triage.logins.store import ROOM, FileStore, alone

TESTS = Path(__file__).parent.parent
# For each number n that it is told: a child that renews the login, and is killed at the n-th
# thing that it does in the folder of the tokens. Tells how the child ended.
RENEWER = """
import os, pathlib, signal, sys
import requests, triage.logins.other
from logins.bench import login_in
config = pathlib.Path(sys.argv[1])
steps = ("open", "os.rename", "os.remove", "fcntl.flock")
def child(at):
    login, seen = login_in(config), 0
    def hook(event, args):
        nonlocal seen
        ours = event == "fcntl.flock" or any(str(config.parent) in str(arg) for arg in args)
        if event in steps and ours:
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1
    sys.addaudithook(hook)
    login.token()
for line in sys.stdin:
    if not (pid := os.fork()):
        child(int(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


def keep(store: FileStore, text: str) -> None:
    with store.room():
        store.write(text)


def test_a_file_is_private_from_its_first_byte_and_whole(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "main.token")
    assert store.read() is None
    before = os.umask(0)
    try:
        with store.room():
            (new,) = tmp_path.iterdir()
            assert new.stat().st_mode & 0o777 == 0o600 and new.stat().st_size == ROOM
            store.write("first")
        assert store.path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
    assert store.read() == "first" and list(tmp_path.iterdir()) == [store.path]


def test_a_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "main.token")
    keep(store, "CANARY")
    for mode in (0o640, 0o604, 0o620, 0o601):
        store.path.chmod(mode)
        with pytest.raises(UserError, match=rf"others can .* {store.path}\. chmod 600") as raised:
            store.read()
        assert "CANARY" not in str(raised.value)


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "main.token").symlink_to(tmp_path / "far" / "token")
    store = FileStore(tmp_path / "main.token")
    keep(store, "first")
    keep(store, "second")
    assert (tmp_path / "main.token").is_symlink() and store.read() == "second"
    assert list((tmp_path / "far").iterdir()) == [tmp_path / "far" / "token"]


def test_no_room_is_found_out_before_the_provider_is_asked(
    write: Write, identity: IdentityProvider, tmp_path: Path
) -> None:
    login = login_in(write())
    by_code(login, identity)
    identity.forget_access_tokens()
    before = login.store.read()
    (tmp_path / ".main.token.new").mkdir()  # nothing can be written there
    with pytest.raises(StateError, match="tokens cannot be written"):
        login.instead_of(login.token())
    assert identity.renewals() == 0 and login.store.read() == before


def test_a_disk_that_is_full_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store = FileStore(tmp_path / "main.token")
    keep(store, "old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateError, match="No space left on device"), store.room():
        raise AssertionError("there is no room")
    assert store.read() == "old" and list(tmp_path.iterdir()) == [store.path]


def test_what_cannot_be_put_in_its_place_is_put_there_later(
    write: Write, identity: IdentityProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    login = login_in(write())
    by_code(login, identity)
    first = login.token()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(StateError, match="Operation not permitted"):
            login.instead_of(first)
    assert first not in (login.token(), None) and identity.renewals() == 1
    assert not (tmp_path / ".main.token.new").exists()


@pytest.fixture
def renewer(write: Write) -> Iterator[Callable[[int], int]]:
    """``renewer(n)`` renews, is killed at step n, and tells the exit status."""
    process = subprocess.Popen(
        [sys.executable, "-c", RENEWER, str(write())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{TESTS.parent}:{TESTS}"},
    )

    def renew(at: int) -> int:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{at}\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    with process:
        yield renew
        process.kill()


def test_a_process_that_is_killed_at_any_step_of_a_renewal_loses_no_login(
    write: Write, identity: IdentityProvider, renewer: Callable[[int], int]
) -> None:
    """Every step at which it touches the disk. The one that no client can mend is between
    the provider's answer and the first write of it; that ends the login, and is said."""
    login = login_in(write())
    folder = login.store.path.parent  # type: ignore[attr-defined]
    lost, at, status = [], 0, -signal.SIGKILL
    while status:
        by_code(login, identity)
        record = (login.store.read() or "").replace('"lifetime": 3600.0', '"lifetime": 0.0')
        keep(FileStore(folder / "main.token"), record)
        status = renewer(at)
        assert status in (0, -signal.SIGKILL)
        try:
            assert login.token() in identity.tokens
        except LoginRefused as error:
            assert "triage login main" in str(error)
            lost.append(at)
        at += 1
    assert at >= 8, "it touches the disk at some seven steps"
    assert len(lost) <= 1
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.toml", "main.token", "main.token.lock",
    ]  # fmt: skip


def test_what_was_written_but_not_yet_in_its_place_is_taken_up(
    write: Write, identity: IdentityProvider, tmp_path: Path
) -> None:
    """Killed between the flush and the rename."""
    login = login_in(write())
    by_code(login, identity)
    old = login.store.read() or ""
    login.instead_of(login.token())
    newer = login.store.read() or ""
    keep(FileStore(tmp_path / "main.token"), old)
    (tmp_path / ".main.token.new").touch(mode=0o600)
    (tmp_path / ".main.token.new").write_text(newer)
    assert login.token() in newer and identity.renewals() == 1
    for half in ("\n" * ROOM, newer[:40] + "\n" * (ROOM - 40), newer[:-2], ""):
        (tmp_path / ".main.token.new").touch(mode=0o600)
        (tmp_path / ".main.token.new").write_text(half)
        assert login.token() in newer


def test_one_holds_the_lock_and_others_wait(tmp_path: Path) -> None:
    lock, order = tmp_path / "lock", ["first"]

    def other() -> None:
        with alone(lock):
            order.append("second")

    with alone(lock):
        thread = threading.Thread(target=other)
        thread.start()
        with pytest.raises(TriageError, match="another process"), alone(lock, 0.0):
            raise AssertionError("it is held")
        order.append("still first")
    thread.join(60)
    assert order == ["first", "still first", "second"]
    assert lock.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written"), alone(tmp_path / "no" / "lock"):
        raise AssertionError("there is no such folder")
    (tmp_path / "main.token").mkdir()
    with pytest.raises(UserError, match="cannot be read"):
        FileStore(tmp_path / "main.token").read()
