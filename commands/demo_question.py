"""The demo's question: three levels of support on the tickets that were replayed, before any of them is promised."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx2

from commands.output import say
from commands.replay import ReplayedLog
from connectors.backtest_svg import in_words
from connectors.proposals import read_proposal
from connectors.readable.backtest import words_of_backtests
from domain.backtest.report import BacktestReport
from domain.documents import content_of
from domain.errors import BadInput

_LEVELS = ("bronze", "silver", "gold")
_WAIT_SECONDS = 60


async def answer_question(http: httpx2.AsyncClient, token: str, log: ReplayedLog, proposals: Path) -> None:
    """Have the levels measured by their process, and say what would have happened."""
    days = [event.occurred_at.date() for events in log.tickets for event in events]
    asked = {
        "proposals": [content_of(read_proposal(proposals / f"{level}.yaml")) for level in _LEVELS],
        "since": min(days).isoformat(),
        "until": (log.ends_at.date() + timedelta(days=1)).isoformat(),
    }
    headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
    answer = await http.post("/backtests", json=asked, headers=headers)
    if answer.status_code != 202:
        raise BadInput(f"the backtest was refused: {answer.text}")
    name = answer.json()["backtest"]
    for _ in range(2 * _WAIT_SECONDS):
        shown = (await http.get(f"/backtests/{name}", headers=headers)).json()
        if shown["state"] != "RUNNING":
            break
        await asyncio.sleep(0.5)
    if shown["report"] is None:
        raise BadInput(f"the backtest is {shown['state']} after {_WAIT_SECONDS} s; its process is in the Temporal UI")
    words = words_of_backtests("en")
    for each in BacktestReport.model_validate(shown["report"]).proposals:
        say(f"   {in_words(each, words)}")
    say(f"   the chart       {str(http.base_url).rstrip('/')}/pages/backtests/{name}   (as M1)")
