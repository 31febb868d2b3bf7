"""Laws of the chain of supports as a picture: to scale, said in words, text stays text."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, get_args

import pytest

from connectors.alignment_svg import alignment_svg, chain_in_words
from connectors.readable.words import Language, Words, phrases_of
from domain.alignment import check_alignment
from domain.alignment_chains import Chain, Stretch, chains_of
from domain.documents import AgreementDocument
from domain.findings import Verdict
from tests.domain.drafts import bank_draft, changed, support, supports, with_target

LANGUAGES: tuple[Language, ...] = get_args(Language)
ENGLISH = Words(phrases_of("en", "plain"))
SVG = "{http://www.w3.org/2000/svg}"


def chains(name: str, carried: Mapping[str, AgreementDocument] | None = None, **fields: Any) -> tuple[Chain, ...]:
    document = changed(bank_draft().in_full(bank_draft().named(name)), **fields)
    known = supports() if carried is None else carried
    return chains_of(document, known, check_alignment(document, known))


def up(percent: str, name: str = "up") -> dict[str, Any]:
    return {"target": name, "percent": percent}


def test_links_of_one_lane_follow_each_other_and_the_margin_is_what_is_left() -> None:
    [chain] = chains("warsaw")

    assert [each.takes for each in chain.links] == [Stretch(Fraction(0), Fraction(1, 8)), Stretch(Fraction(1, 8), Fraction(7, 8))]
    assert (chain.margin, chain.slack_minutes, chain.verdict) == (Fraction(1, 8), 30, Verdict.HOLDS)
    assert chain_in_words(chain, ENGLISH) == (
        "Promised: 4 business hours, Monday to Friday 8–17 (not on public holidays)."
        " triage: Service desk, 30 business minutes; travel: Field service Warsaw, 3 business hours. Margin: 30 min"
    )


def test_lanes_run_side_by_side_and_dates_are_played_from_the_worst_start() -> None:
    [chain] = chains("podlasie")

    assert [each.takes.begins for each in chain.links if each.takes is not None] == [0, 0]
    assert chain.played_from is not None
    assert chain.margin == Fraction(1, 20), "2 h of the 40 h from the worst start to 17:00 of the next day"
    assert "Margin: 2 h" in chain_in_words(chain, ENGLISH)


def test_what_takes_too_much_is_drawn_beyond_the_promise_and_said_with_a_sign() -> None:
    slow = supports() | {"field-warsaw": with_target(support("field-warsaw"), limit="240m")}
    [chain] = chains("warsaw", slow)

    assert (chain.margin, chain.verdict) == (Fraction(-1, 8), Verdict.FAILS)
    assert "✗ Too long by 30 min" in alignment_svg(chain, ENGLISH, "c")


def test_a_support_nobody_knows_has_no_owner_and_nothing_is_placed() -> None:
    [chain] = chains("warsaw", {})

    assert [(each.owner, each.takes) for each in chain.links] == [(None, None), (None, None)]
    assert "travel: nobody known, no promise for such tickets" in chain_in_words(chain, ENGLISH)


def test_what_we_provide_ourselves_rests_on_nobody() -> None:
    [chain] = chains("warsaw", self_provided=["response"], links=[])

    assert (chain.is_self_provided, chain.links, chain.margin) == (True, (), None)
    assert "it rests on nobody else" in chain_in_words(chain, ENGLISH)


def test_rows_are_chains_of_their_own_with_their_own_slack() -> None:
    target = bank_draft().named("warsaw").targets[0].model_dump(mode="json")
    first, second = chains("warsaw", targets=[target | {"rules": [{"when": {"priority": ["1"]}}, {"limit": "8h"}]}])

    assert (first.slack_minutes, second.slack_minutes) == (30, 270)
    assert (first.margin, second.margin) == (Fraction(1, 8), Fraction(9, 16))


def test_of_availability_the_time_down_that_is_allowed_is_shared_out_and_backups_share_one_part() -> None:
    links = [
        {"target": "up", "support": name, "support_target": "up", "segment": segment}
        for name, segment in (("net", "network"), ("a", "servers"), ("b", "servers"))
    ]
    carried = {
        name: changed(support("desk"), targets=[], availability=[up(percent)])
        for name, percent in (("net", "99.5"), ("a", "90"), ("b", "90"))
    }
    [chain] = chains("warsaw", carried, targets=[], availability=[up("98")], links=links)

    assert [(each.segment, each.takes) for each in chain.links] == [
        ("network", Stretch(Fraction(0), Fraction(1, 4))),
        ("servers", Stretch(Fraction(1, 4), Fraction(299, 400))),
        ("servers", Stretch(Fraction(1, 4), Fraction(299, 400))),
    ]
    assert chain.margin == Fraction(101, 400), "98.505 % under 98 %"
    assert chain_in_words(chain, ENGLISH).endswith("Together: 98.505 %")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_sound_xml_with_a_title_a_description_and_text_in_the_pages_colour(language: Language) -> None:
    [chain] = chains("warsaw")
    picture = ET.fromstring(alignment_svg(chain, Words(phrases_of(language, "plain")), "chain-1"))  # noqa: S314  (our own picture)

    assert picture.attrib["aria-labelledby"] == "chain-1-title chain-1-desc"
    assert [picture.find(f"{SVG}{tag}").attrib["id"] for tag in ("title", "desc")] == ["chain-1-title", "chain-1-desc"]  # type: ignore[union-attr]
    assert {each.attrib["fill"] for each in picture.iter(f"{SVG}text")} == {"currentColor"}
    assert len(list(picture.iter(f"{SVG}rect"))) == 4, "the promise, two links, the margin"


def test_what_people_wrote_is_text() -> None:
    evil = {"target": "response", "support": "desk", "support_target": "triage", "segment": "<script>alert(1)</script>"}
    [chain] = chains("warsaw", links=[evil])

    assert "<script" not in alignment_svg(chain, ENGLISH, "c")
