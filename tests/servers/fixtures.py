"""The servers as fixtures: ``dovecot``, ``embedded``, ``counting_proxy``.

Where Dovecot is not installed, what needs it is skipped with the reason, or fails if
TRIAGE_REQUIRE_SERVERS=1 says that it must be there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from servers import dovecot as dovecots
from servers.dovecot import Dovecot
from servers.proxy import Change, CountingProxy
from triage.demo.server import EmbeddedServer, start

PASSWORD = "correct horse"
_users = count(1)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A short path: a socket's may have 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="tri-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def require_dovecot() -> None:
    reason = dovecots.missing()
    if reason and os.environ.get("TRIAGE_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One Dovecot for the whole run. Its users are ``user1`` to ``user400`` (and a few
    with odd names), all with the same password: take a fresh one by ``dovecot_user``."""
    require_dovecot()
    folder = Path(tempfile.mkdtemp(prefix="tri-", dir="/tmp"))
    names = [*(f"user{number}" for number in range(1, 401)), "émile dupont", "spaced user"]
    server = dovecots.start(folder, dict.fromkeys(names, PASSWORD) | {"odd": 'p"\\ä€ w'})
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def prefixed_dovecot() -> Iterator[Dovecot]:
    """As ``dovecot``, with the prefix and the separator of Courier and Cyrus."""
    require_dovecot()
    folder = Path(tempfile.mkdtemp(prefix="tri-", dir="/tmp"))
    users = {f"user{number}": PASSWORD for number in range(1, 401)}
    server = dovecots.start(folder, users, separator=".", prefix="INBOX.")
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dovecot_user() -> str:
    """A user whose mailbox nobody has touched yet."""
    return f"user{next(_users)}"


@pytest.fixture
def embedded() -> Iterator[Callable[..., EmbeddedServer]]:
    """``embedded(folders, ...)`` starts a server as ``triage.demo.server.start`` does;
    all are stopped at the end."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(start(*args, **kwargs))


@pytest.fixture
def counting_proxy() -> Iterator[Callable[..., CountingProxy]]:
    """``counting_proxy(host, port, change=None)`` starts a proxy in front of a server."""
    with ExitStack() as stack:

        def proxy(
            host: str, port: int, change: Change | None = None, listen: str = "127.0.0.1"
        ) -> CountingProxy:
            return stack.enter_context(CountingProxy(host, port, change, listen))

        yield proxy
