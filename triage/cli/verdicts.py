"""Mails and notes to verdicts and their records, in batches, in the order of the input.

A mail on which the judgement breaks gives an error of its own and takes no other with it.
May not print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from triage.cli import records
from triage.cli.judging import Bench
from triage.cli.notes import Note
from triage.cli.sources import Item
from triage.errors import TriageError
from triage.identity import identity_of
from triage.judge.budget import OverBudget
from triage.model import Reading, Verdict

BATCH = 256
BATCH_BYTES = 32 * 1024 * 1024
Value = TypeVar("Value")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Judged:
    """One input: the argument that led to it, its record, and the values behind it."""

    named: str
    record: records.Record
    reading: Reading | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Fault:
    """A mail or note on which the judgement itself failed."""

    what: str


def judge_mails(items: Iterable[Item], bench: Callable[[], Bench]) -> Iterator[Judged]:
    """Each mail judged; the rules and the model are loaded when the first one comes."""
    for batch in _batches(items, lambda item: len(item.content)):
        whole = {number: item.content for number, item in enumerate(batch) if not item.error}
        read = bench().reading if whole else None
        readings = {n: _or_fault(read, content) for n, content in whole.items() if read}
        sound = {n: reading for n, reading in readings.items() if not isinstance(reading, Fault)}
        answers = _each(bench().verdicts, list(sound.values())) if sound else []
        verdicts = dict(zip(sound, answers, strict=True))
        for number, item in enumerate(batch):
            error = item.error or _what(readings[number]) or _what(verdicts[number])
            if error:
                yield Judged(item.named, records.error_record(item.source, error))
                continue
            reading, verdict = sound[number], verdicts[number]
            message_id = identity_of(item.content).message_id
            actions = bench().actions(verdict)
            record = records.mail_record(item.source, message_id, reading, verdict, actions)
            yield Judged(item.named, record, reading, verdict)


def judge_notes(notes: Iterable[Note], bench: Callable[[], Bench]) -> Iterator[Judged]:
    """Each bare note judged."""
    for batch in _batches(notes, lambda note: len(note.text)):
        good = [note.text for note in batch if not note.error]
        judged = _each(bench().note_verdicts, good) if good else []
        verdicts = iter(judged)
        for note in batch:
            verdict = Fault(note.error) if note.error else next(verdicts)
            if isinstance(verdict, Fault):
                yield Judged("", records.error_record(note.source, verdict.what))
                continue
            language = bench().detect(note.text)
            actions = bench().actions(verdict)
            record = records.note_record(note.source, note.text, language, verdict, actions)
            yield Judged("", record, None, verdict)


def _batches(values: Iterable[Value], size: Callable[[Value], int]) -> Iterator[list[Value]]:
    """Some hundreds at once, fewer where they are large."""
    batch: list[Value] = []
    held = 0
    for value in values:
        batch.append(value)
        held += size(value)
        if len(batch) >= BATCH or held >= BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _or_fault(function: Callable[[Value], Answer], value: Value) -> Answer | Fault:
    """One mail that breaks the judgement must not take thousands of others with it."""
    try:
        return function(value)
    except (TriageError, MemoryError):
        raise
    except OverBudget as error:
        return Fault(str(error))
    except Exception as error:
        return Fault(f"could not be judged ({type(error).__name__}); please report it")


def _each(function: Callable[[list[Value]], list[Answer]], values: list[Value]) -> list[Any]:
    """All at once; one by one where that fails, to tell which it was."""
    answers = _or_fault(function, values)
    if not isinstance(answers, Fault):
        return answers
    one_by_one = [_or_fault(function, [value]) for value in values]
    return [answer if isinstance(answer, Fault) else answer[0] for answer in one_by_one]


def _what(value: object) -> str:
    return value.what if isinstance(value, Fault) else ""
