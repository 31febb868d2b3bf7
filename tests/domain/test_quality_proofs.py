"""Proofs of quality: what they sum up, that nobody chooses their months, and that nobody is known by them."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from domain.canonical import digest_of
from domain.errors import BadInput, Conflict
from domain.proof_checks import proof_checks
from domain.proof_months import Promised, ProofAsked, months_of, refuse_chosen
from domain.quality_proofs import ClosedMonth, ProofContent
from tests.domain.proofs import BANKS, YEAR, proof, target, year

NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)
JANUARY = datetime(2027, 1, 11, 9, tzinfo=UTC)
FEBRUARY = datetime(2027, 2, 1, 9, tzinfo=UTC)


def promised(first: str = "2026-01", *but: str) -> Promised:
    return Promised([month for month in months_of(first, "2026-12") if month not in but], "2026-12", NEW_YEAR)


def test_twelve_months_are_97_1_per_cent_with_11_green_and_1_amber() -> None:
    found = proof()

    assert (found.total.attainment, found.total.met, found.total.breached, found.total.allowed) == ("97.1 %", 979, 29, "50.4")
    assert dict(found.total.months) == {"AMBER": 1, "GREEN": 11}
    assert [cell.first_month for cell in found.cells if cell.colour == "AMBER"] == ["2026-03"]
    assert (found.customers, found.total.kept, found.total.missed) == (3, 35, 1)


def test_nobody_is_named_in_it() -> None:
    told = proof().model_dump_json()

    assert [bank for bank in BANKS if bank in told] == []
    assert "SLA/2026" not in told


@pytest.mark.parametrize(
    ("asked", "now", "code"),
    [
        (ProofAsked("2026-01", "2026-12"), JANUARY, None),
        (ProofAsked("2026-01", "2026-12", ("2026-03",)), JANUARY, "CHERRY_PICKING"),
        (ProofAsked("2026-01", "2026-12", ("SLA/2026/0002",)), JANUARY, "CHERRY_PICKING"),
        (ProofAsked("2026-04", "2026-12"), JANUARY, "CHERRY_PICKING"),
        (ProofAsked("2026-01", "2026-11"), JANUARY, None),
        (ProofAsked("2026-01", "2026-11"), FEBRUARY, "CHERRY_PICKING"),
        (ProofAsked("2026-01", "2026-10"), JANUARY, "CHERRY_PICKING"),
        (ProofAsked("2026-08", "2026-12"), JANUARY, "TOO_SHORT"),
        (ProofAsked("2026-12", "2026-01"), JANUARY, "TOO_SHORT"),
        (ProofAsked("2025-11", "2026-12"), JANUARY, "NOT_PROMISED"),
        (ProofAsked("2026-02", "2027-01"), JANUARY, "PERIOD_NOT_OVER"),
        (ProofAsked("2026-1", "2026-12"), JANUARY, "BAD_INPUT"),
    ],
)
def test_nobody_chooses_the_months(asked: ProofAsked, now: datetime, code: str | None) -> None:
    if code is None:
        assert refuse_chosen(asked, promised(), now) == months_of(asked.first, asked.last)
        return
    with pytest.raises((BadInput, Conflict)) as refused:
        refuse_chosen(asked, promised(), now)
    assert refused.value.code == code


def test_a_proof_goes_back_whole_years_or_to_the_first_month_after_a_gap() -> None:
    assert len(refuse_chosen(ProofAsked("2026-01", "2026-12"), promised("2024-05"), JANUARY)) == 12
    assert len(refuse_chosen(ProofAsked("2024-05", "2026-12"), promised("2024-05"), JANUARY)) == 32
    assert len(refuse_chosen(ProofAsked("2026-05", "2026-12"), promised("2024-05", "2026-04"), JANUARY)) == 8
    with pytest.raises(BadInput, match="2026-05"):
        refuse_chosen(ProofAsked("2026-06", "2026-12"), promised("2024-05", "2026-04"), JANUARY)


def test_two_customers_are_too_few() -> None:
    with pytest.raises(BadInput) as refused:
        proof(year(BANKS[:2]))

    assert refused.value.code == "NOT_ANONYMOUS"


def test_a_month_of_two_customers_is_shown_with_the_next_in_the_worse_colour() -> None:
    closed = [each for each in year() if (each.customer, each.month) not in {(BANKS[0], "2026-04"), (BANKS[2], "2026-12")}]
    found = proof(closed)

    assert [(cell.first_month, cell.last_month) for cell in found.cells if cell.first_month != cell.last_month] == [
        ("2026-04", "2026-05"),
        ("2026-11", "2026-12"),
    ]
    assert sum(found.total.months.values()) == 12
    assert all(check.holds for check in proof_checks(found.model_dump(mode="json"), digest_of(found.model_dump(mode="json"))))


def test_a_red_month_does_not_hide_in_months_shown_together() -> None:
    closed = [each for each in year() if (each.customer, each.month) != (BANKS[0], "2026-04")]
    closed = [each._replace(targets=(target(14),)) if each.month == "2026-04" else each for each in closed]
    closed = [each._replace(targets=(target(0, 280),)) if each.month == "2026-05" else each for each in closed]
    cell = next(each for each in proof(closed).cells if each.first_month == "2026-04")

    assert (cell.breached, cell.colour) == (28, "RED")


def test_promises_of_fewer_than_three_customers_are_summed_together() -> None:
    closed = [
        each._replace(
            targets=(*each.targets, target(0, 4, "resolution"), *([target(0, 2, "arrival")] if each.customer == BANKS[0] else []))
        )
        for each in year()
    ]
    lines = {line.target for cell in proof(closed).cells for line in cell.lines}

    assert lines == {None, "response"}, "the lone arrival stands with the smaller of the others, or it could be worked out"


@pytest.mark.parametrize(
    ("breached", "colour"),
    [((0, 0, 0), "GREEN"), ((1, 1, 1), "GREEN"), ((2, 1, 0), "AMBER"), ((2, 2, 0), "RED"), ((5, 0, 0), "RED")],
)
def test_the_colour_follows_from_sums_and_from_each_promise(breached: tuple[int, int, int], colour: str) -> None:
    """Allowed are 4.2 of 84: five are too many, whoever has them; two of a bank's 28 are a promise missed."""
    closed = [
        each._replace(targets=(target(breached[BANKS.index(each.customer)]),)) if each.month == "2026-06" else each for each in year()
    ]

    assert next(cell.colour for cell in proof(closed).cells if cell.first_month == "2026-06") == colour


def test_a_missed_availability_is_no_green_month_though_it_has_no_clocks() -> None:
    down = target(0, 0, "availability").model_copy(update={"verdict": "MISSED"})
    closed = [
        each._replace(targets=(*each.targets, down)) if (each.customer, each.month) == (BANKS[1], "2026-06") else each for each in year()
    ]
    cell = next(each for each in proof(closed).cells if each.first_month == "2026-06")

    assert (cell.colour, cell.missed, [line.target for line in cell.lines]) == ("AMBER", 1, ["response"])


def test_few_clocks_prove_nothing() -> None:
    few = [ClosedMonth(bank, month, (target(0, 2),)) for month in YEAR for bank in BANKS]
    with pytest.raises(BadInput) as refused:
        proof(few)

    assert (refused.value.code, str(refused.value)) == ("TOO_FEW", "72 clocks were judged; a proof rests on 100 at least")


@pytest.mark.parametrize("fields", [{"service_name": "Printing for Bank Narew S.A."}, {"names": ("response",)}])
def test_what_names_somebody_is_not_published(fields: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refused:
        proof(**fields)

    assert refused.value.code == "NOT_ANONYMOUS"


def proof_or_code(closed: list[ClosedMonth]) -> ProofContent | str:
    try:
        return proof(closed)
    except BadInput as refusal:
        return refusal.code


@pytest.mark.parametrize("seed", range(60))
def test_whatever_the_figures_are_a_proof_holds_and_tells_of_nobody(seed: int) -> None:
    """Every line of every cell rests on three customers or on none, and so does what one gets by taking named lines from the cell."""
    chance = Random(seed)
    names = ("response", "resolution", "arrival", "delivery")
    closed = [
        ClosedMonth(
            f"customer {number}",
            month,
            tuple(target(min(chance.choice((0, 0, 1, 5)), of), of, name) for name in names if (of := chance.choice((0, 0, 7, 30)))),
        )
        for number in range(chance.choice((3, 4, 6)))
        for month in YEAR
        if chance.random() < 0.8
    ]
    found = proof_or_code(closed)
    if isinstance(found, str):
        assert found in {"NOT_ANONYMOUS", "TOO_FEW"}
        return
    content = found.model_dump(mode="json")

    assert [check for check in proof_checks(content, digest_of(content)) if not check.holds] == []
    named = {line.target for cell in found.cells for line in cell.lines if line.target is not None}
    for cell in found.cells:
        inside = [each for each in closed if cell.first_month <= each.month <= cell.last_month]
        for wanted in (*({name} for name in named), set(names) - named, set(names)):
            customers = {
                each.customer
                for each in inside
                for figures in each.targets
                if figures.target in wanted and figures.met is not None and figures.met + (figures.breached or 0)
            }
            assert len(customers) not in {1, 2}, (cell.first_month, wanted)


# ---- checking -------------------------------------------------------------------------------------------------------


def broken(content: dict[str, Any]) -> list[str]:
    """The checks that fail where somebody who changes a proof also computes its hash anew."""
    return [check.name for check in proof_checks(content, digest_of(content)) if not check.holds]


def test_an_untouched_proof_holds_and_any_change_shows_in_its_hash() -> None:
    content = proof().model_dump(mode="json")
    digest = digest_of(content)

    assert [check.name for check in proof_checks(content, digest)] == [
        "form",
        "hash",
        "method",
        "months",
        "cells",
        "total",
        "colours",
        "enough",
    ]
    assert all(check.holds for check in proof_checks(content, digest))
    for name in content:
        changed = content | {name: "2026-02" if isinstance(content[name], str) else 4}
        assert next(check for check in proof_checks(changed, digest) if check.name == "hash").holds is False, name


@pytest.mark.parametrize(
    ("place", "value", "check"),
    [
        (("cells", 2, "colour"), "GREEN", "colours"),
        (("cells", 2, "met"), 84, "cells"),
        (("cells", 2, "breached"), 0, "cells"),
        (("cells", 2, "allowed"), "9", "cells"),
        (("cells", 2, "missed"), 0, "total"),
        (("cells", 2, "kept"), 9, "total"),
        (("cells", 2, "unmeasured"), 1, "total"),
        (("cells", 2, "lines", 0, "breached"), 0, "cells"),
        (("cells", 2, "first_month"), "2026-04", "months"),
        (("cells", 2, "last_month"), "2026-04", "months"),
        (("cells", 2, "last_month"), "2025-04", "months"),
        (("cells",), [], "months"),
        (("first_month",), "2025-12", "months"),
        (("last_month",), "2027-01", "months"),
        (("total", "attainment"), "99.9 %", "total"),
        (("total", "met"), 1000, "total"),
        (("total", "breached"), 2, "total"),
        (("total", "allowed"), "99", "total"),
        (("total", "months"), {"GREEN": 12}, "colours"),
        (("customers",), 2, "enough"),
        (("method", "version"), "2", "method"),
        (("cells", 2, "met"), -1, "form"),
        (("cells", 2, "first_month"), "March", "form"),
        (("provider",), None, "form"),
    ],
)
def test_a_changed_figure_is_found_though_the_hash_was_computed_anew(place: tuple[str | int, ...], value: Any, check: str) -> None:
    content: Any = proof().model_dump(mode="json")
    part = content
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value

    assert check in broken(content)


def test_a_month_left_out_of_a_proof_is_found() -> None:
    content = proof().model_dump(mode="json")
    del content["cells"][2]

    assert {"months", "total"} <= set(broken(content))
