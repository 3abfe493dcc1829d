"""A folder of mails with an index of what they are, to how well they are read.

``python bench/reading.py PATH`` reads ``PATH/index.jsonl`` and the mails beside it and
prints matches and each miss of kind, note and inviter, and mails a second. May not
change a rule or a mail, and needs no config.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from triage.identity import identity_of  # noqa: E402
from triage.judge.platform_rules import Platform, parse_platform  # noqa: E402
from triage.judge.reading import read  # noqa: E402
from triage.model import Invitation, RawMessage, Reading  # noqa: E402
from triage.preferences import Trust  # noqa: E402

JUDGED = ("invitation", "reminder")


def load_platforms() -> tuple[Platform, ...]:
    """The shipped platforms; a fault ends the run."""
    platforms: list[Platform] = []
    for path in sorted((ROOT / "rules" / "platforms").glob("*.toml")):
        made, faults = parse_platform(path.name, path.read_text(encoding="utf-8"))
        if faults:
            sys.exit("\n".join(str(fault) for fault in faults))
        platforms.extend(made)
    return tuple(platforms)


def load_detect() -> Callable[[str], str | None]:
    """The project's language detector."""
    from triage.language import load_detector

    return load_detector()


def misses(entry: dict, reading: Reading) -> list[tuple[str, object, object]]:
    """(what, wanted, got) of each thing that was read otherwise than the index says."""
    found: list[tuple[str, object, object]] = []
    invitation = reading if isinstance(reading, Invitation) else None
    if entry["label"] == "suspicious":
        if not reading.warnings:
            found.append(("suspicious", "warnings", reading))
        return found
    if reading.warnings:
        found.append(("false alarm", None, [item.rule for item in reading.warnings]))
    kind = invitation.kind if invitation else None
    if kind != entry["kind"]:
        found.append(("kind", entry["kind"], kind or getattr(reading, "reason", "")))
    if entry["kind"] is None or invitation is None:
        return found
    if invitation.platform != entry["platform"]:
        found.append(("platform", entry["platform"], invitation.platform))
    if entry["kind"] in JUDGED:
        for key, got in (("note", invitation.note), ("lang", invitation.language)):
            if got != entry[key]:
                found.append((key, entry[key], got))
        if invitation.doubts:
            found.append(("doubts", (), invitation.doubts))
    for key, wanted in entry["inviter"].items():
        got = getattr(invitation.inviter, key)
        if got != wanted:
            found.append((f"inviter.{key}", wanted, got))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="a folder with index.jsonl and mails")
    parser.add_argument("--trust", action="append", default=[], help="a trusted authserv-id")
    parser.add_argument("--rounds", type=int, default=3, help="how often, for the speed")
    args = parser.parse_args()
    lines = (args.path / "index.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.strip()]
    contents = [(args.path / entry["file"]).read_bytes() for entry in entries]
    raw = [RawMessage(content, identity_of(content)) for content in contents]
    platforms, detect, trust = load_platforms(), load_detect(), Trust(tuple(args.trust))
    wrong: dict[str, int] = {}
    for entry, message in zip(entries, raw, strict=True):
        for what, wanted, got in misses(entry, read(message, platforms, trust, detect)):
            wrong[what] = wrong.get(what, 0) + 1
            print(f"{entry['file']}: {what}\n    wanted {wanted!r}\n    got    {got!r}")
    started = time.perf_counter()
    for _ in range(args.rounds):
        for message in raw:
            read(message, platforms, trust, detect)
    each = (time.perf_counter() - started) / max(1, args.rounds * len(raw))
    genuine = [entry for entry in entries if entry["label"] != "suspicious"]
    judged = sum(1 for entry in genuine if entry["kind"] in JUDGED)
    print(f"{len(entries)} mails, {judged} invitations and reminders, misses: {wrong or 'none'}")
    print(f"{1 / each:.0f} mails a second")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
