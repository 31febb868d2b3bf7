"""Renegotiation: an agreement case that begins with what is in force, and replaces only what it changes.

The version in force stays in force, and is watched, until the new one is signed, registered and its first day has come. A
case that ends before changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.agreement_case import AgreementCase, AgreementRequest, Amended, Support
from domain.documents import AgreementDocument, FinalDraft, hash_of
from domain.errors import Conflict
from domain.follow_ups.follow_up import News
from domain.lifecycle import AgreementState
from domain.versions import next_major


class InForce(NamedTuple):
    """A registered version of a document, as it is amended."""

    registry_no: str
    version: str
    document: AgreementDocument

    @property
    def amended(self) -> Amended:
        """What the case must know of it."""
        assert self.document.effective_from is not None
        return Amended(
            registry_no=self.registry_no,
            version=self.version,
            document_hash=hash_of(self.document),
            effective_from=self.document.effective_from,
        )


class Asked(NamedTuple):
    """What asks for the renegotiation: which agreement, the change (its case), in whose words."""

    registry_no: str
    change: str
    why: str

    @property
    def case_id(self) -> str:
        """The case it opens: the same change, however often it asks, opens the same."""
        return "case-" + sha256(f"amendment\n{self.change}".encode()).hexdigest()[:16]


def open_amendment(
    asked: Asked, before: AgreementCase, in_force: Sequence[InForce], supports: Mapping[str, Support], at: datetime
) -> AgreementCase:
    """The case of a renegotiation as it is opened: with the agent, needs, prices and text of the case that made what is in force.

    Args:
        asked: what asks for it.
        before: the case that brought the agreement into the registry.
        in_force: the documents of its set, each in its newest version.
        supports: the OLAs and UCs they rest on as these stand now, by the names their links have.
        at: the instant it is opened.
    """
    request = before.request.model_copy(
        update={"crm_event_id": asked.change, "wish": asked.why, "amends": asked.registry_no, "amends_case": before.case_id}
    )
    return AgreementCase(
        case_id=asked.case_id,
        calendar=before.calendar,
        policy=before.policy,
        entered_at=at,
        last_at=at,
        request=request.model_copy(update={"change": asked.change}),
        agent=before.agent,
        requirements=before.requirements,
        requirements_version=before.requirements_version,
        statement=before.statement,
        statement_version=before.statement_version,
        feasibility=before.feasibility,
        consultations=before.consultations,
        proposal=before.proposal,
        reviewers=before.reviewers,
        supports=supports,
        draft=FinalDraft(
            documents=tuple(each.document for each in in_force),
            umbrella_justification=before.draft.umbrella_justification if before.draft is not None else None,
            same_terms_justification=before.draft.same_terms_justification if before.draft is not None else None,
        ),
        amends={each.document.document: each.amended for each in in_force},
    )


def request_without_case(registry_no: str, document: AgreementDocument, crm_case: str) -> AgreementRequest:
    """The request of an agreement whose case is not known here: the renegotiation asks for all of it anew."""
    return AgreementRequest(
        crm_source="registry",
        crm_event_id=registry_no,
        crm_case=crm_case,
        provider=document.provider.name,
        customer=document.customer.name,
        services=document.services,
    )


def outcome_of(case: AgreementCase) -> News | None:
    """What the change that asked for a renegotiation hears of its end; None of any other case."""
    if case.request.change is None:
        return None
    if case.state is AgreementState.REGISTERED:
        changed = {each.document for each in changed_by(case)}
        asked = {name: each for name, each in case.amends.items() if each.registry_no == case.request.amends}
        version = next((next_major(each.version) if name in changed else each.version for name, each in asked.items()), None)
        return News(name="registered", about=case.request.change, content={"version": version}, at=case.last_at)
    reason = f"{case.case_id} ended {case.state.value}: {case.reason}"
    return News(name="case_ended", about=case.request.change, content={"reason": reason}, at=case.last_at)


def changed_by(case: AgreementCase) -> list[AgreementDocument]:
    """The documents of a renegotiation that are not as they are in force, or are new."""
    documents = case.draft.documents if case.draft is not None else ()
    return [each for each in documents if each.document not in case.amends or case.amends[each.document].document_hash != hash_of(each)]


def refuse_unamendable(case: AgreementCase, at: datetime) -> None:
    """Refuse a renegotiated text that could not be registered.

    Raises:
        Conflict: NOTHING_CHANGED; DOCUMENT_DROPPED, as agreements end through the CRM; EFFECTIVE_DATE_PAST, or not after the
            first day of the version in force.
    """
    if not case.amends or case.draft is None:
        return
    if dropped := sorted(set(case.amends) - {each.document for each in case.draft.documents}):
        raise Conflict("DOCUMENT_DROPPED", f"{dropped[0]} is in force and not in the draft; an agreement is ended through the CRM")
    changed = changed_by(case)
    if not changed:
        raise Conflict("NOTHING_CHANGED", "no document differs from the version in force")
    for each in changed:
        begins = each.effective_from
        before = case.amends.get(each.document)
        if begins is None or before is None:
            continue
        if begins <= before.effective_from:
            raise Conflict(
                "EFFECTIVE_DATE_PAST", f"{each.document}: version {before.version} begins on {before.effective_from}; the next is later"
            )
        if _midnight(begins, each.time_zone) <= at:
            raise Conflict("EFFECTIVE_DATE_PAST", f"{each.document}: {begins} has come; a version begins with a day that is still to come")


def _midnight(on: date, zone: str) -> datetime:
    return datetime.combine(on, time(), ZoneInfo(zone))
