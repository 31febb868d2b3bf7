"""`due` and `elapsed` on aware datetimes, against the libraries that do the same and against a bare floor.

The task: an office in Warsaw, Monday to Friday 08:00-17:00, with Polish holidays; add eight business hours to a random
instant; count the business time between two instants at most ten days apart. Instants are aware and in UTC, as tickets
have them. Within one process, two sides at a time answer the same questions in turns.
"""

import random
import time as timing
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import calendar_peers as peers
from benchmarks.calendar_peers import PEERS, Hours, Office, Peer
from benchmarks.measuring import interleaved
from benchmarks.report import Other, Result, cost, faster
from connectors.documents import read_calendar

_EXAMPLE = Path(__file__).parent.parent / "examples" / "calendars" / "pl-bh-8-17.yaml"
_BUDGET = timedelta(hours=8)
_QUESTIONS = 400
_CHECKED = 100
_ROUNDS = 101
_FLOOR_AIM = 2

OFFICE = Hours("Europe/Warsaw", time(8), time(17), (0, 1, 2, 3, 4), read_calendar(_EXAMPLE).holidays)
NIGHT = Hours("Europe/Warsaw", time(22), time(6), (0, 1, 2, 3, 4, 5, 6), ())

Arguments = Sequence[tuple[Any, Any]]


class Case(NamedTuple):
    """A question that some get wrong, with its answer."""

    name: str
    hours: Hours
    ask: Callable[[Office], datetime | timedelta]
    answer: datetime | timedelta


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


CASES = (
    Case(
        "nine hours from opening end at closing",
        OFFICE,
        lambda office: office.due(_at("2026-03-17T08:00+01:00"), timedelta(hours=9)),
        _at("2026-03-17T17:00+01:00"),
    ),
    Case(
        "ninety minutes",
        OFFICE,
        lambda office: office.due(_at("2026-03-17T16:30+01:00"), timedelta(minutes=90)),
        _at("2026-03-18T09:00+01:00"),
    ),
    Case(
        "a night shift that loses an hour",
        NIGHT,
        lambda office: office.elapsed(_at("2026-03-28T22:00+01:00"), _at("2026-03-29T06:00+02:00")),
        timedelta(hours=7),
    ),
    Case(
        "a night shift with an hour twice",
        NIGHT,
        lambda office: office.elapsed(_at("2026-10-24T22:00+02:00"), _at("2026-10-25T06:00+01:00")),
        timedelta(hours=9),
    ),
    Case(
        "after the last holiday known",
        OFFICE,
        lambda office: office.due(_at("2028-01-03T08:00+01:00"), timedelta(hours=8)),
        _at("2028-01-03T16:00+01:00"),
    ),
)


class Subject(NamedTuple):
    """One of the two questions, as each side is asked it."""

    name: str
    of: Callable[[Office], Callable[[Any, Any], Any]]
    arguments: Arguments


def measure(*, full: bool, rounds: int = _ROUNDS) -> list[Result]:
    """Both floors and every peer, for `due` and for `elapsed`."""
    stretches = _stretches(2026)
    subjects = (
        Subject("due", lambda office: office.due, [(start, _BUDGET) for start, _ in stretches]),
        Subject("elapsed", lambda office: office.elapsed, stretches),
    )
    rounds = 5 * rounds if full else rounds
    return [result for subject in subjects for result in (*_floors(subject, rounds), *_peers(subject, rounds))]


def _stretches(year: int) -> list[tuple[datetime, datetime]]:
    """Random stretches of a year to the second, the same in every run."""
    choose, begin = random.Random(year), datetime(year, 1, 1, tzinfo=UTC)
    starts = [begin + timedelta(seconds=choose.randrange(355 * 86_400)) for _ in range(_QUESTIONS)]
    return [(start, start + timedelta(seconds=choose.randrange(10 * 86_400 + 1))) for start in starts]


def _floors(subject: Subject, rounds: int) -> Iterator[Result]:
    ours = subject.of(peers.servanda(OFFICE))
    for name, build in (("microseconds", peers.bare_microseconds), ("UTC datetimes", peers.bare_datetimes)):
        floor = subject.of(build(OFFICE))
        mine, other = _compare(Timed(ours, subject.arguments), Timed(floor, subject.arguments), rounds)
        result = cost(f"{subject.name}, floor of {name}", mine, "µs", Other("two bare bisects", other), _FLOOR_AIM)
        yield result.noted(f"{_differing(ours, floor, subject.arguments)} of {_QUESTIONS} answers differ")


def _peers(subject: Subject, rounds: int) -> Iterator[Result]:
    ours, floor = subject.of(peers.servanda(OFFICE)), subject.of(peers.bare_microseconds(OFFICE))
    for peer in PEERS:
        theirs = subject.of(peer.build(OFFICE))
        told = [(peer.takes(first), peer.takes(second)) for first, second in subject.arguments[: peer.calls]]
        mine, other = _compare(Timed(ours, subject.arguments), Timed(theirs, told), rounds)
        result = faster(f"{subject.name}, {peer.name}", mine, "µs", Other(peer.release, other), peer.aim)
        result = result.noted(peer.remark or _answers(peer, ours, theirs, subject.arguments))
        if result.met is False:
            least, other = _compare(Timed(floor, subject.arguments), Timed(theirs, told), rounds)
            result = result.noted(f"the floor of microseconds would be {other / least:.1f} times as fast")
        yield result


class Timed(NamedTuple):
    """A side, and what it is asked each round."""

    call: Callable[[Any, Any], Any]
    arguments: Arguments

    def per_call(self) -> float:
        """Microseconds a call takes."""
        call = self.call
        began = timing.perf_counter()
        for first, second in self.arguments:
            call(first, second)
        return (timing.perf_counter() - began) / len(self.arguments) * 1e6


def _compare(ours: Timed, theirs: Timed, rounds: int) -> tuple[float, float]:
    """Microseconds per call of both, after each was called once for what it makes at its first call."""
    ours.per_call()
    theirs.per_call()
    mine, other = interleaved(rounds, ours.per_call, theirs.per_call)
    return mine, other


def _answers(peer: Peer, ours: Callable[[Any, Any], Any], theirs: Callable[[Any, Any], Any], arguments: Arguments) -> str:
    """How many answers are wrong, and which of the hard cases."""
    asked = arguments[: max(peer.calls, _CHECKED)]
    failed = [case.name for case in CASES if _ask(lambda case=case: case.ask(peer.build(case.hours))) != case.answer]  # type: ignore[misc]
    hard = f"wrong besides: {', '.join(failed)}" if failed else f"all {len(CASES)} hard cases right"
    return f"{_differing(ours, theirs, asked)} of {len(asked)} answers wrong; {hard}"


def _differing(ours: Callable[[Any, Any], Any], theirs: Callable[[Any, Any], Any], arguments: Arguments) -> int:
    return sum(ours(*each) != _ask(lambda each=each: theirs(*each)) for each in arguments)  # type: ignore[misc]


def _ask(question: Callable[[], Any]) -> Any:
    """The answer; an error is no answer."""
    try:
        return question()
    except Exception as wrong:  # noqa: BLE001  (whatever a library throws, it did not answer)
        return wrong
