"""The demo's question: three levels of support on the tickets that were replayed, before any of them is promised."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from commands.output import say
from commands.replay import ReplayedLog
from connectors.backtest_svg import in_words
from connectors.proposals import read_proposal
from connectors.readable.backtest import readable_backtest, words_of_backtests
from connectors.rendering import page_of
from domain.backtest.question import Question, Record
from domain.backtest.running import Backtest
from domain.spans import Span

_LEVELS = ("bronze", "silver", "gold")


def answer_question(log: ReplayedLog, name: str, proposals: Path, folder: Path) -> None:
    """Measure the levels, say what would have happened, and leave the page with the chart in a folder."""
    first = min(event.occurred_at for events in log.tickets for event in events).date()
    last = log.ends_at.date() + timedelta(days=1)
    span = Span(datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC))
    found = Backtest(Question([read_proposal(proposals / f"{level}.yaml") for level in _LEVELS]), Record(name, span, log.ends_at))
    for story in log.tickets:
        found.add(story)
    report, words = found.report(), words_of_backtests("en")
    for each in report.proposals:
        say(f"   {in_words(each, words)}")
    page = folder / "backtest.html"
    page.write_text(page_of(readable_backtest(report, words)), encoding="utf-8")
    say(f"   the chart       {page}")
