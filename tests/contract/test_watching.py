"""What every server's IDLE must do: end the wait when mail comes, and when nothing does."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from benches import Bench, build

from servers.mails import mail
from servers.others import KINDS
from triage.mailbox.imap_writer import ImapWriter
from triage.mailbox.watch import wait_for_change


@pytest.fixture(params=("embedded", *KINDS))
def bench(request: pytest.FixtureRequest) -> Bench:
    return build(request.param, request)


def test_mail_that_comes_ends_the_wait(bench: Bench) -> None:
    mailbox = bench.writer()
    assert isinstance(mailbox, ImapWriter)
    bench.put("INBOX", mail(1))
    mailbox.open("INBOX")
    begun = threading.Event()
    begin = mailbox.session.idle_begin

    def idle_begin() -> None:
        begin()
        begun.set()

    mailbox.session.idle_begin = idle_begin  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(wait_for_change, mailbox, "INBOX", 90)
        assert begun.wait(30)
        (uid,) = bench.put("INBOX", mail(2))
        assert waiting.result(120) == "changed"
    assert uid in mailbox.standing("INBOX", [uid])


def test_a_wait_in_vain_leaves_the_connection_fit(bench: Bench) -> None:
    mailbox = bench.writer()
    assert isinstance(mailbox, ImapWriter)
    bench.put("INBOX", mail(1))
    before = mailbox.open("INBOX")
    assert wait_for_change(mailbox, "INBOX", 0.2) == "timeout"
    here, there = os.pipe()
    os.write(there, b"!")
    assert wait_for_change(mailbox, "INBOX", 90, wake=here) == "woken"
    os.close(here)
    os.close(there)
    assert mailbox.open("INBOX") == before
