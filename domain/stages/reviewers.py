"""Who is a party to the final version."""

from domain.actors import Act
from domain.agreement_case import AgreementCase, Reviewer
from domain.errors import Forbidden


def reviewer_of(case: AgreementCase, act: Act) -> Reviewer:
    """The party somebody acts for.

    Raises:
        Forbidden: they are none.
    """
    who = act.entitled
    for each in case.reviewers:
        is_theirs = each.role is act.role and (each.person is None or each.person == who.person)
        if is_theirs and each.side is who.side and each.party == who.party:
            return each
    raise Forbidden(f"{who.person} as {act.role} is no party to the final version")
