"""The few kinds of error that a person is meant to read.

Turns a fault into one sentence of *what, where, what now*. May not print, log or
exit: the command line decides how an error is shown and with which exit code.

Exit codes follow whose fault it is (DESIGN section 6): 2 for what the user can put
right in a file or an argument, 1 for the world (server, disk, network).
"""

from __future__ import annotations

from dataclasses import dataclass


class TriageError(Exception):
    """Base of all errors that are shown without a traceback.

    ``what`` went wrong, ``where`` (a file and key, a server, a folder), and what to do
    ``now``. All three are plain text without line breaks, and never hold a note, a
    person's name or an address out of a mail.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", now: str = "") -> None:
        self.what = what
        self.where = where
        self.now = now
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head.rstrip('.')}. {self.now}" if self.now else head


class UserError(TriageError):
    """The user's own mistake: an argument, a path, a config, a rule."""

    exit_code = 2


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in one file that the user edits.

    ``line`` counts from 1, 0 where the fault has no line (a missing file). ``item`` is
    the rule id or the config key, ``what`` the fault, ``now`` the remedy.
    """

    file: str
    line: int
    item: str
    what: str
    now: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        item = f" [{self.item}]" if self.item else ""
        return f"{where}{item}: {self.what.rstrip('.')}. {self.now}"


class FaultsError(UserError):
    """All faults of all files at once, in the order of the files and their lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class SettingsError(FaultsError):
    """The config file cannot be used."""


class RulesError(FaultsError):
    """The rule files cannot be used; whoever holds older good rules keeps them."""


class PasswordUnavailable(UserError):
    """The password cannot be had now: the command that prints it failed. It is the user's
    to mend, but may mend itself (an agent that is locked, a disk that is not there yet), and
    trying again locks nothing."""


class LoginRefused(TriageError):
    """The server refused the user or the password: retrying may lock the account."""


class ServerUnreachable(TriageError):
    """No connection, a bad certificate, a time-out, or a cut in the middle."""


class ServerRefused(TriageError):
    """The server answered NO or BAD to one command; the connection still stands."""


class UidsVoid(ServerRefused):
    """The folder's UIDVALIDITY changed: what was remembered by uid is void. Open the
    folder anew and find the messages by their identity."""


class StateError(TriageError):
    """The state file cannot be read or written; nothing may be filed without it."""
