"""One transaction for several requests: each gets its own results, and only its own faults."""

import asyncio
from collections.abc import Sequence

import pytest

from store.group_commit import GroupCommit


class Taker:
    """Doubles numbers, slowly, and refuses odd ones."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    async def take(self, items: Sequence[int]) -> list[int]:
        self.calls.append(list(items))
        await asyncio.sleep(0.01)
        if any(item % 2 for item in items):
            raise ValueError("odd")
        return [2 * item for item in items]


async def test_requests_that_come_while_one_runs_are_taken_together_and_answered_apart() -> None:
    taker = Taker()
    together: GroupCommit[int, int] = GroupCommit(taker.take)
    answers = await asyncio.gather(together.take([2]), together.take([4, 6]), together.take([8]))

    assert list(answers) == [[4], [8, 12], [16]]
    assert len(taker.calls) <= 2


async def test_one_requests_fault_is_not_anothers() -> None:
    taker = Taker()
    together: GroupCommit[int, int] = GroupCommit(taker.take)
    answers = await asyncio.gather(together.take([2]), together.take([3]), together.take([8]), return_exceptions=True)

    assert answers[0] == [4]
    assert isinstance(answers[1], ValueError)
    assert answers[2] == [16]


async def test_a_request_that_is_given_up_takes_no_other_with_it() -> None:
    together: GroupCommit[int, int] = GroupCommit(Taker().take)
    given_up = asyncio.create_task(together.take([2]))
    other = asyncio.create_task(together.take([4]))
    await asyncio.sleep(0)
    given_up.cancel()

    assert await other == [8]
    with pytest.raises(asyncio.CancelledError):
        await given_up


async def test_a_large_request_is_taken_whole() -> None:
    taker = Taker()
    together: GroupCommit[int, int] = GroupCommit(taker.take)
    answers = await asyncio.gather(together.take(list(range(0, 2000, 2))), together.take([2]))

    assert len(answers[0]) == 1000
    assert answers[1] == [4]
