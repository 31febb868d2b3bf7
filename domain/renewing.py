"""How a renewal is opened when the term of an agreement comes to its end. Pure."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.agreement_life import term_of
from domain.agreement_parts import Period
from domain.consequences import Consequences, Source
from domain.follow_ups.follow_up import FollowUpKind
from domain.follow_ups.renewal import Renewal, next_end
from domain.in_force import Occasion
from domain.periods import period_at
from domain.registry_numbers import in_addresses


def at_renewal(source: Source, occasion: Occasion) -> Consequences:
    """The renewal becomes a case, named by the day its term ends."""
    term, begins = term_of(source.registered), source.registered.effective_from
    assert term.ends is not None, "what has no end is not renewed"
    renewal = Renewal(
        **source.follow_up(FollowUpKind.RENEWAL, occasion.name, "", occasion.name),
        ends_at=term.ends,
        renewed_until=next_end(begins, date.fromisoformat(occasion.name), source.watched.renewal),
        clause=source.watched.renewal,
        pack=_pack(source),
    )
    return Consequences(openings=(renewal,))


def _pack(source: Source) -> tuple[str, ...]:
    """Addresses of what is read before: twelve months of results, how content the customer is, credits, volume."""
    number, zone = in_addresses(source.registered.registry_no), ZoneInfo(source.registered.time_zone)
    month, quarter = (
        period_at(kind, period_at(kind, source.at, zone).start - timedelta(days=1), zone).name for kind in (Period.MONTH, Period.QUARTER)
    )
    parts = ("slam", f"surveys?period={quarter}", "follow-ups?kind=CREDIT", f"results?period={month}")
    return tuple(f"/registry/{number}/{part}" for part in parts)
