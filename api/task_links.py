"""Personal links in notices: straight to the decision, without signing in, for the one person the notice goes to."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row

from api.case_views import hashes_of
from connectors.decision_links import DecisionLink, link_token
from domain.agreement_case import AgreementCase
from domain.canonical import digest_of
from domain.effects import Notice
from domain.follow_ups.follow_up import FollowUpKind
from domain.receivers import PERSONAL
from domain.registry_numbers import in_addresses
from domain.support_case import SupportCase
from store.cases import CaseStore
from store.database import Database
from store.follow_ups import follow_up_of

OPENS_FOR = timedelta(days=30)
"""How long a personal link opens; whoever comes later signs in."""

_NO_PAGE = PERSONAL | {"digest"}
"""Phrases of notices without a page: a survey brings its own link, and a digest is about many tickets."""


class TaskLinks:
    """Carries out `domain.ports.Links`."""

    def __init__(self, database: Database, address: str, secret: str | None, now: Callable[[], datetime]) -> None:
        """Make links below an address; without a secret they lead to pages one signs in for. `now` tells real time."""
        self._database = database
        self._address = address
        self._secret = secret
        self._now = now
        self._cases = CaseStore(database)

    async def link_for(self, person: str, notice: Notice) -> str | None:
        """Where a person is led by a notice: to the decision that is asked of them, else to the page of what it is about."""
        if notice.phrase in _NO_PAGE:
            return None
        if notice.ticket is not None:
            return f"{self._address}/pages/tickets/{quote(notice.ticket.source, safe='')}/{quote(notice.ticket.ticket_id, safe='')}"
        if notice.case_id is None:
            return None
        if self._secret is not None and notice.task is not None:
            async with self._database.reading() as connection:
                row = await self._cases.case(connection, notice.case_id)
                tasks = (await self._cases.tasks_of(connection, [notice.case_id]))[notice.case_id]
            if row is not None and any(each.task == notice.task and each.state == "OPEN" for each in tasks):
                link = DecisionLink(person, notice.case_id, notice.task, digest_of_case(row), self._now() + OPENS_FOR)
                return f"{self._address}/decide/{link_token(self._secret, link)}"
        if "/" in notice.case_id:  # what is told of a registered agreement names it by its number
            return f"{self._address}/pages/agreements/{quote(in_addresses(notice.case_id), safe='')}"
        return f"{self._address}/pages/cases/{quote(notice.case_id)}"


def digest_of_case(row: Row[Any]) -> str:
    """What sums up every document decisions in a case are attached to: another version of any of them is another digest."""
    return digest_of(dict(_hashes(row)))[:16]


def _hashes(row: Row[Any]) -> Mapping[str, str | None]:
    if row.kind == "AGREEMENT":
        return hashes_of(AgreementCase.model_validate(row.document))
    if row.kind == "SUPPORT":
        return {"document": SupportCase.model_validate(row.document).document_hash}
    assert row.kind in set(FollowUpKind)
    found = follow_up_of(row.document)
    return {name: getattr(found, f"{name}_hash", None) for name in ("minutes", "content", "edited")}


def real_now() -> datetime:
    """Now, whatever time it is for the business."""
    return datetime.now(UTC)
