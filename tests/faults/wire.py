"""IMAP bytes to whole commands and answers, literals included (RFC 3501 section 4.3).

What the fault proxy has to understand to meet a command at its very start and an answer at
its very end. Pure. May not know what a command is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r?\n\Z")


@dataclass(frozen=True)
class Part:
    """A line or a literal; whether it begins and whether it ends a command or an answer."""

    data: bytes
    begins: bool
    ends: bool


class Parts:
    """What came, in parts; the rest is kept until more comes."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew: a literal that was announced will not come."""
        self._held = b""
        self._literal: int | None = None  # bytes of it that are due
        self._inside = False

    def feed(self, data: bytes) -> Iterator[Part]:
        self._held += data
        while (size := self._size()) is not None:
            piece, self._held = self._held[:size], self._held[size:]
            begins = not self._inside
            announced = _LITERAL.search(piece) if self._literal is None else None
            ends = self._literal is None and announced is None
            self._literal = int(announced[1]) if announced else None
            self._inside = not ends
            yield Part(piece, begins, ends)

    def _size(self) -> int | None:
        """Bytes of the next part, None where it has not come wholly."""
        if self._literal is not None:
            return self._literal if len(self._held) >= self._literal else None
        end = self._held.find(b"\n")
        return end + 1 if end >= 0 else None


@dataclass(frozen=True)
class Command:
    """The ``number``-th command of a client, counted from 1. ``verb`` is such as
    ``SELECT`` or ``UID MOVE``, ``line`` its first line."""

    number: int
    tag: bytes
    verb: str
    line: bytes


def command(number: int, line: bytes) -> Command | None:
    """None for what goes on with another command: DONE, a base64 line of a login."""
    tag, *words = line.split()
    if not words:
        return None
    verb = words[0].upper()
    if verb == b"UID" and len(words) > 1:
        verb += b" " + words[1].upper()
    return Command(number, tag, verb.decode("latin-1"), line)


def tag_of(answer: bytes) -> bytes | None:
    """The tag of a tagged answer; None for one that is untagged or asks to go on."""
    first = answer.split(b" ", 1)[0].strip()
    return None if first in (b"*", b"+", b"") else first


def without(answer: bytes, hidden: Iterable[str]) -> bytes:
    """The answer as a server would give it that lacks these capabilities."""
    hidden = {name.upper() for name in hidden}

    def fewer(found: re.Match[bytes]) -> bytes:
        words = found[0].split(b" ")
        return b" ".join(word for word in words if word.decode("latin-1").upper() not in hidden)

    answer = re.sub(rb"(?:\* |\[)CAPABILITY [^\]\r\n]*", fewer, answer)
    if "UIDPLUS" in hidden:  # RFC 4315 section 3
        answer = re.sub(rb"\[(COPYUID|APPENDUID)[^\]]*\] ?", b"", answer)
    return answer
