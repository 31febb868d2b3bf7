"""What is wrong with a document, by a stable code, with the place and in words."""

from typing import NamedTuple


class DraftFault(NamedTuple):
    """One fault. `code` is stable; `where` names the document and the field."""

    code: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.where}: {self.message}"
