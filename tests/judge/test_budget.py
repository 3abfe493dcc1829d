"""What one mail may cost in all: steps, and the time of whoever waits for it."""

from __future__ import annotations

import pytest
from spacy.language import Language

from tests.judge.letters import HERE, detect, letter, member_2019, page_2019, platforms
from tests.judge.test_reading_hostile import BOMBS, PAGES
from triage.identity import identity_of
from triage.judge.budget import ASK_EVERY, MAX_STEPS, SPENT, Budget, OverBudget
from triage.judge.judging import Judge
from triage.judge.reading import read
from triage.model import Invitation, NotInvitation, RawMessage, Reading
from triage.preferences import Costs, Me
from triage.rulebook import load_rulebook

NOTE = "You spoke in Leeds."


def reading_of(content: bytes, budget: Budget) -> Reading:
    return read(RawMessage(content, identity_of(content)), platforms(), HERE, detect, budget)


@pytest.fixture(scope="module")
def judge(nlp: Language) -> Judge:
    return Judge(load_rulebook(None), nlp, Me(), Costs())


# -- the budget -----------------------------------------------------------------------


def test_a_budget_ends_once_and_for_all() -> None:
    budget = Budget(steps=10)
    budget.spend(10)
    assert budget.spent == 10
    for _ in range(3):
        with pytest.raises(OverBudget):
            budget.spend()


def test_it_is_asked_now_and_then_whether_it_is_late() -> None:
    asked: list[int] = []
    budget = Budget(lambda: bool(asked.append(budget.spent) or len(asked) > 2))
    with pytest.raises(OverBudget):
        while True:
            budget.spend(7)
    assert len(asked) == 3 and asked[0] >= ASK_EVERY
    with pytest.raises(OverBudget):
        budget.spend()


def test_a_mail_that_needs_more_than_its_budget_gets_no_label(judge: Judge) -> None:
    content = letter(member_2019(NOTE), page_2019(NOTE))
    whole = Budget()
    found = reading_of(content, whole)
    assert isinstance(found, Invitation) and 100 < whole.spent < MAX_STEPS / 20
    for steps in range(0, whole.spent, 37):
        ended = reading_of(content, Budget(steps=steps))
        assert ended == NotInvitation(SPENT)
        assert judge.judge(ended) is None
    assert reading_of(content, Budget(steps=whole.spent)) == found


def test_a_mail_that_comes_too_late_gets_no_label() -> None:
    assert reading_of(
        letter(member_2019(NOTE + "\nx" * 3000)), Budget(lambda: True)
    ) == NotInvitation(SPENT)


def test_a_note_that_needs_more_than_its_budget_is_not_judged(judge: Judge) -> None:
    found = reading_of(
        letter(member_2019("Joe told me that you spoke at the fair in Leeds.")), Budget()
    )
    whole = Budget()
    assert judge.judge(found, whole) is not None
    for steps in range(0, whole.spent, 5):
        with pytest.raises(OverBudget):
            judge.judge(found, Budget(steps=steps))


@pytest.mark.parametrize("content", [*BOMBS.values(), *(letter(html=p) for p in PAGES.values())])
def test_no_mail_of_the_hostile_ones_goes_over_it(content: bytes) -> None:
    """Each is bounded by itself; the budget is for what nobody has thought of."""
    assert reading_of(content, Budget()) != NotInvitation(SPENT)
