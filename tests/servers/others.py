"""The servers beside Dovecot as fixtures (``cyrus``, ``courier``, ``gmail``), and where to
log in to a server of any kind.

Of the first two there is one for the whole run; ``new_user()`` gives a mailbox that nobody
has touched. Where one is not unpacked, what needs it is skipped with the reason, or fails if
TRIAGE_REQUIRE_SERVERS=1 says that it must be there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from servers import courier as couriers
from servers import cyrus as cyruses
from servers import gmail as gmails
from servers.courier import Courier
from servers.cyrus import Cyrus
from servers.fixtures import PASSWORD
from servers.gmail import BRITISH, ENGLISH, GERMAN, GmailServer
from servers.rooted import missing

# Each names folders, or keeps mail, in another way.
KINDS = ("dovecot", "dovecot-prefix", "cyrus", "cyrus-alt", "courier", "gmail", "gmail-german")
_LANGUAGES = {"gmail": ENGLISH, "gmail-german": GERMAN, "gmail-british": BRITISH}


def address(kind: str, request: pytest.FixtureRequest) -> tuple[int, str]:
    """Port and user of a fresh mailbox on a server of this kind; the password is PASSWORD."""
    if kind in _LANGUAGES:
        start = request.getfixturevalue("gmail")
        return start({}, "reader", PASSWORD, _LANGUAGES[kind]).port, "reader"
    if kind.startswith("dovecot"):
        name = "prefixed_dovecot" if kind == "dovecot-prefix" else "dovecot"
        return request.getfixturevalue(name).port, request.getfixturevalue("dovecot_user")
    server = request.getfixturevalue(kind.split("-")[0])
    return server.alt_port if kind == "cyrus-alt" else server.port, server.new_user()


def _require(name: str) -> None:
    reason = missing(name)
    if reason and os.environ.get("TRIAGE_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def cyrus() -> Iterator[Cyrus]:
    _require("cyrus")
    server = cyruses.start(PASSWORD)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def courier() -> Iterator[Courier]:
    _require("courier")
    server = couriers.start(PASSWORD)
    yield server
    server.stop()


@pytest.fixture
def gmail() -> Iterator[Callable[..., GmailServer]]:
    """``gmail(folders, ...)`` starts a server as ``servers.gmail.start`` does; all are
    stopped at the end."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(gmails.start(*args, **kwargs))
