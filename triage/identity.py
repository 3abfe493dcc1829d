"""Header bytes to the identity of a message, the same from a file and from a server.

The journal finds a message again by this when uids are void (a changed UIDVALIDITY, a
move by hand). Only a fixed set of fields counts, so that a HEADER.FIELDS fetch and a
whole file give the same hash. May not parse bodies or decode words.
"""

from __future__ import annotations

import hashlib
import re

from triage.model import Identity

# Fields that say which message it is. Delivery adds others (X-Spam-..., Delivered-To)
# that a server may rewrite on a copy, so those do not count. Received does: two
# deliveries of one mail are two messages.
IDENTITY_FIELDS = ("message-id", "date", "from", "to", "subject", "received")

# What reading needs of any mail, whatever the platform; a mailbox fetches these and the
# fields that the platform rules name.
HEADER_FIELDS = (
    "Return-Path", "Received", "Authentication-Results", "Received-SPF", "From", "Sender",
    "Reply-To", "To", "Cc",
    "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Precedence",
    "List-Id", "List-Post", "List-Archive", "List-Unsubscribe", "Resent-From",
    "X-Mailing-List", "X-BeenThere", "X-Mailer", "Feedback-ID", "MIME-Version",
    "Content-Type", "Content-Transfer-Encoding",
)  # fmt: skip

_MAX_HEADER = 256 * 1024  # bytes hashed at most; longer headers are hostile
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,512})>")


def identity_of(content: bytes) -> Identity:
    """The identity of the message that begins with this header (RFC 5322 section 2.2).

    White space is folded and the order of different fields does not count; the order
    of the ``Received`` lines does. Nor does the case of the Message-ID count: SEARCH finds
    it in any, and some servers and gateways do not keep it.
    """
    values: dict[str, list[bytes]] = {name: [] for name in IDENTITY_FIELDS}
    for name, value in header_fields(content):
        if name in values:
            values[name].append(value)
    digest = hashlib.sha256()
    for name in IDENTITY_FIELDS:
        for value in values[name]:
            same = value.lower() if name == "message-id" else value
            digest.update(name.encode() + b":" + same + b"\n")
    ids = b" ".join(values["message-id"]).decode("latin-1")
    found = _MESSAGE_ID.search(ids)
    return Identity(found[1] if found else ids.strip()[:512], digest.hexdigest())


def header_fields(content: bytes) -> list[tuple[str, bytes]]:
    """(lower-case name, value unfolded to single spaces) of each field of the header, in
    order; lines that are no field are passed over."""
    head = content[:_MAX_HEADER].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    lines = re.sub(rb"\n[ \t]+", b" ", head).split(b"\n")
    fields = (line.partition(b":") for line in lines if b":" in line)
    return [
        (name.decode("latin-1").strip().lower(), b" ".join(value.split()))
        for name, _, value in fields
    ]
