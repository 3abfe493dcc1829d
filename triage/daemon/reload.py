"""Rule files that change to a new desk, or to their faults in the log, once.

A file with a fault changes nothing: the old desk stays in force until the files are sound
again. May not change the desk of a running pass: it answers with another one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from triage.daemon.desk import Desk, Language, load_desk
from triage.errors import FaultsError, TriageError
from triage.rulebook import stamp as stamp_of
from triage.settings import Settings

log = logging.getLogger("triage")


class RuleWatch:
    """The rules on the disk, compared with those in force. ``faults`` is how many keep
    what is on the disk from being used."""

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        seen: object = None,
        stamp: Callable[[Path | None], object] = stamp_of,
        load: Callable[[Settings, Language], Desk] = load_desk,
    ) -> None:
        self.settings = settings
        self.desk = desk
        self.faults = 0
        self._stamp, self._load = stamp, load
        # Taken by who loaded the desk, ahead of loading it: an edit meanwhile is not missed.
        self._seen = stamp(settings.rules_folder) if seen is None else seen

    def look(self) -> Desk | None:
        """The new desk where the files changed and are sound, else None."""
        now = self._stamp(self.settings.rules_folder)
        if now == self._seen:
            return None
        self._seen = now
        try:
            desk = self._load(self.settings, self.desk.language)
        except TriageError as error:
            self._tell(error)
            return None
        self.faults = 0
        if desk.rulebook.fingerprint == self.desk.rulebook.fingerprint:
            return None
        log.info("rules changed: %s are in force now", desk.rulebook.fingerprint)
        self.desk = desk
        return desk

    def _tell(self, error: TriageError) -> None:
        found = error.faults if isinstance(error, FaultsError) else (error,)
        self.faults = len(found)
        for one in found:
            log.error("%s", one)
        log.error("rules: %d faults; the rules loaded before stay in force", len(found))
