"""Three proposals measured on a real incident log, the whole of it, beside the bare reading of the same file."""

from benchmarks.folds import EXAMPLES, MAPPING, read, read_bare, seconds, the_log
from benchmarks.measuring import interleaved
from benchmarks.report import Other, Result, cost
from connectors.event_mappings import read_mapping
from connectors.proposals import read_proposal
from domain.backtest.question import Question, Record
from domain.backtest.running import Backtest
from domain.instants import MICROSECOND
from domain.spans import Span

_LEVELS = ("bronze", "silver", "gold")
_ROUNDS = 3


def measure(*, full: bool) -> list[Result]:
    """Reading the log, folding and judging it, beside unpacking it and splitting its lines into cells."""
    path, log = the_log()
    mapping = read_mapping(MAPPING)
    proposals = [read_proposal(EXAMPLES / "proposals" / f"{level}.yaml") for level in _LEVELS]
    tickets = read(path, mapping)
    times = [event.occurred_at for events in tickets for event in events]
    record = Record(log, Span(min(times), max(times) + MICROSECOND), max(times))

    def run() -> Backtest:
        found = Backtest(Question(proposals), record)
        for story in tickets:
            found.add(story)
        found.report()
        return found

    verdicts = sum(len(cases) for tally in run().tallies for cases in tally.cases.values())
    bare, reading, measuring = interleaved(
        3 * _ROUNDS if full else _ROUNDS,
        seconds(lambda: read_bare(path)),
        seconds(lambda: read(path, mapping)),
        seconds(run),
    )
    size = (
        f"{log}: {len(tickets):,} tickets under {len(proposals)} proposals, {verdicts:,} clocks, {measuring / verdicts * 1e6:.0f} µs each"
    )
    return [
        cost("backtest, log read, folded, judged", reading + measuring, "s", Other("bare reading of the file", bare), aim=2).noted(size),
        cost("backtest beside the reading of its tickets", reading + measuring, "s", Other("reading the tickets' events", reading)),
    ]
