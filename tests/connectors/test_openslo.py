"""An agreement as OpenSLO: what the published specification demands, and what the agreement says."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from connectors.openslo import Promise, openslo_yaml
from domain.documents import AgreementDocument
from tests.api.test_measurements import HOSTING
from tests.domain.drafts import bank_draft, changed

# Facts of the OpenSLO v1 specification (README "Specification" and schemas/v1/parts of github.com/OpenSLO/OpenSLO).
KINDS = {"AlertCondition", "AlertNotificationTarget", "AlertPolicy", "DataSource", "Service", "SLI", "SLO"}
TOP = {"apiVersion", "kind", "metadata", "spec"}
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LABEL_KEY = LABEL_VALUE = re.compile(r"[a-z0-9A-Z][a-z0-9A-Z._-]{0,62}")
DURATION = re.compile(r"[1-9][0-9]*[mhdwMQY]")
START = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
FIELDS = {
    "Service": {"description"},
    "SLI": {"description", "thresholdMetric", "ratioMetric"},
    "SLO": {"description", "service", "indicator", "indicatorRef", "timeWindow", "budgetingMethod", "objectives", "alertPolicies"},
}
REQUIRED = {"Service": set(), "SLI": set(), "SLO": {"service", "budgetingMethod", "objectives"}}
METHODS = {"Occurrences", "Timeslices"}
LONGEST_DESCRIPTION = 1050


def conforms(each: Mapping[str, Any]) -> None:
    assert each.keys() == TOP
    assert (each["apiVersion"], each["kind"] in KINDS) == ("openslo/v1", True)
    metadata, spec = each["metadata"], each["spec"]
    assert NAME.fullmatch(metadata["name"]), metadata["name"]
    assert metadata["displayName"]
    assert all(LABEL_KEY.fullmatch(key) and LABEL_VALUE.fullmatch(value) for key, value in metadata["labels"].items())
    assert REQUIRED[each["kind"]] <= spec.keys() <= FIELDS[each["kind"]]
    assert len(spec.get("description", "")) <= LONGEST_DESCRIPTION
    if each["kind"] == "SLI":
        [(kind, metric)] = [(name, spec[name]) for name in ("thresholdMetric", "ratioMetric") if name in spec]
        assert kind == "ratioMetric"
        assert isinstance(metric["counter"], bool)
        assert len({"good", "bad"} & metric.keys()) == 1
        assert all("spec" in metric[name]["metricSource"] for name in metric.keys() - {"counter"})
        assert "total" in metric
    if each["kind"] == "SLO":
        [window] = spec["timeWindow"]
        assert len({"indicator", "indicatorRef"} & spec.keys()) == 1
        assert DURATION.fullmatch(window["duration"])
        assert START.fullmatch(window["calendar"]["startTime"])
        assert window["isRolling"] is False
        assert spec["budgetingMethod"] in METHODS
        assert all(0 <= objective["target"] < 1 for objective in spec["objectives"])


def exported(document: AgreementDocument) -> tuple[list[dict[str, Any]], str]:
    text = openslo_yaml(Promise("SLA/2026/0001", "1.0", document))
    return list(yaml.safe_load_all(text)), text


def hosting(**more: Any) -> AgreementDocument:
    return changed(bank_draft().named("warsaw"), **HOSTING | more)


def available(percent: str, period: str = "MONTH", target: str = "availability") -> dict[str, Any]:
    return {"target": target, "percent": percent, "period": period}


def test_an_availability_target_is_an_objective_over_the_agreements_own_month() -> None:
    objects, _ = exported(hosting())
    service, sli, slo = objects

    for each in objects:
        conforms(each)
    assert [each["kind"] for each in objects] == ["Service", "SLI", "SLO"]
    assert slo["spec"]["service"] == service["metadata"]["name"]
    assert slo["spec"]["indicatorRef"] == sli["metadata"]["name"] == "sla-2026-0001-availability"
    assert slo["spec"]["objectives"] == [{"displayName": "availability", "target": 0.999}]
    assert slo["spec"]["timeWindow"] == [
        {"duration": "1M", "calendar": {"startTime": "2026-03-01 00:00:00", "timeZone": "Europe/Warsaw"}, "isRolling": False}
    ]
    assert sli["spec"]["ratioMetric"]["bad"]["metricSource"]["spec"] == {
        "address": "/registry/SLA-2026-0001/results",
        "target": "availability",
        "calendar": "24x7",
        "sumOf": ["down_minutes"],
    }


@pytest.mark.parametrize(("period", "duration", "starts"), [("QUARTER", "1Q", "2026-01-01"), ("YEAR", "1Y", "2026-01-01")])
def test_quarters_and_years_begin_where_the_calendar_has_them(period: str, duration: str, starts: str) -> None:
    [window] = exported(hosting(availability=[available("99.95", period)]))[0][2]["spec"]["timeWindow"]

    assert (window["duration"], window["calendar"]["startTime"]) == (duration, f"{starts} 00:00:00")


def test_a_share_of_tickets_is_an_objective_too_and_a_time_alone_is_named_as_left_out() -> None:
    document = bank_draft().named("warsaw")
    [target] = [each for each in document.targets if each.compliance is not None]
    objects, _ = exported(document)
    without, text = exported(changed(document, targets=[target.model_dump(mode="json") | {"compliance": None}]))

    for each in objects:
        conforms(each)
    assert objects[2]["spec"]["objectives"][0]["target"] == float(target.compliance or 0) / 100
    assert objects[1]["spec"]["ratioMetric"]["total"]["metricSource"]["spec"]["sumOf"] == ["met", "breached"]
    assert without == []
    assert text == f"# left out: {target.target} promises a time for each ticket, and no share of tickets\n"


def test_a_promise_of_everything_has_no_place_and_is_not_made_smaller() -> None:
    objects, text = exported(hosting(availability=[available("100"), available("99.99", target="backup")]))

    assert text.startswith("# left out: availability promises 100 %, and an objective of OpenSLO lies below 1\n---\n")
    assert [each["metadata"]["name"] for each in objects if each["kind"] == "SLO"] == ["sla-2026-0001-backup"]


def test_names_that_differ_stay_different_whatever_they_are_written_with() -> None:
    names = ["dostępność_drukarek", "dostepnosc_drukarek", "dostepnosc.drukarek", "a" * 100, "a" * 99 + "b"]
    objects, _ = exported(hosting(availability=[available("99", target=each) for each in names], services=["Łącze główne"]))

    for each in objects:
        conforms(each)
    assert len({each["metadata"]["name"] for each in objects if each["kind"] == "SLO"}) == len(names)
    assert objects[0]["metadata"]["displayName"] == "Łącze główne"
