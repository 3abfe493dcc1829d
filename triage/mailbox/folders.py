"""Folder names as a person writes them to names on the wire, and back; making folders.

Levels are separated by "/" on this side; separator, prefix of the personal namespace (RFC
2342) and modified UTF-7 (RFC 3501 section 5.1.3) are the server's. One LIST and LSUB are
kept for the life of the connection. May not select a folder or look into one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from imapclient.exceptions import ProtocolError
from imapclient.imap_utf7 import decode, encode
from imapclient.response_parser import parse_response

from triage.clean import shown
from triage.errors import ServerRefused
from triage.mailbox import names, special
from triage.mailbox.session import Session, quoted

_FIRST = re.compile(rb"\bUIDNEXT 1\b", re.IGNORECASE)
_NOT_SELECTABLE = {b"\\noselect", b"\\nonexistent"}


@dataclass(frozen=True)
class _Listed:
    """``attributes`` as LIST told them, in lower case."""

    wire: str
    attributes: frozenset[bytes] = frozenset()
    subscribed: bool = True  # also where the server does not tell

    @property
    def selectable(self) -> bool:
        return _NOT_SELECTABLE.isdisjoint(self.attributes)


class Folders:
    """The folders of one account, by the names that a person uses."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._listed: dict[str, _Listed] | None = None
        self._prefix = ""
        self._separator = "/"

    def selectable(self) -> tuple[str, ...]:
        return tuple(name for name, listed in self._all().items() if listed.selectable)

    def called(self, folder: str) -> str:
        """The one spelling of a folder's name: ``INBOX/a``, and ``INBOX.a`` as the server
        itself writes it, are also the ``a`` of a server whose prefix is ``INBOX.``; and
        ``[Gmail]/All Mail`` is what an account in another language calls otherwise."""
        name = names.folder(folder)
        listed = self._all()
        if name in listed:
            return name
        prefix = names.folder(self._levels(self._prefix))
        if prefix and self._levels(name).upper().startswith(prefix.upper() + "/"):
            name = names.folder(self._levels(name))[len(prefix) + 1 :]
        elif "/" not in name and names.folder(self._levels(name)) in listed:
            name = names.folder(self._levels(name))
        return special.meant_by(name, {n: one.attributes for n, one in listed.items()}) or name

    def is_view(self, folder: str) -> bool:
        """Whether it only shows mail that stands elsewhere."""
        listed = self._all().get(self.called(folder))
        return listed is not None and special.is_view(listed.attributes)

    def wire(self, folder: str) -> str:
        """The name as SELECT takes it (not yet quoted)."""
        name = self.called(folder)
        if name == names.INBOX:
            return name
        listed = self._all().get(name)
        return listed.wire if listed else self._new_wire(name)

    def ensure(self, folder: str) -> None:
        """Make it and subscribe to it, unless LIST showed it. Many mail programs show only
        what is subscribed to, so that is made up for where the making was cut in the middle;
        but whoever unsubscribed from a folder in use wanted to."""
        name = self.called(folder)
        listed = self._all().get(name)
        if name == names.INBOX:
            return
        wire = self.wire(folder)
        if listed and listed.selectable:
            if not listed.subscribed and self._never_used(wire):
                self._session.run(("SUBSCRIBE", quoted(wire)))
            self._all()[name] = replace(listed, subscribed=True)
            return
        made, chosen = self._session.run(("CREATE", quoted(wire)), ("SUBSCRIBE", quoted(wire)))
        if not made.ok and made.code != "ALREADYEXISTS":
            self._create_parents(name)
            made, chosen = self._session.run(("CREATE", quoted(wire)), ("SUBSCRIBE", quoted(wire)))
        if not made.ok and made.code != "ALREADYEXISTS":
            self._listed = None  # someone else may have made it since
            again = self._all().get(name)
            if not (again and again.selectable):
                # Cyrus 3.6.1 has no name with any of "\\{}%!;<>`| in it.
                raise ServerRefused(
                    f"the server does not make the folder: {shown(made.text, 200, lines=False)}",
                    where=self._session.where,
                    now="If it is the name, choose another one in the config.",
                )
            return
        if not chosen.ok:
            self._session.run(("SUBSCRIBE", quoted(wire)))
        self._all()[name] = _Listed(wire)

    def forget(self) -> None:
        """Ask LIST again when next needed."""
        self._listed = None

    def _never_used(self, wire: str) -> bool:
        """Whether the folder is as CREATE made it: no message ever had a uid in it."""
        self._session.run(("STATUS", quoted(wire), "(UIDNEXT)"))
        told = [line for record in self._session.take("STATUS") for line in record]
        return any(isinstance(line, bytes) and _FIRST.search(line) for line in told)

    def _create_parents(self, name: str) -> None:
        levels = name.split("/")
        for depth in range(1, len(levels)):
            parent = "/".join(levels[:depth])
            if parent not in self._all():
                wire = quoted(self._new_wire(parent))
                self._session.run(("CREATE", wire), ("SUBSCRIBE", wire))

    def _levels(self, text: str) -> str:
        """A name as the server writes it, with ``/`` between its levels."""
        return text.replace(self._separator, "/") if self._separator else text

    def _new_wire(self, name: str) -> str:
        if self._separator != "/" and self._separator and self._separator in name:
            raise ServerRefused(
                f'a folder on this server cannot have "{self._separator}" in its name',
                where=self._session.where,
                now="Choose another name in the config.",
            )
        wire = self._prefix + name.replace("/", self._separator or "/")
        return bytes(encode(wire)).decode("ascii")

    def _all(self) -> dict[str, _Listed]:
        if self._listed is None:
            self._listed = self._ask()
        return self._listed

    def _ask(self) -> dict[str, _Listed]:
        ask = [("NAMESPACE",)] if "NAMESPACE" in self._session.capabilities else []
        *_, answer, subscribed = self._session.run(
            *ask, ("LIST", '""', '"*"'), ("LSUB", '""', '"*"')
        )
        self._session.require(answer, "LIST")
        self._read_namespace()
        listed: dict[str, _Listed] = {}
        for record in self._session.take("LIST"):
            read = self._read_list(record)
            if read:
                listed.setdefault(*read)
        chosen = {
            read[0] for record in self._session.take("LSUB") if (read := self._read_list(record))
        }
        if not subscribed.ok:
            return listed
        return {name: replace(one, subscribed=name in chosen) for name, one in listed.items()}

    def _read_namespace(self) -> None:
        for record in self._session.take("NAMESPACE"):
            try:
                (prefix, separator, *_), *_ = parse_response(record)[0]
                self._prefix = decode(prefix) if prefix else ""
                self._separator = separator.decode("ascii") if separator else ""
            except (ProtocolError, TypeError, ValueError, IndexError, AttributeError):
                continue  # NIL, or nonsense: LIST tells the separator

    def _read_list(self, record: list[bytes | tuple[bytes, bytes]]) -> tuple[str, _Listed] | None:
        try:
            flags, separator, raw = parse_response(record)[:3]
            wire = raw if isinstance(raw, bytes) else str(raw).encode("ascii")
            text, name = wire.decode("ascii"), decode(wire)
            separator = separator.decode("ascii") if separator else ""
        except (ProtocolError, TypeError, ValueError, AttributeError):
            return None  # a name that could not be sent back either
        if name.upper() == names.INBOX:
            self._separator = self._separator or separator
            return names.INBOX, _Listed(text)
        if self._prefix and name.startswith(self._prefix):
            name = name[len(self._prefix) :]
        if separator and separator != "/":
            name = name.replace(separator, "/")
        return names.folder(name), _Listed(text, frozenset(flag.lower() for flag in flags))
