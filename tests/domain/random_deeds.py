"""What people may try in an agreement case, right and wrong, with fields drawn by chance."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from domain.actors import Actor, actor_of
from domain.agreement_case import AgreementCase
from domain.documents import FinalDraft
from domain.people import Role, Side
from domain.requirements import TOPICS
from tests.domain.case_stories import CATALOGUE, candidate, linked, local, proposal, support_facts
from tests.domain.drafts import bank_draft, support, with_document, with_target

STRANGER = Actor(person="K1", name="Karol Obcy", side=Side.CUSTOMER, party="Bank Wkra S.A.", roles=(Role.CUSTOMER_REP, Role.SIGNATORY))
PEOPLE = [*(actor_of(CATALOGUE, each.person, local("2026-01-12T09:15").date()) for each in CATALOGUE.people), STRANGER]
STALE = "0" * 64
WHY = "because it is so"

WARSAW = FinalDraft(documents=bank_draft().documents[:2])
"""The bank's draft without Podlasie, whose chain takes long to check."""
DRAFTS = (
    linked(WARSAW),
    linked(WARSAW),
    linked(with_document(WARSAW, "warsaw", {"title": "Printing in Warsaw"})),
    linked(with_document(WARSAW, "warsaw", {"price": None})),
)
SUPPORTS = (support_facts(), support_facts(field_warsaw=with_target(support("field-warsaw"), limit="8h")))
PRICES = (proposal("95", "88"), proposal("90", "85"), proposal("90", "85", "12000"))

Fields = Callable[[Random, AgreementCase], dict[str, Any]]


def _hash(chance: Random, current: str | None) -> str:
    return STALE if current is None or chance.random() < 0.1 else current


def _agent(chance: Random, _: AgreementCase) -> dict[str, Any]:
    person = chance.choice(("A1", "A1", "A1", "A2", "S1"))
    known = dict(candidate(person, chance.choice((0, 4, 4, 5))))
    return {"agent": known | ({"services": ["MPS"]} if person == "A2" else {})}


def _needs(chance: Random, _: AgreementCase) -> dict[str, Any]:
    def need(name: str) -> dict[str, Any]:
        return {
            "requirement": name,
            "need": chance.choice(("MUST", "SHOULD")),
            "text": "A technician comes.",
            "service": chance.choice(("MPS", "MPS", None)),
            "metric": "response",
            "value": chance.choice((4, 8)),
            "unit": "business hours",
            "calendar": "PL-BH-8-17",
            "on_site": chance.random() < 0.5,
        }

    topics = [topic for topic in TOPICS if topic != "budget" or chance.random() < 0.8]
    return {"requirements": {"requirements": [need("r1"), need("r2")], "topics": dict.fromkeys(topics, "not applicable")}}


def _verdicts(chance: Random, case: AgreementCase) -> dict[str, Any]:
    def verdict(name: str) -> dict[str, Any]:
        if chance.random() < 0.7:
            return {"requirement": name, "verdict": "FEASIBLE", "technical": True, "commercial": True}
        alternative = chance.choice(("next day", None))
        return {"requirement": name, "verdict": "NOT_FEASIBLE", "technical": True, "commercial": False, "alternative": alternative}

    known = [each.requirement for each in case.requirements.requirements] if case.requirements is not None else ["r1"]
    return {"decisions": [verdict(name) for name in known]}


def _options(chance: Random, case: AgreementCase) -> dict[str, Any]:
    sets = (["warsaw-gold", "podlasie-nbd"], ["warsaw-gold", "podlasie-nbd"], ["warsaw-gold", "podlasie-resident"], ["warsaw-gold"])
    return {"document_hash": _hash(chance, case.proposal_hash), "options": chance.choice(sets)}


def _comment(chance: Random, case: AgreementCase) -> str:
    known = [each.comment for each in case.comments if not each.is_settled]
    return chance.choice(known) if known else "c0"


def _signature(chance: Random, case: AgreementCase) -> dict[str, Any]:
    method = chance.choice(("QUALIFIED_ESIGN", "QUALIFIED_ESIGN", "PAPER_SCAN", "INTERNAL_SIGN_OFF"))
    return {"document_hash": _hash(chance, case.frozen_hash), "method": method, "scan": STALE if method == "PAPER_SCAN" else None}


FIELDS: Mapping[str, Fields] = {
    "nominate_agent": _agent,
    "confirm_agent": _agent,
    "appoint_agent": _agent,
    "log_contact": lambda chance, _: {
        "channel": "call",
        "persons": ["B1"],
        "note": "talk",
        "refuses_alternatives": chance.random() < 0.5,
    },
    "set_requirements": _needs,
    "requirements_complete": lambda *_: {},
    "record_consultation": lambda *_: {"consultation": {"process": "FIELD_SERVICE", "asked": "?", "answer": "Yes.", "by": "O2"}},
    "decide_feasibility": _verdicts,
    "need_new_service": lambda *_: {"description": "shredding"},
    "pipeline_answered": lambda chance, _: chance.choice(
        [{"accepted": True, "ready_on": "2026-06-01"}, {"accepted": False, "reason": WHY}, {"accepted": False}]
    ),
    "pipeline_ready": lambda *_: {"service": "SHRED"},
    "answer_waiting": lambda chance, _: {"waits_on": chance.random() < 0.8},
    "propose_alternatives": lambda *_: {},
    "decline_not_feasible": lambda *_: {"reason": WHY},
    "feasibility_done": lambda chance, case: {"statement": {"text": "All.", "version": case.requirements_version or chance.randint(1, 2)}},
    "approve_requirements": lambda chance, case: {"document_hash": _hash(chance, case.statement_hash)},
    "reject_requirements": lambda chance, case: {"document_hash": _hash(chance, case.statement_hash), "reason": WHY},
    "set_prices": lambda chance, _: {"proposal": chance.choice(PRICES)},
    "approve_price": lambda chance, case: {"document_hash": _hash(chance, case.proposal_hash)},
    "approve_exception": lambda chance, case: {"document_hash": _hash(chance, case.proposal_hash), "reason": WHY},
    "reject_price": lambda *_: {"reason": WHY},
    "counter_offer": lambda chance, _: {"price": chance.choice(("12000", None)), "comment": "less"},
    "continue_negotiation": lambda *_: {"reason": WHY},
    "change_requirement": lambda *_: {"reason": WHY},
    "accept_offer": _options,
    "refuse_offer": lambda *_: {"reason": WHY},
    "decline_commercial": lambda *_: {"reason": WHY},
    "link_supports": lambda chance, _: {"draft": chance.choice(DRAFTS[:3]), "supports": chance.choice(SUPPORTS)},
    "unsupportable": lambda *_: {"target": "response", "achievable": "by 16:00"},
    "support_ready": lambda *_: {},
    "compile_draft": lambda chance, _: {"draft": chance.choice(DRAFTS)},
    "acknowledge_receipt": lambda chance, case: {"document_hash": _hash(chance, case.draft_hash)},
    "comment": lambda chance, case: {
        "comment": f"c{len(case.comments)}",
        "kind": chance.choice(("TEXT", "TEXT", "PRICE", "SUPPORT", "REQUIREMENT")),
        "text": WHY,
    },
    "resolve_comment": lambda chance, case: {"comment": _comment(chance, case), "resolution": WHY},
    "confirm_comment": lambda chance, case: {"comment": _comment(chance, case), "is_settled": chance.random() < 0.8},
    "comment_requires": lambda chance, case: {"comment": _comment(chance, case)},
    "freeze_draft": lambda chance, case: {"document_hash": _hash(chance, case.draft_hash)},
    "approve_draft": lambda chance, case: {"document_hash": _hash(chance, case.frozen_hash)},
    "reject_draft": lambda chance, case: {
        "document_hash": _hash(chance, case.frozen_hash),
        "reason_code": chance.choice(("TEXT", "CONTROL_LAYER", "SUPPORT", "PRICE", "REQUIREMENT_GAP")),
        "reason": WHY,
    },
    "extend_review": lambda chance, _: {"business_days": chance.randint(1, 11), "reason": WHY},
    "sign": _signature,
    "refuse_to_sign": lambda *_: {"reason": WHY},
    "withdraw": lambda *_: {"reason": WHY},
}
ENDING = frozenset({"withdraw", "refuse_offer", "decline_commercial"})
"""Deeds that would end most runs early."""


DUTIES = {
    "NOMINATE_AGENT": ("nominate_agent", "appoint_agent"),
    "CONFIRM_AGENT": ("confirm_agent",),
    "APPOINT_AGENT": ("appoint_agent",),
    "CONTACT_CUSTOMER": ("log_contact",),
    "CAPTURE_REQUIREMENTS": ("set_requirements", "requirements_complete", "requirements_complete"),
    "DECIDE_FEASIBILITY": ("record_consultation", "decide_feasibility", "feasibility_done", "feasibility_done", "need_new_service"),
    "CONFIRM_DECLINE": ("decline_not_feasible",),
    "ANSWER_PIPELINE": ("pipeline_answered",),
    "DEVELOP_SERVICE": ("pipeline_ready",),
    "ANSWER_WAITING": ("answer_waiting",),
    "APPROVE_REQUIREMENTS": ("approve_requirements",),
    "SET_PRICES": ("set_prices",),
    "APPROVE_PRICE": ("approve_price",),
    "APPROVE_EXCEPTION": ("approve_exception",),
    "ACCEPT_OFFER": ("accept_offer", "accept_offer", "accept_offer", "accept_offer", "refuse_offer"),
    "CONTINUE_NEGOTIATION": ("continue_negotiation",),
    "SET_UP_SUPPORT": ("link_supports", "support_ready"),
    "COMPILE_DRAFT": ("compile_draft", "resolve_comment"),
    "ACKNOWLEDGE_DRAFT": ("acknowledge_receipt",),
    "ACKNOWLEDGE_DRAFT_INTERNAL": ("acknowledge_receipt",),
    "REVIEW_DRAFT": ("approve_draft",),
    "SIGN": ("sign",),
}
"""What each kind of task waits for."""
