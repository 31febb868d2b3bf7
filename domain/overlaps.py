"""Two promises of the same to the same people on the same day: at most one agreement holds (R-022)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from domain.documents import AgreementDocument, AgreementLevel
from domain.terms import SUPPORT_KINDS, Agreement


class Promised(NamedTuple):
    """What a service-level agreement promises to whom, where and when; no regions or groups mean all of them."""

    customer: str
    service: str
    regions: frozenset[str]
    groups: frozenset[str]
    begins: date
    ends: date | None


def overlap(one: Promised, other: Promised) -> bool:
    """Is there a customer group, service, region and day for which both promise?"""
    if (one.customer, one.service) != (other.customer, other.service):
        return False
    if (one.ends is not None and one.ends <= other.begins) or (other.ends is not None and other.ends <= one.begins):
        return False
    return all(not mine or not theirs or mine & theirs for mine, theirs in ((one.regions, other.regions), (one.groups, other.groups)))


def groups_of(document: Mapping[str, Any]) -> frozenset[str]:
    """The customer's groups a stored document or stored terms hold for."""
    return frozenset(document.get("groups") or filter(None, [document.get("group")]))


def promised_in(document: AgreementDocument) -> Promised | None:
    """What a document promises; None if it is no service-level promise to a customer or department."""
    if document.kind in SUPPORT_KINDS or document.level is not AgreementLevel.SERVICE:
        return None
    assert document.effective_from is not None
    groups, regions = frozenset(filter(None, [document.group])), frozenset(document.regions)
    return Promised(document.customer.name, document.services[0], regions, groups, document.effective_from, document.effective_until)


def promised_in_terms(terms: Agreement) -> Promised | None:
    """What ready terms promise; None for an OLA or UC."""
    if terms.kind in SUPPORT_KINDS or terms.service is None:
        return None
    groups, regions = frozenset(terms.groups), frozenset(terms.regions)
    return Promised(terms.customer, terms.service, regions, groups, terms.effective_from, terms.effective_until)
