"""A server's unpacked packages to a root of its own in which its programs run.

Each is a copy (by hard links) that the test may write into, entered by ``chroot``: the
paths that are compiled into the programs lead nowhere else. Needs root, and
``make servers``. Ends whatever runs in it, daemons of daemons included.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

UNPACKED = Path(__file__).resolve().parent.parent.parent / ".servers"
NOBODY = 65534
_START_SECONDS = 30.0
_DEVICES = {"null": (1, 3), "urandom": (1, 9)}


def missing(name: str) -> str | None:
    """Why the server cannot be run here, or None."""
    if not (UNPACKED / name).is_dir():
        return f"{name} is not unpacked here (make servers, as root, on Debian)"
    if os.getuid() != 0:
        return f"{name} runs in a chroot, which takes root"
    return None


class Root:
    """A root to run programs in. ``path`` is where it is, seen from outside; its name says
    which process of the tests it belongs to."""

    def __init__(self, name: str) -> None:
        _clear_up()
        self.path = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=UNPACKED))
        self.path.chmod(0o755)
        self._log = (self.path / "output").open("ab")
        self._started: list[subprocess.Popen[bytes]] = []
        subprocess.run(["cp", "-al", f"{UNPACKED / name}/.", str(self.path)], check=True)
        for folder, mode in (("dev", 0o755), ("tmp", 0o1777)):
            (self.path / folder).mkdir(exist_ok=True)
            (self.path / folder).chmod(mode)
        for device, numbers in _DEVICES.items():
            file = self.path / "dev" / device
            try:
                os.mknod(file, stat.S_IFCHR | 0o666, os.makedev(*numbers))
            except PermissionError:  # in some containers; a plain file will do
                file.write_bytes(os.urandom(4096) if device == "urandom" else b"")
            file.chmod(0o666)
        users = ("root", 0), ("nobody", NOBODY), ("cyrus", NOBODY), ("courier", NOBODY)
        self.write("etc/passwd", "".join(f"{who}:x:{uid}:{uid}::/:/\n" for who, uid in users))
        groups = ("root", 0), ("nogroup", NOBODY), ("mail", NOBODY), ("courier", NOBODY)
        self.write("etc/group", "".join(f"{who}:x:{gid}:\n" for who, gid in groups))

    def write(self, name: str, text: str) -> None:
        """A file in it; never through a hard link into the packages."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(text, "utf-8")

    def give(self, *names: str) -> None:
        """Folders that the server's own user may write in."""
        for name in names:
            folder = self.path / name
            folder.mkdir(parents=True, exist_ok=True)
            os.chown(folder, NOBODY, NOBODY)

    def run(self, *command: str, entered: str = "") -> str:
        """A program that ends by itself, and what it printed."""
        done = subprocess.run(
            ["chroot", str(self.path), *command],
            input=entered,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *command: str, environment: Mapping[str, str] | None = None) -> None:
        """A program that goes on until ``end``."""
        started = subprocess.Popen(
            ["chroot", str(self.path), *command],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(environment or {})},
        )
        self._started.append(started)

    def await_greeting(self, port: int) -> None:
        """Until an IMAP server says hello there."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.settimeout(5)
                if probe.recv(4) == b"* OK":
                    return
            time.sleep(0.05)
        said = self.output()
        self.end()
        raise AssertionError(f"the server did not start:\n{said}")

    def output(self) -> str:
        """What the programs that were started have said."""
        return (self.path / "output").read_text("utf-8", "replace")

    def end(self) -> None:
        """Kill what runs in it, and remove it."""
        self._log.close()
        _end(self.path)
        for started in self._started:
            started.wait(_START_SECONDS)


def _end(root: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while (running := _running_in(root)) and time.monotonic() < deadline:
        for process in running:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)
    shutil.rmtree(root, ignore_errors=True)


def _running_in(root: Path) -> list[int]:
    """The processes whose root it is, those apart that have ended and wait to be collected."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            if (process / "root").readlink() == root and state != "Z":
                found.append(int(process.name))
    return found


def _clear_up() -> None:
    """End what tests left behind that were killed themselves."""
    for root in UNPACKED.glob("run-*"):
        if not Path("/proc", root.name.split("-")[1]).exists():
            _end(root)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
