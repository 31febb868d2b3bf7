"""Shares that an agreement promises, as OpenSLO v1 objects for tools that watch objectives.

Source: the OpenSLO v1 specification, https://github.com/OpenSLO/OpenSLO; `docs/standards.md` says how promises map, and what
has no place there.
"""

import re
import unicodedata
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

import yaml

from domain.agreement_parts import AvailabilityTarget, Measurement, Period
from domain.documents import AgreementDocument
from domain.periods import MONTHS
from domain.registry_numbers import in_addresses

API_VERSION = "openslo/v1"

_DURATION = {Period.MONTH: "1M", Period.QUARTER: "1Q", Period.YEAR: "1Y"}
_LONGEST_NAME = 63
_LONGEST_TEXT = 1050


class Promise(NamedTuple):
    """A registered version of an agreement."""

    registry_no: str
    version: str
    document: AgreementDocument


class _Share(NamedTuple):
    """A share as it is promised, and the figures of a period's results it is counted from."""

    target: str
    percent: Decimal
    period: Period
    measurement: Measurement
    part: tuple[str, list[str]]
    whole: list[str]
    hours: str | None = None


def openslo_yaml(promise: Promise) -> str:
    """The agreement as YAML documents; what OpenSLO cannot say stands in comments before them."""
    shares, left_out = _shares(promise.document)
    told = "".join(f"# left out: {each}\n" for each in left_out)
    objects = _objects(promise, shares)
    return told + yaml.safe_dump_all(objects, sort_keys=False, allow_unicode=True, explicit_start=True) if objects else told


def _objects(promise: Promise, shares: list[_Share]) -> list[dict[str, Any]]:
    """A Service, and for each share its SLI and its SLO."""
    if not shares:
        return []
    document, address = promise.document, in_addresses(promise.registry_no)
    service = _name("-".join(document.services) or document.document)
    labels = {"agreement": address, "version": promise.version, "kind": document.kind.value}
    found = [
        _object("Service", service, ", ".join(document.services) or document.title, labels, {"description": document.title[:_LONGEST_TEXT]})
    ]
    for share in shares:
        name, shown = _name(f"{address}-{share.target}"), f"{document.title}: {share.target}"
        found += [
            _object("SLI", name, shown, labels, _indicator(share, promise)),
            _object("SLO", name, shown, labels, _objective(share, document, service, name)),
        ]
    return found


def _shares(document: AgreementDocument) -> tuple[list[_Share], list[str]]:
    """What is promised as a share, and in words what has no place in OpenSLO."""
    found, left_out = [_available(each) for each in document.availability], []
    for target in document.targets:
        if target.compliance is None:
            left_out.append(f"{target.target} promises a time for each ticket, and no share of tickets")
        else:
            part = ("good", ["met"])
            found.append(_Share(target.target, target.compliance, target.period, target.measurement, part, ["met", "breached"]))
    full = [each for each in found if each.percent >= 100]
    left_out += [f"{each.target} promises {each.percent} %, and an objective of OpenSLO lies below 1" for each in full]
    return [each for each in found if each not in full], left_out


def _available(target: AvailabilityTarget) -> _Share:
    part = ("bad", ["down_minutes"])
    return _Share(target.target, target.percent, target.period, target.measurement, part, ["agreed_minutes"], target.calendar)


def _indicator(share: _Share, promise: Promise) -> dict[str, Any]:
    """How it is measured: figures of `GET /registry/{number}/results`."""
    where = {"address": f"/registry/{in_addresses(promise.registry_no)}/results", "target": share.target}
    if share.hours is not None:
        where["calendar"] = share.hours
    side, figures = share.part
    ratio = {"counter": False, side: _source(where, figures), "total": _source(where, share.whole)}
    said = "; ".join(filter(None, (share.measurement.source, share.measurement.formula)))
    return {**({"description": said[:_LONGEST_TEXT]} if said else {}), "ratioMetric": ratio}


def _source(where: dict[str, str], figures: list[str]) -> dict[str, Any]:
    return {"metricSource": {"type": "Servanda", "spec": {**where, "sumOf": figures}}}


def _objective(share: _Share, document: AgreementDocument, service: str, indicator: str) -> dict[str, Any]:
    """The promise: events are counted, minutes or tickets, over a period of the agreement's local time."""
    first = document.effective_from
    assert first is not None
    month = (first.month - 1) // MONTHS[share.period] * MONTHS[share.period] + 1
    starts = f"{first.year:04}-{month:02}-01 00:00:00"
    calendar = {"startTime": starts, "timeZone": document.time_zone}
    return {
        "service": service,
        "indicatorRef": indicator,
        "timeWindow": [{"duration": _DURATION[share.period], "calendar": calendar, "isRolling": False}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"displayName": share.target, "target": float(share.percent / 100)}],
    }


def _object(kind: str, name: str, shown: str, labels: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name, "displayName": shown, "labels": dict(labels)}, "spec": spec}


def _name(text: str) -> str:
    """A name as RFC 1123 has labels: up to 63 small letters, digits and dashes; a text that loses something gets its hash's beginning."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ł", "l")).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if name == text.lower() and len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 9]}-{sha256(text.encode()).hexdigest()[:8]}".lstrip("-").replace("--", "-")
