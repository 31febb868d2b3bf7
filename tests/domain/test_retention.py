"""Laws of retention: how long a duty keeps data, and what an erasure leaves of a text."""

from datetime import date

import pytest

from domain.personal_data import Identity, is_signing, mentions_in
from domain.retention import ABOUT_NOTHING, RULES, DataKind, Keeping, RetentionPolicy, Standing, keeping, longest, too_late_from
from tests.conftest import ROOT

POLICY = RetentionPolicy()
TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("ended_on", "years", "first_day"),
    [
        (date(2026, 3, 1), 6, date(2033, 1, 1)),
        (date(2026, 12, 31), 3, date(2030, 1, 1)),
        (date(2026, 1, 1), 2, date(2029, 1, 1)),
        (date(2026, 3, 1), 1, date(2027, 3, 2)),
        (date(2024, 2, 29), 1, date(2025, 3, 1)),
    ],
)
def test_a_claim_of_two_years_or_more_ends_with_its_calendar_year(ended_on: date, years: int, first_day: date) -> None:
    assert too_late_from(ended_on, years) == first_day


@pytest.mark.parametrize(
    ("kind", "standing", "until"),
    [
        (DataKind.NAME, Standing("agreement SLA/2019/0001", date(2019, 5, 1), is_agreed=True), None),
        (DataKind.NAME, Standing("agreement SLA/2020/0001", date(2020, 5, 1), is_agreed=True), date(2027, 1, 1)),
        (DataKind.CASE, Standing("case case-1", date(2022, 12, 31)), None),
        (DataKind.CASE, Standing("case case-1", date(2023, 1, 1)), date(2027, 1, 1)),
        (DataKind.TICKET, Standing("ticket crm/T-1", date(2026, 11, 26)), None),
        (DataKind.SURVEY, Standing("agreement SLA/2026/0001"), None),
        (DataKind.DECISION, ABOUT_NOTHING, None),
    ],
)
def test_what_proves_a_claim_is_kept_until_it_comes_too_late(kind: DataKind, standing: Standing, until: date | None) -> None:
    found = keeping(kind, standing, POLICY, TODAY)

    assert (found.until if found is not None else None) == until


def test_what_goes_on_and_what_is_under_a_legal_hold_is_kept_without_an_end() -> None:
    runs = keeping(DataKind.AGREEMENT, Standing("agreement SLA/2026/0001", is_agreed=True), POLICY, TODAY)
    held = keeping(DataKind.AGREEMENT, Standing("agreement SLA/2001/0001", date(2001, 1, 1), is_agreed=True, is_held=True), POLICY, TODAY)

    assert runs == Keeping("agreement SLA/2026/0001 goes on", None)
    assert held == Keeping("agreement SLA/2001/0001 is under a legal hold", None)
    assert longest([Keeping("a", date(2030, 1, 1)), held, Keeping("b", date(2040, 1, 1))]) == held


def test_every_kind_of_data_has_its_rule_and_the_page_says_it() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")

    assert {rule.kind for rule in RULES} == set(DataKind)
    for rule in RULES:
        assert "| `" + " | ".join((f"{rule.kind.value}`", *rule[1:])) + " |" in page


JAN = Identity("J1", ["Jan Łoś", "jan@bank.example"], "J1", is_known=True)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask JAN ŁOŚ, or jan@bank.example.", "Ask J1, or J1."),
        ("Jan Łosiński, xjan@bank.example, jan@bank.example.org", "Jan Łosiński, xjan@bank.example, jan@bank.example.org"),
        ("jan@bank.example.", "J1."),
        ("", ""),
    ],
)
def test_names_go_whole_words_only_in_any_letter_case(text: str, left: str) -> None:
    assert JAN.without(text) == left


def test_every_place_is_found_with_the_smallest_object_around_it() -> None:
    value = {"signatures": [{"person": "J1", "method": "SCAN"}], "comments": [{"text": "Jan Łoś agrees", "by": "L1"}], "J1": 3}
    found = {(each.path, each.is_key): each.record for each in mentions_in(value, JAN)}

    assert found == {
        ("signatures[0].person", True): {"person": "J1", "method": "SCAN"},
        ("comments[0].text", False): {"text": "Jan Łoś agrees", "by": "L1"},
        ("J1", True): {"J1": 3},
    }
    assert [is_signing(path) for path, _ in found] == [True, False, False]
