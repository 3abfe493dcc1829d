"""What is being worked on right now, told to whoever comes after a process that died of it.

Kept in a small file beside the state file, one an account, and written without waiting
for the disk: what a process wrote outlives it, however it ends (a loss of power is
nobody's fault). A message at which the process died is worked on alone the next time, and
passed over if it dies of it again. Holds hashes alone, nothing of a mail. May not decide
what a message is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from triage.errors import StateError
from triage.memory.lock import beside, open_private
from triage.model import Identity

DEATHS = 2  # at one message, before it is passed over
_MOST = 1_000_000  # bytes that are read of the file


class AtWork:
    """The marks of one account; to be used within its turn. ``deaths`` says at which
    messages, by their hash, the process has died how often."""

    def __init__(self, path: Path, account: str) -> None:
        self._path = beside(path, account, "work")
        self._file = open_private(self._path)
        self.deaths: dict[str, int] = {}
        self._now: list[str] = []
        self._load()

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def suspect(self, identity: Identity) -> bool:
        """Whether the process died while it worked on this message, maybe among others."""
        return identity.header_sha256 in self.deaths

    def deadly(self, identity: Identity) -> bool:
        """Whether it has died of it often enough to pass it over."""
        return self.deaths.get(identity.header_sha256, 0) >= DEATHS

    @contextmanager
    def on(self, identities: Iterable[Identity]) -> Iterator[None]:
        """Mark these as being worked on. Whoever comes out of it alive, by an error or
        not, did not die of them."""
        self._now = [identity.header_sha256 for identity in identities]
        self._write()
        try:
            yield
        finally:
            for digest in self._now:
                self.deaths.pop(digest, None)
            self._now = []
            self._write()

    def _load(self) -> None:
        found = _read(self._file)
        deaths, now = found.get("deaths"), found.get("now")
        if isinstance(deaths, dict):
            self.deaths = {key: count for key, count in deaths.items() if isinstance(count, int)}
        for digest in now if isinstance(now, list) else ():
            self.deaths[str(digest)] = self.deaths.get(str(digest), 0) + 1
        if now:
            self._write()

    def _write(self) -> None:
        line = json.dumps({"deaths": self.deaths, "now": self._now}).encode("ascii") + b"\n"
        try:
            os.pwrite(self._file, line, 0)
            os.ftruncate(self._file, len(line))
        except OSError as error:
            raise StateError(
                f"what is being worked on cannot be noted: {(error.strerror or '').lower()}",
                where=str(self._path),
                now="Make room on the disk.",
            ) from None


def _read(file: int) -> dict[str, Any]:
    """The first line; nothing where it is none of ours."""
    try:
        found = json.loads(os.pread(file, _MOST, 0).partition(b"\n")[0] or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
