"""How much work one message may cost, and the end of the work on it when that is spent.

Counted in steps, so that the same mail costs the same on every machine; and, where the
caller hands in a way to tell that it is ``late``, in the caller's time. Whoever loops over
what a sender chose spends from here, and no single step may be long: what is handed to a
regular expression, a parser or the model is bounded by itself. May not read a clock.
"""

from __future__ import annotations

from collections.abc import Callable

# The dearest of the sample mails costs some 4,000 steps. A step takes some microseconds.
MAX_STEPS = 200_000
ASK_EVERY = 2_000  # steps between two questions whether it is late: some milliseconds
SPENT = "the work on it was ended: it needs more than any real mail"


class OverBudget(Exception):
    """The work on this message ends here; it gets no label."""

    def __init__(self) -> None:
        super().__init__(SPENT)


def _never() -> bool:
    return False


class Budget:
    """The budget of one message. ``late`` is asked now and then; when it says yes, or the
    steps are spent, ``spend`` raises OverBudget, and so does each later call."""

    def __init__(self, late: Callable[[], bool] = _never, steps: int = MAX_STEPS) -> None:
        self._late = late
        self._most = self._left = steps
        self._ask_at = max(steps - ASK_EVERY, -1)

    @property
    def spent(self) -> int:
        """The steps so far."""
        return self._most - self._left

    def spend(self, steps: int = 1) -> None:
        """Take ``steps``; raises OverBudget where there are none, or it is late."""
        self._left -= steps
        if self._left > self._ask_at:
            return
        self._ask_at = max(self._left - ASK_EVERY, -1)
        if self._left < 0 or self._late():
            self._left = min(self._left, -1)
            self._ask_at = self._most
            raise OverBudget
