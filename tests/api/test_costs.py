"""Costs of services at the API and on their page: forecast against actual, and what finance states (R-146)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.agreement_case import AgreementCase
from domain.case_telling import record_of
from domain.catalogue import Catalogue
from domain.follow_ups.credit import Credit, CreditState
from domain.pricing import PriceProposal
from domain.timer_policy import TimerPolicy
from store.cases import CaseStore
from store.database import Database
from store.directory import Directory
from store.follow_ups import FollowUpStore
from store.registry import AgreementRegistry
from tests.api.browsers import Browser
from tests.api.people import Office, office, other_bank
from tests.domain.case_stories import CaseStory
from tests.domain.drafts import bank_draft, changed, support
from tests.store.test_registry import registration

NOW = "2026-05-04T09:00+02:00"
AT = datetime(2026, 5, 4, 7, tzinfo=UTC)
CREDITS = {"monthly": "600", "backtest": "ab" * 32, "months": 12}


def with_pools(*pools: dict[str, Any]) -> Catalogue:
    value = other_bank().model_dump(mode="json", by_alias=True)
    return Catalogue.model_validate(value | {"pools": list(pools)})


def pool(name: str, people: int, cost: str | None = "9500") -> dict[str, Any]:
    return {"pool": name, "name": name, "services": ["MPS"], "people": people, "minutes_per_ticket": 35, "cost_per_person": cost}


def bank_case(case_id: str, parts: dict[str, Any] | None) -> AgreementCase:
    """The case of the bank's agreement with two options accepted, each with its costs."""
    story = CaseStory().play("bank-agreement", until="UNDERPINNING")
    assert story.case.proposal is not None
    value = story.case.proposal.model_dump(mode="json")
    options = [option | {"unit_cost": None, "cost_parts": {"people": "100"} | (parts or {})} for option in value["options"]]
    return story.case.but(case_id=case_id, proposal=PriceProposal.model_validate(value | {"options": options}))


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Office]:
    """The bank's agreement since March, for 12,330 a month, and a contract over 14,000 a month that it rests on."""
    registry = AgreementRegistry(database)
    uc = changed(support("techteren"), price={"monthly": "14000"})
    await registry.register(registration("case-techteren", uc))
    await registry.register(registration("case-1"))
    async with office(database, None, now=NOW) as people:
        await Directory(database).load(with_pools(pool("desk", 5), pool("field-metro", 2), pool("field-remote", 0)), "test", AT)
        async with database.writing() as connection:
            case = bank_case("case-1", {"expected_credits": CREDITS})
            await CaseStore(database).open(connection, record_of(case), "crm", "CRM-000341")
        yield people


async def stated(bank: Office, kind: str, amount: str, person: str = "F1", **more: Any) -> Any:
    body = {"service": "MPS", "month": "2026-04", "kind": kind, "amount": amount, "source": "ledger 4-501", **more}
    return await bank.send(person, "/costs/actuals", **body)


async def test_the_forecast_is_people_contracts_and_credits_and_is_off_by_2_7_per_cent_of_the_actual(bank: Office) -> None:
    for kind, amount in (("PEOPLE", "68000"), ("SUPPLIERS", "14500"), ("CREDITS", "1500")):
        assert (await stated(bank, kind, amount)).status_code == 201
    sheet = (await bank.get("M1", "/costs", month="2026-04")).json()
    (mps,) = sheet["services"]

    assert mps["forecast"] == {
        "people": "66500.00",
        "suppliers": "14000.00",
        "credits": "1200.00",
        "other": None,
        "total": "81700.00",
        "not_known": [],
    }
    assert (mps["actual"]["total"], mps["error_percent"], mps["compared"]) == ("84000.00", "2.7", ["PEOPLE", "SUPPLIERS", "CREDITS"])
    assert (mps["fees"], mps["forecast_margin"], mps["actual_margin"]) == ("12330.00", "-562.61 %", "-581.26 %")
    assert [(each["pool"], each["amount"]) for each in mps["pools"]] == [
        ("desk", "47500.00"),
        ("field-metro", "19000.00"),
        ("field-remote", "0.00"),
    ]
    assert [(each["registry_no"], each["amount"]) for each in mps["contracts"]] == [("UC/2026/0001", "14000.00")]


async def test_the_latest_statement_counts_and_none_is_lost(bank: Office) -> None:
    await stated(bank, "PEOPLE", "60000")
    sheet = (await stated(bank, "PEOPLE", "68000.50", source="ledger 4-501, closed")).json()

    assert sheet["services"][0]["actual"]["people"] == "68000.50"
    assert [(each["amount"], each["source"], each["stated_by"], each["counts"]) for each in sheet["statements"]] == [
        ("68000.50", "ledger 4-501, closed", "F1", True),
        ("60000.00", "ledger 4-501", "F1", False),
    ]


async def test_credits_that_billing_was_told_of_are_the_actual_until_finance_states_them(bank: Office, database: Database) -> None:
    fields = {"entered_at": AT, "last_at": AT, "calendar": other_bank().calendar, "policy": TimerPolicy(), "customer": "Bank Narew S.A."}
    for number, (period, state) in enumerate([("2026-04", "APPROVED"), ("2026-04", "DRAFTED"), ("2026-03", "SETTLED")]):
        credit = Credit(
            **fields,
            case_id=f"credit:{number}",
            registry_no="SLA/2026/0002",
            about="response",
            period=period,
            amount=Decimal(540),
            currency="PLN",
            why=(),
        )
        await FollowUpStore(database).open(credit.billing(Decimal(540), AT).but(state=CreditState(state)))
    april = (await bank.get("F1", "/costs", month="2026-04")).json()["services"][0]["actual"]["credits"]
    running = (await bank.get("F1", "/costs", month="2026-05")).json()["services"][0]["actual"]["credits"]
    said = (await stated(bank, "CREDITS", "500")).json()["services"][0]["actual"]["credits"]

    assert (april, running, said) == ("540.00", None, "500.00")


async def test_what_is_not_known_is_no_zero(bank: Office, database: Database) -> None:
    await Directory(database).load(with_pools(pool("desk", 5, None)), "test", AT)
    async with database.writing() as connection:
        await connection.exec_driver_sql("DELETE FROM agreement_case")
        await CaseStore(database).open(connection, record_of(bank_case("case-1", None)), "crm", "CRM-000341")
    forecast = (await bank.get("F1", "/costs", month="2026-04")).json()["services"][0]["forecast"]

    assert (forecast["people"], forecast["credits"], forecast["total"]) == (None, None, "14000.00")
    assert forecast["not_known"] == ["PEOPLE", "CREDITS"]


async def test_a_contract_costs_for_its_days_and_another_currency_stands_beside(bank: Office, database: Database) -> None:
    euro = changed(
        support("techteren"), document="euro", price={"monthly": "100", "currency": "EUR"}, effective_from="2026-04-16", links=[]
    )
    short = changed(support("techteren"), document="short", price={"monthly": "3000"}, effective_from="2026-04-16")
    for name, document in (("case-euro", euro), ("case-short", short)):
        await AgreementRegistry(database).register(registration(name, document))
    sheet = (await bank.get("F1", "/costs", month="2026-04")).json()

    assert sheet["services"][0]["forecast"]["suppliers"] == "15500.00"
    assert sheet["beside"] == [{"registry_no": "UC/2026/0002", "amount": "50.00", "currency": "EUR", "why": "OTHER_CURRENCY"}]


@pytest.mark.parametrize(
    ("person", "more", "code"),
    [
        ("L1", {}, 403),
        ("B1", {}, 403),
        ("F1", {"amount": "-1"}, 422),
        ("F1", {"amount": "1.001"}, 422),
        ("F1", {"source": ""}, 422),
        ("F1", {"service": "COPIERS"}, 422),
        ("F1", {"month": "2026-13"}, 422),
        ("F1", {"month": "2026-06"}, 422),
    ],
)
async def test_what_is_no_statement_is_refused(bank: Office, person: str, more: dict[str, str], code: int) -> None:
    body = {"service": "MPS", "month": "2026-04", "kind": "PEOPLE", "amount": "1", "source": "ledger"} | more
    assert (await bank.send(person, "/costs/actuals", **body)).status_code == code
    assert (await bank.get("F1", "/costs", month="2026-04")).json()["statements"] == []


@pytest.mark.parametrize("month", ["2026", "2026-Q1", "2026-04@1.0", "april"])
async def test_a_month_is_named_as_one(bank: Office, month: str) -> None:
    assert (await bank.get("F1", "/costs", month=month)).status_code == 422


async def test_finance_states_a_cost_on_the_page_and_customers_see_nothing_of_it(bank: Office) -> None:
    felicja, barbara = Browser(bank), Browser(bank)
    await felicja.sign_in("F1")
    await barbara.sign_in("B1")
    page = await felicja.open("/pages/costs")

    wrong = await felicja.send(page.form("/pages/costs"), service="MPS", kind="PEOPLE", amount="many", source="ledger")
    done = await felicja.send(page.form("/pages/costs"), service="MPS", kind="PEOPLE", amount="68 000,00", source="ledger")

    assert page.form("/pages/costs").fields["month"] == ["2026-04"]
    assert (wrong.status, wrong.form("/pages/costs").fields["source"]) == (422, ["ledger"])
    assert "Ludzie 66 500,00 PLN 68 000,00 PLN" in done.text.replace("\u00a0", " ")
    assert "Prognoza chybiła o: 0,4 %" in done.text
    assert (await barbara.open("/pages/costs")).status == 403
    assert "/pages/costs" not in (await barbara.open("/pages")).all_links


def test_the_fixture_asks_for_what_the_bank_pays() -> None:
    assert sum(each.price.monthly for each in bank_draft().documents if each.price is not None) == 12330
