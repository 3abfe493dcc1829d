r"""Names as a person writes them to names as a server takes them, and back.

Labels to IMAP keywords (an atom, RFC 3501 section 9), folders whose levels are separated
by ``/`` to one spelling. Pure text: may not speak to a server; how a folder is called on
the wire is the business of ``folders.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

INBOX = "INBOX"
_NOT_IN_AN_ATOM = set('(){ %*"\\]')  # atom-specials; control characters are tested apart
_SYSTEM_FLAGS = {
    flag.lower(): flag for flag in (r"\Seen", r"\Answered", r"\Flagged", r"\Deleted", r"\Draft")
}


def keyword(name: str) -> str:
    """``name`` as an IMAP keyword: each character that an atom cannot hold becomes ``-``.

    >>> keyword("Invitation/Très personal")
    'Invitation/Tr-s-personal'
    """
    kept = (char if "!" <= char <= "~" and char not in _NOT_IN_AN_ATOM else "-" for char in name)
    return "".join(kept) or "-"


def flag(name: str) -> str:
    r"""``name`` as a flag: a system flag in its usual spelling, else a keyword."""
    if name.startswith("\\"):
        return _SYSTEM_FLAGS.get(name.lower(), "\\" + keyword(name[1:]))
    return keyword(name)


def is_field_name(name: str) -> bool:
    """Whether it can be the name of a header field (RFC 5322 section 2.2), and stand in a
    command as it is."""
    return bool(name) and ":" not in name and keyword(name) == name


def folder(name: str) -> str:
    """One spelling for one folder: INBOX without case (RFC 3501 section 5.1), no empty
    levels, also where INBOX is only the first level."""
    levels = [level for level in name.split("/") if level]
    if levels and levels[0].upper() == INBOX:
        levels[0] = INBOX
    return "/".join(levels)


def holds(names: Iterable[str], name: str) -> bool:
    """Whether a flag or keyword is among ``names``; their case does not count."""
    return name.lower() in {one.lower() for one in names}


def holds_any(names: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether any of the wanted flags is among ``names``."""
    held = tuple(names)
    return any(holds(held, name) for name in wanted)
