"""Where did it land? The one place that knows.

By COPYUID (RFC 4315 section 3), else by who the message is: searched in the target, the
newest first. May not move anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from triage.mailbox.session import Record
from triage.mailbox.uids import parse_uid_set
from triage.model import Identity, Place


def by_copyuid(records: Iterable[Record], account: str, folder: str) -> dict[int, Place]:
    """COPYUID answers (there may be several to one MOVE) to a place for each uid. What
    cannot be read tells nothing."""
    landed: dict[int, Place] = {}
    for record in records:
        try:
            line = record[0] if isinstance(record[0], bytes) else b""
            validity, old, new = line.decode("ascii").split()
            pairs = zip(parse_uid_set(old), parse_uid_set(new), strict=True)
            landed |= {was: Place(account, folder, int(validity), uid) for was, uid in pairs}
        except ValueError:
            continue
    return landed


def by_identity(
    moved: Mapping[int, Identity],
    standing: Mapping[Identity, Sequence[Place]],
    first_new_uid: int = 0,
) -> dict[int, Place | None]:
    """``standing`` is where messages of these identities are in the target now. Of
    several alike the newest are those that were moved, in their old order; none below
    ``first_new_uid`` is one."""
    alike: dict[Identity, list[int]] = defaultdict(list)
    for uid in sorted(moved):
        alike[moved[uid]].append(uid)
    landed: dict[int, Place | None] = dict.fromkeys(moved)
    for identity, uids in alike.items():
        places = [p for p in sorted(standing.get(identity, ())) if p.uid >= first_new_uid]
        newest = places[-len(uids) :]
        if len(newest) == len(uids):
            landed |= dict(zip(uids, newest, strict=True))
    return landed
