"""What tests of readable agreements share: a draft that answers everything, in every way, one that answers nothing, and their leaves."""

from collections.abc import Iterator
from typing import Any

from domain.documents import AgreementDocument, FinalDraft

Path = tuple[str | int, ...]

MEASUREMENT = {
    "source": "the tickets",
    "formula": "met / all",
    "sampling": "each one",
    "rounding": "cut off",
    "unknown_data": "counts as missed",
    "dispute": "within a week",
    "responsible": "the team",
}
CONTROL = {
    "governance_roles": "two people",
    "measurement_and_reporting": "monthly figures",
    "escalation_ladder": "three steps",
    "change_control": "new versions",
    "audit_and_evidence": "five years",
    "disputes": "directors decide",
    "data_locations": "Poland only",
    "exit_plan": "six months of help",
}
CALENDAR = {
    "calendar": "SHIFTS",
    "time_zone": "Europe/Berlin",
    "weekly": {"mon": ["06:00-10:00", "12:00-16:00"], "tue": ["06:00-10:00"], "thu": ["07:00-10:00"], "fri": ["05:00-10:00"]},
    "business_day": "7h30m",
    "holidays": ["2026-05-01"],
    "exceptions": {"2026-05-02": ["09:00-11:00"], "2026-05-04": []},
}
RULES = [
    {"when": {"priority": ["P1", "P2"], "vip": "yes"}, "limit": "1h15m", "starts_on_change": True},
    {"when": {"priority": "P3"}, "kind": "IMMEDIATE", "limit": "10m", "pauses": []},
    {"when": {"priority": "P4"}, "kind": "NEXT_BUSINESS_DAY", "by": "11:30", "pauses": []},
    {"when": {"priority": "P5"}, "kind": "CALENDAR_DAYS", "days": 1, "pauses": []},
    {"when": {"priority": "P6"}, "kind": "CALENDAR_DAYS", "days": 9, "pauses": []},
    {"when": {"priority": "P7"}, "kind": "BUSINESS_DAYS", "days": 1},
    {"when": {"priority": "P8"}, "kind": "BUSINESS_DAYS", "days": 8},
    {"when": {"priority": "P9"}, "kind": "END_OF_DATE", "date_from": "last_day", "pauses": []},
    {"kind": "NEXT_BUSINESS_DAY", "calendar": "SHIFTS", "pauses": []},
]
TARGETS: list[dict[str, Any]] = [
    {
        "target": "solve",
        "start": "FORM_APPROVED",
        "stop": ["RESOLVED", "CHECKED"],
        "kind": "DURATION",
        "limit": "4h20m",
        "calendar": "24x7",
        "pauses": ["AWAITING_CUSTOMER", "STRIKE"],
        "reopens": True,
        "warn_at": [60],
        "rules": RULES,
        "compliance": "97.25",
        "period": "QUARTER",
        "accepted": {"limit": "5h", "calendar": "SHIFTS", "pauses": ["NOBODY"]},
        "measurement": MEASUREMENT,
        "procedures": ["P-1", "P-2"],
        "handling_buffer_minutes": 7,
    },
    {"target": "answer", "stop": ["RESPONDED", "FULFILLED"], "repeats": True, "limit": "2h", "calendar": "SHIFTS", "warn_at": []},
    {"target": "hold", "held_by": "Night team", "stop": ["SHIPPED", "PURCHASED"], "limit": "3h", "calendar": "SHIFTS", "compliance": 90},
    {"target": "keep", "held_by": "Day team", "limit": "3h", "days": 4, "calendar": "24x7", "accepted": {}},
]
PARTIES = {
    "provider": {"name": "Alpha & Sons", "representative": "A1", "signatories": ["A2", "A3"], "contact": "desk@alpha.example"},
    "customer": {"name": "Beta", "representative": "Q1", "signatories": ["Q2"], "contact": "Long Street 7"},
    "time_zone": "Europe/Warsaw",
}
SERVICE: dict[str, Any] = {
    **PARTIES,
    "document": "service",
    "kind": "INTERNAL_SLA",
    "parent": "group",
    "title": "The service",
    "group": "Branches",
    "services": ["MPS"],
    "regions": ["METRO", "REMOTE"],
    "effective_from": "2026-01-02",
    "effective_until": "2027-03-04",
    "renews": True,
    "terms": [{"term": "uptime", "text": "Up", "value": "99.5", "better": "HIGHER", "standard_clause": "S-9", "requirement": "need-1"}],
    "calendars": [CALENDAR],
    "targets": TARGETS,
    "availability": [{"target": "up", "percent": "99.95", "period": "YEAR", "calendar": "SHIFTS", "measurement": MEASUREMENT}],
    "reopening_days": 1,
    "escalation": ["SLM_MANAGER", "NIGHT_BOSS"],
    "workload_limits": [{"volume": 123, "unit": "devices", "per": "YEAR"}],
    "exclusions": [{"exclusion": "storm", "text": "Storms do not count"}],
    "obligations": [
        {
            "obligation": "fix",
            "side": "PROVIDER",
            "text": "It is fixed",
            "every": "YEAR",
            "packages": [{"package": "w1", "task": "Fix", "owner": "Crew"}],
        },
        {"obligation": "parts", "side": "SUPPLIER", "text": "Parts arrive", "every": "MONTH"},
    ],
    "outcomes": [{"outcome": "print", "statement": "All can print", "goal": "88.5"}],
    "price": {"monthly": "12345.60", "currency": "EUR", "option": "Gold"},
    "credits": [{"target": "solve", "bands": [{"below": "95.5", "credit": "4"}, {"below": "90", "credit": "8"}]}],
    "credit_limits": {"month_percent": "21.5", "year_percent": "11.5", "minimum": "77.70"},
    "penalties": [{"target": "solve", "per_started_hour": "333.30"}],
    "modification_plan": {"who_may_ask": "both", "how": "by letter", "notice_days": 1, "version_rule": "count up"},
    "reviews": {"every_months": 1, "first_on": "2026-06-07"},
    "termination": {"notice_days": 31, "how": "by the CRM"},
    "renewal": {"automatic": True, "months": 13, "notice_days": 61},
    "control_layer": CONTROL,
    "links": [{"target": "solve", "support": "UC/2026/0009", "support_target": "ship", "segment": "travel", "lane": 3}],
    "self_provided": ["answer", "hold"],
}
GROUP: dict[str, Any] = {
    **PARTIES,
    "document": "group",
    "kind": "INTERNAL_SLA",
    "level": "CUSTOMER",
    "title": "The group",
    "exclusions": [],
    "obligations": [{"obligation": "enter", "side": "CUSTOMER", "text": "Doors open", "every": "QUARTER"}],
    "reviews": {"every_months": 12},
    "modification_plan": {"who_may_ask": "one", "how": "by mail", "notice_days": 2},
    "control_layer": {"disputes": "a judge"},
}
SUPPLY: dict[str, Any] = {
    **PARTIES,
    "document": "supply",
    "kind": "UC",
    "title": "The supply",
    "targets": [{"target": "ship", "stop": "SHIPPED", "kind": "IMMEDIATE", "limit": "20m", "calendar": "24x7", "compliance": 80}],
    "obligations": [
        {"obligation": "send", "side": "SUPPLIER", "text": "Parts are sent"},
        {"obligation": "pay", "side": "PROVIDER", "text": "Paid"},
    ],
    "reviews": {"every_months": 5},
    "credits": [],
    "renewal": {"automatic": False, "notice_days": 62},
}


def document(**fields: Any) -> AgreementDocument:
    return AgreementDocument.model_validate(fields)


def full_draft() -> FinalDraft:
    reasons = {"umbrella_justification": "one team for all", "same_terms_justification": "one house"}
    return FinalDraft.model_validate({"documents": [GROUP, SERVICE, SUPPLY], **reasons})


def open_draft(kind: str = "OLA") -> FinalDraft:
    """What nobody answered yet."""
    party = {"name": "Nobody"}
    fields = {"document": "open", "kind": kind, "title": "Open", "provider": party, "customer": party, "time_zone": "UTC"}
    return FinalDraft.model_validate({"documents": [fields]})


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from leaves(part, (*path, name))
    if not isinstance(value, dict | list):
        yield path, value


def strings(value: Any) -> Iterator[str]:
    return (leaf for path, leaf in leaves(value) if isinstance(leaf, str) and path[-1:] != ("is",))
