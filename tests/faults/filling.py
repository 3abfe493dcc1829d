"""What stands in the mailbox that every fault is tried on: each route, and what must not be
touched.

Labels stand in the header (``daemon.desks``), since what is tried is not the judge.
"""

from __future__ import annotations

from dataclasses import dataclass

from daemon.desks import mail, routes
from triage.preferences import Route

ROUTES = routes(
    suspicious=Route(move="Invitations/Suspicious", label="Watch", mark_read=True),
    unsure=Route(),
)
TARGETS = ("Invitations/Generic", "Invitations/Boilerplate", "Invitations/Suspicious")

IN_PAGE = b"the page says: "  # and then the label, which counts above the header's

# Over the 6 KB up to which a page comes along unasked (``mailbox.structure``).
_PAGE = "<p>a page that is looked at only where it must be</p>\r\n" * 120


@dataclass(frozen=True)
class Filed:
    """A message as it is put in."""

    folder: str
    content: bytes
    flags: tuple[str, ...] = ()


def _with_page(number: int, label: str, in_page: str) -> bytes:
    """A mail of two parts, of which the first fetch brings the text alone."""
    head, _, body = mail(number, label).partition(b"\r\n\r\n")
    parts = (
        f"--m\r\nContent-Type: text/plain\r\n\r\n{body.decode()}\r\n"
        f"--m\r\nContent-Type: text/html\r\n\r\n"
        f"{IN_PAGE.decode()}{in_page}\r\n{_PAGE}\r\n--m--\r\n"
    )
    kind = b'\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="m"\r\n\r\n'
    return head + kind + parts.encode()


def filling() -> tuple[Filed, ...]:
    """Messages of all routes among others, in the order in which they come."""
    seen, flagged, deleted = ("\\Seen",), ("\\Flagged", "Work"), ("\\Deleted",)
    inbox = (
        Filed("INBOX", mail(1)),
        Filed("INBOX", mail(2, "personal")),
        Filed("INBOX", mail(3, "generic"), seen),
        Filed("INBOX", mail(4, "boilerplate")),
        Filed("INBOX", mail(5, "suspicious")),
        Filed("INBOX", mail(6, "unsure"), flagged),
        Filed("INBOX", mail(7, "generic"), flagged),
        Filed("INBOX", mail(8, "generic", message_id="")),
        Filed("INBOX", mail(9, "generic")),  # twice the same
        Filed("INBOX", mail(9, "generic")),
        Filed("INBOX", mail(10, "boilerplate", message_id="<3@example.org>")),  # another's
        Filed("INBOX", mail(11, "boilerplate", message_id="<4@EXAMPLE.ORG>")),  # in other case
        Filed("INBOX", _with_page(12, "boilerplate", "personal")),
        Filed("INBOX", _with_page(13, "template", "generic"), seen),
        Filed("INBOX", mail(14), deleted),  # marked by the user, and not for us to expunge
        Filed("INBOX", mail(15, "generic"), deleted),
        Filed("INBOX", mail(16, "personal"), seen),
        Filed("INBOX", mail(17), flagged),
    )
    elsewhere = (
        Filed("Archive", mail(3, "generic"), seen),
        Filed("Archive", mail(18, "generic")),
        Filed("Invitations/Boilerplate", mail(4, "boilerplate"), seen),  # copied by the user
        Filed("Invitations/Boilerplate", mail(19), deleted),
    )
    return inbox + elsewhere
