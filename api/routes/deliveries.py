"""What became of each notice, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.delivery_desk import DeliveryDesk, DeliveryPage, DeliveryView
from api.dependencies import Parts, TheParts
from api.people import TheInsider
from api.someone import Someone
from domain.errors import Forbidden
from domain.people import Role
from domain.ports import DeliveryState
from store.deliveries import Wanted

router = APIRouter(tags=["deliveries"])


@router.get("/deliveries")
async def list_deliveries(
    parts: TheParts,
    someone: TheInsider,
    state: Annotated[DeliveryState | None, Query(description="REFUSED are dead letters; PENDING for long was given up")] = None,
    channel: Annotated[str | None, Query(max_length=40)] = None,
    receiver: Annotated[str | None, Query(max_length=100, description="a person")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str | None, Query(max_length=2000)] = None,
) -> DeliveryPage:
    """Deliveries by channel and person, last tried first."""
    wanted = Wanted(state.value if state is not None else None, channel, receiver)
    return await _desk(parts, someone).page(wanted, limit, after)


@router.post("/deliveries/{delivery}/resend")
async def resend_delivery(
    delivery: Annotated[str, Path(max_length=2000, description="as the list names it")], parts: TheParts, someone: TheInsider
) -> DeliveryView:
    """Send a notice again to whom it did not reach; the audit trail keeps who did."""
    return await _desk(parts, someone).resend(delivery, someone.actor.person)


def _desk(parts: Parts, someone: Someone) -> DeliveryDesk:
    if not someone.has(Role.ADMIN):
        raise Forbidden("an administrator looks after deliveries")
    return parts.deliveries
