"""Paths to mails, one at a time: .eml files, folders of them, mbox and Maildir.

Every input gives an item in order, one that cannot be read gives the reason instead, and
no more than one mail is in memory at a time. May not judge, or change what it reads.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from triage.errors import UserError
from triage.identity import header_fields

MAX_MAIL = 50 * 1024 * 1024
_FROM_LINE = re.compile(rb"From \S.*\d{4}\s*$")  # "From x@example.org Mon Jan  5 … 2026"
_QUOTED_FROM = re.compile(rb"^>(>*From )")
_MAIL_FIELDS = {"from", "to", "subject", "date", "message-id", "received", "return-path"}


@dataclass(frozen=True)
class Item:
    """One mail, or why there is none. ``named`` is the argument that led to it."""

    source: str
    named: str
    content: bytes = b""
    error: str = ""


def mails(paths: Iterable[str]) -> Iterator[Item]:
    """The mails of all paths, in the order given; within a folder, by name."""
    for named in paths:
        found = False
        for item in _at(Path(named), named):
            found = True
            yield item if item.error else _checked(item)
        if not found:
            yield _none(named, named, "there is no .eml file, mbox or Maildir in it")


def one_mail(path: str) -> bytes:
    """The content of the one mail in this file; an error where that is not so."""
    item = next(iter(mails([path])))
    if item.error:
        raise UserError(item.error, where=path, now="Name an .eml file.")
    return item.content


def printable_path(path: str) -> str:
    """A file name as text, whatever bytes it is made of."""
    return os.fsencode(path).decode("utf-8", "replace")


def _at(path: Path, named: str) -> Iterator[Item]:
    try:
        if path.is_dir():
            yield from _folder(path, named)
        elif path.is_file():
            yield from _file(path, named)
        elif path.exists():
            yield _none(str(path), named, "is neither a file nor a folder")
        else:
            yield _none(str(path), named, "there is no such file or folder")
    except OSError as error:
        yield _none(str(path), named, f"cannot be read: {error.strerror or error}")


def _folder(path: Path, named: str) -> Iterator[Item]:
    if (path / "cur").is_dir() and (path / "new").is_dir():
        for part in ("cur", "new"):
            for file in sorted((path / part).iterdir()):
                if not file.name.startswith(".") and file.is_file():
                    yield from _single(file, named)
    is_maildir = (path / "cur").is_dir()
    for below in sorted(path.iterdir()):
        if is_maildir and below.name in ("cur", "new", "tmp"):
            continue
        is_folder = below.is_dir() and not below.is_symlink()  # a link may lead in circles
        if is_folder or below.suffix.lower() in (".eml", ".mbox", ".mbx"):
            yield from _at(below, named)


def _file(path: Path, named: str) -> Iterator[Item]:
    if path.suffix.lower() == ".eml":
        yield from _single(path, named)
        return
    with path.open("rb") as file:
        is_mbox = bool(_FROM_LINE.match(file.readline(1000)))
        file.seek(0)
        if is_mbox:
            yield from _mbox(file, path, named)
            return
    yield from _single(path, named)


def _single(path: Path, named: str) -> Iterator[Item]:
    source = printable_path(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_MAIL + 1)
    except OSError as error:
        yield _none(str(path), named, f"cannot be read: {error.strerror or error}")
        return
    first, _, rest = content.partition(b"\n")
    if _FROM_LINE.match(first):  # a mail that was saved with its envelope line
        content = rest
    yield Item(source, named, content)


def _mbox(file: BinaryIO, path: Path, named: str) -> Iterator[Item]:
    """mboxrd: a message begins at a "From " line behind an empty one, and such a line in
    a body carries one ">" more than it was written with."""
    source = printable_path(str(path))
    number, size, lines = 0, 0, list[bytes]()
    blank = True
    for line in file:
        if blank and _FROM_LINE.match(line):
            if number:
                yield Item(f"{source}#{number}", named, b"".join(lines))
            number, size, lines = number + 1, 0, []
        elif size <= MAX_MAIL:
            lines.append(_QUOTED_FROM.sub(rb"\1", line))
            size += len(line)
        blank = not line.strip()
    yield Item(f"{source}#{number}", named, b"".join(lines))


def _checked(item: Item) -> Item:
    if not item.content.strip():
        return _none(item.source, item.named, "is empty")
    if len(item.content) > MAX_MAIL:
        return _none(item.source, item.named, "is larger than 50 MB")
    if not _MAIL_FIELDS & {name for name, _ in header_fields(item.content)}:
        return _none(item.source, item.named, "is no email: no From, To, Subject or Date")
    return item


def _none(source: str, named: str, error: str) -> Item:
    return Item(printable_path(source), named, error=error)
