"""How a renewal is opened when the term of an agreement comes to its end. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.agreement_parts import Period
from domain.case_messages import AgreementOrder
from domain.consequences import Consequences, Source
from domain.follow_ups.follow_up import FollowUpKind
from domain.follow_ups.renewal import Renewal, next_end
from domain.in_force import Occasion
from domain.periods import period_at
from domain.registry_numbers import in_addresses
from domain.versions import place_of


def at_renewal(source: Source, order: AgreementOrder, occasion: Occasion) -> Consequences:
    """The renewal becomes a case, named by the day its term ends."""
    ends = date.fromisoformat(occasion.name)
    renewal = Renewal(
        **source.follow_up(FollowUpKind.RENEWAL, occasion.name, "", occasion.name),
        ends_at=datetime.combine(ends, time(), ZoneInfo(source.registered.time_zone)),
        renewed_until=next_end(_began(order, ends), ends, source.watched.renewal),
        clause=source.watched.renewal,
        pack=_pack(source),
    )
    return Consequences(openings=(renewal,))


def _began(order: AgreementOrder, ends: date) -> date:
    """When the term began that ends: with the version that was last signed, or where a renewal had moved its end to."""
    known = sorted((order.registered, *order.later), key=lambda each: place_of(each.version))
    signed = [each for each in known if place_of(each.version)[0] == place_of(known[-1].version)[0]]
    moved = [each.effective_until for each in signed if each.effective_until is not None and each.effective_until < ends]
    return max(moved, default=signed[0].effective_from)


def _pack(source: Source) -> tuple[str, ...]:
    """Addresses of what is read before: twelve months of results, how content the customer is, credits, volume."""
    number, zone = in_addresses(source.registered.registry_no), ZoneInfo(source.registered.time_zone)
    month, quarter = (
        period_at(kind, period_at(kind, source.at, zone).start - timedelta(days=1), zone).name for kind in (Period.MONTH, Period.QUARTER)
    )
    parts = ("slam", f"surveys?period={quarter}", "follow-ups?kind=CREDIT", f"results?period={month}")
    return tuple(f"/registry/{number}/{part}" for part in parts)
