"""The whole matrix of crashes: API, worker and engine killed with -9 at every boundary between two stages of an agreement.

Each process has a run of the bank's story of its own, in which it dies at every boundary, at a chance instant around the
decision. What must hold at the end is what the crash test of the suite asserts: `tests/case_crashes.py`.
"""

import asyncio
import tempfile
import time
from pathlib import Path

import httpx2

from benchmarks.report import Aim, Result
from tests.case_crashes import BOUNDARIES, PROCESSES, Run, check, spread, tokens_of
from tests.conftest import SECRET
from tests.processes import Installation
from tests.receiver import receiving

_SEED, _RUNS, _RUNS_FULL = 20260112, 1, 5


def measure(*, full: bool) -> list[Result]:
    """Runs that lost or doubled something, by the process that died."""
    return [_of(process, _RUNS_FULL if full else _RUNS) for process in PROCESSES]


def _of(process: str, runs: int) -> Result:
    began, faults = time.monotonic(), []
    for number in range(runs):
        try:
            asyncio.run(_run(process, _SEED + number))
        except AssertionError as wrong:
            faults.append(str(wrong).splitlines()[0])
    result = Result(
        f"{process} killed at {len(BOUNDARIES)} boundaries, runs with a fault",
        len(faults),
        "runs",
        aim=Aim(at_least=False, bound=0, unit="runs"),
    )
    took = f"{runs * len(BOUNDARIES)} kills in {time.monotonic() - began:.0f} s; no decision lost, no number, notice or CRM update doubled"
    return result.noted("; ".join([took, *faults]))


async def _run(process: str, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="servanda-kills-", ignore_cleanup_errors=True) as folder, receiving() as receiver:
        installation = Installation(Path(folder), receiver.url)
        installation.environment |= {"SERVANDA_CRM_WEBHOOK_URL": receiver.url, "SERVANDA_CRM_WEBHOOK_SECRET": SECRET}
        with installation:
            tokens = await tokens_of(installation)
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{installation.api_port}", timeout=10) as http:
                run = Run(installation, tokens, http)
                await check(run, await run.play(f"kills-{seed}", spread(seed, BOUNDARIES, [process])), receiver)
            installation.run("audit", "verify")
