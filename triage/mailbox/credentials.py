"""Where a password, or another secret, stands to the secret itself.

From a command, the environment, a file that no one else can read, or the keyring. May
not keep it, log it or put it (or what the command wrote) into an error: an error says
what to try by hand.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from triage.errors import PasswordUnavailable, TriageError, UserError

SourceKind = Literal["command", "env", "file", "keyring"]

COMMAND_SECONDS = 120  # a person may have to type a passphrase
KEYRING_SERVICE = "triage"
_FILE_LIMIT = 64 * 1024


@dataclass(frozen=True)
class PasswordSource:
    """``value`` is the command as a shell takes it, the variable's name, the file's path,
    or the keyring's service name (empty or "true": ``triage``). ``what`` is the secret, for
    the words of an error."""

    kind: SourceKind
    value: str
    what: str = "password"

    def __post_init__(self) -> None:
        if self.kind not in get_args(SourceKind):
            raise ValueError(f"a password comes from {', '.join(get_args(SourceKind))}")

    def read(self, user: str, where: str = "", seconds: float = COMMAND_SECONDS) -> str:
        """The password of ``user``. ``where`` names the account in errors. Of a command
        and of a file the first line counts, without its line end (as ``pass`` prints)."""
        if self.kind == "command":
            password = _from_command(self.value, where, seconds, self.what)
        elif self.kind == "env":
            password = _from_environment(self.value, where)
        elif self.kind == "file":
            password = _from_file(Path(self.value).expanduser(), where, self.what)
        else:
            password = _from_keyring(self.value, user, where, self.what)
        if not password:
            # `pass show x | head -1` succeeds with nothing while its agent is locked.
            kind = PasswordUnavailable if self.kind == "command" else UserError
            raise kind(
                f"the {self.what} from {self._said()} is empty", where=where, now="Fill it in."
            )
        if "\0" in password:
            raise UserError(f"the {self.what} from {self._said()} is not text", where=where)
        return password

    def _said(self) -> str:
        return {
            "command": "the command",
            "env": f"the environment variable {self.value}",
            "file": f"the file {self.value}",
            "keyring": "the keyring",
        }[self.kind]


def _first_line(text: bytes, where: str, what: str) -> str:
    try:
        return text.decode("utf-8").split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise UserError(
            f"the {what} is not UTF-8 text", where=where, now="Store it as UTF-8."
        ) from None


def _from_command(command: str, where: str, seconds: float, what: str) -> str:
    # Through the shell, as the user would type it. Its standard error is thrown away: it
    # may hold the secret. A session of its own, so that all of a pipe can be ended.
    by_hand = "Run it by hand to see why."
    with subprocess.Popen(
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise TriageError(
                f"the {what} command did not end within {seconds:g} seconds",
                where=where,
                now=by_hand,
            ) from None
    if process.returncode:
        raise PasswordUnavailable(
            f"the {what} command failed with exit code {process.returncode}",
            where=where,
            now=by_hand,
        )
    return _first_line(output, where, what)


def _from_environment(variable: str, where: str) -> str:
    password = os.environ.get(variable)
    if password is None:
        raise UserError(
            f"the environment variable {variable} is not set",
            where=where,
            now="Set it for the process that runs triage.",
        )
    return password


def _from_file(path: Path, where: str, what: str) -> str:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise UserError(
                    f"others can read the {what} file {path}",
                    where=where,
                    now=f"chmod 600 {path}",
                )
            return _first_line(file.read(_FILE_LIMIT), where, what)
    except OSError as error:
        raise UserError(
            f"the {what} file {path} cannot be read: {error.strerror}",
            where=where,
            now="Check the path and its permissions.",
        ) from error


def _from_keyring(service: str, user: str, where: str, what: str) -> str:
    service = service if service.lower() not in ("", "true") else KEYRING_SERVICE
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise UserError(
            "the package keyring is not installed", where=where, now="pip install keyring"
        ) from None
    try:
        password = keyring.get_password(service, user)
    except KeyringError:
        raise TriageError(
            "the keyring cannot be opened",
            where=where,
            now=f"Unlock it, or take the {what} from a command, env or file.",
        ) from None
    if password is None:
        raise UserError(
            f"the keyring holds no {what} for the user",
            where=where,
            now=f"keyring set {service} {user}",
        )
    return password
