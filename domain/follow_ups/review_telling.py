"""What is told of a service review beside its tasks."""

from datetime import datetime
from typing import TYPE_CHECKING

from domain.follow_ups.minutes import Minutes

if TYPE_CHECKING:
    from domain.follow_ups.review import Review


def telling_of_pack(case: "Review") -> "Review":
    """All sides hear when they meet and what they read before."""
    meeting, pack = _meeting(case), ", ".join(case.pack)
    return case.telling(
        "CUSTOMER_REP",
        "CRM_STAFF",
        "SLM_MANAGER",
        subject=f"Review {case.about} of {case.registry_no}",
        body=f"Meeting on {meeting:%Y-%m-%d at %H:%M}. Read before: {pack or 'nothing'}.",
        phrase="review",
        meeting=meeting.isoformat(),
        pack=pack,
    )


def telling_of_postponement(case: "Review", reason: str) -> "Review":
    """The customer hears of the other date, and why."""
    meeting = _meeting(case)
    subject = f"Review {case.about} postponed to {meeting:%Y-%m-%d %H:%M}"
    return case.telling("CUSTOMER_REP", subject=subject, body=reason, phrase="review_postponed", meeting=meeting.isoformat())


def telling_of_minutes(case: "Review", minutes: Minutes) -> "Review":
    """Who does something hears of it, and who changes agreements of what is to change."""
    for each in minutes.actions:
        subject = f"Action of review {case.about}, due {each.due}"
        case = case.telling(str(each.owner), subject=subject, body=each.text, phrase="review_action", due=str(each.due))
    if not minutes.changes:
        return case
    subject = f"{case.registry_no} is to be changed"
    return case.telling("SLM_MANAGER", "CRM_STAFF", subject=subject, body="; ".join(minutes.changes), phrase="to_be_changed")


def telling_of_miss(case: "Review") -> "Review":
    """The director hears that a review was not held in time."""
    meeting, subject = _meeting(case), f"Review {case.about} of {case.registry_no} missed"
    body = f"Planned for {meeting:%Y-%m-%d %H:%M} and not held."
    return case.telling("SERVICE_DIRECTOR", "SLM_MANAGER", subject=subject, body=body, phrase="review_missed", meeting=meeting.isoformat())


def _meeting(case: "Review") -> datetime:
    return case.meeting_at.astimezone(case.provider_days.zone)
