"""The daemon in IDLE behind the proxy: a good-bye in the middle of it, a cut, no IDLE at all;
mail that comes afterwards is filed, and nothing twice."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.desks import mail
from daemon.test_service import until
from faults.law import Court
from faults.proxy import FaultProxy
from faults.runs import VARIABLE, a_desk
from faults.server import DATE
from servers.fixtures import PASSWORD
from triage.daemon.reload import RuleWatch
from triage.daemon.service import Service, real_world
from triage.memory import Memory, open_memory
from triage.settings import load_settings

pytestmark = pytest.mark.server

Courts = Callable[[str], Court]


@contextmanager
def watching(proxy: FaultProxy, user: str, state: Path, folder: Path) -> Iterator[Memory]:
    """The whole daemon on one account, whose pauses after a loss are short."""
    config = folder / "config.toml"
    config.write_text(
        f'[accounts.main]\nhost = "127.0.0.1"\nport = {proxy.port}\nsecurity = "none"\n'
        f'user = "{user}"\npassword = {{ env = "{VARIABLE}" }}\npoll_minutes = 600\n'
    )
    os.environ[VARIABLE] = PASSWORD
    settings = load_settings(config)
    world = real_world()

    def pause(event: threading.Event, seconds: float) -> object:
        return event.wait(min(seconds, 0.05))

    with open_memory(state) as memory:
        service = Service(
            settings, RuleWatch(settings, a_desk()), memory, replace(world, pause=pause)
        )
        service.start()
        try:
            yield memory
        finally:
            service.stop()


def arrives(court: Court, user: str, number: int) -> None:
    with court.server.client(user) as imap:
        imap.append("INBOX", mail(number, "generic"), (), DATE)


def done(memory: Memory) -> int:
    return len(memory.journal.recent(100, state="DONE"))


LOSSES: dict[str, Callable[[FaultProxy], Any]] = {
    "bye": lambda proxy: proxy.bye("autologout; idle for too long"),
    "cut": lambda proxy: proxy.cut(),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_in_the_middle_of_idle_is_mended_and_mail_is_filed(
    court: Courts, tmp_path: Path, loss: str
) -> None:
    one = court("all")
    user = one.fresh()
    before = len(one.calm.journal)
    with one.proxy() as proxy, watching(proxy, user, one.state(user), tmp_path) as memory:
        for number in range(3):
            proxy.wait_until_idle()
            LOSSES[loss](proxy)
            arrives(one, user, 100 + number)
            until(lambda: done(memory) == before + number + 1, 60)  # noqa: B023
        proxy.wait_until_idle()
    stands = one.server.look(user)
    for number in range(3):
        assert stands.where(mail(100 + number, "generic")) == ["Invitations/Generic"]
    assert len(stands.folders["Invitations/Generic"]) == 3 + len(
        one.calm.stands["Invitations/Generic"]
    )


def test_a_daemon_without_idle_files_what_is_there(court: Courts, tmp_path: Path) -> None:
    one = court("bare")
    user = one.fresh()
    filed = len(one.calm.journal)
    with one.proxy() as proxy, watching(proxy, user, one.state(user), tmp_path) as memory:
        until(lambda: done(memory) == filed, 60)
        assert "IDLE" not in {command.verb for command in proxy.commands}
    assert not one.ending(user).differs_from(one.calm)
