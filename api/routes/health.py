"""Is the process alive, and can it do its work?"""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from api.dependencies import TheParts
from api.errors import problem
from store.migrate import is_current

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class Ready(BaseModel):
    """The process takes events. It does so while the engine is away: the inbox keeps them."""

    status: str = "ok"
    database: str
    engine: str


@router.get("/healthz")
async def healthz() -> Alive:
    """Does the process answer?"""
    return Alive()


@router.get("/readyz", response_model=Ready)
async def readyz(parts: TheParts) -> Ready | JSONResponse:
    """Can events be taken? Only the database is needed for that."""
    try:
        current = await is_current(parts.database)
    except (SQLAlchemyError, OSError) as failure:
        return problem(503, "NOT_READY", f"the database does not answer: {type(failure).__name__}")
    if not current:
        return problem(503, "NOT_READY", "the database is not migrated; run servanda migrate")
    up = parts.forwarder is not None and parts.forwarder.engine_is_up
    return Ready(database="ok", engine="ok" if up else "away, events are kept")
