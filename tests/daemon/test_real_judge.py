"""A desk of real rules, read and judged by the real judge, over a mailbox in memory."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import spacy

from daemon.desks import NOW
from triage.daemon.desk import Desk, Language, make_desk
from triage.daemon.one_pass import one_pass
from triage.judge.boilerplate_rules import parse_boilerplate
from triage.judge.evidence_rules import parse_evidence
from triage.judge.platform_rules import parse_platform
from triage.judge.rules import Rulebook
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory
from triage.model import Invitation

PLATFORM = r"""
[[platform]]
id = "rolodex"
name = "Rolodex"
from_domains = ["rolodex.example"]

[platform.search]
senders = ["invitations@rolodex.example"]

[platform.links]
accept = ["/accept/"]

[platform.wording]
name_lines = ["{name} would like to connect on Rolodex"]
chrome = ["Accept: ..."]

[[platform.form]]
id = "rolodex-invitation"
kind = "invitation"
subjects = ["{name} would like to connect"]
says = ["{name} would like to connect on Rolodex"]
note = "after-links"
matches = ["Ada Quill would like to connect"]
ignores = ["Your Rolodex summary"]
"""
EVIDENCE = """
[[evidence]]
id = "personal.we-met"
says = "met you"
points_to = "personal"
bits = 6.0
group = "met"
phrases = ["we met"]
matches = ["we met at the fair"]
ignores = ["nice to meet you"]

[[evidence]]
id = "generic.pitch"
says = "sells something"
points_to = "generic"
bits = 6.0
group = "pitch"
phrases = ["our (solution|platform)"]
matches = ["our platform saves time"]
ignores = ["the platform two train"]
"""
BOILERPLATE = """
language = "en"

[[text]]
id = "rolodex.en.add-you"
platform = "rolodex"
texts = ["I would like to add you to my rolodex"]
matches = ["I would like to add you to my rolodex"]
ignores = ["I would like to add you to my list"]
"""


@pytest.fixture(scope="module")
def desk() -> Desk:
    platforms, wrong = parse_platform("rolodex.toml", PLATFORM)
    evidence, also = parse_evidence("evidence.toml", EVIDENCE)
    texts, more = parse_boilerplate("en.toml", BOILERPLATE)
    assert (*wrong, *also, *more) == ()
    rulebook = Rulebook.of(platforms, texts, evidence)
    return make_desk(rulebook, Language(spacy.blank("en"), lambda text: "en"))


def invitation(number: int, note: str) -> bytes:
    return (
        f"From: Ada Quill <invitations@rolodex.example>\r\nTo: dave@example.org\r\n"
        f"Subject: Ada Quill would like to connect\r\nDate: Sun, 01 Mar 2026 10:00:00 +0000\r\n"
        f"Message-ID: <{number}@rolodex.example>\r\n\r\n"
        f"Ada Quill would like to connect on Rolodex\r\n\r\n"
        f"Accept: https://rolodex.example/accept/{number}\r\n\r\n{note}\r\n"
    ).encode()


def test_notes_are_read_judged_and_filed(desk: Desk, memory: Memory) -> None:
    box = MemoryMailbox()
    box.put("INBOX", invitation(1, "In Bergen we met on the ferry."))
    box.put("INBOX", invitation(2, "See how our solution grows your sales."))
    box.put("INBOX", invitation(3, "I would like to add you to my rolodex"))
    box.put("INBOX", b"From: a@example.org\r\nSubject: lunch\r\n\r\nwe met\r\n")
    report = one_pass(box, ("INBOX",), desk, memory, NOW, "r1", 500)
    labels = [entry.verdict.label for entry in report.filed.settled]
    notes = [e.reading.note for e in report.filed.settled if isinstance(e.reading, Invitation)]
    assert report.counts.candidates == 3
    assert notes == [
        "In Bergen we met on the ferry.",
        "See how our solution grows your sales.",
        "I would like to add you to my rolodex",
    ]
    assert sorted(labels) == ["boilerplate", "generic", "personal"]


def test_threads_of_several_accounts_share_the_desk(desk: Desk, memory: Memory) -> None:
    boxes = []
    for account in range(4):
        box = MemoryMailbox(f"account-{account}")
        for number in range(30):
            box.put(
                "INBOX", invitation(number, f"In Bergen we met on the ferry {number} {account}.")
            )
        boxes.append(box)
    done: list[int] = []

    def work(box: MemoryMailbox) -> None:
        report = one_pass(box, ("INBOX",), desk, memory, NOW, f"r-{box.account}", 500)
        done.append(len(report.filed.in_state("DONE")))

    threads = [threading.Thread(target=work, args=(box,)) for box in boxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert done == [30] * 4
    assert {entry.verdict.label for entry in memory.journal.recent(500)} == {"personal"}


def test_a_line_of_the_journal_can_be_explained_long_after(desk: Desk, memory: Memory) -> None:
    from triage.judge.explain import lines

    box = MemoryMailbox()
    box.put("INBOX", invitation(1, "In Bergen we met on the ferry."))
    one_pass(box, ("INBOX",), desk, memory, NOW, "r1", 500)
    entry = memory.journal.last_run()[0]
    told = "\n".join(lines(entry.reading, entry.verdict))
    assert "we met" in told and "met you" in told


def test_shipped_rules_make_a_desk(tmp_path: Path) -> None:
    from triage.language import load_detector, load_model
    from triage.rulebook import load_rulebook

    rulebook = load_rulebook(None)
    made = make_desk(rulebook, Language(load_model(), load_detector()))
    assert made.criteria.senders and made.headers
