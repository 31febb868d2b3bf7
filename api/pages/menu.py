"""What the menu of a page leads to, for whom."""

from typing import NamedTuple

from api.pages.visitors import Visitor
from api.routes.audit import SEARCHERS
from api.routes.backtests import ASKERS
from api.routes.capacity import READERS
from api.routes.costs import COST_READERS
from domain.people import Role

_MAIN = (
    ("/pages", "home"),
    ("/pages/tasks", "tasks"),
    ("/pages/cases", "cases"),
    ("/pages/agreements", "agreements"),
    ("/pages/tickets", "tickets"),
    ("/pages/reviews", "reviews"),
    ("/pages/mailbox", "mailbox"),
)
"""What everybody comes for."""

_INSIDE = (
    ("/pages/coverage", "coverage"),
    ("/pages/catalogue", "catalogue"),
    ("/pages/calendars", "calendars"),
    ("/pages/risks", "risks"),
    ("/pages/duties", "duties"),
    ("/pages/replans", "replans"),
    ("/pages/quality-proofs", "quality_proofs"),
)
_FOR_SOME = (
    (("/pages/backtests", "backtests"), ASKERS),
    (("/pages/capacity", "capacity"), READERS),
    (("/pages/costs", "costs"), COST_READERS),
    (("/pages/audit", "audit"), SEARCHERS),
    (("/pages/deliveries", "deliveries"), (Role.ADMIN,)),
)
"""What only some roles see."""

Entries = tuple[tuple[str, str], ...]


class Menu(NamedTuple):
    """Addresses and the keys of their labels: those in sight, and those below "more"."""

    main: Entries
    more: Entries


def menu(visitor: Visitor) -> Menu:
    """What somebody may open."""
    some = tuple(entry for entry, roles in _FOR_SOME if visitor.someone.has(*roles))
    return Menu(_MAIN, (*(_INSIDE if visitor.is_inside else ()), *some))
