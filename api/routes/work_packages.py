"""Who does the work of obligations, for the provider's people: owners, owners who left, obligations nobody acts on."""

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from api.dependencies import Parts, TheParts
from api.people import TheInsider
from api.routes.registry import the_entry
from api.someone import Someone
from domain.agreement_parts import Period
from domain.neglect import Silence
from domain.people import Side
from domain.work_packages import OwnedPackage, PackageState
from store.neglect import Neglected
from store.work_packages import AgreedWork

router = APIRouter(tags=["work packages"])


class WorkPackageView(BaseModel):
    """A work package: the obligation it fulfils, its owner now, and the one the agreement's text names.

    `handover` is the case in which another owner is, or was, asked for.
    """

    obligation: str
    side: Side
    text: str
    every: Period | None
    package: str
    task: str
    owner: str
    written_owner: str
    state: PackageState
    handover: str | None

    @classmethod
    def of(cls, work: AgreedWork, package: OwnedPackage, someone: Someone) -> "WorkPackageView":
        """A package as it is shown."""
        obligation, handover = package.obligation, work.handover(package)
        return cls(
            obligation=obligation.obligation,
            side=obligation.side,
            text=obligation.text,
            every=obligation.every,
            package=package.package.package,
            task=package.package.task,
            owner=package.owner,
            written_owner=package.written,
            state=package.state(someone.catalogue),
            handover=handover.case_id if handover is not None else None,
        )


@router.get("/registry/{registry_no}/work-packages")
async def list_work_packages(registry_no: str, parts: TheParts, someone: TheInsider) -> list[WorkPackageView]:
    """The obligations of an agreement by their work packages, each with its owner now."""
    entry = await the_entry(registry_no, parts, someone)
    [work] = await parts.work.of([entry.at(parts.now())])
    return [WorkPackageView.of(work, each, someone) for each in work.packages]


class OrphanedPackageView(WorkPackageView):
    """A work package whose owner has left; `due_at` is when another owner is to be named by, None where nobody is asked any more."""

    registry_no: str
    title: str
    customer: str
    due_at: AwareDatetime | None


@router.get("/orphaned-packages")
async def list_orphaned_packages(parts: TheParts, someone: TheInsider) -> list[OrphanedPackageView]:
    """Work packages of agreements that have not ended whose owner has left, in the order of the agreements' numbers."""
    found = [
        (work, each, WorkPackageView.of(work, each, someone))
        for work in await parts.work.living(parts.now())
        for each in work.orphaned(someone.catalogue)
    ]
    due = await _due(parts, [view.handover for _, _, view in found if view.handover is not None])
    return [
        OrphanedPackageView(
            **view.model_dump(),
            registry_no=work.entry.registry_no,
            title=work.entry.title,
            customer=work.entry.customer,
            due_at=due.get(view.handover or ""),
        )
        for work, _, view in found
    ]


async def _due(parts: Parts, case_ids: list[str]) -> dict[str, AwareDatetime]:
    """By case, when its open task is due."""
    async with parts.database.reading() as connection:
        tasks = await parts.cases.tasks_of(connection, sorted(set(case_ids)))
    return {row.case_id: row.due_at for rows in tasks.values() for row in rows if row.state == "OPEN"}


class NeglectedDutyView(BaseModel):
    """An obligation of which nothing was reported in a period that is over, and the owners of its work packages."""

    registry_no: str
    title: str
    customer: str
    obligation: str
    side: Side
    text: str
    every: Period | None
    period: str
    over_at: AwareDatetime
    finding: Silence
    owners: list[str]

    @classmethod
    def of(cls, found: Neglected) -> "NeglectedDutyView":
        """A line of the list."""
        named = {name: getattr(found.entry, name) for name in ("registry_no", "title", "customer")}
        obligation, period = found.owed.obligation, found.owed.period
        return cls(
            **named,
            obligation=obligation.obligation,
            side=obligation.side,
            text=obligation.text,
            every=obligation.every,
            period=period.name,
            over_at=period.end,
            finding=found.owed.silence,
            owners=list(found.owners),
        )


@router.get("/neglected-duties")
async def list_neglected_duties(parts: TheParts, someone: TheInsider, finding: Silence = Silence.NEGLECTED) -> list[NeglectedDutyView]:
    """Obligations that were due in a whole period that is over, and nobody reported; `NO_ACTIVITY` are those not due regularly."""
    del someone
    return [NeglectedDutyView.of(each) for each in await parts.neglect.at(parts.now()) if each.owed.silence is finding]
