r"""Labels as folders: where one message stands in several, as at Gmail.

Over pymap's folders in memory. A message is one (X-GM-MSGID, flags) however many folders
show it, each under a uid of its own. Every folder but All Mail, Spam and Trash is a label.
What Google says of it stands at developers.google.com/workspace/gmail/imap/imap-extensions
("EXT" below) and support.google.com/mail/answer/77657 ("SYNC"). May not parse a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from pymap.backend.dict.mailbox import MailboxData, Message
from pymap.exceptions import NotAllowedError
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import ObjectId
from pymap.parsing.specials.flag import Deleted, Flag, Flagged

from triage.demo.server import Folder, Folders

# What X-GM-LABELS calls the folders that Gmail itself has made (EXT).
_SYSTEM = {
    "Drafts": r"\Draft",
    "Important": r"\Important",
    "Sent": r"\Sent",
    "Flagged": r"\Starred",
}
_APART = ("Junk", "Trash")  # what is in one of them is in no other folder
_ids = count(1278455344230334865)


@dataclass(eq=False)
class Mail:
    """One message, and under which uid each folder shows it."""

    content: MessageContent
    date: datetime
    flags: frozenset[Flag]
    email_id: ObjectId
    thread_id: ObjectId
    msgid: int = field(default_factory=lambda: next(_ids))
    stands: dict[LabelFolder, int] = field(default_factory=dict)

    @property
    def thrid(self) -> int:
        """All are threads of one."""
        return self.msgid

    def labels(self, seen_from: LabelFolder | None = None) -> list[str]:
        r"""The labels as a folder shows them: its own is left out, so that INBOX shows no
        ``\Inbox`` (github.com/dlech/gmailbuttons/issues/10, OfflineIMAP issue 672)."""
        found = [f.label for f in self.stands if f.label and f is not seen_from]
        return sorted(found, key=lambda label: (not label.startswith("\\"), label))


class Shown(Message):
    """A message as one folder shows it."""

    __slots__ = ("folder", "mail")

    def __init__(self, uid: int, mail: Mail, folder: LabelFolder, recent: bool) -> None:
        super().__init__(
            uid,
            mail.date,
            mail.flags - {Deleted},
            email_id=mail.email_id,
            thread_id=mail.thread_id,
            recent=recent,
            content=mail.content,
        )
        self.mail, self.folder = mail, folder


class LabelFolder(Folder):
    r"""A folder that shows what bears its label. ``use`` is its special use (RFC 6154)
    without the backslash, ``label`` what X-GM-LABELS calls it, None for no label."""

    def __init__(self, all_of_them: LabelFolders, label: str | None, use: str = "") -> None:
        super().__init__(all_of_them._content_cache, all_of_them._thread_cache)
        self._all_of_them = all_of_them
        self.label, self.use = label, use

    def shown(self, uid: int) -> Shown | None:
        found = self._messages.get(uid)
        return found if isinstance(found, Shown) else None

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        content = MessageContent.parse(append_msg.literal)
        mail = Mail(
            content,
            append_msg.when or datetime.now(),
            frozenset(append_msg.flag_set),
            self._content_cache.add(content),
            self._thread_cache.add(content),
        )
        uid = self.show(mail, recent)
        assert uid is not None
        if Deleted in append_msg.flag_set:
            self._messages[uid].permanent_flags |= {Deleted}
        self._all_of_them.settle(mail, into=self)
        return self._messages[uid]

    async def copy(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        """Gives it the other label ("Copy a message to multiple folders: Apply all
        corresponding labels", SYNC). None where it had that label."""
        shown = self.shown(uid)
        if shown is None:
            return None
        assert isinstance(destination, LabelFolder)
        new = destination.show(shown.mail, recent)
        self._all_of_them.settle(shown.mail, into=destination)
        return new

    async def move(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        """Changes one label for another; All Mail shows it before and after."""
        shown = self.shown(uid)
        new = await self.copy(uid, destination, recent=recent)
        if shown is not None and self.use != "All" and destination is not self:
            self.hide(shown.mail)
        return new

    async def update(
        self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp
    ) -> Message:
        """Flags are the message's, whichever folder shows it; \\Deleted is the folder's."""
        shown = self.shown(uid)
        if shown is None:
            gone: Message = await super().update(uid, cached_msg, flag_set, mode)
            return gone
        flags = mode.apply(shown.permanent_flags, flag_set)
        shown.permanent_flags = flags
        self._touched([uid])
        self._all_of_them.set_flags(shown.mail, flags - {Deleted})
        return shown

    async def delete(self, uids: Iterable[int]) -> None:
        """EXPUNGE: "Delete a message from a folder: Remove that label from the message";
        from Spam or Trash it is gone (SYNC)."""
        for shown in [self.shown(uid) for uid in uids]:
            if shown is not None and self.use in _APART:
                for folder in list(shown.mail.stands):
                    folder.hide(shown.mail)
            elif shown is not None and self.use == "All":
                await self.copy(shown.uid, self._all_of_them.special("Trash"))
            elif shown is not None:
                self.hide(shown.mail)

    def show(self, mail: Mail, recent: bool = False) -> int | None:
        """Under a new uid; None where it is shown already."""
        if self in mail.stands:
            return None
        self._max_uid += 1
        mail.stands[self] = self._max_uid
        self._messages[self._max_uid] = Shown(self._max_uid, mail, self, recent)
        self._touched([self._max_uid])
        return self._max_uid

    def hide(self, mail: Mail) -> None:
        uid = mail.stands.pop(self, None)
        if uid is not None:
            del self._messages[uid]
            self._mod_sequences.expunge([uid])
            self._updated.set()

    def set_flags(self, mail: Mail) -> None:
        """Show the flags that the message has now."""
        shown = self._messages[mail.stands[self]]
        own = shown.permanent_flags & {Deleted}
        if shown.permanent_flags != mail.flags | own:
            shown.permanent_flags = mail.flags | own
            self._touched([shown.uid])

    def _touched(self, uids: list[int]) -> None:
        self._mod_sequences.update(uids)
        self._updated.set()


class LabelFolders(Folders):
    """The folders of an account, in its language."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(keywords=True)
        self._names = names
        self._inbox = LabelFolder(self, r"\Inbox")
        for use, name in names.items():
            self._set[name] = LabelFolder(self, _SYSTEM.get(use), use)

    def special(self, use: str) -> LabelFolder:
        return self._folder(self._names[use])

    def uses(self) -> dict[str, str]:
        """The special use of each folder that has one, by name."""
        return {name: use for use, name in self._names.items()}

    def labelled(self, label: str) -> LabelFolder:
        """The folder of a label, made where there is none, as Gmail does."""
        for folder in (self._inbox, *self._set.values()):
            if folder.label is not None and folder.label.lower() == label.lower():
                return folder
        self._set[label] = LabelFolder(self, label)
        return self._folder(label)

    async def add_mailbox(self, name: str) -> ObjectId:
        """ "System labels are reserved", EXT."""
        if name in self._set:
            raise ValueError(name)
        if name.split("/")[0] == self._names["All"].split("/")[0]:
            raise NotAllowedError("Folder name is reserved.")
        return self.labelled(name).mailbox_id

    async def delete_mailbox(self, name: str) -> None:
        folder = self._folder(name)
        for uid in list(folder._messages):
            shown = folder.shown(uid)
            assert shown is not None
            folder.hide(shown.mail)
        await super().delete_mailbox(name)

    def settle(self, mail: Mail, into: LabelFolder) -> None:
        """After it came into a folder: out of all others for Spam and Trash; else out of
        those, and in All Mail too."""
        for folder in list(mail.stands):
            if folder is not into and (into.use in _APART or folder.use in _APART):
                folder.hide(mail)
        if into.use not in _APART:
            self.special("All").show(mail)
        if into.use == "Flagged":
            mail.flags |= {Flagged}
        self.set_flags(mail, mail.flags - {Deleted})

    def take_off(self, mail: Mail, folder: LabelFolder) -> None:
        """One label less."""
        folder.hide(mail)
        if folder.use == "Flagged":
            self.set_flags(mail, mail.flags - {Flagged})

    def set_flags(self, mail: Mail, flags: frozenset[Flag]) -> None:
        """In every folder; "Flag a message: Apply a star", SYNC."""
        mail.flags = flags
        starred = self.special("Flagged")
        if Flagged in flags and not any(folder.use in _APART for folder in mail.stands):
            starred.show(mail)
        elif Flagged not in flags:
            starred.hide(mail)
        for folder in mail.stands:
            folder.set_flags(mail)

    def _folder(self, name: str) -> LabelFolder:
        found = self._set[name]
        assert isinstance(found, LabelFolder)
        return found
