"""Bytes from libFuzzer to the reading door: ``make fuzz``, by Atheris.

Guided by which branches of the reading and of the libraries behind it the bytes reach. An
exception, a budget that is spent and a hang are findings (watched at each branch, the work
takes some fifty times as long, hence the 90 s of ``make fuzz``). Starts from ``fuzz/corpus`` and
the sample mails; what is new is written to ``fuzz/found``. May not judge what the answer is.

    python -m fuzz.reading -max_total_time=60 fuzz/found fuzz/corpus tests/mail
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["email", "mailparser", "triage.judge"]):
    import email.feedparser  # noqa: F401 - instrumented here, used by what is imported next

    from triage.judge.budget import SPENT, Budget
    from triage.judge.reading import read

from triage.identity import identity_of
from triage.language import load_detector
from triage.model import NotInvitation, RawMessage
from triage.preferences import Trust
from triage.rulebook import load_rulebook

PLATFORMS = load_rulebook(None).platforms
TRUST = Trust(("mx.example.org",))
DETECT = load_detector()


def read_one(content: bytes) -> None:
    """One mail; raises where the reading does, or needs more than any real mail."""
    reading = read(RawMessage(content, identity_of(content)), PLATFORMS, TRUST, DETECT, Budget())
    if reading == NotInvitation(SPENT):
        raise RuntimeError(SPENT)


def main() -> None:
    atheris.Setup(sys.argv, read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
