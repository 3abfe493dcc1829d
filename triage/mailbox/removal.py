r"""Taking messages out of the selected folder, where MOVE does not do it.

By \Deleted and UID EXPUNGE of exactly those (RFC 4315 section 2.1), where both are certain
to be allowed: a server may say OK to either, and do nothing. May not decide what goes, nor
send an EXPUNGE without uids.
"""

from __future__ import annotations

from collections.abc import Collection

from triage.errors import ServerRefused
from triage.mailbox import names
from triage.mailbox.session import Session, quoted
from triage.mailbox.types import FolderState
from triage.mailbox.uids import uid_set


def require(session: Session, state: FolderState, wire_name: str) -> None:
    r"""``ServerRefused`` where messages cannot be taken out of the folder, which has to be
    known before they are copied: \Deleted is not kept there, or the right to set it or to
    expunge is missing (t and e of RFC 4314 section 4; where neither is told, the older d)."""
    allowed = names.holds(state.keeps_flags, r"\Deleted")
    if allowed and "ACL" in session.capabilities:
        session.run(("MYRIGHTS", quoted(wire_name)))
        told = [line for record in session.take("MYRIGHTS") for line in record]
        rights = told[-1].split()[-1] if told and isinstance(told[-1], bytes) else b"d"
        either = b"t" in rights or b"e" in rights  # such a server adds d for old clients
        allowed = b"t" in rights and b"e" in rights if either else b"d" in rights
    if not allowed:
        raise not_allowed(session, state)


def not_allowed(session: Session, state: FolderState) -> ServerRefused:
    """The error for it."""
    return ServerRefused(f'no message may be taken out of "{state.name}"', where=session.where)


def take_away(session: Session, uids: Collection[int]) -> bool:
    r"""Mark and expunge, in one go, so that nobody finds them marked; whether the server has
    told that all are gone. Where it has not, they may have been gone before."""
    gone = uid_set(uids)
    marked, taken = session.run(
        ("UID", "STORE", gone, "+FLAGS.SILENT", r"(\Deleted)"), ("UID", "EXPUNGE", gone)
    )
    session.require(marked, "STORE")
    session.require(taken, "EXPUNGE")
    return len(session.take("EXPUNGE")) >= len(uids)
