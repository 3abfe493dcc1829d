"""A Plan to a filed mailbox and settled journal lines.

All lines are INTENDED and committed before the first command that changes anything; flags
and labels come first, the move last, and a line is settled when its move was answered, so
that a cut at any point leaves a line that ``recover`` can hold against the server. What is
filed costs round trips by folder and route, not by message. May not decide or judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from triage.daemon.cycle import Plan, Stop, never
from triage.daemon.doubles import one_of_each
from triage.daemon.report import Report
from triage.errors import ServerRefused
from triage.mailbox.types import Writer
from triage.memory import Memory
from triage.model import Action, Flag, JournalEntry, Label, Move, Place

Key = TypeVar("Key")

GONE = "gone: it was moved or deleted before it could be filed"


@dataclass
class Line:
    """A line of the journal while it is being acted on: where its message stands now,
    which of its actions are done, and what there is to remark."""

    entry: JournalEntry
    place: Place
    done: list[Action] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    gone: bool = False
    waits: str = ""
    label_instead: bool = False  # of a move that the server cannot do

    def wanted(self, kind: type[Flag] | type[Label]) -> tuple[str, ...]:
        """The names of the flags or labels that are to be set."""
        names = tuple(action.name for action in self.entry.actions if isinstance(action, kind))
        return (*names, *self._moves()) if kind is Label and self.label_instead else names

    @property
    def target(self) -> str | None:
        """The folder that it is to be moved to."""
        return None if self.label_instead else next(iter(self._moves()), None)

    def _moves(self) -> tuple[str, ...]:
        return tuple(action.to for action in self.entry.actions if isinstance(action, Move))

    @property
    def open(self) -> bool:
        """Whether there is still something to be done."""
        return not self.gone and not self.waits

    def settled(self, landed: Place | None) -> JournalEntry:
        """The line as it is written back: with the actions that were really done."""
        remark = "; ".join(dict.fromkeys(self.remarks))
        if self.waits:
            return replace(self.entry, state="INTENDED", remark=self.waits)
        if self.gone:
            return replace(self.entry, state="FAILED", remark=GONE)
        rest = tuple(a for a in self.entry.actions if not isinstance(a, Flag | Label | Move))
        return replace(
            self.entry, state="DONE", landed=landed, remark=remark, actions=(*self.done, *rest)
        )


def carry_out(plan: Plan, writer: Writer, memory: Memory, stop: Stop = never) -> Report:
    """Do what the plan says. ``stop`` is asked between batches; what is left then, or when
    the connection is cut (``ServerUnreachable``), is taken up by ``recover``."""
    entries = memory.journal.intend(plan.entries)
    report = file_lines([Line(entry, entry.place) for entry in entries], writer, memory, stop)
    memory.cursors.set(*plan.cursors)
    return report


def file_lines(lines: Sequence[Line], writer: Writer, memory: Memory, stop: Stop = never) -> Report:
    """Act on lines that are INTENDED in the journal, and settle them. Doing it twice is
    the same as once: flags are set, not toggled, and a moved message is not here."""
    report = Report()
    for folder, here in _by(lines, lambda line: line.place.folder):
        if stop():
            return report + _settle(_waiting(here, "interrupted"), memory)
        try:
            state = writer.open(folder)
        except ServerRefused as error:
            why = f"the server would not open {folder}: {error.what}"
            report += _settle(_waiting(here, why), memory)
            continue
        for line in here:
            if line.place.uidvalidity != state.uidvalidity:
                line.waits = f"the uids of {folder} changed"
        _mark(folder, here, writer)
        report += _settle([line for line in here if line.target is None or not line.open], memory)
        moving = [line for line in here if line.open and line.target is not None]
        for target, some in _by(moving, lambda line: line.target or ""):
            if stop():
                report += _settle(_waiting(some, "interrupted"), memory)
                continue
            landed = _move(folder, some, target, writer, memory)
            report += _settle(some, memory, landed)
    return report


def _mark(folder: str, lines: Sequence[Line], writer: Writer) -> None:
    """Set the flags, then the labels, each set of names in one batch."""
    if not writer.capabilities() & {"MOVE", "UIDPLUS"}:
        for line in lines:
            if line.target is not None:
                why = "the server can neither MOVE nor UID EXPUNGE, so it was labelled"
                line.remarks.append(f"{why} {line.target} instead")
                line.label_instead = True
    for wanted, some in _by(lines, lambda line: line.wanted(Flag)):
        _store(folder, some, wanted, Flag, writer)
    for wanted, some in _by(lines, lambda line: line.wanted(Label)):
        _store(folder, some, wanted, Label, writer)


def _store(
    folder: str,
    lines: Sequence[Line],
    names: tuple[str, ...],
    kind: type[Flag] | type[Label],
    writer: Writer,
) -> None:
    lines = [line for line in lines if line.open]
    if not lines or not names:
        return
    uids = [line.place.uid for line in lines]
    store = writer.add_flags if kind is Flag else writer.add_labels
    try:
        stored = store(folder, uids, names)
        kept = set(stored.kept)
        unseen = [uid for uid in uids if uid not in kept]
        here = writer.standing(folder, unseen) if unseen else {}
    except ServerRefused as error:
        _waiting(lines, f"the server refused it: {error.what}")
        return
    for line in lines:
        uid = line.place.uid
        if uid not in kept and uid not in here:
            line.gone = True
            continue
        for name in names:
            if name in stored.dropped or uid not in kept:
                line.remarks.append(not_kept(kind(name), folder))
            else:
                line.done.append(kind(name))


def not_kept(action: Action, folder: str) -> str:
    """The remark about a flag or label that the server took and dropped, or would not
    take; the route went on without it."""
    word = "flag" if isinstance(action, Flag) else "label"
    return f"the server keeps no {word} {getattr(action, 'name', '')} in {folder}"


def _move(
    folder: str, lines: Sequence[Line], target: str, writer: Writer, memory: Memory
) -> dict[int, Place | None]:
    try:
        writer.ensure_folder(target)
        memory.journal.mark([line.entry for line in lines], *writer.next_uid(target))
        landed = writer.move(folder, [line.place.uid for line in lines], target)
    except ServerRefused as error:
        _waiting(lines, f"the server refused to move it to {target}: {error.what}")
        return {}
    for line in lines:
        if line.place.uid in landed:
            line.done.append(Move(target))
        else:
            line.gone = True
    by_id = {line.entry.id: at for line in lines if (at := landed.get(line.place.uid))}
    single = one_of_each([line.entry for line in lines], by_id, writer, memory)
    return {
        **landed,
        **{line.place.uid: single[line.entry.id] for line in lines if line.entry.id in single},
    }


def _settle(
    lines: Sequence[Line], memory: Memory, landed: dict[int, Place | None] | None = None
) -> Report:
    """Write the lines; without ``landed`` they stay where they are."""
    entries = [
        line.settled(line.place if landed is None else landed.get(line.place.uid)) for line in lines
    ]
    memory.journal.settle(entries)
    return Report(
        settled=tuple(entry for entry in entries if entry.state != "INTENDED"),
        waiting=tuple(entry for entry in entries if entry.state == "INTENDED"),
        remarks=tuple(dict.fromkeys(remark for line in lines for remark in line.remarks)),
    )


def _waiting(lines: Sequence[Line], why: str) -> Sequence[Line]:
    for line in lines:
        line.waits = why
    return lines


def _by(lines: Sequence[Line], key: Callable[[Line], Key]) -> list[tuple[Key, list[Line]]]:
    """Lines grouped by what ``key`` says, in the order in which they came."""
    groups: dict[Key, list[Line]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return list(groups.items())
