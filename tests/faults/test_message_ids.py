"""Message-IDs missing, doubled and changed in case; UIDVALIDITY changed between two passes and
in the middle of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.faults import Fault, Meanwhile
from faults.law import Court
from faults.points import Points, more
from faults.runs import a_pass
from faults.server import FaultServer

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600)]

Courts = Callable[[str], Court]
FOLDERS = ("INBOX", "Archive", "Invitations/Generic")
WITH_MOVE = (*FOLDERS, "Invitations/Boilerplate")
# Without MOVE, a copy of ours that was cut off cannot be told from one that the user made
# before, once the uids of the target are void; he made one in Invitations/Boilerplate.
VOIDED = {"all": WITH_MOVE, "no MOVE": FOLDERS, "no MOVE, no UIDPLUS": WITH_MOVE}


def commands_of(court: Court) -> int:
    """How many commands an undisturbed pass has."""
    with court.proxy() as proxy:
        user = court.fresh()
        a_pass(proxy.port, user, court.state(user))
        court.server.forget(user)
        return proxy.count


def void(server: FaultServer, user: str, kind: str = "all") -> None:
    """Folders get another UIDVALIDITY, as all do at each start of some bridges."""
    for folder in VOIDED[kind]:
        if server.folder_of(user, folder).exists():
            server.void_uids(user, folder)


def other_case(server: FaultServer, user: str) -> None:
    """All Message-IDs come back in capitals, under a field name in another case."""
    for path in server.dovecot.maildir(user).rglob("*"):
        if path.parent.name in ("cur", "new") and path.is_file():
            content = path.read_bytes()
            changed = re.sub(rb"(?m)^Message-ID: .*$", _capitals, content, count=1)
            _overwrite(path, changed)


def _capitals(line: re.Match[bytes]) -> bytes:
    return line[0].upper()


def _overwrite(path: Path, content: bytes) -> None:
    """Of the same length, so that what the server keeps of its size stays true."""
    assert len(content) == path.stat().st_size
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["all", "no MOVE", *more("no MOVE, no UIDPLUS")])
def test_uids_that_change_between_two_passes(court: Courts, points: Points, kind: str) -> None:
    """The first one being cut at any command."""
    one = court(kind)
    last = commands_of(one)
    for at in range(1, last + 1):
        for how in ("cut after", *more("cut before")):
            user = one.fresh()
            assert one.disturbed(user, Fault(how, at))  # type: ignore[arg-type]
            void(one.server, user, kind)
            points.tried(f"{how} command {at}", one.judge(user, same_uids=False))
    points.verdict(18)


@pytest.mark.parametrize("kind", ["all", *more("no MOVE")])
def test_uids_that_change_in_the_middle_of_a_pass(court: Courts, points: Points, kind: str) -> None:
    one = court(kind)
    last = commands_of(one)
    for at in range(1, last + 1):
        user = one.fresh()
        assert one.disturbed(user, Meanwhile(lambda: void(one.server, user, kind), at))  # noqa: B023
        points.tried(f"ahead of command {at}", one.judge(user, same_uids=False))
    points.verdict(18)


@pytest.mark.parametrize("how", ["nothing", "UID MOVE", "UID STORE"])
def test_message_ids_that_change_in_case_name_the_same_messages(court: Courts, how: str) -> None:
    one = court("all")
    user = one.fresh()
    if how == "nothing":
        one.calmly(user)
    else:
        assert one.disturbed(user, Fault("cut after", how))
    void(one.server, user)
    other_case(one.server, user)
    report = one.calmly(user)
    if how == "nothing":
        assert report.counts.known == report.counts.candidates > 0
    stands = one.server.look(user).told()
    assert {name: len(held) for name, held in stands.items()} == {
        name: len(held) for name, held in one.calm.stands.items()
    }
    ending = one.ending(user)
    assert len(ending.journal) == len(one.calm.journal)
    assert not [line for line in ending.journal if "'DONE'" not in line]
