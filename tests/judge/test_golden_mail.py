"""Sample mails and what is to be read out of them, held against the shipped rules.

Each mail in ``tests/mail`` and ``triage/demo/mail`` stands beside a ``.expected.toml`` that
a person can read. A key that is absent there means that there is no such thing in the
mail (no ``kind``: no invitation), except for ``authentic`` and ``platform``, which are only
compared where they are given. May not need anything outside the checkout.
"""

from __future__ import annotations

import email
import email.policy
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from triage.identity import identity_of
from triage.judge.judging import Judge
from triage.judge.reading import read
from triage.language import load_detector, load_model
from triage.model import Invitation, RawMessage, Reading, Verdict
from triage.preferences import Costs, Me, Trust
from triage.rulebook import load_rulebook

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "tests" / "mail", ROOT / "triage" / "demo" / "mail")
MAILS = tuple(path for folder in FOLDERS for path in sorted(folder.glob("*.eml")))
KEYS = {
    "remark", "kind", "platform", "label", "label_in", "authentic", "shown", "language",
    "note", "note_in", "inviter",
}  # fmt: skip

TRUST = Trust(("mx.example.org",))
DAVE = Me(
    names=("Dave Fielding",),
    employers=("Northwind",),
    fields=("marketing",),
    works=("The Returns Handbook",),
    events=("Blog Business Summit",),
    friends=("Joe Marsh",),
)
# Domains of the platforms and large providers that the true formats name.
PLATFORM_DOMAINS = (
    "linkedin.com", "facebook.com", "facebookmail.com", "friendster.com", "hi5.com",
    "whereareyounow.net", "ning.com", "ningops.com", "xing.com", "viadeo.com",
    "researchgate.net", "researchgatemail.net", "plaxo.com", "slack.com", "twitter.com",
    "dropboxmail.com", "kongregate.com", "google.com",
)  # fmt: skip
INVENTED_DOMAINS = ("example.org", "example.com", "example.net", "invalid")
ADDRESS_FIELDS = ("From", "To", "Cc", "Reply-To", "Sender", "Return-Path", "Errors-To")
ADDRESS = re.compile(r"[\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})", re.IGNORECASE)


@cache
def expected_of(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.with_suffix(".expected.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def golden() -> Mapping[Path, tuple[Reading, Verdict | None]]:
    """Every sample mail, read and judged by the shipped rules in one batch."""
    rulebook = load_rulebook(None)
    detect = load_detector()
    readings = []
    for path in MAILS:
        content = path.read_bytes()
        message = RawMessage(content, identity_of(content))
        readings.append(read(message, rulebook.platforms, TRUST, detect))
    verdicts = Judge(rulebook, load_model(), DAVE, Costs()).judge_all(readings)
    return dict(zip(MAILS, zip(readings, verdicts, strict=True), strict=True))


def differences(
    expected: Mapping[str, Any], reading: Reading, verdict: Verdict | None
) -> list[str]:
    """What is other than expected, one line each. A forgery is compared by its label,
    its authenticity and the platform it poses as alone: what it says is worth nothing."""
    found = []

    def compare(what: str, got: object, wanted: object) -> None:
        if got != wanted:
            found.append(f"{what}: {got!r}, expected {wanted!r}")

    label = verdict.label if verdict else None
    allowed = expected.get("label_in", [expected.get("label")])
    if label not in allowed:
        found.append(f"label: {label!r}, expected {' or '.join(map(repr, allowed))}")
    if "platform" in expected:
        compare("platform", reading.platform, expected["platform"])
    if "authentic" in expected:
        wanted = None if expected["authentic"] == "unknown" else expected["authentic"]
        compare("authentic", reading.authentic, wanted)
    if expected.get("label") == "suspicious":
        return found
    if not isinstance(reading, Invitation):
        compare("kind", None, expected.get("kind"))
        return found
    compare("kind", reading.kind, expected.get("kind"))
    if reading.kind not in ("invitation", "reminder"):
        return found
    if "note_in" in expected:
        compare("note is one of the two", reading.note in expected["note_in"], True)
    else:
        compare("note", reading.note, expected.get("note"))
    compare("shown", reading.shown, expected.get("shown", "whole"))
    if reading.language is not None and "language" in expected:
        compare("language", reading.language, expected["language"])
    for field, wanted in expected.get("inviter", {}).items():
        compare(f"inviter.{field}", getattr(reading.inviter, field), wanted)
    return found


@pytest.mark.parametrize("path", MAILS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_mail_is_read_and_judged_as_expected(
    path: Path, golden: Mapping[Path, tuple[Reading, Verdict | None]]
) -> None:
    expected = expected_of(path)
    found = differences(expected, *golden[path])
    assert not found, "\n  ".join([str(expected["remark"]), *found])


def test_no_personal_note_is_lost(
    golden: Mapping[Path, tuple[Reading, Verdict | None]],
) -> None:
    """The dearer of the two mistakes: a note that a person wrote, filed away."""
    lost = []
    for path, (_, verdict) in golden.items():
        allowed = expected_of(path).get("label_in", [expected_of(path).get("label")])
        wrote = "personal" in allowed and "generic" not in allowed
        if wrote and (verdict is None or verdict.label not in ("personal", "unsure")):
            lost.append(path.stem)
    assert not lost


def test_each_mail_has_an_expectation_and_each_expectation_a_mail() -> None:
    for folder in FOLDERS:
        mails = {path.stem for path in folder.glob("*.eml")}
        said = {path.name.removesuffix(".expected.toml") for path in folder.glob("*.toml")}
        assert mails and mails == said


def test_expectations_use_known_keys_and_say_what_is_special() -> None:
    for path in MAILS:
        expected = expected_of(path)
        assert set(expected) <= KEYS, path.name
        assert expected["remark"].strip().endswith((".", ".)")), path.name


def test_the_samples_cover_every_label_and_kind() -> None:
    labels = {expected_of(path).get("label") for path in MAILS}
    kinds = {expected_of(path).get("kind") for path in MAILS}
    assert labels >= {"personal", "generic", "boilerplate", "suspicious", "unsure", None}
    assert kinds >= {"invitation", "reminder", "accepted", "message", None}


@pytest.mark.parametrize("path", MAILS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_mail_holds_invented_addresses_only(path: Path) -> None:
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
    texts = [str(value) for name in ADDRESS_FIELDS for value in mail.get_all(name, [])]
    for part in mail.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and part.get_content_maintype() == "text":
            texts.append(payload.decode(part.get_content_charset("utf-8"), errors="replace"))
    allowed = PLATFORM_DOMAINS + INVENTED_DOMAINS
    for domain in ADDRESS.findall("\n".join(texts)):
        known = any(domain == name or domain.endswith("." + name) for name in allowed)
        assert known, f"{path.name} holds an address at {domain}"


def test_samples_are_fetched_in_the_sizes_that_byte_budgets_are_for() -> None:
    sizes = [path.stat().st_size for path in MAILS]
    assert sum(20_000 <= size <= 90_000 for size in sizes) >= 3
    assert max(sizes) < 100_000
