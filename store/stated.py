"""A registry entry as periods look at it: what its document states, in which zone and for how long."""

from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from domain.documents import AgreementDocument
from domain.errors import NotFound
from domain.in_force import Term
from domain.registry_numbers import in_addresses
from store.entries import Entry
from store.results import Asked


class Stated(NamedTuple):
    """An agreement that was signed here, and so states what is to be met in a period: by one of its versions.

    `term` is the agreement's, whatever versions it had and has.
    """

    registry_no: str
    document: AgreementDocument
    zone: ZoneInfo
    term: Term

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Read an entry.

        Raises:
            NotFound: it came as ready terms, which state no shares.
        """
        if entry.case_id is None:
            raise NotFound(f"{entry.registry_no} came as ready terms: they state no shares to be met")
        document = AgreementDocument.model_validate(entry.document)
        term = Term(entry.terms[0].begins, entry.terms[-1].ends)
        return cls(entry.registry_no, document, ZoneInfo(document.time_zone), term)

    @property
    def asked(self) -> Asked:
        """Its clocks, by their name for it."""
        return Asked(in_addresses(self.registry_no), self.zone, self.document.workload_limits or ())
