"""What comes of watching an agreement: who is told, which follow-ups are opened, and what those that are open hear. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.agreement_life import versions_of
from domain.business_days import business_days_from
from domain.calendars import calendar_of
from domain.case_messages import AgreementOrder
from domain.closing import SATISFACTION, ClosedTarget, Closing
from domain.effects import CrmCaseUpdate, Notice, Said
from domain.follow_ups.change import Change
from domain.follow_ups.correction import NOT_MEASURED, Correction
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, News, follow_up_id
from domain.follow_ups.plan import Plan
from domain.follow_ups.review import Review
from domain.follow_ups.triggers import ChangeTrigger, Trigger
from domain.in_force import CLOSING_DELAY, MEETING_AT, Occasion, Watched
from domain.periods import kind_of
from domain.registry_numbers import in_addresses
from domain.results import Colour, Verdict
from domain.review_packs import reports_read
from domain.terms import SUPPORT_KINDS, AgreementKind
from domain.versions import stages_in
from domain.wording import spoken


class Consequences(NamedTuple):
    """What is told and opened; `news` name the follow-up they are for."""

    notices: tuple[Notice, ...] = ()
    crm_updates: tuple[CrmCaseUpdate, ...] = ()
    openings: tuple[FollowUp, ...] = ()
    news: tuple[News, ...] = ()


class Source:
    """The agreement that all of it comes from, and the instant it is true at."""

    def __init__(self, order: AgreementOrder, watched: Watched, at: datetime) -> None:
        """Take what notices and follow-ups say of the agreement."""
        self.order = order
        self.registered = order.registered
        self.crm_case = order.crm_case
        self.watched = watched
        self.at = at
        self.key = f"agreement:{in_addresses(self.registered.registry_no)}"

    @property
    def is_support(self) -> bool:
        """Is it a promise made to us?"""
        return self.watched.kind in SUPPORT_KINDS

    @property
    def partner_roles(self) -> tuple[str, ...]:
        """Who hears that a promise was not kept: those it was made to, and who answers for it."""
        if self.watched.kind is AgreementKind.UC:
            return ("SUPPLY_MANAGER", "SUPPLIER_REP")
        return ("SLM_MANAGER", "TEAM_OWNER") if self.is_support else ("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER")

    def follow_up(self, kind: FollowUpKind, about: str, period: str, *named: str) -> dict[str, Any]:
        """The fields all follow-ups have; what it is about and out of which period names it."""
        number = self.registered.registry_no
        return {
            "case_id": follow_up_id(kind, number, *(named or (about, period))),
            "calendar": self.watched.calendar,
            "policy": self.watched.policy,
            "entered_at": self.at,
            "last_at": self.at,
            "registry_no": number,
            "customer": self.registered.customer,
            "about": about,
            "period": period,
        }

    def notice(self, name: str, recipients: Sequence[str], english: tuple[str, str], phrase: str, **values: Said) -> Notice:
        """Something to tell, once by its name: subject and body in English, and as a phrase with what fills it."""
        number, (subject, body) = self.registered.registry_no, english
        return Notice(
            key=f"{self.key}:{name}",
            case_id=number,
            recipients=tuple(recipients),
            subject=f"{number}: {subject}",
            body=body,
            phrase=phrase,
            values={"registry_no": number, **values},
        )

    def crm_update(self, name: str, state: str, text: str) -> tuple[CrmCaseUpdate, ...]:
        """The same for the CRM, where it asked for the agreement."""
        if self.crm_case is None:
            return ()
        number = self.registered.registry_no
        update = CrmCaseUpdate(
            key=f"{self.key}:{name}:crm",
            case_id=number,
            crm_case=self.crm_case,
            state=state,
            registry_nos=(number,),
            at=self.at,
            text=f"{number}: {text}",
        )
        return (update,)


def joined(parts: Iterable[Consequences]) -> Consequences:
    """All of them, in their order."""
    listed = list(parts)
    return Consequences(
        tuple(each for part in listed for each in part.notices),
        tuple(each for part in listed for each in part.crm_updates),
        tuple(each for part in listed for each in part.openings),
        tuple(each for part in listed for each in part.news),
    )


# ---- a closed period ------------------------------------------------------------------------------------------------


def at_closing(source: Source, closing: Closing) -> Consequences:
    """Misses are told, plans proposed, chronic ones and watermelons reviewed; each once for a target and period."""
    parts = [_of_target(source, closing, target) for target in closing.targets]
    return joined([*parts, _watermelon(source, closing), _proposals(source, closing)])


def _of_target(source: Source, closing: Closing, target: ClosedTarget) -> Consequences:
    at_goal = None if target.disputed or target.colour is Colour.GREY else target.colour is not Colour.RED
    parts = [_measured(source, closing, target.target, at_goal=at_goal), _unknown(source, closing, target)]
    if target.verdict is Verdict.MISSED:
        parts.append(_violation(source, closing, target))
    if target.chronic and not source.is_support:
        parts.append(_ad_hoc(source, closing, f"chronic-{target.target}", (f"{target.target} missed again: chronic",)))
    if target.chronic and source.watched.asks_for_changes:
        parts.append(Consequences(openings=(_change(source, closing, target),)))
    if target.may_be_ended:
        text = f"{target.target} was missed three periods running; a right to end the agreement for breach may exist"
        name = f"may-be-ended:{closing.period}:{target.target}"
        notice = source.notice(
            name, ("SLM_MANAGER", "CRM_STAFF"), ("may be ended for breach", text), phrase="may_be_ended", target=target.target
        )
        parts.append(Consequences((notice,), source.crm_update(name, "BREACHED", text)))
    return joined(parts)


def _unknown(source: Source, closing: Closing, target: ClosedTarget) -> Consequences:
    """Somebody states what happened where nothing was measured, unless late facts tell it after all."""
    fields = source.follow_up(FollowUpKind.CORRECTION, target.target, closing.period, NOT_MEASURED, target.target, closing.period)
    if target.verdict is Verdict.NOT_MEASURED:
        why = f"too much of {closing.period} is unknown to judge {target.target}"
        return Consequences(openings=(Correction(**fields, cause=NOT_MEASURED, why=why),))
    if closing.version == 1:
        return Consequences()
    return Consequences(news=(News(name="gone", about=fields["case_id"], at=source.at),))


def _violation(source: Source, closing: Closing, target: ClosedTarget) -> Consequences:
    said = f"Promised {target.promised}, achieved {target.achieved}."
    name = f"violation:{closing.period}:{target.target}"
    notice = source.notice(
        name,
        source.partner_roles,
        (f"{target.target} missed in {closing.period}", said),
        phrase="violation",
        target=target.target,
        period=closing.period,
        promised=str(target.promised),
        achieved=str(target.achieved),
    )
    told = Consequences((notice,), source.crm_update(name, "VIOLATED", f"{target.target} missed in {closing.period}. {said}"))
    trigger = f"{target.target} missed in {closing.period}" + (", chronic" if target.chronic else "")
    fields = source.follow_up(FollowUpKind.PLAN, target.target, closing.period)
    return joined([told, _proposed(closing, Plan(**fields, trigger=trigger, baseline=said, mandatory=target.chronic))])


def _change(source: Source, closing: Closing, target: ClosedTarget) -> Change:
    """What is missed again and again may be promised wrongly: it is examined."""
    code, text = ChangeTrigger.REPEATED_VIOLATION, f"{target.target} missed again in {closing.period}: chronic"
    trigger = Trigger(code=code, text=text, source=source.key, event=f"chronic:{closing.period}:{target.target}", at=source.at)
    fields = source.follow_up(FollowUpKind.CHANGE, code.value, "", trigger.key)
    return Change(**fields, triggers=(trigger,), why=text)


def _proposed(closing: Closing, plan: Plan) -> Consequences:
    """A plan is proposed where none is open about the same; an open one may become mandatory."""
    if (known := closing.plans.get(plan.about)) is None:
        return Consequences(openings=(plan,))
    if not plan.mandatory:
        return Consequences()
    return Consequences(news=(News(name="made_mandatory", about=known, content={"trigger": plan.trigger}, at=plan.entered_at),))


def _measured(source: Source, closing: Closing, about: str, *, at_goal: bool | None) -> Consequences:
    """An open plan hears how the period went; one of which nothing is known, or that is disputed, proves nothing."""
    if about not in closing.plans or at_goal is None:
        return Consequences()
    content = {"period": closing.period, "ended": closing.ended.isoformat(), "at_goal": at_goal}
    return Consequences(news=(News(name="period_measured", about=closing.plans[about], content=content, at=source.at),))


def _watermelon(source: Source, closing: Closing) -> Consequences:
    """Looked at by the periods the agreement is judged by; months of one that is judged by quarters are only shown."""
    heard = _measured(source, closing, SATISFACTION, at_goal=closing.satisfied)
    if not closing.watermelon or kind_of(closing.period) not in source.watched.periods:
        return heard
    reasons = ", ".join(closing.watermelon)
    text = f"every target of {closing.period} was kept, yet: {reasons}"
    name = f"watermelon:{closing.period}"
    notice = source.notice(
        name,
        ("SLM_MANAGER", "CRM_STAFF", "CUSTOMER_REP"),
        ("green outside, red inside", text),
        phrase="watermelon",
        period=closing.period,
        reasons=reasons,
    )
    told = Consequences((notice,), source.crm_update(name, "WATERMELON", text))
    review = _ad_hoc(source, closing, "watermelon", tuple(closing.watermelon))
    fields = source.follow_up(FollowUpKind.PLAN, SATISFACTION, closing.period)
    plan = Plan(**fields, trigger=f"watermelon in {closing.period}: {reasons}", baseline=text, mandatory=True)
    return joined([heard, told, review, _proposed(closing, plan)])


def report_notice(registry_no: str, kind: AgreementKind, period: str) -> Notice:
    """That the report of a period is there: to the customer of an SLA, to the supply manager of a support."""
    number = in_addresses(registry_no)
    return Notice(
        key=f"agreement:{number}:report:{period}",
        case_id=registry_no,
        recipients=("SUPPLY_MANAGER",) if kind in SUPPORT_KINDS else ("CUSTOMER_REP", "SLM_MANAGER"),
        subject=f"{registry_no}: report of {period}",
        body=f"Agreed and achieved, breaches, volume, satisfaction, credits: /registry/{number}/reports/{period}",
        phrase="report",
        values={"registry_no": registry_no, "period": period, "address": f"/registry/{number}/reports/{period}"},
    )


def _proposals(source: Source, closing: Closing) -> Consequences:
    """Standards keep rising: what was reached easily for long may be promised tighter; the next review decides."""
    if not closing.proposals:
        return Consequences()
    text = "; ".join(closing.proposals)
    notice = source.notice(f"rising:{closing.period}", ("SLM_MANAGER",), ("proposed for the next review", text), phrase="rising")
    return Consequences((notice,))


# ---- reviews --------------------------------------------------------------------------------------------------------


def _ad_hoc(source: Source, closing: Closing, why: str, reasons: tuple[str, ...]) -> Consequences:
    """A review out of turn, within some business days: of the period's end, or of when late facts showed it."""
    calendar = calendar_of(source.watched.calendar)
    known_at = closing.ended if source.at <= closing.ended + CLOSING_DELAY else source.at
    due = business_days_from(calendar, known_at, source.watched.policy.ad_hoc_review_days)
    meeting = min(calendar.local(due.astimezone(calendar.zone).date(), MEETING_AT), due)
    when = {"meeting_at": max(meeting, source.at), "due_at": due}
    fields = source.follow_up(FollowUpKind.REVIEW, why, closing.period) | when
    review = Review(**fields, reasons=reasons, targets=source.watched.targets, pack=_pack(source, closing.period))
    zone, is_chronic = ZoneInfo(source.registered.time_zone), why.startswith("chronic-")
    notice = source.notice(
        f"ad-hoc:{closing.period}:{why}",
        ("SLM_MANAGER", "CUSTOMER_REP"),
        ("review out of turn", f"By {spoken(due, zone)}: {'; '.join(reasons)}."),
        phrase="ad_hoc_review",
        due_at=due.astimezone(zone).isoformat(),
        because="CHRONIC" if is_chronic else ", ".join(reasons),
        target=why.removeprefix("chronic-") if is_chronic else "",
    )
    return Consequences((notice,), openings=(review,))


def planned_review(source: Source, occasion: Occasion) -> Consequences:
    """A planned review becomes a case people see."""
    assert occasion.meeting_at is not None
    fields = source.follow_up(FollowUpKind.REVIEW, occasion.name, occasion.name, occasion.name)
    zone = ZoneInfo(source.registered.time_zone)
    reports = reports_read(occasion.name, source.watched.reviews, stages_in(versions_of(source.order)), zone)
    pack = _pack(source, *reports)
    review = Review(**fields, meeting_at=occasion.meeting_at, reasons=("planned",), targets=source.watched.targets, pack=pack)
    return Consequences(openings=(review,))


def _pack(source: Source, *periods: str) -> tuple[str, ...]:
    """Addresses of what is read before the meeting."""
    number = in_addresses(source.registered.registry_no)
    return (*(f"/registry/{number}/reports/{period}" for period in periods), f"/registry/{number}/slam")
