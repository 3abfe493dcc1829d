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
from triage.mailbox.connect import AccountLogin, connect
from triage.mailbox.credentials import PasswordSource
from triage.memory import Memory

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
    whether the mail may be moved out of sight."""
    content = sample("2016-10-default-member")
    assert content.count(DEFAULT) == 1
    planned = plan_of(embedded, memory, shipped, content.replace(DEFAULT, page))
    assert planned == [label]


def test_a_card_far_down_a_large_page_is_found_by_fetching_the_whole(
    embedded: Callable[..., EmbeddedServer], memory: Memory, shipped: Desk
) -> None:
    filler = b"<!-- " + b"filler of a template that grew =\r\n" * 2_000 + b"-->"
    content = sample("2025-03-joe-told-me-to-write").replace(b"<body>", b"<body>" + filler)
    assert plan_of(embedded, memory, shipped, content) == ["personal"]


def sample(name: str) -> bytes:
    content = (MAILS / f"{name}.eml").read_bytes()
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def plan_of(
    embedded: Callable[..., EmbeddedServer], memory: Memory, shipped: Desk, content: bytes
) -> list[str]:
    """The labels that a pass over this one mail would give."""
    server = embedded({"INBOX": [Mail(content, (), NOW)]})
    os.environ["TRIAGE_TEST_PASSWORD"] = "demo"
    password = PasswordSource("env", "TRIAGE_TEST_PASSWORD")
    login = AccountLogin("main", server.host, server.port, "none", "demo", password)
    with connect(login, shipped.headers) as mailbox:
        plan = plan_pass(mailbox, "main", ("INBOX",), shipped, memory, NOW, "r1")
    return [entry.verdict.label for entry in plan.entries]
