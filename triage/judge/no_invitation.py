"""A mail that is no invitation to why: a bounce, another mail of a platform, a forgery,
nobody's mail; and a mail that cannot be read, which may be one all the same.

May not look for a note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from triage.identity import header_fields
from triage.judge.authenticity import Result
from triage.judge.imposture import claims, signs
from triage.judge.mail import Mail
from triage.judge.platforms import Platform
from triage.judge.recognise import Sight
from triage.model import JUDGED_KINDS, Invitation, Kind, NotInvitation, Reading

_DMARC_FILE = re.compile(r"^[\w.-]+![\w.-]+!\d+!\d+(?:!\w+)?\.(?:xml|zip|gz|xml\.gz)$")
_BOUNCERS = ("mailer-daemon", "postmaster")


def is_bounce(mail: Mail) -> bool:
    """Whether a machine sent it about another mail."""
    automatic = mail.value("Auto-Submitted").lower().startswith("auto-replied")
    files = [item.name for item in mail.attachments if item.name]
    if files and all(_DMARC_FILE.search(name) for name in files):
        return True
    return automatic or mail.content_type == "multipart/report" or mail.sender.local in _BOUNCERS


def unreadable(content: bytes, reason: str, platforms: Sequence[Platform]) -> Reading:
    """A mail that cannot be read: no invitation, unless it carries a platform's key."""
    fields = {name: value.decode("utf-8", "replace") for name, value in header_fields(content)}
    for platform in platforms:
        for name in platform.key_headers:
            key = fields.get(name.lower(), "").strip()
            template = platform.template_of(key) if key and platform.enabled else None
            if template and template.kind in JUDGED_KINDS:
                return Invitation(platform.id, cast("Kind", template.kind), template=key[:100],
                                  doubts=(reason,), readable=False)  # fmt: skip
    return NotInvitation(reason)


def other(sights: Sequence[Sight], results: Sequence[Result], spoken_of: bool) -> Reading:
    """A mail that is no platform's invitation: it may claim to be a platform's mail."""
    plain: Reading | None = None
    for sight in sights:
        if not claims(sight, None):
            continue
        warnings, told = signs(sight, None, results)
        if warnings:
            reason = f"poses as a mail of {sight.platform.name}"
            return NotInvitation(reason, sight.platform.id, told.passes, warnings)
        if sight.from_platform and plain is None:
            reason = f"a mail of {sight.platform.name} of another kind"
            plain = NotInvitation(reason, sight.platform.id, told.passes)
    if plain:
        return plain
    if spoken_of:
        return NotInvitation("holds an invitation that a person answers, forwards or quotes")
    return NotInvitation("no platform's mail")
