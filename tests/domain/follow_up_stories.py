"""Follow-ups played by the people of the example, on the pure machine, as their processes drive it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest

from domain.actors import Actor, actor_of
from domain.case_machine import AN_INSTANT, Step, advance, judge
from domain.case_telling import effects_of
from domain.cases import Answer, Submission
from domain.errors import BadInput, Conflict, Forbidden
from domain.follow_ups.change import Change
from domain.follow_ups.claim import Claim
from domain.follow_ups.correction import Correction
from domain.follow_ups.credit import Credit
from domain.follow_ups.dispute import Dispute
from domain.follow_ups.exclusion import Exclusion, ExclusionReason
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, News, follow_up_id
from domain.follow_ups.handover import Handover, OrphanedPackage
from domain.follow_ups.kinds import MACHINES, begin, hear
from domain.follow_ups.plan import Plan
from domain.follow_ups.release import Release
from domain.follow_ups.renewal import Renewal, next_end
from domain.follow_ups.review import Review
from domain.follow_ups.settlement import Settlement, SettlementState, SettlementStep
from domain.follow_ups.triggers import ChangeAsked, ChangeTrigger, Trigger
from domain.people import Role, Side
from domain.timer_policy import TimerPolicy
from tests.domain.case_stories import CATALOGUE, local

NUMBER = "SLA/2026/0001"
BANK = "Bank Narew S.A."
WHY = "because it is so, and for no other reason"
STRANGER = Actor(person="K1", name="Karol Obcy", side=Side.CUSTOMER, party="Bank Wkra S.A.", roles=(Role.CUSTOMER_REP,))
"""A representative of another customer."""
LAWYER = Actor(person="G1", name="Grażyna Prawna", side=Side.PROVIDER, party="Serwis-Druk", roles=(Role.LEGAL,))
"""The provider's legal."""
PLAN_CONTENT = {
    "root_cause": "two technicians are missing",
    "expected": "95 %",
    "actions": [
        {"action": "hire", "text": "hire two technicians", "owner": "O2", "due": "2026-06-19"},
        {"action": "route", "text": "plan routes anew", "owner": "L1", "due": "2026-06-26"},
    ],
}
MINUTES = {"targets": {"response": "KEEP"}, "actions": [{"text": "send a map", "owner": "O2", "due": "2026-07-31"}]}


def fields(kind: FollowUpKind, at: str, about: str = "response", period: str = "2026-05") -> dict[str, Any]:
    """What every follow-up has."""
    return {
        "case_id": follow_up_id(kind, NUMBER, about, period),
        "calendar": CATALOGUE.calendar,
        "policy": TimerPolicy(),
        "entered_at": local(at),
        "last_at": local(at),
        "registry_no": NUMBER,
        "customer": BANK,
        "about": about,
        "period": period,
    }


def review(at: str = "2026-06-25T10:00", meeting: str = "2026-07-10T10:00", **more: Any) -> Review:
    return Review(
        **(fields(FollowUpKind.REVIEW, at, "2026-Q2", "2026-Q2") | {"targets": ("response",), "meeting_at": local(meeting)} | more)
    )


def plan(at: str = "2026-06-01T00:05", **more: Any) -> Plan:
    return Plan(**(fields(FollowUpKind.PLAN, at) | {"trigger": "response missed in 2026-05", "baseline": "94.4 %"} | more))


def credit(at: str = "2026-06-01T08:00", amount: str = "5000", **more: Any) -> Credit:
    return Credit(**fields(FollowUpKind.CREDIT, at), amount=amount, currency="PLN", why=("25 % of 20000",), **more)


def claim(at: str = "2026-06-01T08:00", **more: Any) -> Claim:
    """Of May, by the end of the second billing month: the last day is 31 July (SC-3.5)."""
    money = {"amount": "1800", "currency": "PLN", "why": ("30 % of 6000",), "claim_by": local("2026-08-01T00:00")}
    return Claim(**fields(FollowUpKind.CLAIM, at), **(money | more))


def settlement(at: str = "2026-11-01T00:00", basis: str = "NOTICE") -> Settlement:
    """Of an agreement that ended at that instant."""
    steps = dict.fromkeys(SettlementStep) | {SettlementStep.REGISTER: local(at), SettlementStep.COVERAGE: local(at)}
    said = {"basis": basis, "legal_ref": "WYP/2026/77", "ended_at": local(at), "disputed_until": local(at) + timedelta(days=30)}
    state = SettlementState.HELD if basis == "WITHDRAWAL" else SettlementState.UNSETTLED
    return Settlement(**fields(FollowUpKind.SETTLEMENT, at, "", ""), **said, steps=steps, state=state)


def release(at: str = "2026-11-01T00:00") -> Release:
    """Of a support that nothing else rests on."""
    return Release(**fields(FollowUpKind.RELEASE, at, "SLA/2026/0001", ""))


def handover(at: str = "2026-06-11T15:00", left: str = "O2") -> Handover:
    """Three work packages of one owner, who has left."""
    names = ("audit/count", "audit/report", "repair/dispatch")
    keys = (name.split("/") for name in names)
    packages = tuple(OrphanedPackage(obligation=one, package=other, task=f"{other} it") for one, other in keys)
    return Handover(**fields(FollowUpKind.HANDOVER, at, left, ""), packages=packages)


def correction(at: str = "2026-06-01T00:00", cause: str = "NEAR_BREACHES") -> Correction:
    return Correction(**fields(FollowUpKind.CORRECTION, at), cause=cause, why="22 % near breach")


def exclusion(at: str = "2026-06-01T09:00", by: str = "L1") -> Exclusion:
    ticket = {"source": "helpdesk", "ticket_id": "T-1"}
    because = ExclusionReason.DISPUTE_UPHELD
    return Exclusion(**fields(FollowUpKind.EXCLUSION, at), ticket=ticket, because=because, why=WHY, proposed_by=by)


def dispute(at: str = "2026-09-02T09:00", by: str = "B1") -> Dispute:
    stretch = {"measurement": "d-1", "kind": "DOWN", "start": local("2026-08-05T10:00"), "end": local("2026-08-05T11:30")}
    return Dispute(**fields(FollowUpKind.DISPUTE, at, "availability", "2026-08"), why=WHY, raised_by=by, account=(stretch,))


def trigger(
    code: str = "SERVICE_CHANGE_PROMISED", at: str = "2026-07-20T09:00", event: str = "E-1", needed_by: str | None = None
) -> Trigger:
    on = date.fromisoformat(needed_by) if needed_by is not None else None
    return ChangeAsked(NUMBER, ChangeTrigger(code), "open until 19:00", "crm", event, on).trigger(ZoneInfo("Europe/Warsaw"), local(at))


def change(at: str = "2026-07-20T09:00", code: str = "SERVICE_CHANGE_PROMISED", needed_by: str | None = None, **more: Any) -> Change:
    return Change(**fields(FollowUpKind.CHANGE, at, code, ""), **({"triggers": (trigger(code, at, needed_by=needed_by),)} | more))


def renewal(at: str = "2028-12-15T00:00", ends: str = "2029-03-15", **more: Any) -> Renewal:
    """Of three years, to the end of 14 March 2029."""
    until = {"ends_at": local(f"{ends}T00:00"), "renewed_until": next_end(date(2026, 3, 15), date.fromisoformat(ends), more.get("clause"))}
    return Renewal(**fields(FollowUpKind.RENEWAL, at, ends, ""), **(until | more))


class FollowUpStory:
    """A follow-up, and everything that happened to it."""

    def __init__(self, case: FollowUp) -> None:
        self.machine = MACHINES[case.kind]
        self.steps: list[Step] = [begin(case)]

    @property
    def case(self) -> Any:
        return self.steps[-1].case

    @property
    def state(self) -> str:
        return str(self.case.state.value)

    def until(self, at: str) -> Self:
        """Let time pass."""
        self.steps += advance(self.machine, self.case, local(at))
        return self

    def act(self, by: Actor | str, action: str, at: str | None = None, key: str | None = None, **said: Any) -> Answer:
        """Somebody does something, at an instant of the story or at the last one."""
        now = local(at) if at is not None else self.case.last_at
        if at is not None:
            self.steps += advance(self.machine, self.case, now - AN_INSTANT)
        who = by if isinstance(by, Actor) else actor_of(CATALOGUE, by, now.date())
        body = {name: each.isoformat() if isinstance(each, datetime) else each for name, each in said.items()}
        submission = Submission(key=key or f"k{len(self.steps)}-{who.person}", action={"action": action, **body}, by=who)
        answer, steps = judge(self.machine, self.case, submission, now)
        self.steps += steps
        return answer

    def refused(self, by: Actor | str, action: str, at: str | None = None, key: str | None = None, **said: Any) -> str:
        """The code somebody is refused with; nothing has changed."""
        if at is not None:
            self.steps += advance(self.machine, self.case, local(at) - AN_INSTANT)
        before = self.case
        with pytest.raises((BadInput, Conflict, Forbidden)) as refusal:
            self.act(by, action, at, key, **said)
        assert self.case == before
        return refusal.value.code

    def hears(self, name: str, at: str, /, **content: Any) -> list[Step]:
        """The agreement's process has news; gives the steps they lead to."""
        steps = hear(self.case, News(name=name, about=self.case.case_id, content=content, at=local(at)))
        self.steps += steps
        return steps

    def waiting(self) -> dict[str, datetime]:
        """Open tasks and when they are due."""
        return {f"{task.kind} {task.assignee}": task.due_at for task in self.case.open_tasks}

    def told(self, *, to: str) -> list[str]:
        """Subjects of what a role or person was told, tasks and reminders among it."""
        notices = effects_of(self.steps, self.case.case_id).notices
        assert len({each.key for each in notices}) == len(notices), "each is told once"
        return [each.subject for each in notices if to in each.recipients]

    def billed(self) -> list[str]:
        """What billing was told, note after note."""
        notes = effects_of(self.steps, self.case.case_id).credit_notes
        assert len({each.key for each in notes}) == len(notes)
        return [str(each.amount) for each in notes]


def refusals(case: FollowUp, deed: str, by: Sequence[Actor | str], **said: Any) -> set[str]:
    """The codes that people are refused with who may not do something."""
    return {FollowUpStory(case).refused(each, deed, **said) for each in by}
