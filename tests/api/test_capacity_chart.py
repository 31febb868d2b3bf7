"""Laws of the picture of a pool: everything it draws is said, nothing leaves its frame, a small pool is drawn no larger than others."""

import xml.etree.ElementTree as ET
from datetime import date
from typing import get_args

import pytest

from api.pages.capacity_chart import capacity_chart
from api.pages.words import page_words
from connectors.readable.words import Language
from domain.capacity import Load, PoolPlan, plan_of
from domain.forecasting import Basis, Forecast, ForecastMonth, MonthVolume
from domain.periods import months_after
from tests.domain.test_capacity import pool, volume

LANGUAGES: tuple[Language, ...] = get_args(Language)
SVG = "{http://www.w3.org/2000/svg}"
FIRST = date(2025, 1, 1)


def plan(people: str = "5", known: int = 18, ahead: int = 3) -> PoolPlan:
    months = [MonthVolume(months_after(FIRST, place), 900 + 20 * place) for place in range(known)]
    running = months_after(FIRST, known)
    said = tuple(ForecastMonth(months_after(running, place), 1300 + 50 * place, 1200, 1600) for place in range(ahead))
    forecast = Forecast(Basis.HISTORY if ahead else Basis.NONE, known, said)
    return plan_of(pool(people), months, MonthVolume(running, 40), forecast, [volume(100, "50")])


def drawn(made: PoolPlan, language: Language = "en") -> ET.Element:
    picture = capacity_chart(made, page_words(language), "pool-0")
    assert picture is not None
    return ET.fromstring(picture)  # noqa: S314  (our own picture)


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_drawn_is_said(language: Language) -> None:
    made = plan()
    said = drawn(made, language).findtext(f"{SVG}desc") or ""
    shown: list[Load] = [*made.observed[-13:], *made.ahead]

    assert len(shown) == 16
    assert all(f"{load.first_on:%Y-%m}" in said and str(load.tickets) in said for load in shown)


def test_what_came_so_far_stands_in_the_month_it_belongs_to() -> None:
    labels = texts(drawn(plan()))

    assert [label for label in labels if label.endswith((".25", ".26"))] == [
        *(f"{month:02}.25" for month in range(7, 13)),
        *(f"{month:02}.26" for month in range(1, 10)),
    ], "twelve months, and three ahead; July, which runs, is the first of these"
    assert [label for label in labels if "%" in label] == ["60 %", "85 %", "100 %"]
    assert {"117▲", "89▲"} <= set(labels), "1,300 and half of 100 are 117.2 % of 672 h; 1,020 are 88.5 %"


def test_without_a_forecast_the_running_month_stands_by_itself() -> None:
    labels = texts(drawn(plan(ahead=0)))

    assert "3…" in labels
    assert labels.count("07.26") == 1


@pytest.mark.parametrize("made", [plan(), plan("0.1"), plan("500"), plan(known=0, ahead=0), plan(ahead=12)])
def test_nothing_leaves_the_frame(made: PoolPlan) -> None:
    picture = drawn(made)
    _, _, width, height = (float(each) for each in picture.attrib["viewBox"].split())

    for bar in picture.iter(f"{SVG}rect"):
        x, y, wide, high = (float(bar.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + wide <= width
        assert y >= 0
        assert y + high <= height
    for each in picture.iter(f"{SVG}text"):
        assert 0 < float(each.attrib["y"]) < height
    assert width >= 720, "never so narrow that a page would blow it up"


def test_of_nobody_no_share_is_drawn() -> None:
    assert capacity_chart(plan("0"), page_words("en"), "pool-0") is None
