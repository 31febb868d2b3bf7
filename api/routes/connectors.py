"""What CRMs and help desks post in their own forms."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from api.connector_intake import ConnectorIntake, PostingView, refuse_unread
from api.dependencies import TheParts
from connectors.incoming import Incoming
from connectors.installed import Connector
from domain.errors import NotFound

router = APIRouter(tags=["events"])

_ANY_BODY = {"required": True, "content": {"application/json": {"schema": {}}, "text/xml": {"schema": {"type": "string"}}}}


class PostingsAnswer(BaseModel):
    """What became of each posting, in the order they were sent."""

    postings: list[PostingView]


async def _connector(parts: TheParts, name: Annotated[str, Path(description="the connector's name in the connectors file")]) -> Connector:
    found = parts.connectors.get(name)
    if found is None:
        raise NotFound(f"there is no connector {name!r}")
    return found


TheConnector = Annotated[Connector, Depends(_connector)]


async def _incoming(request: Request, parts: TheParts, connector: TheConnector) -> Incoming:
    body = await request.body()
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = f"{parts.settings.public_url or str(request.base_url).rstrip('/')}{path}"
    incoming = Incoming(request.method, address, request.headers, request.query_params, body)
    connector.maker.verify(incoming, connector.secrets, datetime.now(UTC))
    return incoming


TheIncoming = Annotated[Incoming, Depends(_incoming)]


@router.post(
    "/connectors/{name}/events",
    status_code=202,
    response_model=PostingsAnswer,
    responses={200: {"description": "the same, in the maker's own form", "content": {"text/xml": {"schema": {"type": "string"}}}}},
    openapi_extra={"requestBody": _ANY_BODY},
)
async def take_postings(incoming: TheIncoming, connector: TheConnector, parts: TheParts) -> PostingsAnswer | Response:
    """Take what a connected system posts in its own form, signed in its own way; what the mapping is not for is ignored, with the reason.

    A repeated one changes nothing. Where one of several cannot be read the others are taken all the same.
    """
    postings = connector.maker.postings(incoming)
    views = await ConnectorIntake(connector, parts).take(postings)
    refuse_unread(views)
    answer = connector.maker.answer
    if answer is not None:
        return Response(answer.body, answer.status, media_type=answer.media_type)
    return PostingsAnswer(postings=views)
