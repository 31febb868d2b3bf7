"""What became of each notice and update, and sending a notice again, for administrators."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import TheParts
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor
from api.routes.deliveries import list_deliveries, resend_delivery
from domain.ports import DeliveryState

router = page_router()

SECTION = "/pages/deliveries"

_A_PAGE = 50
_STATES = (DeliveryState.REFUSED, DeliveryState.PENDING, DeliveryState.WAITING, DeliveryState.DELIVERED)
"""What needs somebody first."""


class DeliveriesAsked(BaseModel):
    """What the form of the list says; an empty field means any."""

    state: DeliveryState | Literal[""] = ""
    channel: Annotated[str, Field(max_length=40)] = ""
    receiver: Annotated[str, Field(max_length=100)] = ""
    after: Annotated[str | None, Field(max_length=2000)] = None
    done: str | None = None

    @property
    def typed(self) -> dict[str, str]:
        """The fields of the form."""
        return {"state": str(self.state), "channel": self.channel.strip(), "receiver": self.receiver.strip()}


@router.get(SECTION)
async def show_deliveries(parts: TheParts, visitor: TheVisitor, asked: Annotated[DeliveriesAsked, Query()]) -> Response:
    """Deliveries, last tried first; dead letters can be sent again."""
    typed = asked.typed
    narrowed = (asked.state or None, typed["channel"] or None, typed["receiver"] or None)
    found = await list_deliveries(parts, visitor.someone, *narrowed, _A_PAGE, asked.after)
    return own(
        "deliveries",
        visitor,
        section=SECTION,
        found=found.deliveries,
        typed=typed,
        states=_STATES,
        more=urlencode({**typed, "after": found.next}) if found.next is not None else None,
        done=asked.done,
        here=f"{SECTION}?{urlencode(typed)}",
    )


@router.post(f"{SECTION}/resend")
async def take_resending(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Send a notice again to whom it did not reach."""
    await resend_delivery(sent.text("delivery"), parts, visitor.someone)
    return go_to(f"{SECTION}?done=resent")
