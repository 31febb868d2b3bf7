"""What is tried: the documents of a proposal, as if they had been in force all the time the record tells of."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import Field

from domain.documents import AgreementDocument, AgreementLevel, hash_of
from domain.history import TicketHistory
from domain.terms import Agreement
from domain.values import Document


class Whose(StrEnum):
    """Whose tickets are measured."""

    THE_CUSTOMER = "THE_CUSTOMER"
    """Those of the customer the proposal is for."""
    ANYBODY = "ANYBODY"
    """Those of the service and region whoever's they are: what a customer who has no record yet may expect."""


class Proposal(Document):
    """One proposal: a name, and what it promises. Documents that carry no targets promise tickets nothing and stand aside."""

    proposal: Annotated[str, Field(min_length=1, max_length=100)]
    documents: Annotated[tuple[AgreementDocument, ...], Field(min_length=1, max_length=100)]

    @cached_property
    def promising(self) -> tuple[AgreementDocument, ...]:
        """Its documents with targets, each once."""
        return tuple(each for each in self.documents if each.level is AgreementLevel.SERVICE and (each.targets or each.availability))

    @property
    def digest(self) -> str:
        """SHA-256 of what it promises."""
        return hash_of(self)


class Assumed:
    """A proposal as if it had been in force from a day on, without an end."""

    def __init__(self, proposal: Proposal, since: date, whose: Whose) -> None:
        """Take its terms from a day on.

        Raises:
            ValidationError: it promises something that cannot be measured.
        """
        self.proposal = proposal
        self._whose = whose
        self.documents: Mapping[str, AgreementDocument] = {_name(each): each for each in proposal.promising}
        self.terms: Sequence[Agreement] = [_terms(each, since, whose) for each in proposal.promising if each.targets]

    def owned(self, history: TicketHistory) -> list[TicketHistory]:
        """A ticket's history as the proposal looks at it: once, or once for each customer it would be promised to."""
        if self._whose is Whose.THE_CUSTOMER:
            return [history]
        customers = dict.fromkeys(each.customer for each in self.terms)
        return [
            history._replace(changes=[(at, {**attributes, "customer": customer}) for at, attributes in history.changes])
            for customer in customers
        ]


def _terms(document: AgreementDocument, since: date, whose: Whose) -> Agreement:
    in_force = document.model_copy(update={"effective_from": since, "effective_until": None})
    if whose is Whose.ANYBODY:
        in_force = in_force.model_copy(update={"group": None})
    return in_force.terms_for_tickets(_name(document), "1.0", ())


def _name(document: AgreementDocument) -> str:
    """Its name on clocks: none that an agreement in force has, so that nothing that happened to one happens to it."""
    return f"as-if-{document.document}"[:100]
