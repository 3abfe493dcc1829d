"""Where the tokens of one login are kept: a file that no one else can read, or the keyring.

A refresh token that a provider has replaced is worthless, and its use may end the login
(RFC 9700 section 4.14.2). So what is new is written whole beside the old, flushed to the
disk and renamed over it; room for it is made before it is asked for; and one process at a
time renews. May not know what the text says.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from triage.errors import StateError, TriageError, UserError

ROOM = 64 * 1024  # bytes, more than a record has
LOCK_SECONDS = 90.0  # the longest that another process renews: some requests, 20 s each
_LOOK_SECONDS = 0.05


class Store(Protocol):
    """Keeps one text; ``place`` names it to a person."""

    @property
    def place(self) -> str: ...

    def read(self) -> str | None:
        """What is kept, None where there is nothing yet."""

    def room(self) -> AbstractContextManager[None]:
        """Make sure that ``write``, called inside of this, will be able to."""

    def write(self, text: str) -> None:
        """Keep ``text``: once this returns it outlasts the process and the machine."""

    def finish(self) -> None:
        """End what a process that was killed in ``write`` had begun; only while ``alone``."""


@contextmanager
def alone(lock: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the file ``lock``, which is made if it is missing, among threads and processes;
    another that holds it is waited for, ``seconds`` at most."""
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritable(lock, error) from None
    try:
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    what = "another process has been renewing the login for long"
                    raise TriageError(what, where=str(lock), now="Look what it does.") from None
                time.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)


@dataclass
class FileStore:
    """``path`` may be a symbolic link; the file that it names is replaced."""

    path: Path

    @property
    def place(self) -> str:
        return f"the file {self.path}"

    def read(self) -> str | None:
        try:
            with self.path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if not stat.S_ISREG(mode):
                    raise UserError("is no file", where=str(self.path), now="Name another.")
                if stat.S_IMODE(mode) & 0o077:
                    raise UserError(
                        f"others can read the token file {self.path}",
                        now=f"chmod 600 {self.path}; if anyone may have read it, log in anew.",
                    )
                return file.read(16 * ROOM).decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            what = f"the token file {self.path} cannot be read: {error.strerror}"
            raise UserError(what, now="Check the path and its permissions.") from None

    @contextmanager
    def room(self) -> Iterator[None]:
        """The room on the disk is taken before anything is asked for."""
        new = self._new()
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            new.unlink(missing_ok=True)  # of a process that was ended in the middle
            with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
                file.write(b"\n" * ROOM)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise _unwritable(self.path, error) from None
        try:
            yield
        finally:
            # Unless it holds what could not be put in its place: then ``finish`` tries again.
            with suppress(OSError):
                if new.stat().st_size >= ROOM:
                    new.unlink()

    def write(self, text: str) -> None:
        new = self._new()
        try:
            with new.open("r+b") as file:
                file.write(text.encode("utf-8"))
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path.resolve())
            _flush(new.parent)
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def finish(self) -> None:
        """The text was whole when the room around it was given back."""
        new = self._new()
        try:
            text = new.read_bytes() if new.stat().st_size < ROOM else b""
            if text.startswith(b"{") and text.endswith(b"}\n"):
                new.replace(self.path.resolve())
        except OSError:
            return  # there is nothing to end; what else is wrong, reading will tell

    def _new(self) -> Path:
        """Beside the file itself: a rename does not lead to another disk."""
        real = self.path.resolve()
        return real.with_name(f".{real.name}.new")


@dataclass
class KeyringStore:
    """The desktop's keyring, by ``service`` and ``user``."""

    service: str
    user: str

    @property
    def place(self) -> str:
        return f'the keyring (service "{self.service}")'

    def read(self) -> str | None:
        text: str | None = self._speak("get_password")
        return text

    @contextmanager
    def room(self) -> Iterator[None]:
        """What is there is written once more, which tells whether it can be."""
        if (text := self.read()) is not None:
            self.write(text)
        yield

    def write(self, text: str) -> None:
        self._speak("set_password", text)

    def finish(self) -> None:
        """The keyring keeps all of a text or nothing."""

    def _speak(self, deed: str, *more: str) -> Any:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            raise UserError(
                "the package keyring is not installed",
                now='pip install keyring, or write token = { file = "…" }.',
            ) from None
        try:
            return getattr(keyring, deed)(self.service, self.user, *more)
        except KeyringError:
            raise TriageError(
                "the keyring cannot be opened",
                now='Unlock it, or write token = { file = "…" }.',
            ) from None


def _flush(folder: Path) -> None:
    """Make the rename itself last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> StateError:
    return StateError(
        f"the tokens cannot be written: {error.strerror}",
        where=str(path),
        now="Make room, and its folder writable to the user who runs triage.",
    )
