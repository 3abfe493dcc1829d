"""The launcher as the tests see it: a deed in a process of its own, killed where they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from faults.law import Court
from servers.fixtures import PASSWORD

TESTS = Path(__file__).parent.parent
Deed = Literal["pass", "undo"]


@dataclass(frozen=True)
class Ended:
    """How the process ended: killed, or by itself after these steps."""

    killed: bool
    steps: tuple[str, ...]
    error: str


class Launcher:
    """Use as a context; one launcher serves many kills."""

    def __init__(self) -> None:
        environment = {
            **os.environ, "PYTHONPATH": str(TESTS), "TRIAGE_TEST_PASSWORD": PASSWORD,
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.launcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=TESTS.parent,
        )

    def run(self, court: Court, user: str, deed: Deed = "pass", at: int = 0) -> Ended:
        """The deed, killed at step ``at`` (0: nowhere). When this returns, the server is done
        with all that it got."""
        with court.proxy() as proxy:
            told = self._ask(
                do=deed, port=proxy.port, user=user, state=str(court.state(user)), at=at
            )
            proxy.drained()
        return Ended(told["signal"] == 9, tuple(told["steps"]), told["error"])

    def steps(self, court: Court, user: str, deed: Deed = "pass") -> tuple[str, ...]:
        """The names of the steps of the undisturbed deed."""
        ended = self.run(court, user, deed)
        assert not ended.killed and not ended.error, ended.error
        return ended.steps

    def _ask(self, **job: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        print(json.dumps(job), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
