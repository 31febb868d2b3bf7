"""The offer of a case as it may be seen: for the provider's people with the balance sheet, for the customer without cost and margin."""

from typing import Any

from api.case_views import may_see
from domain.agreement_case import AgreementCase
from domain.balance import BEST_VALUE, Balance, balance_sheet
from domain.facts import UNSOURCED, Fact
from domain.figures import shown
from domain.option_costs import CostParts
from domain.pricing import LevelOption, PriceProposal, shown_margin
from domain.stages.pricing import is_below_floor

_OURS = {"unit_cost", "cost_parts"}
"""What the customer sees of no option."""

COST_PARTS = ("people", "suppliers", "expected_credits", "other")
"""The parts a cost is split into, as people look at them."""


def offer_of(case: AgreementCase, *, is_inside: bool) -> dict[str, Any] | None:
    """The offer as it may be seen; the customer sees no cost, and nothing before it was approved."""
    proposal = case.proposal
    if proposal is None or not (is_inside or may_see(case, "proposal")):
        return None
    rows = balance_sheet(proposal.options, case.policy.margin_floor, is_internal=case.request.is_internal)
    return {
        "hash": case.proposal_hash,
        "options": [_option(each.option) | _inside(each) if is_inside else _option(each.option) for each in rows],
        "offered": list(proposal.offered),
        "monthly": f"{proposal.price_of(proposal.offered):.2f}",
        "currency": proposal.currency,
        "valid_until": case.offer_until,
        "rounds": [each.model_dump(mode="json") for each in case.rounds],
        "facts": [_fact(each) for each in proposal.facts],
        **(_sum(case, proposal) if is_inside else {}),
    }


def _option(option: LevelOption) -> dict[str, Any]:
    fields = option.model_dump(mode="json", exclude=_OURS, exclude_none=True)
    return fields | {"monthly": f"{option.price:.2f}", "warnings": []}


def _inside(row: Balance) -> dict[str, Any]:
    option = row.option
    ours = option.model_dump(mode="json", include=_OURS, exclude_none=True)
    return ours | {
        "warnings": list(option.warnings),
        "cost": f"{option.cost:.2f}",
        "costs": _split(option.cost_parts),
        "margin": shown_margin(row.margin),
        "is_below_floor": row.is_below_floor,
        "value_for_price": shown(row.value, 2) if row.value is not None else None,
        "is_best_value": row.is_best,
    }


def _split(parts: CostParts | None) -> dict[str, Any]:
    """Each part as money; a part nobody knows is None and stands in `not_known`."""
    credit = parts.expected_credits if parts is not None else None
    known = {"expected_credits": credit.monthly if credit is not None else None} | {
        name: getattr(parts, name) if parts is not None else None for name in COST_PARTS if name != "expected_credits"
    }
    return {name: f"{known[name]:.2f}" if known[name] is not None else None for name in COST_PARTS} | {
        "not_known": [name for name in COST_PARTS if known[name] is None],
        "credits_from": f"backtest {credit.backtest[:12]}, {credit.months} months" if credit is not None else None,
    }


def _sum(case: AgreementCase, proposal: PriceProposal) -> dict[str, Any]:
    """What the offered set comes to for us."""
    return {
        "cost": f"{proposal.cost_of(proposal.offered):.2f}",
        "margin": shown_margin(proposal.margin_of(proposal.offered)),
        "margin_floor": f"{case.policy.margin_floor} %",
        "is_below_floor": is_below_floor(case, proposal.offered),
        "is_excepted": case.exception_hash is not None and case.exception_hash == case.proposal_hash,
        "best_value_rule": BEST_VALUE,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return fact.model_dump(mode="json") | {"flags": [UNSOURCED] if fact.is_unsourced else []}
