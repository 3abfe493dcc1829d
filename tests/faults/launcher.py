"""A process that runs a pass or an undo in a child of its own, and kills it at a chosen step.

Steps are the writes of the state file (within, ahead of and behind each transaction) and the
commands that change the mailbox (ahead of and behind the sending). They are met where the
code leaves Python's own library, so that nothing of ours is replaced; the kill is SIGKILL.
All is imported once, and each try is a fork, which costs milliseconds in place of a second.

Run as a script: takes jobs as lines of JSON, and answers each with one.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import sys
import traceback
from pathlib import Path
from typing import Any

from faults.runs import LOST, a_pass, an_undo

RUNS = {"pass": a_pass, "undo": an_undo}
CHANGING = (b"CREATE ", b"SUBSCRIBE ", b"STORE ", b"COPY ", b"MOVE ", b"EXPUNGE ")
WRITES = ("INSERT", "UPDATE", "DELETE")


class Steps:
    """Counts, and kills at the one that is wanted; 0 kills nowhere."""

    def __init__(self, at: int) -> None:
        self.at, self.names = at, list[str]()

    def step(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(steps: Steps) -> None:
    """Make a step of each write and each changing command of this process."""
    send, connect = socket.socket.sendall, sqlite3.connect

    class Connection(sqlite3.Connection):
        wrote = False  # in this transaction; one step within is as good as many

        def execute(self, statement: str, *values: Any) -> Any:
            word = statement.split(None, 1)[0].upper()
            if word == "COMMIT":
                steps.step("ahead of a commit")
            done = super().execute(statement, *values)
            if word == "COMMIT":
                steps.step("behind a commit")
            elif word in WRITES:
                self._inside(statement)
            if word in ("BEGIN", "COMMIT"):
                self.wrote = False
            return done

        def executemany(self, statement: str, *values: Any) -> Any:
            done = super().executemany(statement, *values)
            self._inside(statement)
            return done

        def _inside(self, statement: str) -> None:
            if not self.wrote:
                self.wrote = True
                steps.step(f"within {' '.join(statement.split()[:3])}")

    def sendall(self: socket.socket, data: bytes, *flags: int) -> None:
        line = bytes(data)
        changes = [word.decode().strip() for word in CHANGING if word in line]
        if changes:
            steps.step(f"ahead of {' and '.join(changes)}")
        send(self, data, *flags)
        if changes:
            steps.step(f"behind {' and '.join(changes)}")

    def stepping(*arguments: Any, **more: Any) -> Any:
        return connect(*arguments, factory=Connection, **more)

    socket.socket.sendall = sendall  # type: ignore[method-assign, assignment]
    sqlite3.connect = stepping


def child(job: dict[str, Any], answer: int) -> None:
    """Run the job, and tell what steps it took, unless it is killed."""
    steps, error = Steps(job["at"]), ""
    watch(steps)
    try:
        RUNS[job["do"]](job["port"], job["user"], Path(job["state"]))
    except LOST as lost:
        error = str(lost)
    except BaseException:
        error = traceback.format_exc()
    os.write(answer, json.dumps({"steps": steps.names, "error": error}).encode())
    os._exit(0)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """The job in a child: its steps, or with which signal it ended."""
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        os.close(reading)
        child(job, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        text = told.read()
    _, status = os.waitpid(number, 0)
    answer: dict[str, Any] = json.loads(text) if text else {"steps": [], "error": ""}
    return {**answer, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
