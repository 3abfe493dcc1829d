"""A further folder of an account: a connection that only listens, and calls for a pass.

IDLE tells of one folder a connection (RFC 2177), so each further one takes another; NOTIFY
(RFC 5465) would not, but Gmail, Exchange and Courier do not have it. What came is looked at
and filed by the account's own watch, which this one wakes; what comes while this one is not
connected waits for the sweep, or for its return. May not change anything, nor fetch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from triage.daemon.health import Health
from triage.daemon.pace import Pace, Trouble
from triage.daemon.world import World, login_seconds, patience_seconds
from triage.mailbox.types import FolderState, Reader
from triage.settings import AccountSettings

log = logging.getLogger("triage")


class FolderWatch:
    """The watch over one folder. ``door`` is held while logging in, ``new`` says whether a
    folder as it stands holds mail that no pass has looked at, ``call`` asks for a pass."""

    def __init__(
        self,
        account: AccountSettings,
        folder: str,
        world: World,
        door: AbstractContextManager[object],
        new: Callable[[FolderState], bool],
        call: Callable[[], None],
        health: Health,
    ) -> None:
        self.pace = Pace(world)
        self._account, self._folder, self._world = account, folder, world
        self._door, self._new, self._call, self._health = door, new, call, health

    def run(self) -> None:
        """Watch until stopped, or until the login is refused."""
        self.pace.run(self)

    def connected(self) -> None:
        """One connection, until stopped or lost."""
        account, wake = self._account, self.pace.wake
        self.pace.promise(login_seconds(account) * account.connections)
        with self._door:
            if self.pace.ending:
                return
            mailbox: Reader = self._world.connect(account, ())
        try:
            if self._new(mailbox.open(self._folder)):
                self._call()
            self.pace.proved()
            while not (self.pace.ending or wake.renewing()):
                wake.clear()
                self._tell("watching")
                self._wait(mailbox)
        finally:
            mailbox.close()

    def _wait(self, mailbox: Reader) -> None:
        patience = self._account.prove_minutes * 60
        self.pace.promise(patience_seconds(self._account))
        began = self._world.monotonic()
        what = self._world.wait(mailbox, self._folder, patience, self.pace.wake)
        if what == "changed":
            mailbox.open(self._folder)  # ahead of the call: what comes next is new again
            self._call()
        took = self._world.monotonic() - began
        self.pace.turned(what == "changed" or took < patience / 2, took)

    def troubled(self, trouble: Trouble) -> None:
        """Say that the folder waits for the sweep."""
        again = "not again before a reload" if trouble.seconds is None else "for now"
        log.warning("%s; folder %s waits for the sweep, %s", trouble.why, self._folder, again)
        state = "stopped" if trouble.seconds is None else "waiting"
        self._tell(state, trouble.why, trouble.now)

    def _tell(self, state: str, why: str = "", now: str = "") -> None:
        at = self._world.now()
        self._health.folder(self._account.name, self._folder, state, at, why, now)
