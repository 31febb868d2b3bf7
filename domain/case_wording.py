"""The sentences of a case: what its tasks are called, and its page in the engine's UI."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from domain.human_tasks import HumanTask
from domain.wording import spoken


def task_title(kind: str) -> str:
    """What somebody is asked to do."""
    return _TASKS.get(kind, kind.replace("_", " ").capitalize())


_TASKS = {
    "NOMINATE_AGENT": "Nominate the requirements agent",
    "CONFIRM_AGENT": "Confirm the requirements agent",
    "APPOINT_AGENT": "Appoint the requirements agent",
    "CONTACT_CUSTOMER": "Contact the customer",
    "CAPTURE_REQUIREMENTS": "Write down the requirements",
    "DECIDE_FEASIBILITY": "Decide on feasibility",
    "CONFIRM_DECLINE": "Confirm that it cannot be done",
    "ANSWER_PIPELINE": "Say whether the service will be developed",
    "DEVELOP_SERVICE": "Have the service ready",
    "ANSWER_WAITING": "Say whether you go on waiting",
    "APPROVE_REQUIREMENTS": "Approve the requirements",
    "SET_PRICES": "Set the prices",
    "APPROVE_PRICE": "Approve the price",
    "APPROVE_EXCEPTION": "Allow a margin below the floor",
    "ACCEPT_OFFER": "Accept the offer, or answer it",
    "CONTINUE_NEGOTIATION": "Decide whether to go on negotiating",
    "SET_UP_SUPPORT": "Set up the supporting agreements",
    "COMPILE_DRAFT": "Compile the final version",
    "ACKNOWLEDGE_DRAFT": "Acknowledge the final version",
    "ACKNOWLEDGE_DRAFT_INTERNAL": "Acknowledge the final version",
    "REVIEW_DRAFT": "Decide on the final draft",
    "SIGN": "Sign the agreement",
    "DRAFT_SUPPORT": "Draft the supporting agreement",
    "ACCEPT_SUPPORT": "Accept the supporting agreement",
    "SIGN_SUPPORT": "Sign the supporting agreement",
}


def case_table(tasks: Sequence[HumanTask], leads_to: Sequence[str], zone: ZoneInfo) -> str:
    """Who is waited for until when, as Markdown for administrators."""
    rows = [f"| {task_title(task.kind)} | {task.assignee} | {spoken(task.due_at, zone)} |" for task in tasks if task.is_open]
    table = ["| waiting for | who | due |", "|---|---|---|", *rows] if rows else ["Nobody is waited for."]
    return "\n".join([*table, "", f"From here: {', '.join(leads_to) or 'the end'}."])
