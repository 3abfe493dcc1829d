r"""What a server says to SELECT or EXAMINE to the state of a folder.

Where it leaves out what others tell, the rest of the answer or one more command tells it.
May not select a folder itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from triage.mailbox import answers
from triage.mailbox.session import Session
from triage.mailbox.types import FolderState

_ALL_FLAGS = (r"\Answered", r"\Flagged", r"\Deleted", r"\Seen", r"\Draft", r"\*")


def state(
    session: Session, name: str, said: Mapping[bytes, object], writable: bool, is_view: bool
) -> FolderState:
    """The folder that ``session`` has just selected, ``writable`` by SELECT; ``said`` is
    imapclient's reading of the answer."""
    keeps = said.get(b"PERMANENTFLAGS")
    flags = tuple(flag.decode("latin-1") for flag in keeps) if isinstance(keeps, tuple) else None
    # Without PERMANENTFLAGS all flags are kept (RFC 3501 section 7.1); an examined folder
    # keeps none, which says nothing of what it keeps once it is selected.
    keeps_keywords = None if not writable and not flags else flags is None or "\\*" in flags
    messages = _number(said, b"EXISTS")
    return FolderState(
        name,
        _number(said, b"UIDVALIDITY"),
        _number(said, b"UIDNEXT") or _above_the_last(session, messages),
        messages,
        keeps_keywords,
        flags if flags is not None else _ALL_FLAGS,
        is_view,
    )


def _number(said: Mapping[bytes, object], key: bytes) -> int:
    value = said.get(key)
    return value if isinstance(value, int) else 0


def _above_the_last(session: Session, messages: int) -> int:
    """A uid above all that are in the folder, for Courier 5.0.13, which does not tell UIDNEXT
    with SELECT. It will do as well, and unlike that of a STATUS it is of the same moment as
    SELECT: no mail that a search does not see yet is below it. 0: the server does not say."""
    if not messages:
        return 1
    session.run(("FETCH", "*", "(UID)"))
    return max(answers.read(session.take("FETCH")), default=-1) + 1
