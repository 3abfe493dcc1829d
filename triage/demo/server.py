r"""Mail to an IMAP server on loopback, in a thread of this process, for as long as needed.

pymap's server and its backend in memory, taught to keep custom keywords (or not to, as
some servers do not) and to leave out extensions. For the demo and the tests: it listens
on 127.0.0.1 alone and forgets everything at the end. May not touch the disk or judge mail.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from argparse import Namespace
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement, ObjectId
from pymap.parsing.specials.flag import Flag, Wildcard
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import BuiltinHash

_Result = TypeVar("_Result")
_ARRIVED = datetime(2024, 1, 15, 9, 30, tzinfo=UTC)
_SECONDS = 30.0  # for anything that the server's thread is asked


@dataclass(frozen=True)
class Mail:
    """One message as it stands in a folder of the server."""

    content: bytes
    flags: tuple[str, ...] = ()
    date: datetime = _ARRIVED
    uid: int = 0


class Folder(MailboxData):
    """A folder that keeps custom keywords, where its server does."""

    keeps_keywords = True

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        kept: frozenset[Flag] = super().permanent_flags
        return kept | {Wildcard} if self.keeps_keywords else kept


class Folders(MailboxSet):
    """All folders of the one user."""

    def __init__(self, keywords: bool) -> None:
        super().__init__()
        self._keywords = keywords
        self._inbox = self._new()

    async def add_mailbox(self, name: str) -> ObjectId:
        if name in self._set:
            raise ValueError(name)
        self._set[name] = folder = self._new()
        return folder.mailbox_id

    def _new(self) -> Folder:
        folder = Folder(self._content_cache, self._thread_cache)
        folder.keeps_keywords = self._keywords
        return folder


class ServerConfig(Config):
    """pymap's, without its look at the network, and with extensions left out."""

    without: frozenset[bytes] = frozenset()
    greeting = b"Embedded server ready"

    @property
    def login_capability(self) -> Sequence[bytes]:
        return [name for name in super().login_capability if name not in self.without]

    @property
    def initial_capability(self) -> Sequence[bytes]:
        return [name for name in super().initial_capability if name not in self.without]


class EmbeddedServer:
    """A running server; ``host`` and ``port`` are where. A context manager that stops it.

    Its other methods do what other clients of the mailbox would do, behind the back of
    the one that is shown or tested. A server of another kind is made by another
    ``config_type``, ``_make_folders`` and ``_make_server``.
    """

    config_type = ServerConfig

    def __init__(
        self, user: str, password: str, *, keywords: bool = True, without: Iterable[str] = ()
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self._user, self._password = user, password
        self._without = frozenset(name.encode("ascii") for name in without)
        self._folders: Folders
        self._keywords = keywords
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="embedded IMAP server", daemon=True
        )
        self._thread.start()
        self._stop: Callable[[], Coroutine[Any, Any, None]] = self._do(self._serve())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, cut every connection, end the thread."""
        if self._loop.is_closed():
            return
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()

    def deliver(self, folder: str, *mails: Mail | bytes) -> None:
        """Mail arrives; the folder is made where there is none."""
        self._do(self._deliver(folder, [_mail(mail) for mail in mails]))

    def mails(self, folder: str) -> tuple[Mail, ...]:
        """What stands in a folder, in order of uid; () where there is no such folder."""
        return self._do(self._mails(folder))

    def folders(self) -> tuple[str, ...]:
        """The names of all folders, in order."""
        return self._do(self._names())

    def void_uids(self, folder: str) -> None:
        """Give a folder another UIDVALIDITY, as some servers do when they restart."""
        self._do(self._void_uids(folder))

    def _do(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    async def _serve(self) -> Callable[[], Coroutine[Any, Any, None]]:
        config = self.config_type(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host=self.host,
            port=0,
            demo_data=False,
            demo_user=self._user,
            demo_password=self._password,
            tls_enabled=False,  # the password is taken in the clear: this is loopback
            ssl_context=ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
            hash_context=BuiltinHash(rounds=1),
            cpu_subsystem=Subsystem.for_asyncio(),
            reject_dnsbl=False,
            invalid_user_sleep=0.0,
        )
        config.without = self._without
        config.apply_context()
        login = Login(config)
        hashed = await Passwords(config).hash_password(self._password)
        await login.demo_user_identity.set(UserMetadata(config, self._user, password=hashed))
        self._folders = self._make_folders()
        config.set_cache[self._user] = (self._folders, FilterSet())
        reader = ProxyProtocolReader(config.proxy_protocol)
        server = await asyncio.start_server(
            reader.get_callback(self._make_server(login, config)), self.host, 0
        )
        self.port = server.sockets[0].getsockname()[1]

        async def stop() -> None:
            server.close()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 5.0)

        return stop

    def _make_folders(self) -> Folders:
        return Folders(self._keywords)

    def _make_server(self, login: Login, config: ServerConfig) -> IMAPServer:
        return IMAPServer(login, config)

    async def _deliver(self, name: str, mails: Iterable[Mail]) -> None:
        if name.upper() != "INBOX" and name not in await self._names():
            await self._folders.add_mailbox(name)
        folder = await self._folders.get_mailbox(name)
        for mail in mails:
            flags = frozenset(Flag(flag.encode("ascii")) for flag in mail.flags)
            await folder.append(AppendMessage(mail.content, mail.date, flags), recent=True)

    async def _mails(self, name: str) -> tuple[Mail, ...]:
        if name.upper() != "INBOX" and name not in await self._names():
            return ()
        folder = await self._folders.get_mailbox(name)
        found = []
        async for message in folder.messages():
            loaded = await message.load_content(FetchRequirement.CONTENT)
            content = bytes(loaded.get_body(binary=True))
            flags = tuple(sorted(str(flag) for flag in message.permanent_flags))
            found.append(Mail(content, flags, message.internal_date, message.uid))
        return tuple(found)

    async def _names(self) -> tuple[str, ...]:
        tree = await self._folders.list_mailboxes()
        return tuple(entry.name for entry in tree.list() if entry.exists)

    async def _void_uids(self, name: str) -> None:
        folder = await self._folders.get_mailbox(name)
        folder._uid_validity += 1


def start(
    folders: Mapping[str, Iterable[Mail | bytes]],
    user: str = "demo",
    password: str = "demo",
    *,
    keywords: bool = True,
    without: Iterable[str] = (),
) -> EmbeddedServer:
    """A server that holds ``folders``. ``keywords``: whether it keeps custom ones;
    ``without``: capabilities that it does not announce, such as ``MOVE``."""
    server = EmbeddedServer(user, password, keywords=keywords, without=without)
    for name, mails in folders.items():
        server.deliver(name, *mails)
    return server


def _mail(mail: Mail | bytes) -> Mail:
    return mail if isinstance(mail, Mail) else Mail(mail)
