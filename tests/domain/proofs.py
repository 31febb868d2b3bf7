"""Closed months of a printing service, as proofs of quality are made of them: twelve of 2026, three banks, 97.1 % in time."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from domain.period_figures import TargetFigures
from domain.proof_months import months_of
from domain.quality_proofs import About, ClosedMonth, ProofContent, quality_proof

BANKS = ("Bank Narew S.A.", "Bank Wkra S.A.", "Bank Skrwa S.A.")
YEAR = months_of("2026-01", "2026-12")
MADE = datetime(2027, 1, 11, 9, tzinfo=UTC)
BREACHED = {month: (1, 1, 1) if month in {"2026-02", "2026-07", "2026-11"} else (1, 1, 0) for month in YEAR} | {"2026-03": (2, 1, 1)}
"""Breached clocks of 28 by bank: 29 of 1008 in the year; in March one bank has 26 of 28 in time, which is below its 95 %."""


def target(breached: int, of: int = 28, name: str = "response", promised: str = "95.0000 %") -> TargetFigures:
    """A target of tickets in a month."""
    is_met = 100 * (of - breached) >= float(promised.removesuffix(" %")) * of
    value: dict[str, Any] = {
        "target": name,
        "promised": promised,
        "achieved": None,
        "allowance_used": None,
        "verdict": "MET" if is_met else "MISSED",
        "colour": "GREEN" if is_met else "RED",
        "warnings": (),
        "met": of - breached,
        "breached": breached,
        "over_limit": 0,
    }
    return TargetFigures.model_validate(value if of else value | {"verdict": "NO_DATA", "colour": "GREY"})


def year(banks: Iterable[str] = BANKS) -> list[ClosedMonth]:
    """The year of some banks."""
    return [ClosedMonth(bank, month, (target(BREACHED[month][BANKS.index(bank)]),)) for month in YEAR for bank in banks]


def about(**fields: Any) -> About:
    """What the proof is of."""
    known: dict[str, Any] = {
        "provider": "Serwis Druk sp. z o.o.",
        "service": "MPS",
        "service_name": "Managed printing",
        "names": BANKS,
        "note": {"en": ("how it came about",)},
        "made_at": MADE,
    }
    return About(**(known | fields))


def proof(closed: list[ClosedMonth] | None = None, first: str = "2026-01", last: str = "2026-12", **fields: Any) -> ProofContent:
    """The proof of the year, or of other months."""
    return quality_proof(about(**fields), first, last, year() if closed is None else closed)
