"""API, worker and engine killed with -9 while people decide on an agreement: a dozen deaths, at the riskiest points."""

from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from tests.api.people import SPRING
from tests.case_crashes import STORY, Kill, Run, check, tokens_of
from tests.conftest import SECRET
from tests.processes import Installation
from tests.receiver import receiving


def nth(action: str, number: int = 1) -> int:
    """The place of a deed in the story."""
    return [place for place, deed in enumerate(STORY) if deed.action == action][number - 1]


KILLS = [
    Kill(nth("confirm_agent"), "api", 0.02),
    Kill(nth("requirements_complete"), "worker", 0.03),
    Kill(nth("feasibility_done"), "engine", 0.03),
    Kill(nth("reject_requirements"), "api", 0.05),
    Kill(nth("approve_requirements"), "worker", 0.02),
    Kill(nth("approve_price"), "engine", 0.02),
    Kill(nth("accept_offer", 2), "worker", 0.05),
    Kill(nth("support_ready"), "api", 0.03),
    Kill(nth("freeze_draft"), "engine", 0.05),
    Kill(nth("reject_draft"), "worker", 0.03),
    Kill(nth("approve_draft", 9), "api", 0.04),
    Kill(nth("sign", 2), "engine", 0.03),
    Kill(nth("sign", 3), "worker", 0.08),
]
"""The last one falls into the registry's transaction and what follows it."""


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_dozen_kills_lose_no_decision_and_double_no_effect(tmp_path: Path) -> None:
    with receiving() as receiver:
        installation = Installation(tmp_path, receiver.url)
        installation.environment |= {"SERVANDA_CRM_WEBHOOK_URL": receiver.url, "SERVANDA_CRM_WEBHOOK_SECRET": SECRET}
        shift = datetime.now(UTC) - datetime.fromisoformat(SPRING)
        installation.environment |= {"SERVANDA_TIME_SHIFT": f"PT{int(shift.total_seconds())}S"}
        with installation:
            tokens = await tokens_of(installation)
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{installation.api_port}", timeout=10) as http:
                run = Run(installation, tokens, http)
                case_id = await run.play("CRM-000341", KILLS)
                await check(run, case_id, receiver)
            verified = installation.run("audit", "verify")

    assert len(KILLS) > 12
    assert "whole" in verified
