"""What the customer sees of a case, and what not yet."""

import pytest

from api.case_views import may_see
from api.offer_views import offer_of
from tests.domain.case_stories import CaseStory, linked, proposal, support_facts


def reached(state: str) -> CaseStory:
    return CaseStory().play("bank-agreement", until=state)


def test_a_price_nobody_approved_stays_inside_when_the_case_is_withdrawn() -> None:
    story = reached("PRICING")
    story.act("L1", "set_prices", proposal=proposal("95", "88"))
    story.act("C1", "withdraw", reason="The bank buys elsewhere.")

    assert offer_of(story.case, is_inside=False) is None


def test_a_second_price_stays_inside_although_the_first_was_offered() -> None:
    story = reached("NEGOTIATION")
    story.act("B1", "counter_offer", comment="less")
    story.act("L1", "set_prices", proposal=proposal("90", "85"))
    story.act("C1", "withdraw", reason="The bank buys elsewhere.")

    assert offer_of(story.case, is_inside=False) is None


@pytest.mark.parametrize(("person", "action"), [("B1", "refuse_offer"), ("C1", "decline_commercial"), ("C1", "withdraw")])
def test_an_offer_that_was_made_can_still_be_read_after_the_end(person: str, action: str) -> None:
    story = reached("NEGOTIATION")
    story.act(person, action, reason="We do not agree.")

    offer = offer_of(story.case, is_inside=False)
    assert offer is not None
    assert offer["monthly"] == "12984.00"


def test_a_promise_being_rebuilt_on_other_supports_is_not_the_final_version() -> None:
    story = reached("FINAL_REVIEW")
    story.act("S1", "reject_draft", document_hash=story.case.frozen_hash, reason_code="SUPPORT", reason="TechTeren has given notice.")
    story.act("S1", "link_supports", draft=linked(), supports=support_facts())

    assert not may_see(story.case, "draft")
