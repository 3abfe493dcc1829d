r"""A Gmail-like server on loopback: the embedded server, with labels for folders.

``start(GERMAN)`` serves an account in that language. Does what Google's pages say that Gmail
does (see gmail_folders.py and gmail_commands.py, which cite them), and announces of Gmail's
capabilities those that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from typing import Any

from pymap.backend.dict import Login
from pymap.context import connection_exit
from pymap.imap import IMAPConnection, IMAPServer

from servers.gmail_commands import GmailState, commands
from servers.gmail_folders import LabelFolders
from servers.gmail_names import BRITISH, ENGLISH, GERMAN
from triage.demo.server import EmbeddedServer, Folders, Mail, ServerConfig

__all__ = ["BRITISH", "ENGLISH", "GERMAN", "GmailServer", "start"]


class GmailConfig(ServerConfig):
    greeting = b"Gimap ready for requests from 127.0.0.1"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._commands = commands()

    @property
    def commands(self) -> Any:
        return self._commands

    @property
    def initial_capability(self) -> Sequence[bytes]:
        return [b"IDLE", b"NAMESPACE", b"ID", b"CHILDREN", b"X-GM-EXT-1", b"SASL-IR"]

    @property
    def login_capability(self) -> Sequence[bytes]:
        return [b"UIDPLUS", b"MOVE", b"LITERAL-", b"SPECIAL-USE"]


class _Connections(IMAPServer):
    __slots__ = ()

    async def __call__(self, reader: Any, writer: Any, sock_info: Any) -> None:
        connection = IMAPConnection(self.commands, self._config, reader, writer, sock_info)
        state = GmailState(self._login, self._config)
        async with AsyncExitStack() as stack:
            connection_exit.set(stack)
            stack.enter_context(closing(connection))
            await connection.run(state)


class GmailServer(EmbeddedServer):
    """A running server; ``names`` are those of its own folders, by their special use."""

    config_type = GmailConfig

    def __init__(self, user: str, password: str, names: Mapping[str, str]) -> None:
        self.names = names
        super().__init__(user, password)

    def _make_folders(self) -> Folders:
        return LabelFolders(self.names)

    def _make_server(self, login: Login, config: ServerConfig) -> IMAPServer:
        return _Connections(login, config)


def start(
    folders: Mapping[str, Iterable[Mail | bytes]],
    user: str = "demo",
    password: str = "demo",
    names: Mapping[str, str] = ENGLISH,
) -> GmailServer:
    """A server that holds ``folders``, in the language of ``names``."""
    server = GmailServer(user, password, names)
    for name, mails in folders.items():
        server.deliver(name, *mails)
    return server
