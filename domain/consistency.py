"""Whether the documents of a draft fit each other, the catalogue and the rule of one agreement per service (R-015 … R-030, R-104)."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from pydantic import ValidationError

from domain.canonical import canonical_json
from domain.catalogue import Catalogue, CustomerKind, RegionClass
from domain.completeness import incomplete
from domain.documents import AgreementDocument, AgreementLevel, FinalDraft, effective_terms
from domain.faults import DraftFault
from domain.targets import Limit
from domain.terms import SUPPORT_KINDS, AgreementKind

LEAST_JUSTIFICATION = 20
"""Characters a justification has at least (R-030)."""

ALL_SERVICES = "*"


def faults_of(draft: FinalDraft, catalogue: Catalogue | None = None) -> list[DraftFault]:
    """Every fault of a draft; without a catalogue, those that can be seen without it."""
    customer = draft.documents[0].customer.name
    found = incomplete(draft, is_regulated=catalogue is not None and catalogue.is_regulated(customer))
    for document in draft.documents:
        found += [*_of_level(draft, document), *_of_terms(draft, document), *_of_duties(document), *_of_levels_accepted(document)]
        found += _of_measuring(document)
        if catalogue is not None:
            found += [*_of_customer(document, catalogue), *_umbrella(draft, document, catalogue), *_of_owners(document, catalogue)]
    return [*found, *_same_terms(draft)]


def _of_level(draft: FinalDraft, document: AgreementDocument) -> Iterator[DraftFault]:
    name = document.document
    if document.level is not AgreementLevel.SERVICE:
        if document.targets or document.availability:
            level = document.level.value.lower()
            yield DraftFault("TARGET_NOT_ALLOWED_AT_LEVEL", f"{name}.targets", f"the {level} level holds terms; targets are per service")
        if document.services:
            yield DraftFault("TARGET_NOT_ALLOWED_AT_LEVEL", f"{name}.services", "a service is promised at service level")
    elif document.kind not in SUPPORT_KINDS:
        if ALL_SERVICES in document.services:
            yield DraftFault(
                "BLANKET_SLA", f"{name}.services", "one agreement for every service promises none of them; write one for each service"
            )
        elif len(document.services) > 1:
            yield DraftFault("ONE_SERVICE_PER_DOCUMENT", f"{name}.services", f"promises {len(document.services)} services; split it")
    is_multi_level = any(each.level is not AgreementLevel.SERVICE for each in draft.documents)
    if is_multi_level and document.level is AgreementLevel.SERVICE and document.parent is None:
        yield DraftFault("NO_PARENT", f"{name}.parent", "in a multi-level agreement a service document names the document above it")
    if document.parent is not None and _RANK[document.level] <= _RANK[draft.named(document.parent).level]:
        yield DraftFault("WRONG_PARENT", f"{name}.parent", f"{document.parent} is of no higher level")


_RANK = {AgreementLevel.CORPORATE: 0, AgreementLevel.CUSTOMER: 1, AgreementLevel.SERVICE: 2}


def _of_terms(draft: FinalDraft, document: AgreementDocument) -> Iterator[DraftFault]:
    for term in document.terms:
        if document.level is AgreementLevel.CORPORATE and term.requirement is None and term.standard_clause is None:
            yield DraftFault(
                "UNTRACED_TERM", f"{document.document}.terms.{term.term}", "refers to no requirement and to no standard clause (R-021)"
            )
    above = draft.ancestors(document)
    if not above:
        return
    inherited = {each.term.term: each for each in effective_terms(draft, above[0])}
    for term in document.terms:
        origin = inherited.get(term.term)
        if origin is not None and origin.term.mandatory and term.weakens(origin.term):
            yield DraftFault(
                "WEAKENS_MANDATORY",
                f"{document.document}.terms.{term.term}",
                f"{origin.document} makes {term.term!r} mandatory; it may be tightened, not weakened",
            )


def _of_duties(document: AgreementDocument) -> Iterator[DraftFault]:
    """Every obligation has work packages, and names are single: by them one is told kept or missed, or gets another owner."""
    names = [each.obligation for each in document.obligations]
    for name in sorted({each for each in names if names.count(each) > 1}):
        yield DraftFault("OBLIGATION_TWICE", f"{document.document}.obligations.{name}", "two obligations have this name (R-088)")
    for obligation in document.obligations:
        if not obligation.packages:
            yield DraftFault(
                "NO_WORK_PACKAGE", f"{document.document}.obligations.{obligation.obligation}", "no work package fulfils it (R-148)"
            )
        packages = [each.package for each in obligation.packages]
        for name in sorted({each for each in packages if packages.count(each) > 1}):
            where = f"{document.document}.obligations.{obligation.obligation}.packages.{name}"
            yield DraftFault("WORK_PACKAGE_TWICE", where, "two of its work packages have this name (R-150)")


def _of_owners(document: AgreementDocument, catalogue: Catalogue) -> Iterator[DraftFault]:
    """Nobody signs that somebody does the work who is there no more."""
    for obligation in document.obligations:
        for each in obligation.packages:
            if catalogue.has_left(each.owner):
                where = f"{document.document}.obligations.{obligation.obligation}.packages.{each.package}"
                yield DraftFault("OWNER_HAS_LEFT", where, f"{each.owner} is not active in the catalogue (R-150)")


def _of_levels_accepted(document: AgreementDocument) -> Iterator[DraftFault]:
    """The promised and the accepted level must be equal where the customer accepted one by name (R-026)."""
    if document.kind in SUPPORT_KINDS:
        return
    for target in document.targets:
        where = f"{document.document}.targets.{target.target}.accepted"
        if target.accepted is None:
            yield DraftFault("PROMISED_NE_ACCEPTED", where, "the level the customer accepted is not on record")
        elif any(_level(row) != _level(target.accepted.over(row)) for row in target.rows):
            yield DraftFault("PROMISED_NE_ACCEPTED", where, "the customer accepted another level than is promised")


def _of_measuring(document: AgreementDocument) -> Iterator[DraftFault]:
    """What tickets could not run under. The registry finds it only when everybody has signed, and nobody can mend it then."""
    if document.effective_from is None or not document.targets:
        return
    try:
        document.terms_for_tickets(document.document, "1.0", (link.support for link in document.links))
    except ValidationError as wrong:
        for each in wrong.errors():
            where = ".".join(map(str, (document.document, *each["loc"])))
            yield DraftFault("NOT_MEASURABLE", where, str(each["msg"]).removeprefix("Value error, "))


def _level(limit: Limit) -> tuple[object, ...]:
    return limit.kind, limit.limit, limit.days, limit.calendar


def _of_customer(document: AgreementDocument, catalogue: Catalogue) -> Iterator[DraftFault]:
    customer = catalogue.customer_named(document.customer.name)
    kinds = {AgreementKind.CUSTOMER_SLA: CustomerKind.EXTERNAL, AgreementKind.INTERNAL_SLA: CustomerKind.DEPARTMENT}
    if document.kind in SUPPORT_KINDS:
        return
    if customer is None:
        yield DraftFault("UNKNOWN_CUSTOMER", f"{document.document}.customer", f"{document.customer.name!r} is not in the catalogue")
    elif customer.kind is not kinds[document.kind]:
        yield DraftFault(
            "WRONG_KIND", f"{document.document}.kind", f"{customer.customer!r} is {customer.kind}, which a {document.kind} is not made with"
        )
    for service in document.services:
        if service != ALL_SERVICES and catalogue.service_named(service) is None:
            yield DraftFault("UNKNOWN_SERVICE", f"{document.document}.services", f"{service!r} is not in the catalogue")


def _umbrella(draft: FinalDraft, document: AgreementDocument, catalogue: Catalogue) -> Iterator[DraftFault]:
    """One target for regions of different classes (R-104)."""
    classes: Mapping[str, RegionClass] = {each.region: each.region_class for each in catalogue.regions}
    regions = document.regions or tuple(_regions_of(document, catalogue))
    if len({classes[region] for region in regions if region in classes}) < 2 or _is_answered(draft.umbrella_justification):
        return
    for target in document.targets:
        if not any("region" in row.when for row in target.rows):
            yield DraftFault(
                "UMBRELLA_TARGET",
                f"{document.document}.targets.{target.target}",
                f"one level for {', '.join(sorted(regions))}; split it by region, or say in umbrella_justification why it fits all",
            )


def _regions_of(document: AgreementDocument, catalogue: Catalogue) -> Iterator[str]:
    customer = catalogue.customer_named(document.customer.name)
    return (site.region for site in (customer.sites if customer is not None else ()))


def _same_terms(draft: FinalDraft) -> Iterator[DraftFault]:
    """The third department or region with word for word the same targets (R-030)."""
    if _is_answered(draft.same_terms_justification):
        return
    of_service = [each for each in draft.documents if each.targets]
    by_terms = sorted(of_service, key=_terms_key)
    for _, same in groupby(by_terms, key=_terms_key):
        names = [each.document for each in same]
        if len(names) > 2:
            yield DraftFault(
                "SAME_TERMS",
                f"{names[2]}.targets",
                f"the same terms in {len(names)} documents ({', '.join(names)}); "
                f"confirm in same_terms_justification, in {LEAST_JUSTIFICATION} characters or more, that their needs were checked",
            )


def _terms_key(document: AgreementDocument) -> str:
    targets = [target.model_dump(mode="json", exclude={"measurement", "accepted", "procedures"}) for target in document.targets]
    return canonical_json([list(document.services), targets])


def _is_answered(justification: str | None) -> bool:
    return justification is not None and len(justification.strip()) >= LEAST_JUSTIFICATION
