"""How much of a mail is looked at before it is judged, over a real connection."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import triage.demo
from daemon.desks import NOW
from triage.daemon.cycle import plan_pass
from triage.daemon.desk import Desk
from triage.demo.server import EmbeddedServer, Mail
from triage.identity import identity_of
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.credentials import PasswordSource
from triage.memory import Memory
from triage.model import JournalEntry, RawMessage

SAMPLES = Path(__file__).parent.parent / "mail"
MAILS = Path(triage.demo.__file__).parent / "mail"
DEFAULT = b"Hi Dave, I'd like to join your Linke=\r\ndIn network."
REAL = b"Hi Dave, you fixed my badge at booth 14 in Tulsa, and Joe Marsh=\r\n told me to write."


@pytest.mark.parametrize(("page", "label"), [(DEFAULT, "boilerplate"), (REAL, "unsure")])
def test_a_page_too_large_to_be_fetched_is_looked_at_before_a_note_is_called_a_default(
    page: bytes,
    label: str,
    embedded: Callable[..., EmbeddedServer],
    memory: Memory,
    shipped: Desk,
) -> None:
    """The text part holds the default text in both. What the page holds besides decides
    whether the mail may be moved out of sight, where no trusted server vouches for it."""
    content = sample("2016-10-default-member").replace(
        b"Authentication-Results: mx.example.org", b"Authentication-Results: mx.example.net"
    )
    assert content.count(DEFAULT) == 1
    planned = plan_of(embedded, memory, shipped, content.replace(DEFAULT, page))
    assert planned == [label]


def test_a_card_far_down_a_large_page_is_found_by_fetching_the_whole(
    embedded: Callable[..., EmbeddedServer], memory: Memory, shipped: Desk
) -> None:
    filler = b"<!-- " + b"filler of a template that grew =\r\n" * 2_000 + b"-->"
    content = sample("2025-03-joe-told-me-to-write").replace(b"<body>", b"<body>" + filler)
    assert plan_of(embedded, memory, shipped, content) == ["personal"]


def test_every_sample_gets_from_its_parts_the_label_that_its_whole_gets(
    embedded: Callable[..., EmbeddedServer], memory: Memory, shipped: Desk
) -> None:
    """All samples in one mailbox; what the search does not bring has no label either. Where
    the text part says more than a default text, a page too large to be fetched is not held
    against it: one sample of two notes is told by its text alone."""
    paths = sorted((*MAILS.glob("*.eml"), *SAMPLES.glob("*.eml")))
    contents = {path.stem: crlf(path.read_bytes()) for path in paths}
    readings = [shipped.read(RawMessage(one, identity_of(one))) for one in contents.values()]
    verdicts = dict(zip(contents, shipped.judge.judge_all(readings), strict=True))
    server = embedded({"INBOX": [Mail(one, (), NOW) for one in contents.values()]})
    found = {entry.identity: entry.verdict.label for entry in planned(server, memory, shipped)}
    different = {
        name: (verdict and verdict.label, found.get(identity_of(contents[name])))
        for name, verdict in verdicts.items()
        if (verdict and verdict.label) != found.get(identity_of(contents[name]))
    }
    assert different == {"hard-text-and-html-differ": ("unsure", "personal")}


def crlf(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def sample(name: str) -> bytes:
    return crlf((MAILS / f"{name}.eml").read_bytes())


def plan_of(
    embedded: Callable[..., EmbeddedServer], memory: Memory, shipped: Desk, content: bytes
) -> list[str]:
    """The labels that a pass over this one mail would give."""
    server = embedded({"INBOX": [Mail(content, (), NOW)]})
    return [entry.verdict.label for entry in planned(server, memory, shipped)]


def planned(server: EmbeddedServer, memory: Memory, shipped: Desk) -> tuple[JournalEntry, ...]:
    os.environ["TRIAGE_TEST_PASSWORD"] = "demo"
    password = PasswordSource("env", "TRIAGE_TEST_PASSWORD")
    login = AccountLogin("main", server.host, server.port, "none", "demo", password)
    with connect(login, shipped.headers) as mailbox:
        plan = plan_pass(mailbox, "main", ("INBOX",), shipped, memory, NOW, "r1")
    return plan.entries
