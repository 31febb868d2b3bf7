"""Addresses of the pages on which people see what a notice is about."""

from urllib.parse import quote

from domain.effects import Notice


class PageLinks:
    """Carries out `domain.ports.Links` with the plain addresses of pages; whoever opens one signs in first."""

    def __init__(self, base: str) -> None:
        """Take the address that links begin with."""
        self._base = base

    async def link_for(self, person: str, notice: Notice) -> str | None:  # noqa: ARG002  (the page is the same for all)
        """The page of the ticket or case; that of the survey brings its own link."""
        if notice.phrase in {"survey", "digest"}:
            return None
        if notice.ticket is not None:
            return f"{self._base}/pages/tickets/{quote(notice.ticket.source, safe='')}/{quote(notice.ticket.ticket_id, safe='')}"
        if notice.case_id is None:
            return None
        return f"{self._base}/pages/cases/{quote(notice.case_id, safe='')}"
