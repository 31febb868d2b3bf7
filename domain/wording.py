"""The sentences of notices and of the ticket's page in the engine's UI."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.announcements import Reached, Withdrawn
from domain.clock_milestones import MilestoneKind
from domain.clocks import ClockReading, ClockState
from domain.durations import format_duration
from domain.effects import Said, TicketRef
from domain.terms import Alert


def spoken(instant: datetime | None, zone: ZoneInfo) -> str:
    """An instant as people say it; a dash for none."""
    if instant is None:
        return "–"
    shown = instant.astimezone(zone)
    return shown.strftime("%a %Y-%m-%d %H:%M" + (":%S" if shown.second or shown.microsecond else ""))


def subject_of(reached: Reached, ticket: TicketRef) -> str:
    """One line that says what happened to which promise."""
    clock, name = reached.milestone.clock, ticket.ticket_id
    match reached.milestone.kind:
        case MilestoneKind.PAGE:
            return f"Act now: {clock} of ticket {name} started"
        case MilestoneKind.WARNING:
            return f"Warning {reached.milestone.level} %: {clock} of ticket {name}"
        case MilestoneKind.BREACH:
            return f"Breached: {clock} of ticket {name}"
        case MilestoneKind.ESCALATION:
            return f"Escalation {reached.milestone.level}: {clock} of ticket {name} is still open"


def body_of(reached: Reached, detected_at: datetime) -> str:
    """What the receiver needs to know: the promise, the due time, what is left or how late it is."""
    reading = reached.reading
    zone = ZoneInfo(reading.segment.agreement.time_zone)
    lines = [
        f"Agreement {reading.agreement} {reading.version}, target {reading.target}, calendar {reading.calendar}.",
        f"Started {spoken(reading.started_at, zone)}, due {spoken(reading.due_at, zone)} ({zone.key}).",
        f"Business time used: {format_duration(reading.spent)}; {_left(reading)}.",
    ]
    if (detected_at - reached.milestone.at).total_seconds() > 60:
        lines.append(f"True since {spoken(reached.milestone.at, zone)}, noticed {spoken(detected_at, zone)}.")
    return "\n".join(lines)


def values_of(reached: Reached, detected_at: datetime) -> dict[str, Said]:
    """What `subject_of` and `body_of` say, as data; instants in the agreement's zone."""
    reading = reached.reading
    zone = ZoneInfo(reading.segment.agreement.time_zone)
    left = shown_left(reading)
    instants = {"started_at": reading.started_at, "due_at": reading.due_at, "true_at": reached.milestone.at, "noticed_at": detected_at}
    values: dict[str, Said] = {name: at.astimezone(zone).isoformat() if at is not None else "" for name, at in instants.items()}
    return values | {
        "clock": reached.milestone.clock,
        "level": reached.milestone.level,
        "agreement": f"{reading.agreement} {reading.version}",
        "target": reading.target,
        "used": format_duration(reading.spent),
        "left": "" if left.startswith("-") else left,
        "late": left.removeprefix("-") if left.startswith("-") else "",
    }


def shown_left(reading: ClockReading) -> str:
    """What is left, in whole seconds that add up with what is shown as used; a minus says how late it is."""
    if reading.remaining is None:
        return "–"
    whole_seconds_used = timedelta(seconds=int(reading.spent.total_seconds()))
    return format_duration(reading.remaining + reading.spent - whole_seconds_used)


def _left(reading: ClockReading) -> str:
    left = shown_left(reading)
    return f"{left.removeprefix('-')} late" if left.startswith("-") else f"{left} left"


def withdrawal_text(withdrawn: Withdrawn, ticket: TicketRef) -> tuple[str, str]:
    """Subject and body of the correction after a breach that never happened."""
    subject = f"Withdrawn: {withdrawn.clock} of ticket {ticket.ticket_id} was not breached"
    return (
        subject,
        f"The breach told for {withdrawn.told_at.isoformat()} did not happen: an event that arrived later shows it was met or is not due.",
    )


def alert_text(alert: Alert, ticket: TicketRef) -> tuple[str, str]:
    """Subject and body for a ticket that no promise covers."""
    what = {
        Alert.NO_REGION: "its region is missing or not one the agreement names",
        Alert.UNCOVERED_TICKET: "no agreement in force covers its customer and service",
    }[alert]
    return f"{alert.value}: ticket {ticket.ticket_id} runs without a clock", f"The ticket is kept, but {what}."


def verdict_of(reading: ClockReading) -> str:
    """One word for a clock: its state, or how it ended."""
    if reading.state is not ClockState.COMPLETED:
        return reading.state.value + (" BREACHED" if reading.breached else "")
    return "MET" if reading.met else "EXECUTED_EARLY" if reading.executed_early else "BREACHED"


def clock_table(readings: Sequence[ClockReading]) -> str:
    """The clocks as a small Markdown table, for the engine's UI."""
    rows = ["| clock | state | due | used | left |", "|---|---|---|---|---|"]
    for reading in readings:
        zone = ZoneInfo(reading.segment.agreement.time_zone)
        left = shown_left(reading)
        rows.append(
            f"| {reading.clock} | {verdict_of(reading)} | {spoken(reading.due_at, zone)} | {format_duration(reading.spent)} | {left} |"
        )
    return "\n".join(rows)
