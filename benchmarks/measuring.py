"""How things are measured: interleaved, several times, by the median, so that a noisy machine treats both sides alike."""

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def interleaved(rounds: int, *runs: Callable[[], float]) -> list[float]:
    """Medians of several runs, taken in turns: A, B, A, B."""
    found: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, values in zip(runs, found, strict=True):
            values.append(run())
    return [statistics.median(values) for values in found]


async def interleaved_async(rounds: int, *runs: Callable[[], Awaitable[float]]) -> list[float]:
    """`interleaved` for runs that wait."""
    found: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, values in zip(runs, found, strict=True):
            values.append(await run())
    return [statistics.median(values) for values in found]


async def side_by_side(number: int, jobs: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Do all jobs, so many at the same time, the next as soon as one is done."""
    answers: dict[int, T] = {}
    waiting = iter(enumerate(jobs))

    async def _work() -> None:
        for place, job in waiting:
            answers[place] = await job()

    await asyncio.gather(*(_work() for _ in range(min(number, len(jobs)))))
    return [answers[place] for place in range(len(jobs))]


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
