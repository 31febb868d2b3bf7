"""Follow-ups of registered agreements, as rows of cases: opened once, found by their agreement."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case_telling import record_of
from domain.follow_ups.claim import Claim
from domain.follow_ups.credit import Credit, CreditState
from domain.follow_ups.dispute import Dispute, DisputeState
from domain.follow_ups.follow_up import FollowUp, FollowUpKind
from domain.follow_ups.kinds import AnyFollowUp, has_ended
from domain.period_results import Credited
from store.case_tables import CaseRow
from store.cases import CaseStore
from store.database import Database

cases = CaseRow.__table__  # type: ignore[attr-defined]

OPENED_BY = "servanda"
"""The source of follow-ups that an agreement's process opened."""

_FORM: TypeAdapter[FollowUp] = TypeAdapter(AnyFollowUp)


class FollowUpStore:
    """Opens and finds follow-ups."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._cases = CaseStore(database)

    async def open(self, case: FollowUp) -> None:
        """Write a follow-up down; one that is there already stays as it is."""
        async with self._database.writing() as connection:
            await self._cases.open(connection, record_of(case), OPENED_BY, case.case_id)

    async def of(self, connection: AsyncConnection, registry_no: str, *kinds: FollowUpKind, is_open: bool = False) -> list[FollowUp]:
        """The follow-ups of an agreement of some kinds, earliest first; all, or those in which somebody is waited for."""
        found = (await self.of_all(connection, [registry_no], *kinds))[registry_no]
        return [each for each in found if not has_ended(each)] if is_open else found

    async def of_all(self, connection: AsyncConnection, registry_nos: Sequence[str], *kinds: FollowUpKind) -> dict[str, list[FollowUp]]:
        """The same of several agreements, all of them, by number."""
        query = select(cases.c.document).where(cases.c.agreement.in_(registry_nos), cases.c.kind.in_([kind.value for kind in kinds]))
        found: dict[str, list[FollowUp]] = {number: [] for number in registry_nos}
        for (document,) in await connection.execute(query.order_by(cases.c.kind, cases.c.opened_at, cases.c.case_id)):
            case = follow_up_of(document)
            found[case.registry_no].append(case)
        return found

    async def disputes(self, connection: AsyncConnection, registry_no: str, period: str) -> list[Dispute]:
        """The open disputes about figures of a period."""
        found = await self.of(connection, registry_no, FollowUpKind.DISPUTE, is_open=True)
        return [each for each in found if isinstance(each, Dispute) and each.state is DisputeState.OPEN and each.period == period]

    async def credited(self, connection: AsyncConnection, registry_no: str, period: str) -> Credited:
        """What is known of an agreement's credits when those of a period are drafted."""
        found = await self.of(connection, registry_no, FollowUpKind.CREDIT)
        return credited_in([each for each in found if isinstance(each, Credit)], period)

    async def money_of(self, connection: AsyncConnection, registry_no: str, supports: Sequence[str]) -> list[str]:
        """Open credits of an agreement, and claims on suppliers for what made it late, by their ids."""
        mine = await self.of(connection, registry_no, FollowUpKind.CREDIT, FollowUpKind.CLAIM, is_open=True)
        for number in supports:
            theirs = await self.of(connection, number, FollowUpKind.CLAIM, is_open=True)
            mine += [each for each in theirs if isinstance(each, Claim) and registry_no in each.caused]
        return [each.case_id for each in mine]

    async def open_plans(self, connection: AsyncConnection, registry_no: str) -> dict[str, str]:
        """The open improvement plans by what they are about."""
        return {each.about: each.case_id for each in await self.of(connection, registry_no, FollowUpKind.PLAN, is_open=True)}


def credited_in(known: Sequence[Credit], period: str) -> Credited:
    """What an agreement's credits say when those of a period are drafted; drafts count as given, what was rejected does not."""
    year = [each for each in known if each.period[:4] == period[:4] and each.period < period]
    given = sum((each.amount for each in year if each.state is not CreditState.REJECTED), Decimal(0))
    return Credited(given, {each.about: each.cause for each in known if each.period == period and each.cause is not None})


def follow_up_of(document: object) -> FollowUp:
    """A stored follow-up."""
    return _FORM.validate_python(document)
