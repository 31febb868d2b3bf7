"""Writes invented_event_log.csv: an audit log of the form of the ServiceNow log, with every oddity of such logs.

Nothing in it comes from a real log: people, places, groups, instants are dice with a fixed seed, so each run writes the
same bytes. Run: python examples/make_invented_event_log.py [FILE]
"""

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

COLUMNS = (
    *("number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla", "caller_id"),
    *("opened_by", "opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type", "location"),
    *("category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group", "assigned_to"),
    *("knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by", "closed_code", "resolved_by"),
    *("resolved_at", "closed_at"),
)
TICKETS = 300
FIRST_NUMBER = 9_000_001
FIRST_DAY = datetime(2026, 1, 5)  # noqa: DTZ001  (the log's form is wall clock without a zone)
DAYS = 75

PRIORITIES = ("3",) * 16 + ("4",) * 2 + ("2",) + ("1",)
WAITING = ("Awaiting User Info",) * 8 + ("Awaiting Vendor", "Awaiting Problem", "Awaiting Evidence")
HURRY = {"1": 0.1, "2": 0.3, "3": 1.0, "4": 1.6}


class Saved(NamedTuple):
    """The ticket as it was saved once; `earlier` counts the times before."""

    at: datetime
    state: str
    priority: str
    group: str
    reopened: int = 0
    reassigned: int = 0
    earlier: int = 0

    def again(
        self, after: timedelta, state: str | None = None, priority: str | None = None, group: str | None = None, reopened: int = 0
    ) -> "Saved":
        """The next time it is saved."""
        moved = group is not None and group != self.group
        return Saved(
            self.at + after,
            state or self.state,
            priority or self.priority,
            group or self.group,
            self.reopened + reopened,
            self.reassigned + moved,
            self.earlier + 1,
        )


class Dice:
    """Chances and choices; only `random()` is used, the one sequence that Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def chance(self, share: float) -> bool:
        """Yes, in that share of cases."""
        return self._random.random() < share

    def pick(self, choices: Sequence[str]) -> str:
        """One of them."""
        return choices[int(self._random.random() * len(choices))]

    def number(self, low: int, high: int) -> int:
        """A number, both ends included."""
        return low + int(self._random.random() * (high - low + 1))

    def pause(self, hours: float) -> timedelta:
        """About that long, seldom much longer; whole minutes."""
        share = self._random.random()
        return timedelta(minutes=int(240 * hours * share * share * share))


def life(dice: Dice, opened: datetime) -> list[Saved]:
    """A ticket from its first save to its closing."""
    hurry, group = HURRY[priority := dice.pick(PRIORITIES)], f"group {dice.number(1, 12)}"
    saves = [Saved(opened + timedelta(minutes=dice.number(0, 20)), "New", priority, group)]
    if dice.chance(0.3):
        saves.append(saves[-1].again(dice.pause(1 * hurry)))
    while True:
        saves += work(dice, saves[-1], hurry)
        if not dice.chance(0.06):
            break
        saves.append(saves[-1].again(dice.pause(30), state="Active", reopened=1))
    return [*saves, saves[-1].again(timedelta(days=5), state="Closed")]


def work(dice: Dice, last: Saved, hurry: float) -> Iterator[Saved]:
    """From the ticket's arrival, or its return, until it is resolved."""
    if dice.chance(0.75):
        yield (last := last.again(dice.pause(3 * hurry), state="Active"))
    for _ in range(dice.number(0, 2)):
        yield (last := last.again(dice.pause(4 * hurry), group=f"group {dice.number(1, 12)}"))
    if dice.chance(0.06):
        yield (last := last.again(dice.pause(1 * hurry), priority=dice.pick("1234")))
    if dice.chance(0.3):
        yield (last := last.again(dice.pause(4 * hurry), state=dice.pick(WAITING)))
        yield (last := last.again(dice.pause(20 * hurry), state=dice.pick(("Active", last.state))))
    yield (last := last.again(dice.pause(45 * hurry), state="Resolved"))
    if dice.chance(0.08):
        yield last.again(dice.pause(3))  # saved again as resolved: the system then tells the later instant


def spoil(dice: Dice, number: int, saves: list[Saved]) -> list[Saved]:
    """Oddities that real logs have: history lost, states nobody knows, rows in the wrong place."""
    first_resolved = next(place for place, saved in enumerate(saves) if saved.state == "Resolved")
    match number % 30:
        case 7:  # first seen when it was resolved already
            return saves[first_resolved:]
        case 12 if number % 60 == 12:  # closed without having been resolved
            return [saved for saved in saves if saved.state != "Resolved"]
        case 17 if number % 90 == 17:  # a state outside the list
            return [saves[0], saves[0]._replace(at=saves[0].at + timedelta(minutes=3), state="-100"), *saves[1:]]
        case 22 if len(saves) > 3:  # two rows in the wrong order
            place = dice.number(1, len(saves) - 3)
            return [*saves[:place], saves[place + 1], saves[place], *saves[place + 2 :]]
        case 27 if number % 60 == 27:  # saved before it was opened, says the clock
            return [saves[0]._replace(at=saves[0].at - timedelta(hours=2)), *saves[1:]]
    return saves


def rows(dice: Dice, number: int) -> Iterator[dict[str, str]]:
    """The rows of one ticket; as exports do, each carries the last known resolution and closing."""
    opened = FIRST_DAY + timedelta(days=dice.number(0, DAYS - 1), minutes=dice.number(6 * 60, 20 * 60))
    story = life(dice, opened)
    told = spoil(dice, number, story)
    resolved_at = max((saved.at for saved in told if saved.state == "Resolved"), default=None)
    place, category = dice.number(1, 40), dice.number(1, 25)
    fixed = {
        "number": str(FIRST_NUMBER + number),
        "caller_id": f"caller {dice.number(1, 400)}",
        "opened_by": dice.pick((f"opener {dice.number(1, 30)}", "?")),
        "opened_at": written(opened),
        "contact_type": dice.pick(("Phone", "Phone", "Phone", "Email", "Self service")),
        "location": "?" if dice.chance(0.02) else f"location {place}",
        "category": "?" if dice.chance(0.02) else f"category {category}",
        "subcategory": f"subcategory {category * 10 + dice.number(0, 9)}",
        "notify": "Do Not Notify",
        "closed_code": f"code {dice.number(1, 12)}",
        "resolved_at": written(resolved_at) if resolved_at is not None and not dice.chance(0.05) else "?",
        "closed_at": written(story[-1].at),
    }
    for saved in told:
        yield dict.fromkeys(COLUMNS, "?") | fixed | row(dice, saved)


def row(dice: Dice, saved: Saved) -> dict[str, str]:
    """What differs from row to row."""
    return {
        "incident_state": saved.state,
        "active": "false" if saved.state == "Closed" else "true",
        "reassignment_count": str(saved.reassigned),
        "reopen_count": str(saved.reopened),
        "sys_mod_count": str(saved.earlier),
        "made_sla": dice.pick(("true", "true", "true", "false")),
        "sys_updated_by": f"person {dice.number(1, 90)}",
        "sys_updated_at": written(saved.at),
        "impact": saved.priority if saved.priority != "4" else "3",
        "urgency": saved.priority if saved.priority != "4" else "3",
        "priority": saved.priority,
        "assignment_group": "?" if dice.chance(0.08) else saved.group,
        "assigned_to": "?" if dice.chance(0.2) else f"person {dice.number(1, 90)}",
        "knowledge": "false",
        "u_priority_confirmation": "false",
    }


def written(at: datetime) -> str:
    """As the log writes an instant: 5/1/2026 08:03."""
    return f"{at.day}/{at.month}/{at.year} {at:%H:%M}"


def log_text() -> str:
    """The whole log."""
    dice, text = Dice(2026), io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number in range(TICKETS):
        writer.writerows(rows(dice, number))
    return text.getvalue()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("invented_event_log.csv")
    target.write_bytes(log_text().encode())
