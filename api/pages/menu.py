"""What the menu of a page leads to, for whom."""

from api.pages.visitors import Visitor
from api.routes.audit import SEARCHERS
from api.routes.backtests import ASKERS
from api.routes.capacity import READERS
from api.routes.costs import COST_READERS
from domain.people import Role

_ALL = (("/pages", "home"), ("/pages/tasks", "tasks"), ("/pages/cases", "cases"), ("/pages/agreements", "agreements"))
_MAILBOX = ("/pages/mailbox", "mailbox")
_WITH_TICKETS = (("/pages/tickets", "tickets"), ("/pages/reviews", "reviews"))
_INSIDE = (
    ("/pages/coverage", "coverage"),
    ("/pages/catalogue", "catalogue"),
    ("/pages/calendars", "calendars"),
    ("/pages/risks", "risks"),
    ("/pages/quality-proofs", "quality_proofs"),
    ("/pages/duties", "duties"),
    ("/pages/replans", "replans"),
)


def menu(visitor: Visitor) -> tuple[tuple[str, str], ...]:
    """Addresses and the keys of their labels."""
    audit = (("/pages/audit", "audit"),) if visitor.someone.has(*SEARCHERS) else ()
    backtests = (("/pages/backtests", "backtests"),) if visitor.someone.has(*ASKERS) else ()
    capacity = (("/pages/capacity", "capacity"),) if visitor.someone.has(*READERS) else ()
    costs = (("/pages/costs", "costs"),) if visitor.someone.has(*COST_READERS) else ()
    deliveries = (("/pages/deliveries", "deliveries"),) if visitor.someone.has(Role.ADMIN) else ()
    return (*_ALL, *_WITH_TICKETS, *(_INSIDE if visitor.is_inside else ()), *backtests, *capacity, *costs, *audit, *deliveries, _MAILBOX)
