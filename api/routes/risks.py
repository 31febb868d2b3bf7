"""The risk list: agreements that may be lost, for the provider's people."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import TheParts
from api.people import TheInsider
from domain.business_risk import RiskLevel, RiskSign
from store.risks import AtRisk

router = APIRouter(tags=["reports"])


class RiskView(BaseModel):
    """An agreement with its risk, and each sign of it in words; `about` is what each sign is about, without words."""

    registry_no: str
    title: str
    customer: str
    effective_until: date | None
    level: RiskLevel
    signs: list[RiskSign]
    why: list[str]
    about: list[str]

    @classmethod
    def of(cls, found: AtRisk) -> "RiskView":
        """A line of the list."""
        entry, risk = found
        named = {name: getattr(entry, name) for name in ("registry_no", "title", "customer", "effective_until")}
        return cls(**named, level=risk.level, signs=list(risk.signs), why=list(risk.why), about=list(risk.about))


@router.get("/risks")
async def show_risks(parts: TheParts, someone: TheInsider) -> list[RiskView]:
    """Agreements in force by their risk of being lost, the highest first: missed again and again, discontent, near the notice date."""
    del someone
    return [RiskView.of(each) for each in await parts.risks.at(parts.now())]
