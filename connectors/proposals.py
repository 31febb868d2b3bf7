"""Proposals and samples as files, for a backtest."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from connectors.documents import form_of, read_agreement, read_document, read_draft, read_yaml
from domain.backtest.proposals import Proposal
from domain.documents import document_of
from domain.errors import BadInput
from domain.measurements import Measured, Measurements
from domain.spans import Span


def read_proposal(path: Path) -> Proposal:
    """An agreement file, draft, document or ready terms, as a proposal with the file's name.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    match form_of(path):
        case "draft":
            documents = read_draft(path).documents
        case "document":
            documents = (read_document(path),)
        case _:
            documents = (document_of(read_agreement(path)),)
    return Proposal(proposal=path.stem, documents=documents)


def read_samples(path: Path) -> dict[str, list[Measured]]:
    """Measurements as they are posted to the API, one report or a list of them, by the target they are of.

    Raises:
        BadInput: the file cannot be read, or is none.
    """
    value = read_yaml(path).value
    try:
        reports = TypeAdapter(list[Measurements]).validate_json(json.dumps(value if isinstance(value, list) else [value], default=str))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise BadInput(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from wrong
    found: dict[str, list[Measured]] = {}
    for report in reports:
        for each in report.measurements:
            found.setdefault(report.target, []).append(Measured(each.kind, Span(each.start, each.end)))
    return found
