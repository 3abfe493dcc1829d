r"""Gmail's own items in FETCH, STORE and SEARCH, over pymap's commands.

``X-GM-LABELS``, ``X-GM-MSGID`` and ``X-GM-THRID`` are written as Gmail was seen to write
them: ahead of UID, its own labels quoted (``"\\Inbox"``), those of the user as atoms where
they can be. SEARCH finds words, not parts of words (github.com/emersion/go-imap/issues/120).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pymap.exceptions import MailboxReadOnly
from pymap.fetch import DynamicFetchValue, MessageAttributes
from pymap.imap.state import ConnectionState
from pymap.parsing import EndLine, Params, Space
from pymap.parsing.command import Command, CommandAuth, CommandNoArgs, CommandSelect
from pymap.parsing.command.auth import ListCommand
from pymap.parsing.command.select import (
    FetchCommand,
    MoveCommand,
    SearchCommand,
    StoreCommand,
    UidFetchCommand,
    UidSearchCommand,
    UidStoreCommand,
)
from pymap.parsing.commands import Commands
from pymap.parsing.modutf7 import modutf7_decode, modutf7_encode
from pymap.parsing.primitives import Number
from pymap.parsing.response import ResponseOk, UntaggedResponse
from pymap.parsing.response.specials import (
    FetchResponse,
    ListResponse,
    LSubResponse,
    SearchResponse,
)
from pymap.parsing.specials import FetchAttribute, FetchRequirement, FetchValue, SequenceSet
from pymap.search import SearchParams

from servers.gmail_folders import LabelFolder, LabelFolders, Shown
from servers.gmail_search import matches

_ITEMS = (b"X-GM-THRID", b"X-GM-MSGID", b"X-GM-LABELS")  # in the order in which they come
_ITEM = re.compile(rb"X-GM-(?:THRID|MSGID|LABELS)\b", re.IGNORECASE)
_LABELS = re.compile(rb" *([+-])X-GM-LABELS(\.SILENT)? ", re.IGNORECASE)
_LABEL = re.compile(rb' *(?:"((?:[^"\\]|\\.)*)"|([^\s"()]+))')
_ATOM = re.compile(rb"[A-Za-z0-9!#$&'+,./:;<=>?@^_`|~-]+\Z")


class NamespaceCommand(CommandNoArgs, CommandAuth):
    command = b"NAMESPACE"


class StoreLabels(CommandSelect):
    """STORE of labels: not of flags, so a command of its own behind the same name."""

    command = b"STORELABELS"

    def __init__(
        self, tag: bytes, seq_set: SequenceSet, labels: Sequence[str], adds: bool, uid: bool
    ) -> None:
        super().__init__(tag)
        self.sequence_set, self.labels, self.adds, self.uid = seq_set, labels, adds, uid

    @classmethod
    def parse(cls, buf: memoryview, params: Params) -> tuple[Any, memoryview]:
        raise TypeError(cls)  # read_store makes it


def read_store(kind: type[StoreCommand]) -> type[StoreCommand]:
    class Store(kind):  # type: ignore[misc, valid-type]
        @classmethod
        def parse(cls, buf: memoryview, params: Params) -> tuple[Any, memoryview]:
            _, rest = Space.parse(buf, params)
            seq_set, rest = SequenceSet.parse(rest, params.copy(uid=kind.uid))
            found = _LABELS.match(rest)
            if not found:
                return super().parse(buf, params)
            end = bytes(rest).rindex(b")") + 1
            written = bytes(rest[found.end() : end]).strip(b"()")
            labels = [_read_label(*one.groups()) for one in _LABEL.finditer(written)]
            _, rest = EndLine.parse(rest[end:], params)
            return StoreLabels(params.tag, seq_set, labels, found[1] == b"+", kind.uid), rest

    return Store


def _read_label(quoted: bytes | None, atom: bytes | None) -> str:
    raw = re.sub(rb"\\(.)", rb"\1", quoted) if quoted is not None else atom or b""
    return modutf7_decode(raw)


def read_fetch(kind: type[FetchCommand]) -> type[FetchCommand]:
    class Fetch(kind):  # type: ignore[misc, valid-type]
        @classmethod
        def parse(cls, buf: memoryview, params: Params) -> tuple[Any, memoryview]:
            written = bytes(buf)
            asked = {name.upper() for name in _ITEM.findall(written)}
            command, rest = super().parse(memoryview(_ITEM.sub(b"UID", written)), params)
            with_uid = kind.uid or re.search(rb"[ (]UID\b", written, re.IGNORECASE)
            own = [FetchAttribute(name) for name in _ITEMS if name in asked]
            usual = [one for one in command.attributes if with_uid or one.value != b"UID"]
            command.attributes = [*own, *usual]
            return command, rest

    return Fetch


def read_search(kind: type[SearchCommand]) -> type[SearchCommand]:
    class Search(kind):  # type: ignore[misc, valid-type]
        @classmethod
        def parse(cls, buf: memoryview, params: Params) -> tuple[Any, memoryview]:
            as_header = re.sub(rb" (X-GM-\w+) (?=[\"\w])", rb" HEADER \1 ", bytes(buf))
            return super().parse(memoryview(as_header), params)

    return Search


def commands() -> Commands:
    """pymap's, and Gmail's."""
    found = Commands()
    own: list[type[Command]] = [
        NamespaceCommand,
        *(read_store(kind) for kind in (StoreCommand, UidStoreCommand)),
        *(read_fetch(kind) for kind in (FetchCommand, UidFetchCommand)),
        *(read_search(kind) for kind in (SearchCommand, UidSearchCommand)),
    ]
    for command in own:
        found.register(command)
    return found


class _LabelsValue(DynamicFetchValue):
    def get_value(self) -> bytes:
        shown = self.message
        labels = shown.mail.labels(shown.folder) if isinstance(shown, Shown) else []
        return b"(" + b" ".join(_written(label) for label in labels) + b")"


class _MsgIdValue(DynamicFetchValue):
    def get_value(self) -> Any:
        return Number(self.message.mail.msgid if isinstance(self.message, Shown) else 0)


class _ThrIdValue(DynamicFetchValue):
    def get_value(self) -> Any:
        return Number(self.message.mail.thrid if isinstance(self.message, Shown) else 0)


def _written(label: str) -> bytes:
    raw = modutf7_encode(label)
    if _ATOM.match(raw):
        return bytes(raw)
    return b'"' + bytes(raw).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


class GmailAttributes(MessageAttributes):
    _simple_attrs = {
        **MessageAttributes._simple_attrs,
        b"X-GM-LABELS": _LabelsValue,
        b"X-GM-MSGID": _MsgIdValue,
        b"X-GM-THRID": _ThrIdValue,
    }


class GmailState(ConnectionState):
    """What a connection answers."""

    @property
    def folders(self) -> LabelFolders:
        found = self.session.mailbox_set  # type: ignore[attr-defined]
        assert isinstance(found, LabelFolders)
        return found

    async def _selected_folder(self) -> LabelFolder:
        found = await self.session._get_selected(self.selected)  # type: ignore[attr-defined]
        assert isinstance(found, LabelFolder)
        return found

    async def do_namespace(self, cmd: NamespaceCommand) -> Any:
        resp = ResponseOk(cmd.tag, b"Success")
        resp.add_untagged(UntaggedResponse(b'NAMESPACE (("" "/")) NIL NIL'))
        return resp, None

    async def do_list(self, cmd: ListCommand) -> Any:
        r""" "All LIST responses contain these Special-Use attributes", EXT."""
        mailboxes, updates = await self.session.list_mailboxes(
            cmd.ref_name, cmd.filter, subscribed=cmd.only_subscribed, selected=self._selected
        )
        resp = ResponseOk(cmd.tag, b"Success")
        uses = self.folders.uses()
        kind = LSubResponse if cmd.only_subscribed else ListResponse
        for name, separator, attributes in mailboxes:
            use = [uses[name].encode("ascii")] if name in uses else []
            resp.add_untagged(kind(name, separator, [*attributes, *use]))
        return resp, updates

    async def do_fetch(self, cmd: FetchCommand) -> Any:
        set_seen = not self.selected.readonly and any(a.set_seen for a in cmd.attributes)
        messages, updates = await self.session.fetch_messages(
            self.selected, cmd.sequence_set, set_seen
        )
        resp = ResponseOk(cmd.tag, b"Success")
        for number, message in messages:
            items = GmailAttributes(message, self.selected, cmd.attributes)
            resp.add_untagged(FetchResponse(number, items, writing_hook=items.load_hook()))
        return resp, updates

    async def do_storelabels(self, cmd: StoreLabels) -> Any:
        """Labels on and off. To take off the label of the selected folder does nothing, and
        is answered with OK (seen at Gmail)."""
        if self.selected.readonly:
            raise MailboxReadOnly()
        folder = await self._selected_folder()
        resp = ResponseOk(cmd.tag, b"Success")
        for number, message in self.selected.messages.get_all(cmd.sequence_set):
            shown = folder.shown(message.uid)
            if shown is None:
                continue
            for label in cmd.labels:
                labelled = self.folders.labelled(label)
                if cmd.adds:
                    labelled.show(shown.mail)
                    self.folders.settle(shown.mail, into=labelled)
                elif labelled is not folder:
                    self.folders.take_off(shown.mail, labelled)
            resp.add_untagged(FetchResponse(number, self._labels_now(shown, cmd.uid)))
        return resp, await folder.update_selected(self.selected)

    def _labels_now(self, shown: Shown, with_uid: bool) -> Iterable[FetchValue]:
        yield _LabelsValue(FetchAttribute(b"X-GM-LABELS"), message=shown, selected=self.selected)
        if with_uid:
            yield FetchValue.of(FetchAttribute(b"UID"), Number(shown.uid))

    async def do_move(self, cmd: MoveCommand) -> Any:
        """COPYUID with the tagged answer (github.com/ruby/net-imap/pull/398)."""
        copy_uid, updates = await self.session.move_messages(
            self.selected, cmd.sequence_set, cmd.mailbox
        )
        return ResponseOk(cmd.tag, b"Success", copy_uid), updates

    async def do_search(self, cmd: SearchCommand) -> Any:
        folder = await self._selected_folder()
        params = SearchParams(self.selected)
        found = []
        for number, message in self.selected.messages.get_all(SequenceSet.all()):
            shown = folder.shown(message.uid)
            if shown is None:
                continue
            loaded = await shown.load_content(FetchRequirement.CONTENT)
            if all(matches(key, params, number, shown, loaded) for key in cmd.keys):
                found.append(shown.uid if cmd.uid else number)
        resp = ResponseOk(cmd.tag, b"SEARCH completed (Success)")
        resp.add_untagged(SearchResponse(found))
        return resp, await folder.update_selected(self.selected)
