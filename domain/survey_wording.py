"""The sentences that ask people for their opinion, in the language they read."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from domain.effects import Notice, TicketRef
from domain.people import Language
from domain.surveys import Survey

_SUBJECTS: Mapping[Language, tuple[str, str]] = {
    "pl": ("Jak oceniają Państwo obsługę zgłoszenia {ticket}?", "Jak oceniają Państwo usługę w okresie {period}: {title}?"),
    "en": ("How satisfied are you with our work on ticket {ticket}?", "How satisfied are you with the service in {period}: {title}?"),
}
_BODIES: Mapping[Language, str] = {
    "pl": "Prosimy o ocenę od 1 do 5 i, jeśli Państwo chcą, komentarz ({registry_no}):\n{link}\nLink działa raz, do {until}.",
    "en": "Please give a score from 1 to 5 and, if you like, a comment ({registry_no}):\n{link}\nThe link works once, until {until}.",
}


def survey_question(survey: Survey, language: Language | None = None) -> str:
    """What is asked, in one line; in the person's language unless another is named."""
    after_ticket, of_quarter = _SUBJECTS[language or survey.language]
    if survey.ticket is None:
        return of_quarter.format(period=survey.period, title=survey.title)
    return after_ticket.format(ticket=survey.ticket.rpartition("/")[2])


def survey_notice(survey: Survey, link: str, zone: ZoneInfo) -> Notice:
    """The message that asks: to one person, once, with the link to the page where they answer."""
    until = survey.expires_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    source, _, ticket_id = (survey.ticket or "").rpartition("/")
    return Notice(
        key=f"survey:{survey.survey}",
        ticket=TicketRef(source=source, ticket_id=ticket_id) if survey.ticket is not None else None,
        case_id=survey.registry_no if survey.ticket is None else None,
        recipients=(survey.person,),
        subject=survey_question(survey),
        body=_BODIES[survey.language].format(registry_no=survey.registry_no, link=link, until=until),
        phrase="survey",
        values={
            "question": survey_question(survey),
            "registry_no": survey.registry_no,
            "link": link,
            "until": survey.expires_at.astimezone(zone).isoformat(),
        },
    )
