"""Laws of the chart as a picture: colour is never the only sign, letters can be read, text stays text, all is said in words too."""

import xml.etree.ElementTree as ET
from typing import get_args

import pytest

from connectors.cells_svg import PAINTS
from connectors.readable.slam import readable_slam
from connectors.readable.words import Language, Words, phrases_of
from connectors.rendering import page_of
from connectors.slam_svg import slam_svg
from domain.results import Colour
from domain.slam import CellReason, SlamCell, SlamChart, SlamRow

LANGUAGES: tuple[Language, ...] = get_args(Language)
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
SVG = "{http://www.w3.org/2000/svg}"


def cell(period: str, colour: Colour, achieved: str | None = "99.8999 %", columns: int = 1, first: str | None = None) -> SlamCell:
    return SlamCell(
        period=period,
        columns=columns,
        first_month=first or period,
        colour=colour,
        reason=None if achieved is not None else CellReason.NOT_CLOSED,
        achieved=achieved,
        allowance_used=None,
        version=1,
        address=f"/registry/SLA-2026-0002/results?period={period}",
    )


def chart(title: str = "Printing", target: str = "response") -> SlamChart:
    cells = [cell(month, colour) for month, colour in zip(MONTHS, Colour, strict=True)]
    cells[3] = cell(MONTHS[3], Colour.GREY, None)
    quarter = SlamRow(target="q", promised="95.0000 %", cells=(cell("2026-Q1", Colour.GREEN, columns=3, first="2026-01"),))
    return SlamChart(
        registry_no="SLA/2026/0002",
        title=title,
        months=MONTHS,
        rows=(SlamRow(target=target, promised="95.0000 %", cells=tuple(cells)), quarter),
    )


def words(language: Language) -> Words:
    return Words(phrases_of(language, "report"))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", Colour)
def test_a_letter_can_be_read_on_its_colour(colour: Colour) -> None:
    dark, light = sorted(map(luminance, PAINTS[colour]))

    assert (light + 0.05) / (dark + 0.05) >= 4.5, "WCAG 2, level AA"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_colour_has_a_letter_of_its_own_and_a_word(language: Language) -> None:
    root = ET.fromstring(slam_svg(chart(), words(language)))  # noqa: S314  (our own text)
    letters = {words(language)[f"letter.{colour}"] for colour in Colour}
    titles = [each.text or "" for each in root.iter(f"{SVG}title")]

    assert len(letters) == 4
    assert letters <= {each.text for each in root.iter(f"{SVG}text")}
    assert [words(language)[f"said.{colour}"] in titles[place] for place, colour in enumerate(Colour, start=1)] == [True] * 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_drawn_is_described(language: Language) -> None:
    root = ET.fromstring(slam_svg(chart(), words(language)))  # noqa: S314
    described = root.find(f"{SVG}desc")
    assert described is not None
    assert described.text is not None

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "slam-title slam-desc"
    assert all(part in described.text for part in ("response", *MONTHS, "2026-Q1", words(language)["cell.NOT_CLOSED"]))


def test_a_figure_is_cut_off_to_fit_and_never_rounded_up() -> None:
    assert ">99.89<" in slam_svg(chart(), words("en"))
    assert ">99,89<" in slam_svg(chart(), words("pl"))


def test_a_quarter_is_as_wide_as_its_months() -> None:
    root = ET.fromstring(slam_svg(chart(), words("en")))  # noqa: S314
    widths = [float(each.find(f"{SVG}rect").get("width")) for each in root.iter(f"{SVG}g")]  # type: ignore[union-attr, arg-type]

    assert widths == [52, 52, 52, 52, 3 * 58 - 6]


@pytest.mark.parametrize("trap", ["<script>alert(1)</script>", "</title><svg onload=alert(1)>", "a & b", "x" * 90])
def test_a_name_reaches_the_picture_and_the_page_as_text(trap: str) -> None:
    root = ET.fromstring(slam_svg(chart(trap, trap), words("en")))  # noqa: S314
    page = page_of(readable_slam(chart(trap, trap), words("en")))

    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {"svg", "title", "desc", "style", "rect", "text", "g"}
    assert "<script" not in page
    assert "onload=alert(1)>" not in page.replace("&lt;svg onload=alert(1)&gt;", "")


def test_a_chart_without_months_says_so() -> None:
    empty = SlamChart(registry_no="SLA/2026/0002", title="Printing", months=(), rows=())

    assert words("en")["slam_empty"] in slam_svg(empty, words("en"))
    assert words("pl")["slam_empty"] in page_of(readable_slam(empty, words("pl")))


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    polish, english = (phrases_of(language, "report") for language in LANGUAGES)

    def gaps(phrase: str) -> set[str]:
        return {part.partition("}")[0] for part in phrase.split("{")[1:]}

    assert polish.keys() == english.keys()
    assert {key for key in english if gaps(english[key]) != gaps(polish[key])} == set()
