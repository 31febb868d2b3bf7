"""What a person is waited for."""

from fastapi import Response

from api.dependencies import TheParts
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.routes.cases import my_tasks

router = page_router()


@router.get("/pages/tasks")
async def show_tasks(parts: TheParts, visitor: TheVisitor) -> Response:
    """The person's open tasks, and those of whom they stand in for; soonest due first."""
    tasks = await my_tasks(parts, visitor.someone, 500)
    return own("tasks", visitor, section="/pages/tasks", tasks=tasks, now=parts.now())
