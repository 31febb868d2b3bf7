"""A registered agreement as TMF651 v4 `Agreement`; `docs/standards.md` says how it maps, and what is left out."""

from datetime import datetime
from typing import Any

from api.tmf.answering import ROOT, Resource, instant, known, party
from connectors.readable.targets import availability_line, target_line
from connectors.readable.words import Words, phrases_of
from domain.agreement_parts import DocumentTarget
from domain.documents import AgreementDocument
from domain.lifecycle import AgreementState
from domain.registry_numbers import in_addresses
from domain.targets import ServiceTarget
from domain.terms import Agreement
from store.entries import Entry

AGREEMENTS = f"{ROOT}/agreementManagement/v4/agreement"

STATUS = {
    AgreementState.REGISTERED: "approved",
    AgreementState.ACTIVE: "active",
    AgreementState.TERMINATING: "terminating",
    AgreementState.TERMINATED: "terminated",
    AgreementState.EXPIRED: "expired",
    AgreementState.SUPERSEDED: "superseded",
}
"""The status of a registered agreement; TMF651 leaves the words open."""

TYPES = {"CUSTOMER_SLA": "customerSla", "INTERNAL_SLA": "internalSla", "OLA": "ola", "UC": "underpinningContract"}
"""The type of an agreement by its kind."""


def status_of(entry: Entry) -> str:
    """Where the agreement stands, whichever of its versions says so."""
    return STATUS[AgreementState(entry.standing)]


def agreement_of(entry: Entry, now: datetime) -> Resource:
    """The agreement in the version that is in force; before its first day in the first, after its end in the last."""
    shown = entry.at(now)
    number = in_addresses(entry.registry_no)
    begins, ends = entry.terms[0].begins, entry.terms[-1].ends
    period = known(startDateTime=instant(begins), endDateTime=instant(ends))
    return known(
        id=number,
        href=f"{AGREEMENTS}/{number}",
        name=shown.title,
        agreementType=TYPES[shown.kind],
        status=status_of(entry),
        version=shown.version,
        initialDate=instant(shown.registered_at),
        agreementPeriod=period,
        completionDate=known(endDateTime=instant(ends)) if status_of(entry) in {"terminated", "expired"} and ends is not None else None,
        engagedParty=[party(shown.provider, "provider"), party(shown.customer, "customer")],
        agreementItem=[_item(shown, period)],
        agreementAuthorization=[{"date": instant(shown.registered_at), "state": "approved"}] if shown.case_id is not None else [],
        associatedAgreement=[_reference(each) for each in (*filter(None, (shown.parent,)), *shown.supports)],
        characteristic=_characteristics(shown),
        at_type="Agreement",
    )


def _item(shown: Entry, period: Resource) -> Resource:
    """What is promised: the service, and each target as a term in words."""
    words = Words(phrases_of("en"))
    service = [{"id": shown.service, "name": shown.service}] if shown.service is not None else []
    if shown.case_id is None:
        targets = [_as_stated(each) for each in Agreement.model_validate(shown.document).targets]
        lines = [(each.target, target_line(each, words)) for each in targets]
    else:
        document = AgreementDocument.model_validate(shown.document)
        lines = [(each.term, each.text) for each in document.terms]
        lines += [(each.target, target_line(each, words)) for each in document.targets]
        lines += [(each.target, availability_line(each, words)) for each in document.availability]
    terms = [{"id": name, "description": f"{name}: {line}", "validFor": period} for name, line in lines]
    return known(productOffering=service, termOrCondition=terms)


def _as_stated(target: ServiceTarget) -> DocumentTarget:
    """A target of ready terms, which promise no share."""
    return DocumentTarget.model_validate({name: getattr(target, name) for name in ServiceTarget.model_fields})


def _characteristics(shown: Entry) -> list[Resource]:
    values: dict[str, tuple[str, Any]] = {
        "level": ("string", shown.level),
        "regions": ("array", list(shown.regions)),
        "timeZone": ("string", shown.time_zone),
        "hash": ("string", shown.digest),
        "legalHold": ("boolean", shown.legal_hold),
    }
    return [{"name": name, "valueType": kind, "value": value} for name, (kind, value) in values.items() if value not in (None, [])]


def _reference(registry_no: str) -> Resource:
    number = in_addresses(registry_no)
    return known(id=number, href=f"{AGREEMENTS}/{number}", at_referredType="Agreement")
