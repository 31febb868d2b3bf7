"""The 16 points every agreement answers before it is frozen, long or short (R-005, R-061)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from domain.documents import AgreementDocument, AgreementLevel, FinalDraft
from domain.faults import DraftFault
from domain.people import Side
from domain.terms import SUPPORT_KINDS

INCOMPLETE = "INCOMPLETE"

CONTROL_PARTS = (
    "governance_roles",
    "measurement_and_reporting",
    "escalation_ladder",
    "change_control",
    "audit_and_evidence",
    "disputes",
)
"""The six parts of the control layer (R-056)."""

FINANCIAL_PARTS = ("data_locations", "exit_plan")
"""What the EU's rules for financial entities ask beside them (R-062; regulation 2022/2554, article 30)."""

_MEASURED_BY = ("source", "formula", "sampling", "rounding", "unknown_data", "dispute", "responsible")


class Chapter(NamedTuple):
    """A document with the documents above it: what those answer holds here too."""

    document: AgreementDocument
    above: Sequence[AgreementDocument]
    is_regulated: bool = False

    def answers(self, field: str) -> bool:
        """Is a point answered here or above?"""
        return any(getattr(each, field) is not None for each in (self.document, *self.above))


class Point(NamedTuple):
    """One of the 16 points: its name, whether it is asked of this level, and the fields that are open."""

    name: str
    asked_of: Callable[[AgreementDocument], bool]
    missing: Callable[[Chapter], Iterable[str]]


def incomplete(draft: FinalDraft, *, is_regulated: bool = False) -> list[DraftFault]:
    """Every point that a document of the draft leaves open, named by point and field."""
    return [
        DraftFault(INCOMPLETE, f"{document.document}.{field}", f"{point.name} is not answered")
        for document in draft.documents
        for point in POINTS
        if point.asked_of(document)
        for field in point.missing(Chapter(document, draft.ancestors(document), is_regulated))
    ]


def _parties(chapter: Chapter) -> Iterator[str]:
    for side in ("provider", "customer"):
        party = getattr(chapter.document, side)
        if party.representative is None:
            yield f"parties.{side}.representative"
        if not party.signatories:
            yield f"parties.{side}.signatories"


def _measurement(chapter: Chapter) -> Iterator[str]:
    measured = {each.target: each.measurement for each in chapter.document.targets}
    measured |= {each.target: each.measurement for each in chapter.document.availability}
    for target, measurement in measured.items():
        yield from (f"targets.{target}.measurement.{name}" for name in _MEASURED_BY if getattr(measurement, name) is None)


def _duties(chapter: Chapter) -> Iterator[str]:
    obligations = [each for document in (chapter.document, *chapter.above) for each in document.obligations]
    other = Side.SUPPLIER if chapter.document.kind.value == "UC" else Side.PROVIDER
    sides = {each.side for each in obligations}
    for side in (other, Side.CUSTOMER if chapter.document.kind not in SUPPORT_KINDS else Side.PROVIDER):
        if side not in sides:
            yield f"obligations.{side.value.lower()}"


def _control(chapter: Chapter) -> Iterator[str]:
    parts = CONTROL_PARTS + (FINANCIAL_PARTS if chapter.is_regulated else ())
    layers = [each.control_layer for each in (chapter.document, *chapter.above)]
    return (f"control_layer.{part}" for part in parts if all(getattr(layer, part) is None for layer in layers))


def _open(field: str) -> Callable[[Chapter], Iterable[str]]:
    return lambda chapter: () if chapter.answers(field) else (field,)


def _empty(field: str) -> Callable[[Chapter], Iterable[str]]:
    return lambda chapter: () if getattr(chapter.document, field) else (field,)


def _targets(chapter: Chapter) -> Iterable[str]:
    return () if chapter.document.targets or chapter.document.availability else ("targets",)


def _hours(chapter: Chapter) -> Iterable[str]:
    return () if chapter.document.calendars or chapter.document.availability else ("calendars",)


def _all(_: AgreementDocument) -> bool:
    return True


def _service_level(document: AgreementDocument) -> bool:
    return document.level is AgreementLevel.SERVICE


def _sold(document: AgreementDocument) -> bool:
    """Is it a promise to a customer? A team or supplier promises us, and measures itself against no workload of its own."""
    return _service_level(document) and document.kind not in SUPPORT_KINDS


POINTS: tuple[Point, ...] = (
    Point("parties", _all, _parties),
    Point("services", _sold, _empty("services")),
    Point("hours", _service_level, _hours),
    Point("targets", _service_level, _targets),
    Point("measurement", _service_level, _measurement),
    Point("workload_limit", _service_level, _open("workload_limits")),
    Point("exceptions", _service_level, _open("exclusions")),
    Point("duties of both sides", _service_level, _duties),
    Point("price", _service_level, _open("price")),
    Point("credits", _service_level, _open("credits")),
    Point("change plan", _all, _open("modification_plan")),
    Point("review dates", _all, _open("reviews")),
    Point("term", _all, _empty("effective_from")),
    Point("termination route", _all, _open("termination")),
    Point("customer outcomes", _sold, _open("outcomes")),
    Point("control layer", _all, _control),
)
"""In the order of R-061. What a document above answers need not be said again, but for those that ask the document itself."""
