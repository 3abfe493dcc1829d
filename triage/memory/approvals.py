"""The guard's question to the user, and the answer.

A pass that would move too many messages asks here and waits; ``triage approve``, in
another process, answers. One question an account, one answer for one pass. May not decide
what is too many: the daemon does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from triage.memory.database import Database


@dataclass(frozen=True)
class Approval:
    """A pass of ``account`` that would move ``moves`` messages, asked for and, once
    ``granted`` is set, allowed."""

    account: str
    moves: int
    asked: datetime
    granted: datetime | None = None


class Approvals:
    """The questions that are open or answered and not yet used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, account: str, moves: int, now: datetime) -> None:
        """Ask, or ask anew with another number; an answer to the old one is void."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO approvals (account, moves, asked) VALUES (?, ?, ?)"
                " ON CONFLICT (account) DO UPDATE SET moves = excluded.moves,"
                " asked = excluded.asked, granted = NULL",
                (account, moves, now.timestamp()),
            )

    def get(self, account: str) -> Approval | None:
        """The account's question, answered or not."""
        return next((one for one in self.all() if one.account == account), None)

    def all(self) -> tuple[Approval, ...]:
        """All questions, by account."""
        rows = self._database.rows("SELECT * FROM approvals ORDER BY account")
        return tuple(
            Approval(
                row["account"],
                row["moves"],
                datetime.fromtimestamp(row["asked"], UTC),
                None if row["granted"] is None else datetime.fromtimestamp(row["granted"], UTC),
            )
            for row in rows
        )

    def grant(self, account: str, now: datetime) -> bool:
        """Allow it; False where nothing was asked."""
        with self._database.writing() as connection:
            changed = connection.execute(
                "UPDATE approvals SET granted = ? WHERE account = ?",
                (now.timestamp(), account),
            ).rowcount
        return changed > 0

    def clear(self, account: str) -> None:
        """The question is settled, or no longer put."""
        if self.get(account) is None:
            return
        with self._database.writing() as connection:
            connection.execute("DELETE FROM approvals WHERE account = ?", (account,))
