"""A registry entry as periods look at it: what its document states, in which zone and for how long."""

from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from domain.agreement_life import term_of
from domain.case_messages import Registered
from domain.documents import AgreementDocument
from domain.errors import NotFound
from domain.in_force import Term
from store.results import Asked


class Stated(NamedTuple):
    """An agreement that was signed here, and so states what is to be met in a period."""

    registry_no: str
    document: AgreementDocument
    zone: ZoneInfo
    term: Term

    @classmethod
    def of(cls, entry: Any) -> Self:
        """Read an entry.

        Raises:
            NotFound: it came as ready terms, which state no shares.
        """
        if entry.case_id is None:
            raise NotFound(f"{entry.registry_no} came as ready terms: they state no shares to be met")
        document = AgreementDocument.model_validate(entry.document)
        term = term_of(Registered.model_validate(entry, from_attributes=True))
        return cls(entry.registry_no, document, ZoneInfo(document.time_zone), term)

    @property
    def asked(self) -> Asked:
        """Its clocks, by their name for it."""
        return Asked(self.registry_no.replace("/", "-"), self.zone, self.document.workload_limits or ())
