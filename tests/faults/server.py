"""A Dovecot that is quick to log in to, a mailbox for each try, and a look at it from outside.

The look goes by imapclient alone, so that the code under test is not its own witness. Folders
can be made read-only (ACL) and users can have a quota.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from imapclient import IMAPClient

from faults.filling import Filed, filling
from servers import dovecot as dovecots
from servers.dovecot import Dovecot
from servers.fixtures import PASSWORD

DATE = datetime(2026, 3, 1, 11, 0, 0, tzinfo=UTC)
VOIDED = 1000  # what ``void_uids`` adds to a uid
_USERS = 20_000

# Processes that serve one login after the other spare 40 ms each; nothing here outlives a
# crash of the machine, so nothing need be on the disk.
_EXTRA = """
mail_fsync = never
mail_plugins = acl quota
service imap-login {{
  service_count = 0
  process_min_avail = 1
}}
service imap {{
  service_count = 1000
  process_min_avail = 2
}}
protocol imap {{
  mail_plugins = acl quota imap_acl imap_quota
}}
plugin {{
  acl = vfile
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={quota}
}}
"""


@dataclass(frozen=True)
class Message:
    """One message as a mail program sees it."""

    content: bytes
    flags: frozenset[str]
    date: datetime


@dataclass(frozen=True)
class Stands:
    """A whole mailbox: messages by folder and uid, and which folders are subscribed to."""

    folders: dict[str, dict[int, Message]]
    subscribed: frozenset[str]

    def told(self) -> dict[str, list[tuple[bytes, list[str], datetime]]]:
        """What stands where, uids apart, in an order of its own."""
        return {
            name: sorted((m.content, sorted(m.flags), m.date) for m in messages.values())
            for name, messages in self.folders.items()
        }

    def where(self, content: bytes) -> list[str]:
        """The folders in which a message of these bytes stands, one for each copy."""
        return [
            name
            for name, messages in sorted(self.folders.items())
            for message in messages.values()
            if message.content == content
        ]


@dataclass
class FaultServer:
    """``fresh`` gives a user whose mailbox is filled as ``filling`` says, always alike,
    uids included."""

    dovecot: Dovecot
    _used: int = 0
    _templates: dict[tuple[Filed, ...], str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return self.dovecot.port

    @property
    def states(self) -> Path:
        """Where state files may lie."""
        return self.dovecot.folder / "states"

    def unused(self) -> str:
        """A user with an empty mailbox."""
        self._used += 1
        assert self._used < _USERS
        return f"u{self._used}"

    def fresh(self, messages: tuple[Filed, ...] | None = None) -> str:
        """A user with these messages, or the usual ones."""
        messages = filling() if messages is None else messages
        if messages not in self._templates:
            template = self.unused()
            with self.client(template) as imap:
                for one in messages:
                    if one.folder != "INBOX" and not imap.folder_exists(one.folder):
                        imap.create_folder(one.folder)
                        imap.subscribe_folder(one.folder)
                    imap.append(one.folder, one.content, one.flags, DATE)
                for name in {one.folder for one in messages}:
                    imap.select_folder(name)  # no message is recent to who comes next
            self._templates[messages] = template
        user = self.unused()
        template = self.dovecot.maildir(self._templates[messages])
        subprocess.run(["cp", "-a", template, self.dovecot.maildir(user)], check=True)
        return user

    def forget(self, user: str) -> None:
        """Make room."""
        shutil.rmtree(self.dovecot.maildir(user), ignore_errors=True)
        for path in self.states.glob(f"{user}.db*"):
            path.unlink()

    @contextmanager
    def client(self, user: str) -> Iterator[IMAPClient]:
        """Another mail program."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=60) as imap:
            imap.login(user, PASSWORD)
            yield imap

    def look(self, user: str) -> Stands:
        """All that is there, leaving no trace."""
        with self.client(user) as imap:
            folders = {}
            for flags, _, name in imap.list_folders():
                if b"\\Noselect" in flags:
                    continue
                imap.select_folder(name, readonly=True)
                found = imap.fetch(imap.search(), ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"])
                folders[name] = {uid: _message(items) for uid, items in found.items()}
            subscribed = frozenset(name for _, _, name in imap.list_sub_folders())
        return Stands(folders, subscribed)

    def folder_of(self, user: str, folder: str) -> Path:
        """Where the folder is on the disk."""
        maildir = self.dovecot.maildir(user)
        return maildir if folder == "INBOX" else maildir / f".{folder.replace('/', '.')}"

    def grant(self, user: str, folder: str, rights: str | None) -> None:
        """What the user may do in a folder (RFC 4314 section 2.1); None: everything."""
        rule = self.folder_of(user, folder) / "dovecot-acl"
        if rights is None:
            rule.unlink()
        else:
            rule.write_text(f"owner {rights}\n")
            os.chown(rule, rule.parent.stat().st_uid, rule.parent.stat().st_gid)

    def hand_over(self, user: str, other: FaultServer) -> None:
        """The mailbox as it stands, to another server."""
        shutil.rmtree(other.dovecot.maildir(user), ignore_errors=True)
        self.dovecot.maildir(user).rename(other.dovecot.maildir(user))

    def void_uids(self, user: str, folder: str = "INBOX") -> None:
        """The folder gets another UIDVALIDITY and its messages other uids, as when a server's
        index is rebuilt, or at each start of some bridges."""
        place = self.folder_of(user, folder)
        uids = place / "dovecot-uidlist"
        head, *lines = uids.read_text("latin-1").splitlines()
        words = head.split(" ")
        words = [f"V{int(w[1:]) + 7}" if w.startswith("V") else w for w in words]
        moved = [
            f"{int(uid) + VOIDED} {rest}" for uid, rest in (one.split(" ", 1) for one in lines)
        ]
        words = [f"N{int(w[1:]) + VOIDED}" if w.startswith("N") else w for w in words]
        anew = uids.with_suffix(".anew")
        anew.write_text("\n".join([" ".join(words), *moved]) + "\n", "latin-1")
        os.chown(anew, uids.stat().st_uid, uids.stat().st_gid)
        anew.replace(uids)
        for index in place.glob("dovecot.index*"):
            index.unlink(missing_ok=True)


def _message(items: dict[bytes, object]) -> Message:
    content, date, flags = items[b"BODY[]"], items[b"INTERNALDATE"], items[b"FLAGS"]
    assert isinstance(content, bytes) and isinstance(date, datetime) and isinstance(flags, tuple)
    return Message(content, frozenset(f.decode() for f in flags) - {"\\Recent"}, date)


def in_memory() -> str:
    """A folder that is no disk, where there is one: the faults tried are not the disk's."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else "/tmp"


@contextmanager
def started(folder: Path, quota: str = "1G") -> Iterator[FaultServer]:
    """A server until the end. ``quota`` is what a user may store."""
    users = {f"u{number}": PASSWORD for number in range(1, _USERS)}
    (folder / "states").mkdir()
    dovecot = dovecots.start(folder, users, extra=_EXTRA.format(quota=quota))
    try:
        yield FaultServer(dovecot)
    finally:
        dovecot.stop()
