"""An IMAP server that says what a test tells it to: for what no real server will say.

Answers each command by the first line of the script whose pattern matches it. Keeps what
it was sent. Knows nothing of IMAP beyond tags and literals.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

Answer = str | bytes | Callable[["Line"], None]
Script = Sequence[tuple[str, Answer]]

CAPABILITIES = "IMAP4rev1 LITERAL+ UIDPLUS MOVE IDLE"
_USUAL: Script = (
    ("LOGOUT", "* BYE\r\n{tag} OK done\r\n"),
    ("LOGIN", "{tag} OK in\r\n"),
    ("CAPABILITY", "* CAPABILITY {capabilities}\r\n{tag} OK done\r\n"),
    ("LIST", '* LIST () "/" INBOX\r\n{tag} OK done\r\n'),
    (
        "EXAMINE|SELECT",
        (
            "* 2 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 30]\r\n"
            "* OK [PERMANENTFLAGS (\\Flagged \\*)]\r\n{tag} OK [READ-WRITE] in\r\n"
        ),
    ),
    ("", "{tag} OK done\r\n"),
)


class Line:
    """One connection, for an answer that is a function: say and hang up at will."""

    def __init__(self, connection: socket.socket, tag: str) -> None:
        self._connection = connection
        self.tag = tag

    def say(self, text: str) -> None:
        self._connection.sendall(text.format(tag=self.tag).encode())

    def hang_up(self) -> None:
        self._connection.shutdown(socket.SHUT_RDWR)


class ScriptedServer:
    """``sent`` is every command line, without its tag."""

    def __init__(
        self, *script: tuple[str, Answer], greeting: str = "* OK hello\r\n",
        capabilities: str = CAPABILITIES,
    ) -> None:  # fmt: skip
        self._script = (*script, *_USUAL)
        self._greeting, self._capabilities = greeting, capabilities
        self.sent: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                connection.sendall(self._greeting.encode())
                while line := lines.readline():
                    while literal := re.search(rb"\{(\d+)\+\}\r\n\Z", line):
                        line += lines.read(int(literal[1])) + lines.readline()
                    self._answer(connection, line.decode("utf-8", "replace").rstrip("\r\n"))
        except OSError:
            return

    def _answer(self, connection: socket.socket, line: str) -> None:
        tag, _, command = line.partition(" ")
        self.sent.append(command or line)
        if not command:  # DONE
            return
        answer = next(found for pattern, found in self._script if re.search(pattern, command))
        if callable(answer):
            answer(Line(connection, tag))
        elif isinstance(answer, bytes):
            connection.sendall(answer.replace(b"{tag}", tag.encode()))
        else:
            connection.sendall(
                answer.replace("{tag}", tag).replace("{capabilities}", self._capabilities).encode()
            )
