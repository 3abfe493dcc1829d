"""Commands and their answers over one logged-in connection.

Turns imapclient's and imaplib's ways into four: run commands (several in one go, where
none needs the answer of another), take the untagged answers, select a folder, search.
Every fault becomes ServerUnreachable (and the connection is closed) or ServerRefused.
The one module that reaches into imapclient's private parts. May not know what a command
is for, and never retries.
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from imapclient import IMAPClient

from triage.clean import shown
from triage.errors import ServerRefused, ServerUnreachable
from triage.mailbox.stream import Stream

Record = list[bytes | tuple[bytes, bytes]]
"""One untagged answer as imaplib keeps it: lines, and (line, literal) where one follows."""

_CODE = re.compile(rb"\[([A-Z-]+)")


@dataclass(frozen=True)
class Answer:
    """The tagged answer to one command: OK, NO or BAD, its text, its response code."""

    status: str
    text: str
    code: str

    @property
    def ok(self) -> bool:
        return self.status == "OK"


class Session:
    """One connection. ``where`` names it in errors; ``client`` is imapclient's."""

    def __init__(self, client: IMAPClient, where: str) -> None:
        self.client = client
        self.where = where
        self.closed = False
        self._idle_tag = b""
        self._idle_kept: list[bytes] = []
        imap = client._imap
        self.stream = Stream(imap.sock, imap.sock.gettimeout())
        imap.read, imap.readline = self.stream.read, self.stream.readline
        with self.talking("CAPABILITY"):
            self.capabilities = frozenset(
                name.decode("ascii", "replace").upper() for name in client.capabilities()
            )

    @property
    def is_gmail(self) -> bool:
        """Whether it keeps labels, and is odd in Gmail's ways."""
        return "X-GM-EXT-1" in self.capabilities

    @contextmanager
    def talking(self, command: str) -> Iterator[None]:
        """Whatever goes wrong inside becomes an error of ours."""
        if self.closed:
            raise ServerUnreachable("the connection is closed", where=self.where)
        try:
            yield
        except imaplib.IMAP4.readonly as error:
            raise ServerRefused("the folder cannot be changed", where=self.where) from error
        except TimeoutError as error:
            self.drop()
            raise self._lost(f"the server did not answer {command} in time") from error
        except (imaplib.IMAP4.abort, OSError) as error:
            self.drop()
            raise self._lost(f"the connection was lost during {command}") from error
        except imaplib.IMAP4.error as error:
            if "got more than" in str(error):  # imaplib stopped reading in mid-line
                self.drop()
                raise self._lost(f"the server's answer to {command} is too long") from error
            raise self.refused(command, str(error)) from error
        except (ValueError, KeyError, IndexError, TypeError) as error:
            # imaplib and imapclient on an answer that breaks the protocol
            self.drop()
            raise self._lost(f"the server's answer to {command} cannot be read") from error

    def run(self, *commands: Sequence[str]) -> list[Answer]:
        """Send all commands in one go, then read all their answers. For commands none of
        which needs another's answer (RFC 3501 section 5.5). NO and BAD are answers too."""
        if not commands:
            return []
        with self.talking(_name(commands[-1])):
            imap = self.client._imap
            imap._check_bye()
            imap.untagged_responses.clear()
            held: list[bytes] = []
            imap.send = held.append  # imaplib calls send() for each; one write is one turn
            try:
                tags = [imap._command(*command) for command in commands]
            finally:
                del imap.send
            imap.send(b"".join(held))
            answers = [imap._get_tagged_response(tag) for tag in tags]
            return [_answer(status, data) for status, data in answers]

    def ask(self, *command: str) -> None:
        """Run one command that must succeed."""
        (answer,) = self.run(command)
        self.require(answer, _name(command))

    def require(self, answer: Answer, command: str) -> None:
        if not answer.ok:
            raise self.refused(command, answer.text)

    def take(self, kind: str) -> list[Record]:
        """The untagged answers of a kind that came with the last commands, one each."""
        records: list[Record] = [[]]
        for item in self.client._imap.untagged_responses.pop(kind, []):
            records[-1].append(item)
            if not isinstance(item, tuple):  # imaplib ends each answer with a plain line
                records.append([])
        return [record for record in records if record]

    def select(self, wire_name: str, writable: bool) -> dict[bytes, object]:
        """SELECT or EXAMINE, and what the server says of the folder."""
        with self.talking("SELECT"):
            self.client._imap.untagged_responses.clear()
            found: dict[bytes, object] = self.client.select_folder(wire_name, readonly=not writable)
            return found

    def search(self, pieces: Sequence[bytes]) -> set[int]:
        """UID SEARCH with literals where a piece is not ASCII."""
        with self.talking("SEARCH"):
            imap = self.client._imap
            imap.untagged_responses.clear()
            status, data = self.client._raw_command(b"SEARCH", list(pieces))
        self.require(_answer(status, data), "SEARCH")
        return self.found()

    def found(self) -> set[int]:
        """The uids of all SEARCH answers to the last commands."""
        lines = [line for record in self.take("SEARCH") for line in record]
        return {
            int(number)
            for line in lines
            if isinstance(line, bytes)
            for number in line.split(b"(")[0].split()
            if number.isdigit()
        }

    def literally(self, command: str, deed: Callable[[IMAPClient], object]) -> None:
        """One command by imapclient's own method (APPEND, with its literal)."""
        with self.talking(command):
            self.client._imap.untagged_responses.clear()
            deed(self.client)

    def noop(self) -> list[bytes]:
        """NOOP, and the lines on mail that came or went with its answer."""
        self.ask("NOOP")
        return [
            b"* %s %s" % (line, kind)
            for kind in (b"EXPUNGE", b"EXISTS")
            for record in self.take(kind.decode("ascii"))
            for line in record
            if isinstance(line, bytes)
        ]

    def overhear(self) -> None:
        """Take in what the server says unasked, without waiting for more; the next command
        reads it. A hang-up is a loss."""
        with self.talking("a wait"):
            self.stream.fill()

    def idle_begin(self) -> None:
        """Into IDLE. What the server says ahead of its ``+`` is kept for ``idle_lines``."""
        with self.talking("IDLE"):
            imap = self.client._imap
            imap._check_bye()
            imap.untagged_responses.clear()
            self._idle_tag = imap._command("IDLE")
            self._idle_kept = []
            while not (line := self.stream.readline().rstrip(b"\r\n")).startswith(b"+"):
                self._idle_hear(line)
                self._idle_kept.append(line)
                if line.startswith(self._idle_tag):
                    raise self.refused("IDLE", line.decode("utf-8", "replace"))

    def idle_lines(self) -> tuple[list[bytes], bool]:
        """What the server has said in IDLE since last asked, without waiting for more,
        and whether it ended IDLE by itself."""
        with self.talking("IDLE"):
            lines, self._idle_kept = self._idle_kept, []
            self.stream.fill()
            while self.stream.has_line():
                lines.append(self._idle_hear(self.stream.readline().rstrip(b"\r\n")))
            ended = any(line.startswith(self._idle_tag) for line in lines)
            if ended:
                del self.client._imap.tagged_commands[self._idle_tag]
            return lines, ended

    def idle_end(self) -> list[bytes]:
        """Out of IDLE, and what the server said meanwhile."""
        with self.talking("DONE"):
            self.client._imap.send(b"DONE\r\n")
            lines = []
            while not (line := self.stream.readline().rstrip(b"\r\n")).startswith(self._idle_tag):
                lines.append(self._idle_hear(line))
            del self.client._imap.tagged_commands[self._idle_tag]
            return lines

    def _idle_hear(self, line: bytes) -> bytes:
        if not line or line.upper().startswith(b"* BYE"):
            raise imaplib.IMAP4.abort("the server said good-bye")
        return line

    def refused(self, command: str, text: str) -> ServerRefused:
        said = shown(text, 200, lines=False)
        return ServerRefused(f"the server refused {command}: {said}", where=self.where)

    def _lost(self, what: str) -> ServerUnreachable:
        return ServerUnreachable(what, where=self.where, now="Check the network and the server.")

    def drop(self) -> None:
        """Close the socket without a word."""
        self.closed = True
        try:
            self.client.shutdown()
        except (OSError, imaplib.IMAP4.error):
            return

    def close(self) -> None:
        """Log out, as politely as the connection allows."""
        if self.closed:
            return
        self.closed = True
        try:
            self.client.logout()
        except (OSError, imaplib.IMAP4.error):
            self.drop()


def quoted(text: str) -> str:
    """An IMAP quoted string; text outside printable ASCII has no place in one."""
    kept = "".join(char if " " <= char <= "~" else " " for char in text)
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _name(command: Sequence[str]) -> str:
    return command[1] if command[0] == "UID" and len(command) > 1 else command[0]


def _answer(status: str, data: Sequence[bytes]) -> Answer:
    text = data[-1] if data and data[-1] else b""
    code = _CODE.match(text)
    return Answer(status, text.decode("utf-8", "replace"), code[1].decode() if code else "")
