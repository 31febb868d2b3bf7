"""Running a backtest: every ticket told once, folded under every proposal, counted, judged."""

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from domain.backtest.proposals import Assumed, Proposal
from domain.backtest.question import Question, Record, zone_of
from domain.backtest.ranges import CONFIDENCE, DRAWS, LEAST_JUDGED, LEAST_WEEKS
from domain.backtest.report import Assumptions, BacktestReport, Measured
from domain.backtest.summing import Summing, unknown_of_record
from domain.backtest.tally import Tally
from domain.errors import BadInput
from domain.events import TicketEvent
from domain.folding import fold_history
from domain.history import tell
from domain.instants import to_us


class Backtest:
    """One backtest: takes stories, then gives its report. Whoever feeds it may show how far it is."""

    def __init__(self, question: Question, record: Record) -> None:
        """Prepare the proposals.

        Raises:
            BadInput: no proposal, one that promises nothing, or two of one name.
            ValidationError: one promises something that cannot be measured.
        """
        _check(question.proposals)
        self._question = question
        self._record = record
        self.zone = zone_of(question.proposals)
        since = record.span.start.astimezone(self.zone).date()
        self._assumed = [Assumed(each, since, question.whose) for each in question.proposals]
        self.tallies = [Tally() for _ in question.proposals]
        self._as_of = to_us(record.as_of)
        self._begins, self._ends = to_us(record.span.start), to_us(record.span.end)
        self._tickets = 0
        self._events = 0

    def add(self, story: Iterable[TicketEvent]) -> None:
        """Take one ticket. One that was created outside the record's stretch counts nowhere."""
        events = list(story)
        history = tell(events, self._as_of)
        if history is None or not self._begins <= history.created_at < self._ends:
            return
        self._tickets += 1
        self._events += len(events)
        ticket = events[0].ticket_id
        for assumed, tally in zip(self._assumed, self.tallies, strict=True):
            tally.add(ticket, history, [fold_history(assumed.terms, owned, self._as_of) for owned in assumed.owned(history)])

    def report(self) -> BacktestReport:
        """What was found."""
        question, record = self._question, self._record
        summed = [Summing(assumed, tally, record, question) for assumed, tally in zip(self._assumed, self.tallies, strict=True)]
        weeks = (record.span.end - record.span.start).days // 7
        return BacktestReport(
            assumed=Assumptions(
                whose=question.whose,
                as_of=record.as_of,
                wanted=f"{question.wanted} %" if question.wanted is not None else None,
                draws=DRAWS,
                confidence=CONFIDENCE,
                seed=question.seed,
                least_judged=LEAST_JUDGED,
                least_weeks=LEAST_WEEKS,
            ),
            measured=Measured(
                source=record.source,
                digest=record.digest,
                since=record.span.start,
                until=record.span.end,
                time_zone=str(self.zone),
                tickets=self._tickets,
                events=self._events,
                weeks=weeks,
            ),
            unknown=(*unknown_of_record(weeks), *(gap for each in summed for gap in each.unknown())),
            proposals=tuple(each.summed() for each in summed),
        )


def begun(question: Question, record: Record) -> Backtest:
    """A backtest that has taken no ticket yet.

    Raises:
        BadInput: the question cannot be asked, or a proposal promises something that cannot be measured.
    """
    try:
        return Backtest(question, record)
    except ValidationError as wrong:
        raise BadInput(f"a proposal cannot be measured: {wrong.errors()[0]['msg']}") from wrong


def _check(proposals: Sequence[Proposal]) -> None:
    if not proposals:
        raise BadInput("name at least one proposal to try")
    names = [each.proposal for each in proposals]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput(f"two proposals are called {twice[0]!r}; give them different names")
    for each in proposals:
        if not each.promising:
            raise BadInput(f"{each.proposal} promises nothing that could be measured: it has no targets")
