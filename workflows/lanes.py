"""Effects of one kind, done one after the other in their order, beside the process and apart from the other kinds."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

_E = TypeVar("_E")


class Lane(Generic[_E]):
    """A queue of effects, and how they are done: `do` takes what waits and says how many of it are done."""

    def __init__(self, waiting: Iterable[_E], do: Callable[[Sequence[_E]], Awaitable[int]]) -> None:
        """Go on with what a former run left."""
        self.waiting: list[_E] = list(waiting)
        self._do = do
        self._under_way: asyncio.Task[None] | None = None

    def add(self, effects: Iterable[_E]) -> None:
        """Do these too, after what waits already."""
        self.waiting += effects

    def start(self) -> None:
        """Work, if there is something to do: most processes never need most lanes."""
        if self.waiting and (self._under_way is None or self._under_way.done()):
            self._under_way = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self.waiting:
            done = await self._do(tuple(self.waiting))
            del self.waiting[:done]
