"""The sentences of a case: what its tasks are called, and its page in the engine's UI."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from domain.human_tasks import HumanTask
from domain.wording import spoken


def task_title(kind: str) -> str:
    """What somebody is asked to do."""
    return TASK_TITLES.get(kind, kind.replace("_", " ").capitalize())


TASK_TITLES = {
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
    "SEND_PACK": "Check the review pack and send it",
    "HOLD_REVIEW": "Hold the service review",
    "WRITE_MINUTES": "Write the minutes of the review",
    "APPROVE_MINUTES": "Approve the minutes of the review",
    "CLOSE_REVIEW": "Close the review",
    "DESCRIBE_PLAN": "Find the cause and describe the improvement plan",
    "APPROVE_PLAN": "Decide on the improvement plan",
    "BEGIN_PLAN": "Begin the improvement plan",
    "PLAN_ACTION": "Carry out an action of the improvement plan",
    "APPROVE_CREDIT": "Approve the service credit",
    "RESOLVE_CREDIT": "Decide on the disputed credit",
    "FILE_CLAIM": "Make the claim to the supplier",
    "CORRECT": "Correct the irregularity",
    "RESTORE_SUPPORT": "Arrange supports that carry the promise again",
    "STATE_RESULT": "State what happened where nothing was measured",
    "DECIDE_EXCLUSION": "Decide whether the ticket is left out",
    "ENTER_RULING": "Rule on the withdrawal",
    "SETTLE_AGREEMENT": "Settle the ended agreement",
    "RELEASE_SUPPORT": "Decide whether the support ends with the agreement",
    "NAME_OWNER": "Name new owners of work packages",
    "RESOLVE_DISPUTE": "Decide which measurement counts",
    "EXAMINE_CHANGE": "Examine whether the agreement must change",
    "ACKNOWLEDGE_CHANGE": "Acknowledge a small change of the agreement",
    "DECIDE_RENEWAL": "Decide whether the agreement is renewed",
}


def case_table(tasks: Sequence[HumanTask], leads_to: Sequence[str], zone: ZoneInfo) -> str:
    """Who is waited for until when, as Markdown for administrators."""
    rows = [f"| {task_title(task.kind)} | {task.assignee} | {spoken(task.due_at, zone)} |" for task in tasks if task.is_open]
    table = ["| waiting for | who | due |", "|---|---|---|", *rows] if rows else ["Nobody is waited for."]
    return "\n".join([*table, "", f"From here: {', '.join(leads_to) or 'the end'}."])
