"""What the misses of a closed period cost: credits to the customer, claims on the supplier. Pure."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from domain.closing import Closing, Due
from domain.consequences import Consequences, Source, joined
from domain.follow_ups.claim import Claim
from domain.follow_ups.credit import Credit
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, News, follow_up_id
from domain.periods import month_after


def at_settling(source: Source, closing: Closing) -> Consequences:
    """Credits to the customer are drafted, claims on the supplier opened; those that are there already hear the amount.

    Of a disputed target nothing is drafted before that is resolved. What is no longer due is brought to nothing.
    """
    found = [_money(source, closing, due) for due in closing.due]
    waiting = {target.target for target in closing.targets if target.disputed}
    gone = {target.target for target in closing.targets if closing.version > 1} - {due.target for due in closing.due} - waiting
    nothing = [_redrafted(source, closing, target, {"amount": "0", "why": ["nothing is due"]}) for target in sorted(gone)]
    held = [News(name="figures_disputed", about=_money_id(source, closing, target), at=source.at) for target in sorted(waiting)]
    return joined([*found, *nothing, Consequences(news=tuple(held))])


def _money(source: Source, closing: Closing, due: Due) -> Consequences:
    fields = source.follow_up(_money_kind(source), due.target, closing.period) | {
        "amount": due.amount,
        "currency": due.currency,
        "why": due.why,
    }
    opened: FollowUp
    if source.is_support:
        claim_by = month_after(closing.ended, ZoneInfo(source.registered.time_zone), source.watched.policy.claim_months)
        opened = Claim(**fields, caused=closing.caused, claim_by=claim_by)
    else:
        opened = Credit(**fields, version=closing.version)
    news = _redrafted(source, closing, due.target, {"amount": str(due.amount), "why": list(due.why)})
    return joined([Consequences(openings=(opened,)), news])


def _redrafted(source: Source, closing: Closing, target: str, content: Mapping[str, Any]) -> Consequences:
    """A follow-up that is there already hears the amount; it drops what it knows."""
    about = _money_id(source, closing, target)
    return Consequences(news=(News(name="redrafted", about=about, content={**content, "version": closing.version}, at=source.at),))


def _money_kind(source: Source) -> FollowUpKind:
    return FollowUpKind.CLAIM if source.is_support else FollowUpKind.CREDIT


def _money_id(source: Source, closing: Closing, target: str) -> str:
    return follow_up_id(_money_kind(source), source.registered.registry_no, target, closing.period)
