"""What the API adds to a decision, and what it does not take from anybody."""

from datetime import timedelta

import pytest

from api.case_bodies import BODIES, Enricher
from api.clock import BusinessClock
from api.performance import Performance
from api.someone import Someone
from domain.actors import actor_of
from domain.errors import BadInput
from store.database import Database
from store.scans import Scans
from store.supports import SupportFinder
from tests.domain.case_stories import CATALOGUE, CaseStory, local


async def test_a_service_is_ready_when_the_catalogue_has_it(database: Database) -> None:
    at = local("2026-04-15T09:00")
    enricher = Enricher(SupportFinder(database, ()), Scans(database), Performance(database, BusinessClock(timedelta())))
    someone = Someone(actor_of(CATALOGUE, "V1", at.date()), CATALOGUE)
    ready, missing = (BODIES["pipeline_ready"].model_validate({"service": name}) for name in ("MPS", "SHRED"))

    assert await enricher.action("pipeline_ready", ready, someone, CaseStory().case) == {"action": "pipeline_ready", "service": "MPS"}
    with pytest.raises(BadInput, match="'SHRED' is not in the catalogue"):
        await enricher.action("pipeline_ready", missing, someone, CaseStory().case)
