r"""Special uses of folders (RFC 6154) to what they mean here.

Which folders are only views of mail that stands elsewhere, and which one a user means who
writes the English name of one of Gmail's own: those are named in the account's language,
and begin with ``[Google Mail]`` where it is old or British. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

# "Almost certain to represent a virtual mailbox", RFC 6154 section 2 says of \All and
# \Flagged, and RFC 8457 section 4 of \Important.
_VIEWS = {b"\\all", b"\\flagged", b"\\important"}

_GMAILS_OWN = re.compile(r"\[(?:Gmail|Google Mail)\]/([^/]+)\Z", re.IGNORECASE)
_GMAIL_USES = {  # developers.google.com/workspace/gmail/imap/imap-extensions
    "all mail": b"\\all",
    "drafts": b"\\drafts",
    "important": b"\\important",
    "sent mail": b"\\sent",
    "spam": b"\\junk",
    "starred": b"\\flagged",
    "trash": b"\\trash",
    "bin": b"\\trash",
}


def is_view(uses: Collection[bytes]) -> bool:
    """``uses`` are the attributes that LIST told, in lower case."""
    return not _VIEWS.isdisjoint(uses)


def meant_by(name: str, uses: Mapping[str, Collection[bytes]]) -> str | None:
    """The folder, of those whose attributes are ``uses``, that an English Gmail would call
    ``name``; None where it means none of them."""
    found = _GMAILS_OWN.match(name)
    use = _GMAIL_USES.get(found[1].lower()) if found else None
    alike = (folder for folder, its in uses.items() if use in its and _GMAILS_OWN.match(folder))
    return next(alike, None) if use else None
