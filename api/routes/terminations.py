"""The early end of agreements: what stands at an entry about it, the report at its end, and that nobody here can order it."""

from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.dependencies import TheParts
from api.people import RegistryReader, ReportReader, ThePerson
from api.routes.registry import the_entry
from domain.errors import TerminateViaCrm
from domain.final_report import FinalReport
from domain.termination import OpenTickets, TerminationBasis, TerminationOrder
from store.final_reports import FinalReports

router = APIRouter(tags=["terminations"])


class TerminationView(BaseModel):
    """An order of the CRM to end an agreement, and what became of it."""

    order: str
    state: str
    crm_case: str
    basis: TerminationBasis
    legal_ref: str
    requested_by: str
    ordered_at: AwareDatetime
    received_at: AwareDatetime
    effective_at: AwareDatetime
    open_tickets: OpenTickets
    successor: str | None
    revoked_at: AwareDatetime | None
    revoked_by: str | None
    revoked_because: str | None

    @classmethod
    def of(cls, row: Row[Any]) -> "TerminationView":
        """A row as it is shown."""
        order = TerminationOrder.model_validate(row.order)
        fields = {name: getattr(order, name) for name in cls.model_fields if name in TerminationOrder.model_fields}
        revoked = {name: getattr(row, name) for name in ("state", "revoked_at", "revoked_by", "revoked_because")}
        return cls(order=order.order_id, **fields, **revoked)


@router.get("/registry/{registry_no}/terminations")
async def list_terminations(registry_no: str, parts: TheParts, someone: RegistryReader) -> list[TerminationView]:
    """Every order there was to end the agreement, earliest first. Numbers are written SLA-2026-0001 here."""
    entry = await the_entry(registry_no, parts, someone)
    async with parts.database.reading() as connection:
        return [TerminationView.of(row) for row in await parts.terminations.store.of(connection, entry.registry_no)]


@router.post("/registry/{registry_no}/terminate", status_code=204)
async def terminate(registry_no: str, parts: TheParts, someone: ThePerson) -> None:
    """Nobody ends an agreement here: the CRM orders it, with the event `agreement.termination_ordered`. Always refused."""
    entry = await the_entry(registry_no, parts, someone)
    async with parts.database.reading() as connection:
        row = await parts.cases.case(connection, entry.case_id) if entry.case_id is not None else None
    crm_case = row.document.get("request", {}).get("crm_case") if row is not None else None
    where = f", in its case {crm_case}" if crm_case is not None else ""
    raise TerminateViaCrm(f"{entry.registry_no} is terminated by an order of the CRM{where}", crm_case)


@router.get("/registry/{registry_no}/final-report")
async def show_final_report(registry_no: str, parts: TheParts, someone: ReportReader) -> FinalReport:
    """What was agreed and achieved over the whole term of an agreement that has ended, with its credits."""
    return await FinalReports(parts.database).of(await the_entry(registry_no, parts, someone), parts.now())
