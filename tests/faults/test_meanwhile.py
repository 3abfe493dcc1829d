"""Somebody else works in the mailbox while a pass runs, ahead of each of its commands: the
user moves or deletes a message, or a target folder goes or gets another name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from daemon.desks import mail
from faults.faults import Meanwhile
from faults.law import Court
from faults.points import Points, more
from faults.runs import a_pass
from triage.memory import open_memory

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600)]

Courts = Callable[[str], Court]
GENERIC, OTHER = "Invitations/Generic", "Kept"
MESSAGES = {"of a move": (7, mail(7, "generic")), "of a label": (2, mail(2, "personal"))}

DEEDS = [
    ("all", "move", "of a move"), ("all", "delete", "of a move"), ("no MOVE", "move", "of a move"),
    *more(("all", "move", "of a label"), ("all", "delete", "of a label")),
    *more(("no MOVE", "delete", "of a move"), ("no MOVE, no UIDPLUS", "move", "of a move")),
]  # fmt: skip


def commands_of(court: Court) -> list[str]:
    """The verbs of an undisturbed pass."""
    with court.proxy() as proxy:
        user = court.fresh()
        a_pass(proxy.port, user, court.state(user))
        court.server.forget(user)
        return [command.verb for command in proxy.commands]


def takes(court: Court, user: str, deed: str, uid: int) -> bool:
    """The user moves the message to Archive, or deletes it; whether it was still there."""
    with court.server.client(user) as imap:
        imap.select_folder("INBOX")
        if uid not in imap.search():
            return False
        if deed == "move":
            imap.move([uid], "Archive")
        else:
            imap.delete_messages([uid])
            imap.uid_expunge([uid])
        return True


def but(told: dict[str, Any], content: bytes) -> dict[str, Any]:
    """A mailbox without the message."""
    return {name: [m for m in held if m[0] != content] for name, held in told.items()}


def open_lines(court: Court, user: str) -> list[str]:
    with open_memory(court.state(user)) as memory:
        return [f"line {one.id} waits: {one.remark}" for one in memory.journal.intended("main")]


@pytest.mark.parametrize(("kind", "deed", "which"), DEEDS)
def test_a_message_that_the_user_takes_ahead_of_any_command(
    court: Courts, points: Points, kind: str, deed: str, which: str
) -> None:
    one = court(kind)
    uid, content = MESSAGES[which]
    calm = one.calm.stands
    verbs = commands_of(one)
    for at, verb in enumerate(verbs, 1):
        user, taken = one.fresh(), []
        one.disturbed(user, Meanwhile(lambda: taken.append(takes(one, user, deed, uid)), at))  # noqa: B023
        one.calmly(user)
        stands = one.server.look(user)
        now, where = stands.told(), stands.where(content)
        problems = [] if but(now, content) == but(calm, content) else ["others were touched"]
        wanted = {"move": ["Archive"], "delete": []}[deed]
        if not taken[0]:
            wanted = [name for name, held in calm.items() for m in held if m[0] == content]
        # Without MOVE there is a copy of ours from COPY on, and it stays: rather one too many
        # than none.
        late = (
            kind == "no MOVE"
            and verb in ("UID STORE", "UID EXPUNGE")
            and at > verbs.index("UID COPY")
        )
        if where != wanted and not (late and where == sorted([*wanted, GENERIC])):
            problems.append(f"it stands in {where}")
        problems += open_lines(one, user)
        one.calmly(user)
        problems += [] if one.server.look(user).told() == now else ["the next pass did more"]
        points.tried(f"ahead of command {at}, {verb}", problems)
        one.server.forget(user)
    points.verdict(18)


def conserved(court: Court, user: str) -> list[str]:
    """Whether each message of the beginning is there as often as it was, and no line open."""
    begun, now = (
        sorted(m.content for held in stands.folders.values() for m in held.values())
        for stands in (court.begun, court.server.look(user))
    )
    return [*(["a message is lost or doubled"] if begun != now else []), *open_lines(court, user)]


def renames(court: Court, user: str) -> bool:
    with court.server.client(user) as imap:
        if not imap.folder_exists(GENERIC):
            return False
        imap.rename_folder(GENERIC, OTHER)
        return True


def deletes(court: Court, user: str) -> bool:
    """While it is empty; a user who deletes what was filed means it."""
    with court.server.client(user) as imap:
        if not imap.folder_exists(GENERIC) or imap.select_folder(GENERIC, True)[b"EXISTS"]:
            return False
        imap.close_folder()
        imap.delete_folder(GENERIC)
        return True


@pytest.mark.parametrize("kind", ["all", "no MOVE"])
@pytest.mark.parametrize("deed", [renames, deletes])
def test_a_target_that_goes_ahead_of_any_command(
    court: Courts, points: Points, kind: str, deed: Callable[[Court, str], bool]
) -> None:
    one = court(kind)
    for at, verb in enumerate(commands_of(one), 1):
        user, done = one.fresh(), []
        one.disturbed(user, Meanwhile(lambda: done.append(deed(one, user)), at))  # noqa: B023
        one.calmly(user)
        if done[0]:
            problems = conserved(one, user)
            stands = one.server.look(user).told()
            filed = len(stands.get(OTHER, [])) + len(stands.get(GENERIC, []))
            if filed != len(one.calm.stands[GENERIC]):
                problems.append(f"{filed} were filed there")
            points.tried(f"ahead of command {at}, {verb}", problems)
        one.server.forget(user)
    points.verdict(1 if deed is deletes else 5)
