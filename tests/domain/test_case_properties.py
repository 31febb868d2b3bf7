"""What holds of every agreement case, whatever people do and however time passes: thousands of deeds, right and wrong, by chance."""

from collections import Counter
from functools import cache

import pytest

from domain.agreement_case import AgreementCase
from domain.agreement_machine import BY_NAME
from domain.lifecycle import TRANSITIONS
from tests.domain.random_cases import Play
from tests.domain.random_deeds import FIELDS

RUNS, DEEDS = 200, 40


@cache
def played(seed: int) -> Play:
    play = Play(seed)
    for _ in range(DEEDS):
        play.wait()
        frozen_case, before = play.case, play.case.model_dump_json()
        play.deed()
        assert frozen_case.model_dump_json() == before
        play.finish()
        assert AgreementCase.model_validate_json(play.case.model_dump_json()) == play.case
    return play


@pytest.mark.parametrize("seed", range(RUNS))
def test_the_laws_hold_whatever_people_do(seed: int) -> None:
    play = played(seed)

    assert play.number == DEEDS


def test_chance_tries_almost_everything() -> None:
    seen = sum((played(seed).seen for seed in range(RUNS)), Counter[str]())

    assert {"INVALID_TRANSITION", "FORBIDDEN", "STALE_DOCUMENT", "BAD_INPUT", "nudge"} <= set(seen)
    assert len(set(BY_NAME) - set(seen)) <= 3


def test_every_action_people_have_is_played() -> None:
    assert set(FIELDS) == set(BY_NAME) == {each.action for each in TRANSITIONS if each.roles}
