"""An account to what `triage doctor` says of it: login, capabilities, folders, each with a remedy.

Connects, and opens folders as for filing, since only there a server says what it keeps.
May not change anything in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from triage.errors import TriageError
from triage.model import LABELS
from triage.settings import AccountSettings, Settings

if TYPE_CHECKING:
    from triage.mailbox.types import Reader


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do if it is not well."""

    about: str
    state: Literal["ok", "note", "fail"]
    what: str
    now: str = ""
    status: int = 1  # where it fails: 2 if it is the user's mistake


def login_findings(account: AccountSettings) -> Iterator[Finding]:
    """How the OAuth2 login of an account stands; nothing where it has a password."""
    from triage.daemon.oauth import standing_of

    if (standing := standing_of(account)) is not None:
        yield Finding(account.name, standing.state, standing.what, standing.now)


def server_findings(account: AccountSettings, settings: Settings) -> Iterator[Finding]:
    """What the server of an account tells: login, capabilities, folders. ``TriageError``
    where it cannot be asked."""
    from triage.daemon.accounts import open_mailbox

    # Not a reader's connection: only where a folder is opened for writing does a server
    # say what it keeps there.
    with open_mailbox(account) as reader:
        yield Finding(account.name, "ok", f"logged in to {account.host}:{account.port}")
        yield from _capabilities(account, reader)
        yield from _folders(account, settings, reader)


def _capabilities(account: AccountSettings, reader: Reader) -> Iterator[Finding]:
    has = reader.capabilities()
    known = [name for name in ("IDLE", "MOVE", "UIDPLUS", "X-GM-EXT-1") if name in has]
    yield Finding(account.name, "ok", f"the server offers {', '.join(known) or 'the basics'}")
    if "MOVE" not in has and "UIDPLUS" not in has:
        now = "Mail is labelled instead; choose label routes, or another server."
        yield Finding(account.name, "note", "mail cannot be moved safely on this server", now)
    if account.watch == "idle" and "IDLE" not in has:
        yield Finding(account.name, "note", "no IDLE: the server is asked every minute instead")
    if account.watch == "idle" and len(account.folders) > account.connections:
        rest = ", ".join(account.folders[account.connections :])
        what = f"looked at every {account.poll_minutes:g} minutes, not watched: {rest}"
        now = "Raise connections, if the server allows as many from one client."
        yield Finding(account.name, "note", what, now)


def _folders(account: AccountSettings, settings: Settings, reader: Reader) -> Iterator[Finding]:
    there = set(reader.folders())
    routes = [settings.routes.of(label) for label in LABELS]
    labels = [route.label for route in routes if route.label]
    for folder in account.folders:
        try:
            state = reader.open(folder)
        except TriageError as error:
            now = f"Create it, or choose of: {', '.join(sorted(there)[:12])}."
            yield Finding(account.name, "fail", f"folder {folder}: {error.what}", now, 2)
            continue
        yield Finding(account.name, "ok", f"folder {folder}: {state.messages} messages")
        if labels and state.keeps_keywords is False and "X-GM-EXT-1" not in reader.capabilities():
            now = "The routes go on without; a flag or a move is kept."
            what = f"folder {folder} keeps no labels such as {labels[0]}"
            yield Finding(account.name, "note", what, now)
    for target in dict.fromkeys(route.move for route in routes if route.move):
        told = "is there" if target in there else "will be made when the first mail goes there"
        yield Finding(account.name, "ok", f"folder {target} {told}")
