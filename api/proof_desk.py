"""Where proofs of quality are drafted, approved by two people, published and withdrawn."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import BusinessClock
from api.someone import Someone
from connectors.proof_signing import sign_statement
from connectors.readable.proof import method_note
from domain.agreement_case import AgreementCase
from domain.audit import AuditEvent
from domain.canonical import digest_of
from domain.catalogue import Catalogue
from domain.errors import BadInput, Conflict, Forbidden, NotFound, ServandaError
from domain.people import Role
from domain.proof_checks import signed_statement
from domain.proof_months import ProofAsked, refuse_chosen
from domain.quality_proofs import About, ProofContent, ProofState, quality_proof
from store.audit import AuditTrail
from store.database import Database
from store.proof_figures import ProofFigures
from store.quality_proofs import ProofDecision, QualityProofStore

DRAFT, APPROVE, WITHDRAW, OFFER = "draft", "approve", "withdraw", "offer"
CRM = (Role.CRM_STAFF, Role.CRM_MANAGER)
"""Who approves for the CRM; one of them does."""
DECIDING = (Role.SLM_MANAGER, *CRM)
"""Who approves and withdraws."""


class ProofDraft(NamedTuple):
    """What somebody drafts; `key` makes a repeated request the same one."""

    service: str
    months: ProofAsked
    by: str
    key: str


class _View(NamedTuple):
    """What figures are looked at for: a proof made at an instant, by what was closed up to another."""

    catalogue: Catalogue
    made_at: datetime
    known_at: datetime


class ProofDesk:
    """Takes drafts and decisions in. A published proof never changes; it may be withdrawn, and then says so."""

    def __init__(self, database: Database, now: BusinessClock, keys: Sequence[str]) -> None:
        """Work on a database, by the business's clock; the first of the keys signs."""
        self._database = database
        self._now = now
        self._keys = keys
        self._proofs = QualityProofStore(database)
        self._figures = ProofFigures(database)
        self._audit = AuditTrail(database)

    async def draft(self, asked: ProofDraft, catalogue: Catalogue) -> Row[Any]:
        """Write a proof down for approval; the same key again is the same draft.

        Raises:
            NotFound: the catalogue has no such service.
            BadInput, Conflict: as `refuse_chosen`, `ProofFigures.closed` and `quality_proof` say; KEY_USED for another request.
        """
        proof = f"proof-{sha256(f'{asked.by}{chr(10)}{asked.key}'.encode()).hexdigest()[:16]}"
        now = self._now()
        at = now.replace(microsecond=0)
        # Summing up a year takes a while, in which nobody else waits to write.
        async with self._database.reading() as connection:
            row = await self._proofs.proof(connection, proof)
            made = None if row is not None else await self._content(connection, asked.service, asked.months, _View(catalogue, at, now))
        async with self._database.writing() as connection:
            await self._proofs.hold(connection, proof)
            if made is not None:
                values = _values(proof, made)
                await self._proofs.add(connection, values)
                await self._decided(connection, ProofDecision(proof, DRAFT, Role.SLM_MANAGER.value, asked.by, at), values)
            row = await self._proofs.proof(connection, proof)
            assert row is not None
            if (row.service, row.first_month, row.last_month) != (asked.service, asked.months.first, asked.months.last):
                raise Conflict("KEY_USED", f"the key was used for {row.proof}, which is something else")
            return row

    async def approve(self, proof: str, digest: str, someone: Someone) -> Row[Any]:
        """Approve a draft as it was read; with the second approval it is published.

        Raises:
            NotFound: there is no such proof.
            Forbidden: somebody without a role that approves.
            BadInput: SEPARATION_OF_DUTIES; one person approves once.
            Conflict: STALE_DOCUMENT; NOT_A_DRAFT; ALREADY_DECIDED for the role; FIGURES_CHANGED since the draft; NO_PROOF_KEY.
        """
        at, person = self._now().replace(microsecond=0), someone.actor.person
        changed = await self.changed_since(proof, someone.catalogue)
        async with self._database.writing() as connection:
            row = await self._held(connection, proof)
            if row.state != ProofState.DRAFT.value:
                raise Conflict("NOT_A_DRAFT", f"{proof} is {row.state.lower()}; only a draft is approved")
            if row.digest != digest:
                raise Conflict("STALE_DOCUMENT", f"the proof has the hash {row.digest}; look at it again")
            found = (await self._proofs.decisions_on(connection, [proof]))[proof]
            given = [each for each in found if each.action == APPROVE]
            role = _role_of(someone, [Role(each.role) for each in given])
            if any(each.person == person for each in given):
                raise BadInput(f"{person} approved it already; somebody else approves for the other side", "SEPARATION_OF_DUTIES")
            if changed is not None:
                raise changed
            values: dict[str, Any] = {"digest": row.digest, "state": ProofState.DRAFT.value}
            if given:
                values |= self._published(row, at)
                await self._proofs.note(connection, proof, **values)
            await self._decided(connection, ProofDecision(proof, APPROVE, role.value, person, at), values)
            return await self._held(connection, proof)

    async def withdraw(self, proof: str, reason: str, someone: Someone) -> Row[Any]:
        """Take a draft or a published proof back for good; what was published then says so, with the reason.

        Raises:
            NotFound: there is no such proof.
            Forbidden: somebody without a role that withdraws.
            Conflict: ALREADY_DECIDED; it is withdrawn already.
        """
        role = _role_of(someone, [])
        async with self._database.writing() as connection:
            row = await self._held(connection, proof)
            if row.state == ProofState.WITHDRAWN.value:
                raise Conflict("ALREADY_DECIDED", f"{proof} is withdrawn already")
            values = {"state": ProofState.WITHDRAWN.value, "digest": row.digest}
            await self._proofs.note(connection, proof, state=ProofState.WITHDRAWN.value)
            decision = ProofDecision(proof, WITHDRAW, role.value, someone.actor.person, self._now(), reason)
            await self._decided(connection, decision, values, row.state)
            return await self._held(connection, proof)

    async def offer(self, proof: str, case: AgreementCase, someone: Someone) -> None:
        """Add a published proof to what a customer is offered; adding it again changes nothing.

        Raises:
            NotFound: there is no such proof.
            Conflict: NOT_PUBLISHED.
            BadInput: the case is about other services.
        """
        at, person = self._now(), someone.actor.person
        async with self._database.writing() as connection:
            row = await self._held(connection, proof)
            if row.state != ProofState.PUBLISHED.value:
                raise Conflict("NOT_PUBLISHED", f"{proof} is {row.state.lower()}; only a published proof is offered")
            if row.service not in case.request.services:
                raise BadInput(f"{proof} is of {row.service}, which {case.case_id} is not about")
            await self._proofs.offer(connection, case.case_id, proof, person, at)
            event = AuditEvent(
                key=f"{proof}:{OFFER}:{case.case_id}",
                subject=f"quality-proof:{proof}",
                action=OFFER,
                from_state=row.state,
                to_state=row.state,
                actor=person,
                reason=case.case_id,
                document_hash=row.digest,
                at=at,
            )
            await self._audit.append(connection, [event])

    async def changed_since(self, proof: str, catalogue: Catalogue) -> ServandaError | None:
        """Why the same proof could not be made now; None where its figures still are what they were.

        Raises:
            NotFound: there is no such proof.
        """
        async with self._database.reading() as connection:
            row = await self._known(connection, proof)
            asked, view = ProofAsked(row.first_month, row.last_month), _View(catalogue, row.made_at, self._now())
            try:
                same = await self._content(connection, row.service, asked, view)
            except ServandaError as refusal:
                return refusal
        if digest_of(same.model_dump(mode="json")) == row.digest:
            return None
        return Conflict("FIGURES_CHANGED", f"{row.proof} is not what the figures say now; draft it anew")

    # ---- inside the transaction -------------------------------------------------------------------------------------

    async def _content(self, connection: AsyncConnection, service: str, asked: ProofAsked, view: _View) -> ProofContent:
        catalogue, made_at, known_at = view
        named = next((each.name for each in catalogue.services if each.service == service), None)
        if named is None:
            raise NotFound(f"there is no service {service} in the catalogue")
        promises = await self._figures.promises(connection, service)
        months = refuse_chosen(asked, promises.months(made_at, ZoneInfo(catalogue.calendar.time_zone)), made_at)
        closed = await self._figures.closed(connection, promises, months, known_at)
        names = {*promises.names, *(each.customer for each in catalogue.customers)}
        about = About(catalogue.provider, service, named, names, method_note(), made_at)
        return quality_proof(about, asked.first, asked.last, closed)

    def _published(self, row: Row[Any], at: datetime) -> dict[str, Any]:
        if not self._keys:
            raise Conflict("NO_PROOF_KEY", "SERVANDA_PROOF_KEY is not set; servanda doctor --new-proof-key makes one")
        statement = signed_statement(row.proof, row.digest, at)
        return {"state": ProofState.PUBLISHED.value, "published_at": at, "signature": sign_statement(self._keys[0], statement)}

    async def _held(self, connection: AsyncConnection, proof: str) -> Row[Any]:
        await self._proofs.hold(connection, proof)
        return await self._known(connection, proof)

    async def _known(self, connection: AsyncConnection, proof: str) -> Row[Any]:
        row = await self._proofs.proof(connection, proof)
        if row is None:
            raise NotFound(f"there is no proof {proof}")
        return row

    async def _decided(self, connection: AsyncConnection, made: ProofDecision, values: dict[str, Any], before: str | None = None) -> None:
        await self._proofs.decide(connection, made)
        event = AuditEvent(
            key=f"{made.proof}:{made.action}:{made.role}",
            subject=f"quality-proof:{made.proof}",
            action=made.action,
            from_state=before or ProofState.DRAFT.value,
            to_state=values["state"],
            actor=made.person,
            role=made.role,
            reason=made.reason,
            document_hash=values["digest"],
            at=made.at,
        )
        await self._audit.append(connection, [event])


def _values(proof: str, made: ProofContent) -> dict[str, Any]:
    content = made.model_dump(mode="json")
    return {
        **{name: content[name] for name in ("service", "first_month", "last_month")},
        "proof": proof,
        "state": ProofState.DRAFT.value,
        "digest": digest_of(content),
        "content": content,
        "made_at": made.made_at,
    }


def _role_of(someone: Someone, given: Sequence[Role]) -> Role:
    """In which role somebody decides: that of the side that has not.

    Raises:
        Forbidden: they have none.
        Conflict: ALREADY_DECIDED; the sides they could decide for have.
    """
    mine = [role for role in DECIDING if someone.has(role)]
    if not mine:
        raise Forbidden("the SLM manager and the CRM decide on proofs of quality")
    sides = {role in CRM for role in given}
    left = [role for role in mine if (role in CRM) not in sides]
    if not left:
        raise Conflict("ALREADY_DECIDED", "your side has approved it already")
    return left[0]
