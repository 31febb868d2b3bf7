"""Is a change of an agreement a small one? What both sides promise each other is changed by renegotiation alone."""

from domain.agreement_parts import Party
from domain.differences import differences
from domain.documents import AgreementDocument


def is_material(before: AgreementDocument, after: AgreementDocument) -> tuple[str, ...]:
    """What makes a change material, each as a path with the old and the new value; nothing where it is a small one.

    Material are targets, availability, prices, hours and calendars, scope, credits, penalties, the control layer, and
    whatever else is not plainly about people and addresses: what is doubtful is renegotiated, not slipped in.

    Source: docs/in-force.md, change.
    """
    found = differences(_promises(before), _promises(after))
    return tuple(f"{each.where}: {each.before or 'none'} → {each.after or 'none'}" for each in found)


def _promises(document: AgreementDocument) -> AgreementDocument:
    """A document without what may change in a small way: its title, who speaks and signs, where parties are reached, who does the work."""
    return document.model_copy(
        update={
            "title": document.document,
            "provider": Party(name=document.provider.name),
            "customer": Party(name=document.customer.name),
            "targets": tuple(each.model_copy(update={"procedures": ()}) for each in document.targets),
            "obligations": tuple(each.model_copy(update={"packages": ()}) for each in document.obligations),
        }
    )
