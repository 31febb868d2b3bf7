"""Who stands in for whom: from the first day to the last, within one party, and never for a deputy."""

from domain.catalogue import Catalogue
from domain.errors import BadInput, Forbidden
from domain.people import Delegation


def delegated(catalogue: Catalogue, person: str, delegation: Delegation, *, by: str) -> Catalogue:
    """The catalogue with a deputy named.

    Raises:
        Forbidden: named neither by the person nor by their manager.
        BadInput: no such person, oneself, or of another party.
    """
    deputy = delegation.deputy
    absent, stands_in = catalogue.person(person), catalogue.person(deputy)
    if by not in {person, absent.manager}:
        raise Forbidden(f"{person} or their manager names a deputy")
    if person == deputy:
        raise BadInput("deputy: somebody else must decide")
    if (stands_in.side, stands_in.party) != (absent.side, absent.party):
        raise BadInput(f"deputy: {deputy} acts for another party than {person}", "SEPARATION_OF_DUTIES")
    changed = absent.model_copy(update={"delegations": (*absent.delegations, delegation)})
    return catalogue.model_copy(update={"people": tuple(changed if each.person == person else each for each in catalogue.people)})
