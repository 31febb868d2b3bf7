import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from commands.backtest import app
from connectors.readable.words import phrases_of
from domain.errors import ServandaError
from tests.conftest import EXAMPLES

LOG = str(EXAMPLES / "invented_event_log.csv")
MAPPING = str(EXAMPLES / "incident_event_log.yaml")
LEVELS = [str(EXAMPLES / "proposals" / f"{name}.yaml") for name in ("bronze", "silver", "gold")]


def backtest(*arguments: str, log: str = LOG, levels: list[str] = LEVELS, mapping: str | None = MAPPING) -> Result:
    named = [part for level in levels for part in ("--agreement", level)]
    return CliRunner().invoke(app, [*named, "--tickets", log, *(("--mapping", mapping) if mapping else ()), *arguments])


def json_of(*arguments: str, log: str = LOG) -> Any:
    result = backtest("--json", *arguments, log=log)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refusal(*arguments: str, **more: Any) -> str:
    result = backtest(*arguments, **more)
    assert isinstance(result.exception, ServandaError), result.output
    assert "\n" not in str(result.exception)
    return str(result.exception)


def test_three_levels_are_compared() -> None:
    found = json_of()
    told = [(each["proposal"], each["tickets"], each["breached"], each["credit_total"]) for each in found["proposals"]]
    assert told == [("bronze", 300, 19, "0.00"), ("silver", 300, 40, "0.00"), ("gold", 300, 126, "5800.00")]
    assert found["measured"]["source"] == "invented_event_log.csv"
    assert found["assumed"]["seed"] == 1


def test_the_table_says_the_same_in_both_languages() -> None:
    told = backtest().stdout
    assert "“gold” would have missed 2 of 4 judged periods. Clear misses, whatever weeks had been drawn: 0; on too few cases" in told
    assert "Credits: 5,800.00 PLN." in told
    assert "„gold”: niedotrzymane okresy: 2 z 4 ocenionych." in backtest("--language", "pl").stdout


@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_page_says_what_was_assumed_what_is_measured_and_what_is_not_known(language: Any) -> None:
    page = backtest("--html", "--language", language).stdout
    words = phrases_of(language, "backtest")
    for heading in ("answer", "assumed", "measured", "unknown"):
        assert f"<h2>{words[heading]}</h2>" in page
    assert "<script" not in page
    assert "src=" not in page
    for picture in page.split("<svg")[1:]:
        ET.fromstring("<svg" + picture.split("</svg>")[0] + "</svg>")  # noqa: S314  (our own)


def test_both_languages_have_the_same_words() -> None:
    polish, english = phrases_of("pl", "backtest"), phrases_of("en", "backtest")
    assert polish.keys() == english.keys()


def test_what_people_wrote_is_text_on_the_page(tmp_path: Path) -> None:
    told = Path(LEVELS[0]).read_text(encoding="utf-8").replace("Incident support, Bronze", "<b onload=x>Support</b>")
    level = tmp_path / "bronze.yaml"
    level.write_text(told, encoding="utf-8")
    page = backtest("--html", levels=[str(level)]).stdout
    assert "<b onload" not in page
    assert "&lt;b onload=x&gt;Support" in page


def test_ready_terms_and_drafts_are_proposals_too() -> None:
    levels = [str(EXAMPLES / "agreements" / "it-incidents.yaml"), str(EXAMPLES / "drafts" / "bank-narew.yaml")]
    result = backtest("--json", levels=levels)
    terms, draft = json.loads(result.stdout)["proposals"]
    assert (terms["tickets"], terms["breached"], terms["credit_total"]) == (300, 77, None)
    assert (draft["tickets"], draft["monthly"]) == (0, "12330.00")


def test_days_narrow_the_record() -> None:
    found = json_of("--from", "2026-02-01", "--to", "2026-03-01")
    assert found["measured"]["tickets"] < 300
    assert [each["period"] for each in found["proposals"][0]["promises"][0]["months"]] == ["2026-02"]


def test_measurements_make_availability_known(tmp_path: Path) -> None:
    level = tmp_path / "up.yaml"
    told = Path(LEVELS[0]).read_text(encoding="utf-8")
    level.write_text(told + "availability: [{target: portal, percent: 99.5}]\n", encoding="utf-8")
    stretch = {"measurement": "m1", "kind": "DOWN", "start": "2026-02-02T00:00Z", "end": "2026-02-02T06:00Z"}
    samples = tmp_path / "samples.json"
    samples.write_text(json.dumps({"registry_no": "SLA/2026/0001", "source": "probe", "target": "portal", "measurements": [stretch]}))
    found = json.loads(backtest("--json", "--measurements", str(samples), levels=[str(level)]).stdout)["proposals"][0]
    portal = next(each for each in found["promises"] if each["target"] == "portal")
    assert (portal["missed"], portal["months"][1]["achieved"]) == (1, "99.10 %")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "--html"], "two forms"),
        (["--wanted", "150"], "no share"),
        (["--wanted", "many"], "no share"),
        (["--from", "yesterday"], "no date"),
        (["--from", "2026-03-01", "--to", "2026-03-01"], "must lie after"),
        (["--measurements", MAPPING], "incident_event_log.yaml"),
    ],
)
def test_bad_options_are_one_clear_line(arguments: list[str], said: str) -> None:
    assert said in refusal(*arguments)


def test_bad_files_are_one_clear_line(tmp_path: Path) -> None:
    assert "--mapping" in refusal(mapping=None)
    assert "nowhere.csv" in refusal(log=str(tmp_path / "nowhere.csv"))
    assert "bronze" in refusal(levels=[LEVELS[0], LEVELS[0]])
    empty = tmp_path / "empty.yaml"
    empty.write_text(
        "document: x\nkind: CUSTOMER_SLA\ntitle: X\nprovider: {name: A}\ncustomer: {name: B}\ntime_zone: UTC\n", encoding="utf-8"
    )
    assert "promises nothing" in refusal(levels=[str(empty)])
