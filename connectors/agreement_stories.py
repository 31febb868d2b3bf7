"""Agreement stories as YAML: who did what at which instant. Demo and tests play the same ones."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.documents import read_draft, read_yaml
from domain.documents import FinalDraft, content_of

_ZONE = ZoneInfo("Europe/Warsaw")


class Deed(NamedTuple):
    """One line of a story. `fields` still name documents by their hash placeholders."""

    at: datetime
    person: str
    action: str
    fields: Mapping[str, Any]
    leads_to: str | None

    def filled(self, hashes: Mapping[str, str | None]) -> dict[str, Any]:
        """The fields with the hashes of the documents as they are now."""
        return {name: hashes[value] if isinstance(value, str) and value.startswith("$") else value for name, value in self.fields.items()}


def read_story(path: Path, year: int = 2026) -> list[Deed]:
    """The deeds of a story file, earliest first.

    Raises:
        FaultyDocument: the file, or one it names, cannot be read.
    """
    return list(_deeds(path, read_yaml(path).value, year))


def _deeds(path: Path, lines: Iterable[dict[str, Any]], year: int) -> Iterable[Deed]:
    for line in lines:
        fields = {name: _read(path, value) for name, value in line.items() if name not in {"at", "by", "do", "leads_to"}}
        at = datetime.fromisoformat(f"{year}-{line['at']}").replace(tzinfo=_ZONE)
        yield Deed(at, line["by"], line["do"], fields, line.get("leads_to"))


def _read(path: Path, value: Any) -> Any:
    """A draft named by its file; `without` leaves a part of every control layer out."""
    if not isinstance(value, dict) or "file" not in value:
        return value
    draft = read_draft(path.parent / value["file"])
    if part := value.get("without"):
        documents = [
            each.model_copy(update={"control_layer": each.control_layer.model_copy(update={part: None})}) for each in draft.documents
        ]
        draft = FinalDraft(documents=tuple(documents))
    return content_of(draft)
