"""What the user's config says about judging and filing, as plain values.

These are handed to ``judge`` and ``daemon`` as arguments, so they stand on the bottom
floor beside ``model``. Imports the standard library alone; reads no file:
``settings.py`` makes them out of config.toml.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from triage.model import LABELS


@dataclass(frozen=True)
class Me:
    """The user's own facts, what a claim is checked against. All optional."""

    names: tuple[str, ...] = ()
    employers: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    works: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    friends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trust:
    """The authserv-ids (RFC 8601 section 2.5) of the user's own receiving servers."""

    authserv_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Costs:
    """What a mistake costs, in minutes or whatever unit; only their ratio matters."""

    personal_lost: float = 20.0
    false_personal: float = 2.0
    unsure: float = 1.0


@dataclass(frozen=True)
class Route:
    """What happens to a message of one label. An empty route leaves it alone."""

    move: str | None = None
    label: str | None = None
    flag: str | None = None
    mark_read: bool = False


DEFAULT_ROUTES: dict[str, Route] = {
    "personal": Route(flag="\\Flagged", label="Invitation/Personal"),
    "generic": Route(move="Invitations/Generic"),
    "boilerplate": Route(move="Invitations/Boilerplate"),
    "suspicious": Route(move="Invitations/Suspicious"),
    "unsure": Route(label="Invitation/Unsure"),
}


@dataclass(frozen=True)
class Routes:
    """One route a label; ``Routes().of("personal")`` is the shipped default."""

    routes: tuple[tuple[str, Route], ...] = field(
        default_factory=lambda: tuple(DEFAULT_ROUTES.items())
    )

    def __post_init__(self) -> None:
        missing = set(LABELS) - {label for label, _ in self.routes}
        if missing:
            raise ValueError(f"no route for {', '.join(sorted(missing))}")

    def of(self, label: str) -> Route:
        """The route of ``label``; KeyError for a word that is no label."""
        return dict(self.routes)[label]
