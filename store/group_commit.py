"""One transaction for all who came while the last one ran.

A database takes a hundred rows in one transaction in little more time than one row. Whoever comes while nothing runs does
not wait; whoever comes later waits for the one that runs, as they would for the database's own lock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_MOST = 500
"""Items after which a transaction takes no further request along: it should be over within a fraction of a second."""


class _Request(NamedTuple, Generic[T, R]):
    items: Sequence[T]
    answer: "asyncio.Future[list[R]]"


class GroupCommit(Generic[T, R]):
    """Hands the items of several requests to one call, and each request its own results."""

    def __init__(self, take: Callable[[Sequence[T]], Awaitable[list[R]]]) -> None:
        """`take` does the work of one transaction: a result for each item, in their order, or an error for all."""
        self._take = take
        self._waiting: list[_Request[T, R]] = []
        self._working: asyncio.Task[None] | None = None

    async def take(self, items: Sequence[T]) -> list[R]:
        """Have items taken, all or none.

        Raises:
            Exception: whatever `take` raises for these items alone; another request's fault is not ours.
        """
        request: _Request[T, R] = _Request(items, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        if self._working is None or self._working.done():
            # A task of its own: a request that is given up must not take the others with it.
            self._working = asyncio.create_task(self._work())
        return await request.answer

    async def _work(self) -> None:
        while self._waiting:
            together = [self._waiting.pop(0)]
            while self._waiting and sum(len(request.items) for request in together) < _MOST:
                together.append(self._waiting.pop(0))
            await self._answer(together)

    async def _answer(self, together: Sequence[_Request[T, R]]) -> None:
        try:
            results = await self._take([item for request in together for item in request.items])
        except Exception as failure:  # noqa: BLE001  (it is handed to whom it belongs)
            if len(together) > 1:
                for request in together:
                    await self._answer([request])
            elif not together[0].answer.done():
                together[0].answer.set_exception(failure)
            return
        place = 0
        for request in together:
            if not request.answer.done():
                request.answer.set_result(results[place : place + len(request.items)])
            place += len(request.items)
