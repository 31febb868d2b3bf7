"""An agreement case played by its people, at instants of the story, on the pure machine."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.agreement_stories import Deed
from domain.actors import actor_of
from domain.agreement_case import AgreementCase, AgreementRequest, Support
from domain.agreement_machine import AGREEMENT, begin, register
from domain.case_machine import Step, advance, judge
from domain.cases import Answer, Submission
from domain.documents import AgreementDocument, FinalDraft, content_of
from domain.timer_policy import TimerPolicy
from tests.domain.drafts import bank_draft, catalogue, story, supports

CATALOGUE = catalogue()


def local(text: str) -> datetime:
    """An instant of the story in Warsaw; until 29 March 2026 one hour ahead of UTC."""
    summer = "2026-03-29T03" <= text < "2026-10-25T03"
    return datetime.fromisoformat(f"{text}{'+02:00' if summer else '+01:00'}")


def proposal(warsaw: str, podlasie: str, total: str | None = None) -> dict[str, Any]:
    def option(name: str, region: str, level: str, quantity: int, price: str, cost: str) -> dict[str, Any]:
        return {
            "option": name,
            "service": "MPS",
            "region": region,
            "level": level,
            "quantity": quantity,
            "unit_price": price,
            "unit_cost": cost,
        }

    options = [option("warsaw-gold", "METRO", "Gold", 120, warsaw, "76"), option("podlasie-nbd", "REMOTE", "NBD", 18, podlasie, "74")]
    return {"options": options, "offered": ["warsaw-gold", "podlasie-nbd"], "total": total}


def linked(draft: FinalDraft | None = None) -> dict[str, Any]:
    return content_of(draft or bank_draft())


def support_facts(**replaced: AgreementDocument) -> list[dict[str, Any]]:
    """The three supports, agreed and registered."""
    numbers = {"desk": "OLA/2026/0001", "field-warsaw": "OLA/2026/0002", "techteren": "UC/2026/0001"}
    known = supports() | {name.replace("_", "-"): document for name, document in replaced.items()}
    return [
        Support(support=name, document=content_of(known[name]), state="REGISTERED", registry_no=number).model_dump(mode="json")
        for name, number in numbers.items()
    ]


class CaseStory:
    """A case, and everything that happened to it."""

    def __init__(self, at: str = "2026-01-12T09:15", policy: TimerPolicy | None = None, **request: Any) -> None:
        asked = AgreementRequest.model_validate(
            {
                "crm_source": "crm",
                "crm_event_id": "CRM-000341",
                "crm_case": "CRM-000341",
                "provider": CATALOGUE.provider,
                "customer": "Bank Narew S.A.",
                "customer_has_legal": True,
                "services": ("MPS",),
                "consults": {"MPS": ("FIELD_SERVICE",)},
            }
            | request
        )
        case = AgreementCase(
            case_id="case-1",
            calendar=CATALOGUE.calendar,
            policy=policy or TimerPolicy(),
            entered_at=local(at),
            last_at=local(at),
            request=asked,
        )
        self.steps: list[Step] = [begin(case)]
        self.told: list[str] = []

    @property
    def case(self) -> AgreementCase:
        case: AgreementCase = self.steps[-1].case
        return case

    def until(self, at: str) -> "CaseStory":
        """Let time pass."""
        for step in advance(AGREEMENT, self.case, local(at)):
            self._take(step)
        return self

    def act(self, person: str, action: str, at: str | None = None, key: str | None = None, **fields: Any) -> Answer:
        """Somebody does something, at an instant of the story or at the last one."""
        now = local(at) if at is not None else self.case.last_at
        if at is not None:
            self.until(at)
        who = actor_of(CATALOGUE, person, now.date())
        said = Submission(key=key or f"k{len(self.steps)}-{person}-{action}", action={"action": action, **fields}, by=who)
        answer, steps = judge(AGREEMENT, self.case, said, now)
        for step in steps:
            self._take(step)
        return answer

    def play(self, name: str, until: str | None = None) -> "CaseStory":
        """Play a story of the examples, to its end or until it has reached a state."""
        for deed in story(name):
            if until is not None and self.case.state.value == until:
                break
            self.do(deed)
        return self

    def do(self, deed: Deed) -> Answer:
        """One line of a story."""
        at = deed.at.replace(tzinfo=None).isoformat(timespec="minutes")
        answer = self.act(deed.person, deed.action, at, **enriched(deed.filled(hashes_of(self.case))))
        assert deed.leads_to in {None, answer.state}, f"{deed.at} {deed.person} {deed.action}"
        return answer

    def registered(self, at: str, *numbers: str) -> None:
        self._take(register(self.case, numbers, local(at)))

    def _take(self, step: Step) -> None:
        self.steps.append(step)
        self.told += [f"{told.nudge.kind.value} {told.task.kind} {told.task.assignee} {told.nudge.number}" for told in step.told]

    def waiting(self) -> dict[str, str]:
        """Open tasks and when they are due, in UTC."""
        return {f"{task.kind} {task.assignee}": task.due_at.isoformat() for task in self.case.open_tasks}


def candidate(person: str, open_cases: int = 0) -> Mapping[str, Any]:
    """A person as the directory describes them to the case."""
    known = CATALOGUE.person(person)
    return {
        "person": person,
        "is_agent": any(role.value == "REQUIREMENTS_AGENT" for role in known.roles),
        "services": list(known.services),
        "open_cases": open_cases,
    }


def hashes_of(case: AgreementCase) -> dict[str, str | None]:
    """What a story calls the documents of a case."""
    return {"$statement": case.statement_hash, "$proposal": case.proposal_hash, "$draft": case.draft_hash}


def enriched(fields: dict[str, Any]) -> dict[str, Any]:
    """What the API adds to a body: the agent as the directory knows them, supports with their content."""
    if "agent" in fields:
        fields["agent"] = candidate(fields["agent"])
    if "supports" in fields:
        fields["supports"] = [each for each in support_facts() if each["support"] in fields["supports"]]
    return fields
