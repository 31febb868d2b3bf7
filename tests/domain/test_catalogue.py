"""Laws of the catalogue: names lead somewhere, nobody acts for two parties, nothing that was is removed."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.documents import read_catalogue
from domain.catalogue import Catalogue
from domain.delegations import delegated
from domain.errors import BadInput, Forbidden
from domain.people import Delegation, Person, Role, Side
from tests.conftest import EXAMPLES


def good() -> dict[str, Any]:
    """The bank's catalogue, as a value that a test damages in one place."""
    return read_catalogue(EXAMPLES / "catalogues" / "serwis-druk.yaml").model_dump(mode="json", by_alias=True)


def refusal(value: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        Catalogue.model_validate(value)
    return refused.value.errors()[0]["msg"]


def entry(value: dict[str, Any], what: str, name: str) -> dict[str, Any]:
    return next(each for each in value[what] if each[what.removesuffix("s") if what != "people" else "person"] == name)


def test_the_example_is_without_fault() -> None:
    catalogue = Catalogue.model_validate(good())

    assert catalogue.person("A1").services == ("MPS",)
    assert [each.person for each in catalogue.people_with(Role.SIGNATORY, Side.CUSTOMER, "Bank Narew S.A.")] == ["B3", "B4"]


@pytest.mark.parametrize(
    ("what", "name", "field", "value", "said"),
    [
        ("services", "MPS", "owner", "nobody", "names person 'nobody'"),
        ("services", "MPS", "regions", ["MOON"], "names region 'MOON'"),
        ("customers", "Bank Narew S.A.", "sites", [{"site": "x", "name": "x", "region": "MOON"}], "names region 'MOON'"),
        ("customers", "Bank Narew S.A.", "groups", [], "belongs to group 'head-office'"),
        ("partners", "TechTeren", "representative", "nobody", "names person 'nobody'"),
        ("people", "A1", "services", ["LIFTS"], "names service 'LIFTS'"),
        ("people", "A1", "manager", "nobody", "names person 'nobody'"),
        ("people", "A1", "manager", "B1", "act for different parties"),
        ("people", "A1", "party", "Bank Narew S.A.", "acts for the provider"),
        ("people", "B1", "party", None, "acts for the customer: say which"),
        ("people", "B1", "party", "Other Bank", "is no customer of the catalogue"),
        ("people", "B1", "roles", ["CONTROL_TIER"], "is no role of a customer's person"),
        ("offers", "mps-warsaw", "customer", "Other Bank", "names customer 'Other Bank'"),
        ("offers", "mps-warsaw", "group", "vault", "names group 'vault'"),
        ("offers", "mps-warsaw", "service", "LIFTS", "names service 'LIFTS'"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(what: str, name: str, field: str, value: object, said: str) -> None:
    damaged = good()
    entry(damaged, what, name)[field] = value

    assert said in refusal(damaged)


def test_an_entry_stands_once() -> None:
    damaged = good()
    damaged["people"].append(damaged["people"][0])

    assert "'A1' stands twice" in refusal(damaged)


def test_a_newer_catalogue_replaces_and_adds_but_removes_nothing() -> None:
    older = Catalogue.model_validate(good())
    changed = entry(good(), "people", "A2") | {"name": "Adam Nowy"}
    newer = Catalogue(provider=older.provider, calendar=older.calendar, people=(Person.model_validate(changed | {"manager": None}),))
    merged = older.merged_with(newer)

    assert merged.person("A2").name == "Adam Nowy"
    assert len(merged.people) == len(older.people)
    assert merged.offers == older.offers


def test_a_name_nobody_has_is_said() -> None:
    with pytest.raises(BadInput, match="no person 'nobody'"):
        Catalogue.model_validate(good()).person("nobody")


def test_a_deputy_decides_from_the_first_to_the_last_day() -> None:
    person = Person.model_validate(
        {
            "person": "P1",
            "name": "Piotr",
            "roles": ["PRICING_APPROVER"],
            "delegations": [{"deputy": "P2", "first_on": "2026-07-20", "last_on": "2026-07-31"}],
        }
    )

    assert person.deputies_on(date(2026, 7, 19)) == ()
    assert person.deputies_on(date(2026, 7, 20)) == person.deputies_on(date(2026, 7, 31)) == ("P2",)
    assert person.deputies_on(date(2026, 8, 1)) == ()


def test_a_delegation_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="ends before it begins"):
        Person.model_validate(
            {
                "person": "P1",
                "name": "Piotr",
                "roles": ["FINANCE"],
                "delegations": [{"deputy": "P2", "first_on": "2026-07-20", "last_on": "2026-07-19"}],
            }
        )


def away(deputy: str) -> Delegation:
    return Delegation(deputy=deputy, first_on=date(2026, 7, 20), last_on=date(2026, 7, 31), reason="holiday")


def test_a_delegation_says_why() -> None:
    named = delegated(Catalogue.model_validate(good()), "M1", away("S1"), by="M1")

    assert [each.reason for each in named.person("M1").delegations] == ["holiday"]


def test_a_deputy_is_of_the_same_party_and_named_by_who_is_away_or_their_manager() -> None:
    catalogue = Catalogue.model_validate(good())
    with pytest.raises(BadInput) as other_side:
        delegated(catalogue, "M1", away("B1"), by="M1")
    with pytest.raises(Forbidden):
        delegated(catalogue, "M1", away("S1"), by="C1")

    assert other_side.value.code == "SEPARATION_OF_DUTIES"
