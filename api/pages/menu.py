"""What the menu of a page leads to, for whom."""

from api.pages.visitors import Visitor
from domain.people import Role

_ALL = (("/pages", "home"), ("/pages/tasks", "tasks"), ("/pages/cases", "cases"), ("/pages/agreements", "agreements"))
_WITH_TICKETS = (("/pages/tickets", "tickets"), ("/pages/reviews", "reviews"))
_INSIDE = (
    ("/pages/coverage", "coverage"),
    ("/pages/catalogue", "catalogue"),
    ("/pages/calendars", "calendars"),
)
_AUDITORS = (Role.ADMIN, Role.CONTROL_TIER, Role.SLM_MANAGER)


def menu(visitor: Visitor) -> tuple[tuple[str, str], ...]:
    """Addresses and the keys of their labels."""
    audit = (("/pages/audit", "audit"),) if visitor.someone.has(*_AUDITORS) else ()
    return (*_ALL, *_WITH_TICKETS, *(_INSIDE if visitor.is_inside else ()), *audit)
