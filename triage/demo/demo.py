"""Sample mail to a story: a mailbox before, a pass of the real daemon over it, the mailbox
after, and one decision taken back.

Gives scenes, one after another, as they happen; the command line prints them. Everything
goes over a socket on loopback and stands in a temporary folder that is gone at the end.
May not judge or file by itself, and reads nothing of the user's.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.resources import files
from pathlib import Path

from triage.daemon.accounts import open_mailbox
from triage.daemon.cycle import new_run
from triage.daemon.desk import load_desk
from triage.daemon.one_pass import PassReport, one_pass
from triage.daemon.undo import undo
from triage.demo.server import EmbeddedServer, Mail, start
from triage.identity import header_fields
from triage.memory import open_memory
from triage.model import JournalEntry, Move, Verdict
from triage.settings import load_settings

USER, PASSWORD = "dave@example.org", "a password for a minute"
CONFIG = """\
[accounts.demo]
host = "{host}"
port = {port}
security = "none"        # it does not leave this machine
user = "{user}"
password = {{ file = "password" }}
[trust]
authserv_ids = ["mx.example.org"]
[me]
names = ["Dave Fielding"]
employers = ["Northwind"]
schools = ["Kelvin College"]
fields = ["customer returns", "marketing"]
works = ["The Returns Handbook"]
events = ["Blog Business Summit"]
friends = ["Joe Marsh"]
"""


@dataclass(frozen=True)
class Folder:
    """A folder and how much stands in it."""

    name: str
    mails: int
    flagged: int


@dataclass(frozen=True)
class Opened:
    """The server runs; nothing was looked at yet."""

    address: str
    config: str
    folders: tuple[Folder, ...]


@dataclass(frozen=True)
class Passed:
    """The pass is over. ``say`` words a verdict in one line."""

    seconds: float
    report: PassReport
    say: Callable[[Verdict], str]
    folders: tuple[Folder, ...]


@dataclass(frozen=True)
class PutBack:
    """One decision was taken back."""

    entry: JournalEntry
    folders: tuple[Folder, ...]


Scene = Opened | Passed | PutBack


def scenes() -> Iterator[Scene]:
    """The whole story. Ending it early, too, leaves nothing behind."""
    with (
        tempfile.TemporaryDirectory(prefix="triage-demo-") as folder,
        start({"INBOX": sample_mails()}, USER, PASSWORD) as server,
    ):
        home = Path(folder)
        config = CONFIG.format(host=server.host, port=server.port, user=USER)
        secret = home / "password"
        secret.touch(mode=0o600)
        secret.write_text(PASSWORD, "utf-8")
        (home / "config.toml").write_text(config, "utf-8")
        yield Opened(f"{server.host}:{server.port}", config, folders_of(server))
        yield from _triaged(home, server)


def _triaged(home: Path, server: EmbeddedServer) -> Iterator[Scene]:
    settings = load_settings(home / "config.toml")
    (account,) = settings.accounts
    desk = load_desk(settings)
    with open_memory(settings.state_file) as memory:
        now, began = datetime.now().astimezone(), time.monotonic()
        with open_mailbox(account, desk.headers) as writer:
            report = one_pass(
                writer, account.folders, desk, memory, now, new_run(now), settings.max_moves
            )
        yield Passed(time.monotonic() - began, report, desk.say, folders_of(server))
        moved = [entry for entry in report.filed.in_state("DONE") if _was_moved(entry)]
        generic = [entry for entry in moved if entry.verdict.label == "generic"]
        for entry in (generic or moved)[:1]:
            with open_mailbox(account, desk.headers) as writer:
                (undone,) = undo([entry], writer, memory).settled
            yield PutBack(undone, folders_of(server))


def sample_mails() -> tuple[Mail, ...]:
    """The mails beside this module, oldest first, as they would have arrived."""
    folder = files("triage.demo") / "mail"
    contents = [file.read_bytes() for file in folder.iterdir() if file.name.endswith(".eml")]
    dated = [Mail(content, date=_date(content)) for content in contents]
    return tuple(sorted(dated, key=lambda mail: (mail.date, mail.content)))


def folders_of(server: EmbeddedServer) -> tuple[Folder, ...]:
    """What another client of the mailbox would see."""
    found = []
    for name in server.folders():
        mails = server.mails(name)
        flagged = sum("\\Flagged" in mail.flags for mail in mails)
        found.append(Folder(name, len(mails), flagged))
    return tuple(found)


def _was_moved(entry: JournalEntry) -> bool:
    return any(isinstance(action, Move) for action in entry.actions)


def _date(content: bytes) -> datetime:
    fields = dict(header_fields(content))
    try:
        found = parsedate_to_datetime(fields.get("date", b"").decode("ascii", "replace"))
    except ValueError:
        return datetime(2024, 1, 15, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
