"""Uids to what a command takes: short sets, bounded batches.

Pure. May not ask whether a uid exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

BATCH = 200  # uids in one command


def batches(uids: Iterable[int], size: int = BATCH) -> Iterator[tuple[int, ...]]:
    """The uids without repetition, ascending, ``size`` at a time."""
    ordered = sorted({uid for uid in uids if uid > 0})
    for start in range(0, len(ordered), size):
        yield tuple(ordered[start : start + size])


def uid_set(uids: Iterable[int]) -> str:
    """
    >>> uid_set([9, 1, 2, 3])
    '1:3,9'
    """
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else f"{first}" for first, last in runs)


def parse_uid_set(text: str, limit: int = 1_000_000) -> tuple[int, ...]:
    """The uids of a set in the order given (COPYUID, RFC 4315 section 3); ValueError for
    what is none, or names more than ``limit``."""
    found: list[int] = []
    for run in text.split(","):
        first, colon, last = run.partition(":")
        low, high = int(first), int(last if colon else first)
        step = 1 if high >= low else -1
        if abs(high - low) + len(found) >= limit:
            raise ValueError("the set names too many messages")
        found.extend(range(low, high + step, step))
    return tuple(found)
