"""What every report of facts about an agreement names: the agreement, who says so, and each fact by a name of its own."""

from typing import Annotated

from pydantic import Field

from domain.values import Document

Name = Annotated[str, Field(min_length=1, max_length=200, description="names it within its source for ever; sent again it is the same")]


class Report(Document):
    """What one source says of one agreement."""

    registry_no: Annotated[str, Field(pattern=r"^[A-Z]+[/-]\d{4}[/-]\d{4,}$", description="SLA/2026/0001")]
    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~/:@-]{1,140}$", description="the system that asked, measured or saw it")]

    @property
    def number(self) -> str:
        """The agreement as the registry writes it: `SLA/2026/0001`, however it was named."""
        return self.registry_no.replace("-", "/")
