"""The picture of a clock: everything it shows as text too, folded where it is long, nothing of what people wrote run."""

import re
from xml.etree.ElementTree import fromstring

import pytest

from api.pages.shown_clock import clock_words
from api.pages.words import page_words
from connectors.clock_svg import clock_svg
from tests.domain.test_clock_strips import printer, strip


def picture(now: str, language: str = "en", clock: str | None = None) -> str:
    story = printer()
    story.created("2026-03-16T15:30")
    story.paused("2026-03-16T16:00")
    story.resumed("2026-03-17T09:00")
    found = strip(story, now)
    words = page_words("pl" if language == "pl" else "en")
    return clock_svg(found._replace(clock=clock or found.clock), clock_words(words, found.zone), "clock1")


@pytest.mark.parametrize(
    ("language", "due", "paused"), [("en", "due Tue 17 Mar 12:30", "not counted"), ("pl", "termin wt. 17 mar 12:30", "nienaliczany")]
)
def test_it_says_in_words_all_it_shows(language: str, due: str, paused: str) -> None:
    drawn = picture("2026-03-17T10:00", language)
    description = re.findall(r"<desc[^>]*>(.*?)</desc>", drawn)[0]

    assert due in description
    assert paused in description
    assert f"◆ {due}" in drawn


def test_it_is_well_formed_and_what_people_wrote_is_text() -> None:
    drawn = picture("2026-03-17T10:00", clock='<script>alert("x")</script>')

    assert fromstring(drawn).tag.endswith("svg")  # noqa: S314  (our own text)
    assert "<script" not in drawn


def test_a_year_is_folded_to_a_few_days() -> None:
    drawn = picture("2027-03-17T10:00")

    assert "days are left out here" in drawn
    assert drawn.count("<rect") < 60
    assert "Wed 17 Mar" in drawn


def test_nothing_is_drawn_outside_of_it() -> None:
    for now in ("2026-03-17T10:00", "2026-03-17T12:29", "2026-03-19T10:00"):
        drawn = picture(now)
        places = [float(left) for left in re.findall(r' x="([\d.]+)"', drawn)]
        assert min(places) >= 0
        assert max(places) <= 960
