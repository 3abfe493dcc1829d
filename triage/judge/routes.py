"""A verdict and the user's routes to the actions that follow from them.

Flags and labels come first and the move last, since a move changes where the message
stands. May not act, and may not know how an action is done.
"""

from __future__ import annotations

from triage.model import Action, Flag, Label, Leave, Move, Verdict
from triage.preferences import Routes

SEEN = "\\Seen"


def plan(verdict: Verdict, routes: Routes) -> tuple[Action, ...]:
    """What to do with a message of this verdict. Unsure never moves, whatever its route
    says: an honest "I do not know" stays where it is seen."""
    route = routes.of(verdict.label)
    actions: list[Action] = []
    if route.flag:
        actions.append(Flag(route.flag))
    if route.mark_read and route.flag != SEEN:
        actions.append(Flag(SEEN))
    if route.label:
        actions.append(Label(route.label))
    if route.move and verdict.label != "unsure":
        actions.append(Move(route.move))
    if not actions:
        return (Leave(f"the route of {verdict.label} leaves it where it is"),)
    return tuple(actions)
