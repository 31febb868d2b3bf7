"""Laws of the alignment: eight rules, exact arithmetic, the figures of the design."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.alignment import check_alignment
from domain.documents import AgreementDocument
from domain.findings import Finding, Verdict
from tests.domain.drafts import bank_draft, changed, support, supports, with_document, with_target

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EIGHT_TO_FOUR = {
    "calendar": "PL-8-16",
    "time_zone": "Europe/Warsaw",
    "weekly": {day: ["08:00-16:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}


def check(sla: AgreementDocument, **replaced: AgreementDocument) -> list[Finding]:
    named = {name.replace("_", "-"): document for name, document in replaced.items()}
    return list(check_alignment(sla, supports() | named).findings)


def found(findings: Sequence[Finding], code: str) -> Finding:
    [one] = [each for each in findings if each.code == code]
    return one


def chain(limit: str, *segments: str) -> Finding:
    """What rule 1 says of a promise over a chain of DURATION segments."""
    links = [
        {"target": "response", "support": f"s{number}", "support_target": "on-site", "segment": f"s{number}"}
        for number in range(len(segments))
    ]
    sla = changed(with_target(bank_draft().named("warsaw"), limit=limit, accepted=None), links=links)
    known = {f"s{number}": with_target(support("field-warsaw"), limit=each) for number, each in enumerate(segments)}
    return next(each for each in check_alignment(sla, known).findings if each.rule == 1)


def test_the_warsaw_chain_has_30_minutes_to_spare() -> None:
    [finding] = check(bank_draft().named("warsaw"))

    assert (finding.code, finding.verdict, finding.slack_minutes) == ("IN_TIME", Verdict.HOLDS, 30)
    assert "12.5 %" in finding.message


@pytest.mark.parametrize(
    ("limit", "segments", "verdict", "slack"),
    [
        ("240m", ("30m", "180m"), Verdict.HOLDS, 30),
        ("480m", ("60m", "180m", "240m"), Verdict.WARNING, 0),
        ("480m", ("60m", "240m", "240m"), Verdict.FAILS, -60),
    ],
)
def test_segments_that_follow_each_other_add_up(limit: str, segments: tuple[str, ...], verdict: Verdict, slack: int) -> None:
    finding = chain(limit, *segments)

    assert (finding.verdict, finding.slack_minutes) == (verdict, slack)
    assert finding.achievable == ("9h" if verdict is Verdict.FAILS else None)


AROUND_THE_CLOCK = {"calendar": "ALL", "time_zone": "Europe/Warsaw", "weekly": {day: ["00:00-24:00"] for day in WEEK}}


@pytest.mark.parametrize(("days", "slack"), [(2, 540), (1, 0)])
def test_a_support_around_the_clock_takes_only_what_the_promise_counts(days: int, slack: int) -> None:
    warsaw = bank_draft().named("warsaw")
    links = [{"target": "response", "support": "field", "support_target": "on-site", "segment": "repair"}]
    target = {"kind": "BUSINESS_DAYS", "limit": None, "days": days, "accepted": None}
    sla = changed(with_target(warsaw, **target), links=links)
    field = changed(with_target(support("field-warsaw"), limit="24h", calendar="ALL"), calendars=[AROUND_THE_CLOCK])

    assert next(each for each in check(sla, field=field) if each.rule == 1).slack_minutes == slack


@pytest.mark.parametrize(("days", "code", "verdict"), [(1, "TOO_LONG", Verdict.FAILS), (2, "NO_SLACK", Verdict.WARNING)])
def test_business_days_may_rest_on_the_next_one_where_there_are_enough(days: int, code: str, verdict: Verdict) -> None:
    warsaw = bank_draft().named("warsaw")
    links = [{"target": "response", "support": "field", "support_target": "on-site", "segment": "repair"}]
    sla = changed(with_target(warsaw, kind="BUSINESS_DAYS", limit=None, days=days, accepted=None), links=links)
    field = with_target(support("field-warsaw"), kind="NEXT_BUSINESS_DAY", limit=None)
    findings = check(sla, field=field)

    assert "SLOWER_KIND" not in {each.code for each in findings}
    assert found(findings, code).verdict is verdict


def test_a_chain_that_may_end_at_the_due_time_has_no_slack() -> None:
    podlasie = bank_draft().named("podlasie")
    by_the_same_time = with_target(support("techteren"), by=None)

    assert found(check(podlasie, techteren=by_the_same_time), "NO_SLACK").verdict is Verdict.WARNING


def test_segments_side_by_side_count_once() -> None:
    warsaw = bank_draft().named("warsaw")
    links = [link.model_dump() | {"lane": number} for number, link in enumerate(warsaw.links)]
    [finding] = check(changed(warsaw, links=links))

    assert finding.slack_minutes == 60


def test_a_handling_buffer_counts() -> None:
    [finding] = check(with_target(bank_draft().named("warsaw"), handling_buffer_minutes=31))

    assert (finding.verdict, finding.slack_minutes) == (Verdict.FAILS, -1)


def test_a_promise_in_hours_cannot_rest_on_the_next_business_day() -> None:
    findings = check(bank_draft().named("warsaw"), field_warsaw=with_target(support("field-warsaw"), kind="NEXT_BUSINESS_DAY", limit=None))

    assert found(findings, "SLOWER_KIND").achievable == "NEXT_BUSINESS_DAY"
    assert found(findings, "TOO_LONG").verdict is Verdict.FAILS


def test_triage_before_the_supplier_makes_a_late_ticket_a_day_late() -> None:
    podlasie = bank_draft().named("podlasie")
    one_lane = changed(podlasie, links=[link.model_dump() | {"lane": 0} for link in podlasie.links])

    assert found(check(podlasie), "IN_TIME").slack_minutes == 120
    assert "after its due time" in found(check(one_lane), "TOO_LONG").message


def test_a_support_that_closes_earlier_leaves_a_gap_of_5_hours_a_week() -> None:
    until_four = changed(with_target(support("techteren"), calendar="PL-8-16"), calendars=[EIGHT_TO_FOUR])
    gap = found(check(bank_draft().named("podlasie"), techteren=until_four), "HOURS_GAP")

    assert gap.message == "techteren is closed 5h a week in which the promise runs"


def test_a_free_day_the_promise_does_not_share_is_a_gap() -> None:
    desk = support("field-warsaw").model_dump(mode="json")
    desk["calendars"][0]["holidays"].append("2026-05-04")
    gap = found(check(bank_draft().named("warsaw"), field_warsaw=AgreementDocument.model_validate(desk)), "HOLIDAY_GAP")

    assert "2026-05-04" in gap.message


def availability(*percents: tuple[str, str], promised: str = "99.9") -> Finding:
    """What rule 4 says; each support is its segment and its percentage."""
    links = [
        {"target": "up", "support": f"s{number}", "support_target": "up", "segment": segment}
        for number, (segment, _) in enumerate(percents)
    ]
    sla = changed(bank_draft().named("warsaw"), targets=[], availability=[{"target": "up", "percent": promised}], links=links)
    known = {
        f"s{number}": changed(support("field-warsaw"), targets=[], availability=[{"target": "up", "percent": percent}])
        for number, (_, percent) in enumerate(percents)
    }
    return found(check_alignment(sla, known).findings, "AVAILABILITY")


def test_availability_multiplies_along_the_chain() -> None:
    failing = availability(("vm", "99.99"), ("database", "99.95"), ("platform", "99.95"))
    holding = availability(("vm", "99.99"), ("database", "99.95"), ("platform", "99.97"))

    assert (failing.verdict, failing.achievable) == (Verdict.FAILS, "99.8900 %")
    assert holding.verdict is Verdict.HOLDS
    assert holding.message.startswith("99.9100 %")


def test_two_supports_of_one_segment_stand_in_for_each_other() -> None:
    finding = availability(("link", "99"), ("link", "99"), promised="99.99")

    assert finding.verdict is Verdict.HOLDS
    assert finding.message.startswith("99.9900 %")


def test_a_service_up_around_the_clock_rests_on_what_is_kept_up_around_the_clock() -> None:
    links = [{"target": "up", "support": "field", "support_target": "up", "segment": "vm"}]
    sla = changed(bank_draft().named("warsaw"), targets=[], availability=[{"target": "up", "percent": "99.9"}], links=links)
    field = changed(
        support("field-warsaw"),
        targets=[],
        calendars=[EIGHT_TO_FOUR],
        availability=[{"target": "up", "percent": "99.95", "calendar": "PL-8-16"}],
    )

    assert found(check(sla, field=field), "HOURS_GAP").message == "field is closed 128h a week in which the promise runs"


@pytest.mark.parametrize(
    ("fields", "code", "verdict"),
    [
        ({"regions": ["REMOTE"]}, "REGION_GAP", Verdict.FAILS),
        ({"workload_limits": [{"volume": 119, "unit": "tickets"}]}, "VOLUME_GAP", Verdict.FAILS),
        ({"workload_limits": [{"volume": 360, "unit": "tickets", "per": "QUARTER"}]}, None, None),
        ({"effective_from": "2026-03-17"}, "STARTS_LATER", Verdict.FAILS),
        ({"effective_until": "2026-12-31"}, "EXPIRES_FIRST", Verdict.FAILS),
        ({"effective_until": "2026-12-31", "renews": True}, "EXPIRES_FIRST", Verdict.WARNING),
        ({"effective_until": "2029-03-16"}, None, None),
    ],
)
def test_scope_and_term_of_a_support_reach_as_far_as_the_promise(fields: dict[str, Any], code: str | None, verdict: Verdict | None) -> None:
    findings = check(bank_draft().named("warsaw"), field_warsaw=changed(support("field-warsaw"), **fields))

    if code is None:
        assert [each.code for each in findings] == ["IN_TIME"]
    else:
        assert found(findings, code).verdict is verdict


def test_a_support_may_not_end_with_shorter_notice() -> None:
    sla = changed(bank_draft().named("warsaw"), termination={"notice_days": 91, "how": "through the CRM"})

    assert {each.code for each in check(sla)} == {"IN_TIME", "SHORTER_NOTICE"}


def test_what_the_document_above_answers_binds_the_supports_too() -> None:
    draft = with_document(bank_draft(), "bank", {"termination": {"notice_days": 91, "how": "through the CRM"}})

    assert {each.code for each in check(draft.in_full(draft.named("warsaw")))} == {"IN_TIME", "SHORTER_NOTICE"}


def test_ninety_per_cent_cannot_carry_ninety_five() -> None:
    finding = found(check(bank_draft().named("warsaw"), desk=with_target(support("desk"), compliance=90)), "COMPLIANCE_GAP")

    assert (finding.verdict, finding.achievable) == (Verdict.FAILS, "90 %")


def test_a_supplier_that_owes_less_than_we_do_is_a_warning() -> None:
    podlasie = changed(bank_draft().named("podlasie"), price={"monthly": 5000})

    assert found(check(podlasie), "PENALTY_GAP").message == "techteren gives back 200.00 at most, we owe up to 500.00"


def test_a_target_without_support_is_named_unless_we_provide_it_ourselves() -> None:
    warsaw = bank_draft().named("warsaw")

    assert check(changed(warsaw, links=[]))[0].code == "NO_SUPPORT"
    assert check(changed(warsaw, links=[], self_provided=["response"]))[0].verdict is Verdict.HOLDS
    assert "moon is not known" in check(changed(warsaw, links=[warsaw.links[0].model_dump() | {"support": "moon"}]))[0].message


def test_a_target_without_a_procedure_is_worth_a_look() -> None:
    assert found(check(with_target(bank_draft().named("warsaw"), procedures=[])), "NO_PROCEDURE").verdict is Verdict.WARNING
