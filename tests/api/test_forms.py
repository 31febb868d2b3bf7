"""Forms made from the bodies of decisions, and what they make of what people type."""

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import FormData

from api.decisions import DECISIONS
from api.pages.forms import FieldKind, Given, fields_of, filled
from api.pages.visitors import Sent

WARSAW = ZoneInfo("Europe/Warsaw")
BODIES = [(kind, action) for kind, decisions in DECISIONS.items() for action in decisions]


@pytest.mark.parametrize(("kind", "action"), BODIES)
def test_every_decision_can_be_asked_for_by_a_form(kind: str, action: str) -> None:
    body = DECISIONS[kind][action].body

    assert [field.name for field in fields_of(body, {}, WARSAW)] == list(body.model_fields)


@pytest.mark.parametrize(("kind", "action"), BODIES)
def test_an_empty_form_is_refused_or_a_decision_that_asks_for_nothing(kind: str, action: str) -> None:
    body = DECISIONS[kind][action].body
    form = filled(body, fields_of(body, {}, WARSAW), Sent(FormData()), WARSAW)

    assert (form.body is not None) == (not any(field.is_required() for field in body.model_fields.values()))


def test_a_price_may_be_typed_as_people_here_write_it() -> None:
    body = DECISIONS["AGREEMENT"]["counter_offer"].body
    form = filled(body, fields_of(body, {}, WARSAW), Sent(FormData({"price": "12 000,50", "comment": "Our budget"})), WARSAW)

    assert form.body is not None
    assert str(form.body.model_dump()["price"]) == "12000.50"


def test_a_meeting_is_typed_by_the_clock_on_the_wall() -> None:
    body = DECISIONS["REVIEW"]["postpone_review"].body
    sent = Sent(FormData({"meeting_at": "2026-07-15T10:00", "reason": "the customer is away"}))
    form = filled(body, fields_of(body, {}, WARSAW), sent, WARSAW)

    assert form.body is not None
    assert form.body.model_dump(mode="json")["meeting_at"] in {"2026-07-15T10:00:00+02:00", "2026-07-15T08:00:00Z"}


NAMES = ["a", *(f"b{number}" for number in range(9))]
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in pairwise(NAMES)
)


@pytest.mark.parametrize("text", [BOMB, "[" * 5000, "a: 1\na: 2", "- ][", "requirements: {}", "\x07"], ids=range(6))
def test_yaml_that_nobody_can_mean_is_a_fault_at_its_field(text: str) -> None:
    body = DECISIONS["AGREEMENT"]["set_requirements"].body
    form = filled(body, fields_of(body, {}, WARSAW), Sent(FormData({"requirements": text})), WARSAW)
    [field] = form.fields

    assert form.body is None
    assert field.fault
    assert field.value == text.strip()


def test_a_skeleton_left_as_it_is_where_nothing_need_stand_is_nothing() -> None:
    body = DECISIONS["AGREEMENT"]["compile_draft"].body
    reviewers = next(field for field in fields_of(body, {}, WARSAW) if field.name == "reviewers")
    form = filled(body, [reviewers], Sent(FormData({"reviewers": reviewers.shown})), WARSAW)

    assert reviewers.kind is FieldKind.DATA
    assert form.fields[0].fault is None


def test_what_is_fixed_is_hidden_and_what_can_be_chosen_is_chosen_from() -> None:
    body = DECISIONS["AGREEMENT"]["approve_requirements"].body
    [known] = fields_of(body, {"document_hash": Given("0" * 64, is_fixed=True)}, WARSAW)

    assert (known.kind, known.value) == (FieldKind.HIDDEN, "0" * 64)
