"""A seed and a number to so many mails, read and judged as the daemon does it: how many
broke it, the slowest, and the memory of the process.

    python -m fuzz.many [--mails 20000] [--seed 1] [--save FOLDER]

Every mail is named by seed and number; ``--only N`` writes that one to stdout. Ends with
1 where one crashed, took longer than ``--seconds``, or memory went over ``--megabytes``.
Seconds are those of this thread's processor time. May not connect to anything.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from fuzz.mails import mail
from triage.cli.records import line, mail_record
from triage.daemon.desk import Desk, Language, make_desk
from triage.identity import identity_of
from triage.judge.budget import SPENT
from triage.language import load_detector, load_model
from triage.model import Invitation, NotInvitation, RawMessage
from triage.preferences import Me, Trust
from triage.rulebook import load_rulebook

DAVE = Me(("Dave Fielding",), ("Northwind",), fields=("marketing",), friends=("Joe Marsh",))


@dataclass
class Outcome:
    """What came of all mails so far: ``crashes`` and those that a budget ``ended`` by
    number, ``slowest`` as (seconds, number)."""

    mails: int = 0
    bytes: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    crashes: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    slowest: list[tuple[float, int]] = field(default_factory=list)

    def add(self, number: int, seconds: float, size: int, kind: str) -> None:
        self.mails += 1
        self.bytes += size
        self.kinds[kind] += 1
        self.slowest = sorted([*self.slowest, (seconds, number)], reverse=True)[:10]

    @property
    def megabytes(self) -> float:
        """The most that the process has held (getrusage counts kilobytes on Linux)."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def open_desk() -> Desk:
    """The shipped rules and model, and a user with facts to check claims against."""
    language = Language(load_model(), load_detector())
    return make_desk(load_rulebook(None), language, Trust(("mx.example.org",)), DAVE)


def made(seed: int, number: int) -> bytes:
    """The mail of this seed and number."""
    return mail(random.Random(f"{seed}:{number}"))


def work(desk: Desk, content: bytes) -> str:
    """Read, judge, plan and word one mail, as a pass and `judge --json` do; its kind."""
    identity = identity_of(content)
    reading = desk.read(RawMessage(content, identity))
    verdict = desk.judge.judge_all([reading])[0]
    actions = desk.plan(verdict) if verdict else ()
    line(mail_record("mail", identity.message_id, reading, verdict, actions)).encode("utf-8")
    if verdict:
        desk.say(verdict).encode("utf-8")
    if reading == NotInvitation(SPENT):
        return SPENT
    kind = reading.kind if isinstance(reading, Invitation) else "none"
    return f"{kind}, {verdict.label}" if verdict else kind


def run(desk: Desk, seed: int, numbers: Sequence[int], outcome: Outcome) -> None:
    """Work through these mails; a crash is written to stderr and counted."""
    for number in numbers:
        content = made(seed, number)
        begun = time.thread_time()
        try:
            kind = work(desk, content)
            if kind == SPENT:
                outcome.ended.append(number)
        except Exception:
            print(f"mail {number} of seed {seed}:", file=sys.stderr)
            traceback.print_exc()
            outcome.crashes.append(number)
            kind = "crash"
        outcome.add(number, time.thread_time() - begun, len(content), kind)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Read and judge many mails made by chance.")
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first mail")
    parser.add_argument("--only", type=int, metavar="N", help="write mail N to stdout")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="for crashed and slow mails")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--megabytes", type=float, default=600.0)
    args = parser.parse_args(arguments)
    if args.only is not None:
        sys.stdout.buffer.write(made(args.seed, args.only))
        return 0
    desk, outcome = open_desk(), Outcome()
    for start in range(args.first, args.first + args.mails, 500):
        run(desk, args.seed, range(start, min(start + 500, args.first + args.mails)), outcome)
        worst = outcome.slowest[0][0]
        print(f"{outcome.mails} mails, {worst:.2f} s, {outcome.megabytes:.0f} MB", file=sys.stderr)
    slow = [number for seconds, number in outcome.slowest if seconds > args.seconds]
    for number in {*outcome.crashes, *slow} if args.save else ():
        (args.save / f"{args.seed}-{number}.eml").write_bytes(made(args.seed, number))
    print(f"mails     {outcome.mails}, {outcome.bytes / 2**20:.0f} MB, seed {args.seed}")
    print("kinds     " + "; ".join(f"{kind} {n}" for kind, n in outcome.kinds.most_common()))
    print(f"crashes   {len(outcome.crashes)} {outcome.crashes[:20]}")
    print(f"ended     {len(outcome.ended)} by their budget {outcome.ended[:20]}")
    print("slowest   " + ", ".join(f"{seconds:.2f} s ({n})" for seconds, n in outcome.slowest))
    print(f"memory    {outcome.megabytes:.0f} MB")
    return int(bool(outcome.crashes or slow or outcome.megabytes > args.megabytes))


if __name__ == "__main__":
    raise SystemExit(main())
