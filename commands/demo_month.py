"""The demo's month: two agreements that were in force last month, closed by their own processes before your eyes."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2

from commands.output import say
from connectors.event_posts import post_events
from domain.agreement_parts import Period
from domain.case_messages import Registered, Registration
from domain.catalogue import Catalogue
from domain.documents import AgreementDocument, content_of, hash_of
from domain.events import EventKind, TicketEvent
from domain.follow_ups.credit import CreditState
from domain.periods import PeriodSpan, period_at
from domain.registry_numbers import in_addresses
from settings import Settings
from store.database import Database
from store.inbox_rows import InboxRows
from store.registry import AgreementRegistry

CUSTOMER = "Bank Narew S.A."
WARSAW = ZoneInfo("Europe/Warsaw")
_WAIT_SECONDS = 90

_TARGET = {"target": "response", "kind": "DURATION", "limit": "4h", "calendar": "24x7", "stop": "RESPONDED", "compliance": "95"}
_MISSED = {"document": "demo-copiers", "title": "Copiers", "services": ["COPIERS"]}
_WATERMELON = {"document": "demo-scanning", "title": "Scanning", "services": ["SCANNING"]}
_TICKETS = {"COPIERS": (37, 3), "SCANNING": (40, 0)}
"""By service: tickets answered in time, and late; 37 of 40 are the 92.5 % of the printing example's April."""

STANDING = {
    CreditState.DRAFTED: "waits for finance",
    CreditState.APPROVED: "finance has approved it",
    CreditState.REJECTED: "finance has refused it",
    CreditState.DISPUTED: "the customer disputes it",
    CreditState.SETTLED: "settled",
}
"""What an earlier demo may have come to, in which people decided."""


class MonthStory:
    """Last month, as it went."""

    def __init__(self, http: httpx2.AsyncClient, tokens: Mapping[str, str], catalogue: Catalogue, settings: Settings) -> None:
        """Act with these tokens, on this installation."""
        self._http = http
        self._tokens = tokens
        self._catalogue = catalogue
        self._settings = settings
        now = datetime.now(UTC)
        self._month = period_at(Period.MONTH, period_at(Period.MONTH, now, WARSAW).start - timedelta(days=1), WARSAW)

    async def play(self) -> None:
        """Register, fill, and let the processes close it; tell what came of it."""
        copiers, scanning = [await self._registered(each) for each in (_MISSED, _WATERMELON)]
        await asyncio.to_thread(post_events, self._settings.api_url, self._settings.crm_secret[0], list(_events(self._month)))
        await self._feedback(scanning)
        await self._start(copiers, scanning)
        say(
            f"   {copiers.registry_no} (copiers) and {scanning.registry_no} (scanning) were in force in {self._month.name}; 80 tickets came"
        )
        await self._tell_missed(copiers.registry_no)
        await self._tell_watermelon(scanning.registry_no)
        await self._keep_chart(copiers.registry_no)

    async def _registered(self, what: Mapping[str, Any]) -> Registered:
        """The agreement, registered now or by an earlier demo."""
        document = _document(what, self._catalogue, self._month.start.date())
        database = Database(self._settings.database)
        try:
            registration = Registration(
                case_id=f"demo-month-{document.document}",
                documents=(content_of(document),),
                document_hash=hash_of(document),
                signed_at=self._month.start - timedelta(days=7),
                calendar=self._catalogue.calendar,
                policy=self._settings.policy,
            )
            [registered] = await AgreementRegistry(database).register(registration)
        finally:
            await database.close()
        return registered

    async def _start(self, *registered: Registered) -> None:
        """Have their processes started, as those of imported agreements are."""
        database = Database(self._settings.database)
        try:
            async with database.writing() as connection:
                for each in registered:
                    await InboxRows(database).keep_agreement(connection, each, datetime.now(UTC))
        finally:
            await database.close()

    async def _feedback(self, scanning: Registered) -> None:
        at = (self._month.end - timedelta(days=3)).astimezone(UTC).isoformat()
        answers = [{"answer": f"{self._month.name}-{n}", "score": 5 if n < 6 else 2, "at": at} for n in range(12)]
        body = {"registry_no": scanning.registry_no, "source": "demo", "answers": answers}
        (await self._http.post("/feedback", json=body, headers=self._as("L1"))).raise_for_status()

    async def _tell_missed(self, number: str) -> None:
        name = in_addresses(number)
        [target] = (await self._closed(name))["targets"]
        say(f"   closed          {number} {target['target']}: {target['achieved']} of {target['promised']}, {target['colour']}")
        credit = await self._until(f"/cases/credit:{name}:response:{self._month.name}")
        told = await self._notice(number, "violation:")
        say(f"   violation       to {', '.join(told['recipients'])}: {told['subject']}")
        why, standing = "; ".join(credit["case"]["why"]), STANDING[CreditState(credit["state"])]
        amount = f"{credit['case']['amount']} {credit['case']['currency']}"
        say(f"   credit          {credit['state']}: {amount} ({why}), {standing}")
        plan = await self._until(f"/cases/sip:{name}:response:{self._month.name}")
        say(f"   improvement     {plan['state']}: {plan['case_id']}, because of {plan['case']['trigger']}")

    async def _tell_watermelon(self, number: str) -> None:
        name = in_addresses(number)
        closed = await self._closed(name)
        review = await self._until(f"/cases/review:{name}:watermelon:{self._month.name}")
        said = f"{closed['targets'][0]['achieved']} kept, {closed['satisfaction']['share']} content"
        say(f"   watermelon      {number}: {said}: {', '.join(closed['watermelon'])}")
        say(f"   review          out of turn by {review['case']['meeting_at'][:10]}")

    async def _keep_chart(self, number: str) -> None:
        asked = {"as": "html", "until": self._month.name, "language": "en"}
        chart = await self._http.get(f"/registry/{in_addresses(number)}/slam", params=asked, headers=self._as("M1"))
        path = self._settings.data_dir / "slam.html"
        path.write_bytes(chart.raise_for_status().content)
        say(f"   SLAM chart      {path}")

    async def _closed(self, name: str) -> dict[str, Any]:
        versions: list[dict[str, Any]] = await self._until(f"/registry/{name}/periods?period={self._month.name}")
        results: dict[str, Any] = versions[-1]["results"]
        return results

    async def _notice(self, number: str, key: str) -> dict[str, Any]:
        """A notice about the agreement as the SLM manager reads it, once it is in the mailbox."""
        for _ in range(_WAIT_SECONDS * 2):
            messages: list[dict[str, Any]] = (await self._until("/mailbox", ticket=number, receiver="M1"))["messages"]
            found = [each for each in messages if key in each["notice"]]
            if found:
                return found[0]
            await asyncio.sleep(0.5)
        raise TimeoutError(f"no notice {key} about {number}")

    async def _until(self, address: str, **asked: str) -> Any:
        """What an address answers, once there is something."""
        for _ in range(_WAIT_SECONDS * 2):
            answer = await self._http.get(address, params=asked or None, headers=self._as("M1"))
            if answer.status_code == 200 and answer.json():
                return answer.json()
            await asyncio.sleep(0.5)
        raise TimeoutError(f"nothing came of {address}")

    def _as(self, person: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self._tokens[person]}"}


def _document(what: Mapping[str, Any], catalogue: Catalogue, begins: date) -> AgreementDocument:
    common = {
        "kind": "CUSTOMER_SLA",
        "provider": {"name": catalogue.provider},
        "customer": {"name": CUSTOMER},
        "time_zone": "Europe/Warsaw",
        "effective_from": begins,
        "targets": [_TARGET],
        "price": {"monthly": "10800"},
        "credits": [{"target": "response", "bands": [{"below": "95", "credit": "5"}, {"below": "90", "credit": "10"}]}],
        "reviews": {"every_months": 3},
    }
    return AgreementDocument.model_validate({**common, **what})


def _events(month: PeriodSpan) -> Iterator[TicketEvent]:
    opened = (month.start + timedelta(days=7, hours=8)).astimezone(UTC)
    for service, (kept, late) in _TICKETS.items():
        for number in range(kept + late):
            name = f"{service}-{month.name}-{number:02}"
            answered = opened + (timedelta(minutes=30) if number < kept else timedelta(hours=5))
            fields = {"source": "demo", "ticket_id": name, "received_at": datetime.now(UTC)}
            about = {"customer": CUSTOMER, "service": service, "priority": "3"}
            yield TicketEvent(event_id=f"{name}-created", kind=EventKind.CREATED, occurred_at=opened, attributes=about, **fields)
            yield TicketEvent(event_id=f"{name}-answered", kind=EventKind.MILESTONE, occurred_at=answered, milestone="RESPONDED", **fields)
