"""What a program may do with its service token. A scope opens addresses, never decisions: those are made by people."""

from collections.abc import Iterable
from enum import StrEnum

from domain.errors import BadInput


class Scope(StrEnum):
    """One kind of access (`docs/sign-in.md` names the addresses)."""

    EVENTS_WRITE = "events:write"
    """Send events of tickets and cases without a signature."""
    TICKETS_READ = "tickets:read"
    """See every ticket with its clocks."""
    TICKETS_WRITE = "tickets:write"
    """Pause and resume tickets."""
    MAILBOX_READ = "mailbox:read"
    """Read every letter of the local mailbox."""
    MEASUREMENTS_WRITE = "measurements:write"
    """Report samples, outages, answers of customers, outcomes and duties."""
    REPORTS_READ = "reports:read"
    """Read results, reports, charts, KPIs and the tickets behind a figure."""
    REGISTRY_READ = "registry:read"
    """Read agreements with their text, versions, ends, reviews and follow-ups."""
    AUDIT_READ = "audit:read"
    """Read the trails of cases."""


def scopes_of(names: Iterable[str]) -> frozenset[Scope]:
    """Scopes by their names.

    Raises:
        BadInput: there is no such scope, or none is named.
    """
    wanted = list(names)
    known = {scope.value: scope for scope in Scope}
    if not wanted:
        raise BadInput(f"scope: name one or more of {', '.join(known)}")
    if unknown := [name for name in wanted if name not in known]:
        raise BadInput(f"scope: there is no {unknown[0]!r}; there are {', '.join(known)}")
    return frozenset(known[name] for name in wanted)
