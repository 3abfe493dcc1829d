"""A day at the command line on each kind of server: plan, the guard, approve, filed, undone."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from servers.others import KINDS, address
from tests.cli.conftest import USER, Run, write_config
from triage.daemon.accounts import open_mailbox
from triage.demo.demo import sample_mails
from triage.settings import load_settings

LETTER = b"From: ann@example.org\r\nSubject: lunch?\r\nMessage-ID: <l@example.org>\r\n\r\nNoon?\r\n"
Standing = dict[str, Counter[tuple[str, frozenset[str]]]]


@pytest.fixture(params=KINDS)
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A config for a mailbox with some of the demo's mail, some of it read or flagged."""
    port, user = address(request.param, request)
    path = write_config(tmp_path, port, extra="[guard]\nmax_moves = 1\n")
    path.write_text(path.read_text().replace(USER, user))
    with open_mailbox(load_settings(path).accounts[0]) as mailbox:
        for number, mail in enumerate(sample_mails()[::3]):
            flags = ((), ("\\Seen",), ("\\Flagged",))[number % 3]
            mailbox.append("INBOX", mail.content, flags, mail.date)
        mailbox.append("INBOX", LETTER, ("\\Answered",), sample_mails()[0].date)
    return path


def standing(config: Path) -> Standing:
    """All mail of all folders, with its flags and labels."""
    found: Standing = {}
    with open_mailbox(load_settings(config).accounts[0]) as mailbox:
        for folder in mailbox.folders():
            uids = range(1, mailbox.open(folder).uidnext)
            messages = mailbox.fetch(folder, uids, how="whole")
            found[folder] = Counter(
                (sha256(one.content).hexdigest(), frozenset(one.flags + one.labels))
                for one in messages
            )
    return {folder: held for folder, held in found.items() if held}


def counts(state: Standing) -> dict[str, int]:
    return {folder: held.total() for folder, held in state.items()}


def test_a_day_ends_as_it_began(triage: Run, config: Path) -> None:
    before = standing(config)
    doctor = triage("-c", config, "doctor")
    assert doctor.status == 0, doctor.out + doctor.err
    planned = triage("-c", config, "plan", "--json")
    assert planned.status == 0, planned.err
    would = Counter(
        action["to"]
        for line in planned.out.splitlines()
        for action in json.loads(line)["actions"]
        if action["do"] == "move"
    )
    assert len(would) == 3 and would.total() > 3
    held = triage("-c", config, "run", "--once")
    assert held.status == 2 and "approve" in held.err
    assert standing(config) == before

    assert triage("-c", config, "approve").status == 0
    filed = triage("-c", config, "run", "--once")
    assert filed.status == 0, filed.out + filed.err
    after = standing(config)
    assert {folder: counts(after)[folder] for folder in would} == would
    assert counts(after)["INBOX"] == counts(before)["INBOX"] - would.total()
    assert _contents(after) == _contents(before)
    told = triage("-c", config, "history", "--json", "--limit", "100")
    entries = [json.loads(line) for line in told.out.splitlines()]
    assert {entry["state"] for entry in entries} == {"DONE"}
    assert {entry["landed"]["folder"] for entry in entries} == {"INBOX", *would}
    assert "nothing new" in triage("-c", config, "run", "--once").out

    undone = triage("-c", config, "undo", "--last-run")
    assert undone.status == 0, undone.out + undone.err
    assert standing(config) == before
    assert "nothing new" in triage("-c", config, "run", "--once").out


def _contents(state: Standing) -> set[str]:
    return {content for held in state.values() for content, _ in held}
