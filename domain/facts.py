"""Figures both sides look at while they talk about level and price: measured ones name their measurement, others who says so."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.values import Document

UNSOURCED = "UNSOURCED"
"""The flag of a figure nobody can look up."""


class MeasuredFigure(StrEnum):
    """What is measured here; a figure somebody brings along has a name in plain words."""

    SHARE_MET = "SHARE_MET"
    """Share of clocks with a verdict that met their promise."""
    NINE_IN_TEN = "NINE_IN_TEN"
    """Business minutes within which nine of ten clocks were completed."""
    AVAILABILITY = "AVAILABILITY"
    """Share of the service time in which the service was up."""


class Fact(Document):
    """A figure with where it comes from. `measurement` is written by us and never by hand."""

    figure: Annotated[str, Field(min_length=1, max_length=200, description="what it is, in words")]
    about: Annotated[str | None, Field(max_length=300, description="service, region and target")] = None
    value: Annotated[Decimal, Field(max_digits=18, decimal_places=6)]
    unit: Annotated[str, Field(min_length=1, max_length=60, description="such as %, min or tickets")]
    period: Annotated[str | None, Field(max_length=60, description="the stretch it was measured in")] = None
    source: Annotated[str | None, Field(max_length=300, description="who measured it, and where that can be looked up")] = None
    measurement: Annotated[str | None, Field(max_length=400, description="id of our own measurement; never written by hand")] = None

    @property
    def is_unsourced(self) -> bool:
        """Is it only an assertion: without a period, or without a measurement or a source?"""
        return self.period is None or (self.measurement is None and self.source is None)
