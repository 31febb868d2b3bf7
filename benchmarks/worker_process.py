"""The worker process of the benchmarks: the product's workers, and one for the bare workflows with the same options.

It reads its settings as one line of JSON from standard input, and works until that ends.
"""

import asyncio
import os
import sys
from contextlib import AsyncExitStack

from temporalio.client import Client
from temporalio.worker import Worker

from benchmarks.bare import BARE_QUEUE, BARE_WORKFLOWS, look_at_clock
from settings import Settings
from store.database import Database
from worker import build_workers, connect, register_search_attributes


async def work(settings: Settings) -> None:
    """Work until standard input ends."""
    database, client = Database(settings.database), await connect(settings)
    await register_search_attributes(client)
    async with AsyncExitStack() as running:
        ours = build_workers(client, settings, database)
        for worker in (*ours, _bare_worker(client, ours[0])):
            await running.enter_async_context(worker)
        await asyncio.to_thread(sys.stdin.read)
    await database.close()


def _bare_worker(client: Client, ours: Worker) -> Worker:
    """A worker that differs from the one of our tickets in its queue and in what it runs, and in nothing else."""
    options = ours.config()
    options["client"] = client
    options["task_queue"] = BARE_QUEUE
    options["workflows"] = list(BARE_WORKFLOWS)
    options["activities"] = [look_at_clock]
    return Worker(**options)


if __name__ == "__main__":
    asyncio.run(work(Settings.model_validate_json(sys.stdin.readline())))
    sys.stdout.flush()
    # The engine's client may abort while a process shuts down (temporalio/sdk-python issue 300); all work is done by now.
    os._exit(0)
