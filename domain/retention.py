"""How long data about people is kept, and what forbids to erase it earlier.

The periods rest on the law of Poland; an installation under another law sets others (`SERVANDA_RETENTION`).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from domain.values import Document


class DataKind(StrEnum):
    """Kinds of data about people, by what they are kept for."""

    NAME = "NAME"
    ADDRESS = "ADDRESS"
    SIGN_IN = "SIGN_IN"
    AGREEMENT = "AGREEMENT"
    CASE = "CASE"
    DECISION = "DECISION"
    TICKET = "TICKET"
    SURVEY = "SURVEY"
    LETTER = "LETTER"
    TRANSIT = "TRANSIT"
    OPERATION = "OPERATION"


Years = Annotated[int, Field(ge=1, le=30)]
Days = Annotated[int, Field(ge=1, le=3660)]


class RetentionPolicy(Document):
    """The periods of an installation, and which attributes of tickets say something of a person."""

    agreement_years: Annotated[Years, Field(description="years after an agreement's end in which its signatures and texts are kept")] = 6
    case_years: Annotated[Years, Field(description="years a case is kept that led to no agreement")] = 3
    ticket_years: Annotated[Years, Field(description="years after which a closed ticket forgets its people")] = 3
    survey_days: Annotated[Days, Field(description="days after which a survey forgets who was asked, and what they wrote")] = 365
    letter_days: Annotated[Days, Field(description="days letters, and the contents of what was sent out or handed on, are kept")] = 90
    sign_in_days: Annotated[Days, Field(description="days a revoked token is remembered")] = 90
    personal_attributes: Annotated[tuple[str, ...], Field(description="attributes of tickets that say something of a person")] = (
        "requester",
        "requester_name",
        "requester_mail",
        "contact",
        "contact_name",
        "contact_mail",
        "caller",
        "reported_by",
    )


class Rule(NamedTuple):
    """A kind of data: where it stands, what for, how long, by which source, and what becomes of it then."""

    kind: DataKind
    stands_in: str
    purpose: str
    period: str
    source: str
    afterwards: str


RULES = (
    Rule(
        DataKind.NAME,
        "the directory (catalogue)",
        "to know who acts, and whose signature a key stands for",
        "as long as the person takes part; of who signed: as AGREEMENT",
        "GDPR art. 5(1)(e), 17(3)(e)",
        "'erased person' in every version of the catalogue",
    ),
    Rule(
        DataKind.ADDRESS,
        "the directory (catalogue)",
        "to send notices; to say why somebody stands in",
        "as long as the person takes part",
        "GDPR art. 5(1)(e)",
        "mail, OpenID subject, delegations and quiet hours go from every version of the catalogue",
    ),
    Rule(
        DataKind.SIGN_IN,
        "tokens, browsers, used links",
        "to know who signs in",
        "sign_in_days after a token is revoked; browsers and links until they expire",
        "GDPR art. 5(1)(e), 32",
        "removed",
    ),
    Rule(
        DataKind.AGREEMENT,
        "registry, results of periods, measurements, duties, terminations",
        "to prove what was agreed, signed and delivered",
        "agreement_years after the agreement's end, up to the end of that year",
        "Civil Code art. 118 (6 years, end of the calendar year); Tax Ordinance art. 86 § 1 with art. 70 § 1 (5 years after the year"
        " of payment); Accounting Act art. 74(2); GDPR art. 17(3)(b) and (e)",
        "name and mail are replaced; the hash that was signed stays",
    ),
    Rule(
        DataKind.CASE,
        "agreement cases, their documents, scans and expected tickets",
        "to prove how an agreement came about, or why none did",
        "of an agreement: as AGREEMENT; of none: case_years after its end, up to the end of that year",
        "Civil Code art. 118 (3 years between businesses), art. 72 § 2 (talks in bad faith); GDPR art. 17(3)(e)",
        "name and mail are replaced, scans of cases without an agreement removed",
    ),
    Rule(
        DataKind.DECISION,
        "audit trail, tasks, approvals of proofs of quality",
        "to prove who decided what",
        "as the case or agreement it is about",
        "GDPR art. 5(2), 17(3)(e)",
        "the key stays; name and mail in reasons are replaced, and the trail says where",
    ),
    Rule(
        DataKind.TICKET,
        "tickets, their events and milestones",
        "to serve a request, to prove how late it was",
        "ticket_years after the last event; on request as soon as the ticket is closed",
        "Civil Code art. 118 (3 years between businesses); GDPR art. 5(1)(c)",
        "personal attributes go, the clocks stay",
    ),
    Rule(
        DataKind.SURVEY,
        "surveys, feedback",
        "to know how content customers are",
        "survey_days; on request at once",
        "GDPR art. 5(1)(e), 21(1)",
        "person and comment go, the score stays",
    ),
    Rule(
        DataKind.LETTER,
        "mailbox, delivery log",
        "to prove that somebody was told",
        "letter_days; on request once it is delivered",
        "GDPR art. 5(1)(e)",
        "letters and what the log holds of them are removed",
    ),
    Rule(
        DataKind.TRANSIT,
        "inbox (requests, decisions on their way)",
        "so that nothing that was taken in is lost or taken twice",
        "letter_days after it was handed on; on request once it was",
        "GDPR art. 5(1)(e), 5(1)(f)",
        "names go, key and content stay",
    ),
    Rule(
        DataKind.OPERATION,
        "re-plans, backtests, calendars, tokens of programs, stated costs, proofs of quality",
        "to say who changed what tickets run under, and who stated a figure",
        "no period; on request at once",
        "GDPR art. 6(1)(f)",
        "the key stays; name and mail in reasons are replaced",
    ),
)
"""Every kind, in the order of `docs/privacy.md`."""


class Standing(NamedTuple):
    """What data is about, and whether that has ended: `ended_on` is None while it goes on.

    `is_agreed` says that a registered agreement stands behind it, `is_held` that legal has not ruled yet.
    """

    about: str
    ended_on: date | None = None
    is_agreed: bool = False
    is_held: bool = False


ABOUT_NOTHING = Standing("nothing else", date.min)
"""Data that no agreement, case or ticket stands behind."""


class Keeping(NamedTuple):
    """A duty to keep: why, and the first day on which it is no longer one; None where that day is not known yet."""

    why: str
    until: date | None


_CLAIMS = frozenset({DataKind.NAME, DataKind.AGREEMENT, DataKind.CASE, DataKind.DECISION})
"""What proves or refutes a claim: kept until it would come too late."""

_WHILE_OPEN = frozenset({DataKind.TICKET, DataKind.LETTER, DataKind.TRANSIT})
"""What is needed until it is done, and not after it."""


def too_late_from(ended_on: date, years: int) -> date:
    """The first day on which a claim out of what ended comes too late.

    A period of two years or more ends with its calendar year (Civil Code of Poland, art. 118).
    """
    if years >= 2:
        return date(ended_on.year + years + 1, 1, 1)
    leap_day = ended_on.month == 2 and ended_on.day == 29
    return (ended_on - timedelta(days=leap_day)).replace(year=ended_on.year + years) + timedelta(days=1)


def keeping(kind: DataKind, standing: Standing, policy: RetentionPolicy, today: date) -> Keeping | None:
    """Why data may not be erased today, although the person asks for it; None if it may."""
    if kind not in _CLAIMS | _WHILE_OPEN or standing is ABOUT_NOTHING:
        return None
    if standing.is_held:
        return Keeping(f"{standing.about} is under a legal hold", None)
    if standing.ended_on is None:
        return Keeping(f"{standing.about} goes on", None)
    if kind in _WHILE_OPEN:
        return None
    years = policy.agreement_years if standing.is_agreed else policy.case_years
    until = too_late_from(standing.ended_on, years)
    return (
        Keeping(f"claims out of {standing.about} (ended {standing.ended_on}) may come for {years} years", until) if today < until else None
    )


def longest(duties: Iterable[Keeping]) -> Keeping | None:
    """The duty that lasts longest; one whose end is not known lasts longer than all others."""
    return max(duties, key=lambda each: each.until or date.max, default=None)
