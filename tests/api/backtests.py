"""The bank's tickets of April beside some proposals."""

from typing import Any

from tests.domain.drafts import bank_draft


def proposal(name: str = "faster", **target: Any) -> dict[str, Any]:
    """The bank's promise for Warsaw with another limit, as a body of the API has it."""
    document = next(each for each in bank_draft().documents if "METRO" in each.regions).model_dump(mode="json")
    document["targets"][0] |= target
    return {"proposal": name, "documents": [document]}
